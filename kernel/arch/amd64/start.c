/*
 * The first C of the kernel and what belongs to the processor as such: the
 * boot stack, the identity of the machine, the halt.
 */
#include "arch/amd64/amd64.h"
#include "drv/uart.h"
#include "proc/proc.h"

#define SAME_OFFSET(type, member, n) \
	_Static_assert(offsetof(type, member) == (n), #type "." #member)
SAME_OFFSET(Cpu, self, CPU_SELF);
SAME_OFFSET(Cpu, proc, CPU_PROC);
SAME_OFFSET(Cpu, frame, CPU_FRAME);
SAME_OFFSET(Proc, kernel_since, PROC_KERNEL_SINCE);
SAME_OFFSET(Proc, syscall, PROC_SYSCALL);
SAME_OFFSET(Call, arg, CALL_ARG);
SAME_OFFSET(Call, u, CALL_UREG);
SAME_OFFSET(Ureg, ax, U_AX);
SAME_OFFSET(Ureg, bp, U_BP);
SAME_OFFSET(Ureg, r8, U_R8);
SAME_OFFSET(Ureg, r14, U_R14);
SAME_OFFSET(Ureg, ds, U_DS);
SAME_OFFSET(Ureg, gs, U_GS);
SAME_OFFSET(Ureg, type, U_TYPE);
SAME_OFFSET(Ureg, pc, U_PC);
SAME_OFFSET(Ureg, flags, U_FLAGS);
SAME_OFFSET(Ureg, ss, U_SS);
_Static_assert(NSYSARG == 5, "syscall_entry pushes five");
_Static_assert(sizeof(Ureg) == U_SIZE, "Ureg");
_Static_assert(USTKTOP == USER_TOP, "USTKTOP");

u8 boot_stack[BOOT_STACK_GUARD + BOOT_STACK_SIZE] ALIGNED(4096);

/* Printing, then tables so that a fault is explained, then what the loader has to say. */
void start(void)
{
	uart_early();
	log_console = uart_log;
	gdt_init(0);
	idt_init();
	idt_load();
	features_probe();
	limine_read();
	uart_choose_console();
	kmain();
}

void arch_early(void)
{
	features_enable();
	smap_settle();
	extable_check();
	fpu_enable();
	syscall_init();
	ram_note();
	smp_reserve();
}

/* ---- interrupts of this processor ---- */

/* STI holds interrupts off for one more instruction, so none is lost before HLT. */
void arch_idle(void)
{
	__asm__ volatile("sti; hlt" : : : "memory");
}

void arch_halt(void)
{
	cover_out();
	for (;;)
		__asm__ volatile("cli; hlt" : : : "memory");
}

/* ---- identity ---- */

/* The processor's own name without the blanks around it; its maker's name when it has none. */
void arch_cpuname(char *buf, usize size)
{
	u32 text[13] = { 0 };
	Cpuid r = cpuid(0, 0);
	text[0] = r.b;
	text[1] = r.d;
	text[2] = r.c;
	for (u32 i = 0; features.leafext_max >= 0x80000004 && i < 3; i++) {
		r = cpuid(0x80000002 + i, 0);
		text[4 * i] = r.a;
		text[4 * i + 1] = r.b;
		text[4 * i + 2] = r.c;
		text[4 * i + 3] = r.d;
	}
	char *name = (char *)text;
	name[sizeof text - 1] = '\0';
	while (*name == ' ')
		name++;
	usize n = strlen(name);
	while (n > 0 && name[n - 1] == ' ')
		n--;
	name[n] = '\0';
	snprint(buf, size, "%s", name);
}
