/*
 * Switching off and starting again, by every means that a PC has.
 */
#include "arch/amd64/amd64.h"

enum {
	RESET_CONTROL = 0xcf9, RESET_COLD = 0x02, RESET_NOW = 0x06,
	KEYBOARD_STATUS = 0x64, KEYBOARD_FULL = 2, KEYBOARD_RESET = 0xfe,
	WAIT_TURNS = 1000000,
};

static void a_while(void)
{
	for (u32 turns = 0; turns < WAIT_TURNS; turns++)
		arch_relax();
}

void arch_poweroff(void)
{
	splhi();
	arch_stop_others();
	cover_out();
	acpi_poweroff();
	if (!acpi.s5 || acpi.pm1a == 0)
		print("poweroff: ACPI does not say how; the machine may be switched off now\n");
	else
		print("poweroff: it did not happen; the machine may be switched off now\n");
	arch_halt();
}

static void keyboard_reset(void)
{
	for (u32 turns = 0; turns < WAIT_TURNS && (arch_in8(KEYBOARD_STATUS) & KEYBOARD_FULL) != 0;
		turns++)
		arch_relax();
	arch_out8(KEYBOARD_STATUS, KEYBOARD_RESET);
}

/*
 * With no interrupt descriptors the next trap cannot be served, nor the one after: the processor
 * resets.
 */
static void triple_fault(void)
{
	struct PACKED { u16 limit; u64 base; } none = { 0, 0 };
	__asm__ volatile("lidt %0; int3" : : "m"(none));
}

void arch_reboot(void)
{
	splhi();
	arch_stop_others();
	cover_out();
	acpi_reset();
	a_while();
	arch_out8(RESET_CONTROL, RESET_COLD);
	arch_out8(RESET_CONTROL, RESET_NOW);
	a_while();
	keyboard_reset();
	a_while();
	triple_fault();
	print("reboot: the machine did not restart\n");
	arch_halt();
}
