/*
 * The system call that a process is in, or was when it stopped, from its
 * registers and its stack.
 */
#include "stack.h"

enum {
	TYPECALL = 64,			/* of a register frame */
	MAXTEXT = 128,			/* of a string argument that is shown */
};

typedef struct Call Call;

/* Arguments: s string, x address or bits, d int, v offset. */
struct Call {
	char	*name;
	char	*args;
};

static Call calls[NSYSCALL] = {
	[SYSR1] = { "sysr1", "" },
	[SYS_ERRSTR] = { "_errstr", "x" },
	[BIND] = { "bind", "ssd" },
	[CHDIR] = { "chdir", "s" },
	[CLOSE] = { "close", "d" },
	[DUP] = { "dup", "dd" },
	[ALARM] = { "alarm", "d" },
	[EXEC] = { "exec", "sx" },
	[EXITS] = { "exits", "s" },
	[SYS_FSESSION] = { "_fsession", "dxd" },
	[FAUTH] = { "fauth", "ds" },
	[SYS_FSTAT] = { "_fstat", "dx" },
	[SEGBRK] = { "segbrk", "xx" },
	[SYS_MOUNT] = { "_mount", "dsds" },
	[OPEN] = { "open", "sd" },
	[SYS_READ] = { "_read", "dxd" },
	[OSEEK] = { "oseek", "ddd" },
	[SLEEP] = { "sleep", "d" },
	[SYS_STAT] = { "_stat", "sx" },
	[RFORK] = { "rfork", "x" },
	[SYS_WRITE] = { "_write", "dxd" },
	[PIPE] = { "pipe", "x" },
	[CREATE] = { "create", "sdx" },
	[FD2PATH] = { "fd2path", "dxd" },
	[BRK_] = { "brk", "x" },
	[REMOVE] = { "remove", "s" },
	[SYS_WSTAT] = { "_wstat", "sx" },
	[SYS_FWSTAT] = { "_fwstat", "dx" },
	[NOTIFY] = { "notify", "x" },
	[NOTED] = { "noted", "d" },
	[SEGATTACH] = { "segattach", "dsxx" },
	[SEGDETACH] = { "segdetach", "x" },
	[SEGFREE] = { "segfree", "xx" },
	[SEGFLUSH] = { "segflush", "xx" },
	[RENDEZVOUS] = { "rendezvous", "xx" },
	[UNMOUNT] = { "unmount", "ss" },
	[SYS_WAIT] = { "_wait", "x" },
	[SEMACQUIRE] = { "semacquire", "xd" },
	[SEMRELEASE] = { "semrelease", "xd" },
	[SEEK] = { "seek", "xdvd" },
	[FVERSION] = { "fversion", "ddxd" },
	[ERRSTR] = { "errstr", "xd" },
	[STAT] = { "stat", "sxd" },
	[FSTAT] = { "fstat", "dxd" },
	[WSTAT] = { "wstat", "sxd" },
	[FWSTAT] = { "fwstat", "dxd" },
	[MOUNT] = { "mount", "ddsds" },
	[AWAIT] = { "await", "xd" },
	[PREAD] = { "pread", "dxdv" },
	[PWRITE] = { "pwrite", "dxdv" },
	[TSEMACQUIRE] = { "tsemacquire", "xd" },
	[SYS_NSEC] = { "nsec", "" },
};

static void
printstring(Process *p, uvlong addr)
{
	char text[MAXTEXT+1];
	int n;

	if(addr == 0){
		print("nil");
		return;
	}
	n = readmem(p, addr, text, MAXTEXT);
	text[n > 0 ? n : 0] = 0;
	if(n <= 0)
		print("%#llux", addr);
	else
		print("%#q%s", text, strlen(text) == MAXTEXT ? "..." : "");
}

static void
printarg(Process *p, int kind, uvlong v)
{
	switch(kind){
	case 's':
		printstring(p, v);
		break;
	case 'd':
		print("%d", (int)v);
		break;
	case 'v':
		print("%lld", (vlong)v);
		break;
	default:
		print("%#llux", v);
	}
}

static void
decode(Process *p, uint number)
{
	uvlong v;
	char *a;
	int i;

	if(number >= NSYSCALL || calls[number].name == nil){
		print("\tnumber %ud, which does not exist\n", number);
		return;
	}
	print("\t%s(", calls[number].name);
	for(i = 0, a = calls[number].args; *a != 0; a++, i++){
		if(i > 0)
			print(", ");
		if(readword(p, p->regs.sp + 8 + 8*(uvlong)i, &v) < 0)
			print("?");
		else
			printarg(p, *a, v);
	}
	print(")\n");
}

/* What the kernel traced, else what the registers say. */
void
printcall(Process *p)
{
	char name[32], text[512];
	long n = 0;
	int fd;

	snprint(name, sizeof name, "/proc/%d/syscall", p->pid);
	fd = open(name, OREAD);
	if(fd >= 0){
		n = read(fd, text, sizeof text - 1);
		close(fd);
	}
	if(n > 0){
		text[n] = 0;
		print("\t%s%s", text, text[n-1] == '\n' ? "" : "\n");
	}else if(p->regs.type == TYPECALL)
		decode(p, (uint)p->regs.bp);
	else
		print("\tnot known: it was not traced, and the process is in none\n");
}
