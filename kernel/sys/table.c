/*
 * The system calls, by number.
 */
#include "dev/cons.h"
#include "sys/sys.h"

#define NO_CALL	{ nil, sys_unknown, "" }

const SysEntry systab[NSYSCALL] = {
	[48] = NO_CALL,
	[49] = NO_CALL,
	[SYSR1] = { "Running", sysr1, "" },
	[SYS_ERRSTR] = { "_errstr", sys_olderrstr, "P" },
	[BIND] = { "Bind", sys_bind, "NNI" },
	[CHDIR] = { "Chdir", sys_chdir, "N" },
	[CLOSE] = { "Close", sys_close, "I" },
	[DUP] = { "Dup", sys_dup, "II" },
	[ALARM] = { "Alarm", sys_alarm, "U" },
	[EXEC] = { "Exec", sys_exec, "NP" },
	[EXITS] = { "Exits", sys_exits, "P" },
	[SYS_FSESSION] = { "_fsession", sys_oldfsession, "IPU" },
	[FAUTH] = { "Fauth", sys_fauth, "IN" },
	[SYS_FSTAT] = { "_fstat", sys_oldfstat, "IP" },
	[SEGBRK] = { "Segbrk", sys_segbrk, "XX" },
	[SYS_MOUNT] = { "_mount", sys_oldmount, "ININ" },
	[OPEN] = { "Open", sys_open, "NU" },
	[SYS_READ] = { "_read", sys_oldread, "IPL" },
	[OSEEK] = { "Oseek", sys_oldseek, "ILI" },
	[SLEEP] = { "Sleep", sys_sleep, "L" },
	[SYS_STAT] = { "_stat", sys_oldstat, "NP" },
	[RFORK] = { "Rfork", sys_rfork, "U" },
	[SYS_WRITE] = { "_write", sys_oldwrite, "IPL" },
	[PIPE] = { "Pipe", sys_pipe, "P" },
	[CREATE] = { "Create", sys_create, "NII" },
	[FD2PATH] = { "Fd2path", sys_fd2path, "IPU" },
	[BRK_] = { "Brk", sys_brk, "X" },
	[REMOVE] = { "Remove", sys_remove, "N" },
	[SYS_WSTAT] = { "_wstat", sys_oldwstat, "" },
	[SYS_FWSTAT] = { "_fwstat", sys_oldfwstat, "" },
	[NOTIFY] = { "Notify", sys_notify, "P" },
	[NOTED] = { "Noted", sys_noted, "I" },
	[SEGATTACH] = { "Segattach", sys_segattach, "INXU" },
	[SEGDETACH] = { "Segdetach", sys_segdetach, "X" },
	[SEGFREE] = { "Segfree", sys_segfree, "XU" },
	[SEGFLUSH] = { "Segflush", sys_segflush, "XU" },
	[RENDEZVOUS] = { "Rendez", sys_rendezvous, "XX" },
	[UNMOUNT] = { "Unmount", sys_unmount, "NN" },
	[SYS_WAIT] = { "_wait", sys_oldwait, "P" },
	[SEMACQUIRE] = { "Semacquire", sys_semacquire, "PI" },
	[SEMRELEASE] = { "Semrelease", sys_semrelease, "PL" },
	[SEEK] = { "Seek", sys_seek, "PIVI" },
	[FVERSION] = { "Fversion", sys_fversion, "IIPI" },
	[ERRSTR] = { "Errstr", sys_errstr, "PU" },
	[STAT] = { "Stat", sys_stat, "NPU" },
	[FSTAT] = { "Fstat", sys_fstat, "IPU" },
	[WSTAT] = { "Wstat", sys_wstat, "NPU" },
	[FWSTAT] = { "Fwstat", sys_fwstat, "IPU" },
	[MOUNT] = { "Mount", sys_mount, "IININ" },
	[AWAIT] = { "Await", sys_await, "PU" },
	[PREAD] = { "Pread", sys_pread, "IPLV" },
	[PWRITE] = { "Pwrite", sys_pwrite, "IPLV" },
	[TSEMACQUIRE] = { "Tsemacquire", sys_tsemacquire, "PU" },
	[SYS_NSEC] = { "Nsec", sys_nsec, "" },
};

const char *call_name(u32 number)
{
	const char *name = number < NSYSCALL ? systab[number].name : nil;
	return name != nil ? name : "(unknown)";
}
