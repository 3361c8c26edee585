/*
 * What rooms under unit test need of the machine: one processor, one heap, a panic that ends the
 * test.
 */
#include <stdio.h>
#include <stdlib.h>
#include "arch/arch.h"

static Cpu only = { .self = &only };
BootInfo boot;

Cpu *cpu(void) { return &only; }
u32 arch_ncpu = 1;
void arch_stop_others(void) { }
bool splhi(void) { return false; }
void splx(bool on) { (void)on; }
void arch_relax(void) { abort(); }	/* nobody else could release the lock */

u64 arch_nsec(void) { return 0; }

void arch_backtrace(const Ureg *u) { (void)u; }

void arch_reboot(void)
{
	arch_halt();
}

void arch_halt(void)
{
	fflush(stdout);
	abort();
}

static void to_stdout(const char *text, usize n)
{
	fwrite(text, 1, n, stdout);
}

__attribute__((constructor)) static void print_to_stdout(void)
{
	log_console = to_stdout;
}
