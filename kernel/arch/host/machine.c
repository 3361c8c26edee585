/*
 * The machine: RAM as a piece of the process's memory, the log on standard
 * error, no devices, and the boot of it all.
 */
#include <setjmp.h>
#include <stdlib.h>
#include "arch/host/host.h"
#include "arch/host/os.h"
#include "proc/proc.h"

static u8 *ram;
static u64 ram_size;
static jmp_buf leave;
static int result;
static HostProgram *program;

BootInfo boot;

/* ---- memory ---- */

void host_ram(u64 size)
{
	ram_size = size;
	ram = os_map(size);
}

void arch_direct_map(Paddr pa, u64 n, bool on) { }

void *kaddr(Paddr pa)
{
	assert(pa.a < ram_size);
	return ram + pa.a;
}

void *kaddr_ram(Paddr pa) { return kaddr(pa); }
Paddr paddr_ram(const void *p) { return paddr_of((u64)((const u8 *)p - ram)); }

Paddr paddr(const void *p)
{
	u64 offset = (u64)((const u8 *)p - ram);
	assert(offset < ram_size);
	return paddr_of(offset);
}

void *arch_mmio(Paddr pa, usize size) { return nil; }
ERR arch_kernel_read(void *to, u64 va, usize n) { return Ebadarg; }

/* ---- devices that are not there ---- */

void arch_early(void) { }
void arch_devices(void) { }
void arch_cpuname(char *buf, usize size) { snprint(buf, size, "host"); }
ERR intr_enable(u32 irq, IrqHandler *f, void *arg, const char *name) { return Enodev; }
u32 arch_nvram_size(void) { return 0; }
u8 arch_nvram_read(u32 at) { return 0; }
void arch_nvram_write(u32 at, u8 v) { }
usize fpu_size(void) { return 64; }
void fpu_init(void *area) { memset(area, 0, 64); }
void fpu_save(void *area) { }
void fpu_restore(const void *area) { }
void fpu_settle(void *area) { }
void fpu_sanitize(void *area) { }
ERR arch_watch_check(const Watchpt *w, u32 n) { return n == 0 ? nil : Enodev; }
void arch_watch_load(const Watchpt *w, u32 n) { }

void fpu_note(u32 vector, u64 pc, char *buf, usize size)
{
	snprint(buf, size, "unknown exception");
}

/* ---- ends ---- */

void arch_backtrace(const Ureg *u)
{
	os_backtrace();
}

void arch_report_address(void) { }
u32 arch_callers(const Label *l, u64 *pcs, u32 max) { return 0; }

void arch_halt(void)
{
	abort();
}

void arch_poweroff(void)
{
	os_fiber_main();
	longjmp(leave, 1);
}

Err arch_reboot_kernel(const void *file, u64 size, const char *path, const char *cmdline)
{
	return Enodev;
}

void arch_reboot(void)
{
	arch_poweroff();
}

/* ---- boot ---- */

/* The first process, in "user mode". */
void host_first_program(void)
{
	result = program();
	arch_poweroff();
}

int host_boot(u64 memory, const void *initrd, usize size, HostProgram *main)
{
	usize initrd_at = memory - round_up(MAX(size, (usize)1), BY2PG);
	host_ram(memory);
	program = main;
	log_console = os_stderr;
	/* what looks every second would be one more process in every schedule */
	strecpy(boot.cmdline, boot.cmdline + sizeof boot.cmdline, "watchdog=0");
	boot.nbanks = 2;
	boot.banks[0] = (BootBank){ paddr_of(0x100000), initrd_at - 0x100000, BANK_USABLE };
	boot.banks[1] = (BootBank){ paddr_of(initrd_at), memory - initrd_at, BANK_KERNEL };
	boot.nmodules = initrd != nil;
	if (initrd != nil) {
		memmove(ram + initrd_at, initrd, size);
		boot.modules[0] = (BootModule){ .data = ram + initrd_at, .size = size,
			.path = "initrd" };
	}
	os_fiber_here();
	if (setjmp(leave) == 0)
		kmain();
	os_fiber_entered();
	return result;
}
