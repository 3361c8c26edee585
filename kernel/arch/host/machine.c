/*
 * The machine: one processor, a clock that moves only when looked at or when
 * everybody sleeps, RAM as a piece of the process's memory, the log on standard
 * error. Nothing here depends on the host's time, so every run is the same.
 */
#include <setjmp.h>
#include <stdlib.h>
#include "arch/host/host.h"
#include "arch/host/os.h"
#include "proc/proc.h"

enum { STEP_NS = 200 };

static Cpu only = { .self = &only };
static bool interrupts_on;
static u64 now_ns = 1, deadline_ns;
static u8 *ram;
static u64 ram_size;
static jmp_buf leave;
static int result;
static HostProgram *program;

BootInfo boot;

Cpu *cpu(void) { return &only; }
u32 cpu_count(void) { return 1; }
Cpu *cpu_get(u32 index) { return index == 0 ? &only : nil; }

bool splhi(void)
{
	bool on = interrupts_on;
	interrupts_on = false;
	return on;
}

void splx(bool on) { interrupts_on = on; }
void spllo(void) { interrupts_on = true; }
bool islo(void) { return interrupts_on; }

/* ---- time ---- */

u64 arch_nsec(void) { return now_ns += STEP_NS; }
u64 arch_cycles(void) { return arch_nsec(); }
u64 arch_cyclehz(void) { return 1000000000; }
s64 arch_wallclock(void) { return 1000000000; }
ERR arch_wallclock_set(s64 seconds) { return nil; }
void arch_timer_set(u64 at_ns) { deadline_ns = at_ns; }

static void fire(void)
{
	Ureg u = { .type = 32 };
	deadline_ns = 0;
	bool on = splhi();
	clock_interrupt(&u);
	splx(on);
}

void host_clock(void)
{
	if (deadline_ns != 0 && now_ns >= deadline_ns)
		fire();
}

/* Everybody sleeps: time jumps to the next timer. With none, nobody will ever wake. */
void arch_idle(void)
{
	if (deadline_ns == 0)
		panic("host: every process waits and no timer is set");
	if (now_ns < deadline_ns)
		now_ns = deadline_ns;
	fire();
	spllo();
}

/* ---- memory ---- */

void host_ram(u64 size)
{
	ram_size = size;
	ram = os_map(size);
}

void *kaddr(Paddr pa)
{
	assert(pa.a < ram_size);
	return ram + pa.a;
}

Paddr paddr(const void *p)
{
	u64 offset = (u64)((const u8 *)p - ram);
	assert(offset < ram_size);
	return paddr_of(offset);
}

void *arch_mmio(Paddr pa, usize size) { return nil; }

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

void fpu_note(u32 vector, u64 pc, char *buf, usize size)
{
	snprint(buf, size, "unknown exception");
}

/* ---- ends ---- */

void arch_backtrace(const Ureg *u) { }

void arch_halt(void)
{
	abort();
}

void arch_poweroff(void)
{
	longjmp(leave, 1);
}

void arch_reboot(void)
{
	longjmp(leave, 1);
}

/* ---- boot ---- */

/* Never run: the host's first process is host_first_program. */
__asm__(".section .rodata\n.globl initcode_start\n.globl initcode_end\n"
	"initcode_start:\n.quad 0\ninitcode_end:\n.text\n");

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
	boot.nbanks = 2;
	boot.banks[0] = (BootBank){ paddr_of(0x100000), initrd_at - 0x100000, BANK_USABLE };
	boot.banks[1] = (BootBank){ paddr_of(initrd_at), memory - initrd_at, BANK_KERNEL };
	boot.nmodules = initrd != nil;
	if (initrd != nil) {
		memmove(ram + initrd_at, initrd, size);
		boot.modules[0] = (BootModule){ .data = ram + initrd_at, .size = size,
			.path = "initrd" };
	}
	if (setjmp(leave) == 0)
		kmain();
	return result;
}
