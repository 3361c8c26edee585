/*
 * Interrupt descriptors: one table for all processors. All gates turn
 * interrupts off; only INT3 and INTO may be raised by a program's INT.
 */
#include "arch/amd64/amd64.h"

typedef struct Gate {
	u16 offset0, selector;
	u8 ist, type;
	u16 offset1;
	u32 offset2, unused;
} Gate;
_Static_assert(sizeof(Gate) == 16, "Gate");

enum { GATE_INTERRUPT = 0x8e, GATE_USER = 0x60, NVECTOR = 256, TRAP_OVERFLOW = 4 };

static Gate idt[NVECTOR] ALIGNED(16);

static void gate_set(u32 vector, u8 ist, u8 type)
{
	u64 at = (u64)trap_vectors[vector];
	idt[vector] = (Gate){
		.offset0 = (u16)at, .offset1 = (u16)(at >> 16), .offset2 = (u32)(at >> 32),
		.selector = SEL_KCODE, .ist = ist, .type = type,
	};
}

void idt_init(void)
{
	for (u32 i = 0; i < NVECTOR; i++)
		gate_set(i, 0, GATE_INTERRUPT);
	gate_set(TRAP_BREAKPOINT, 0, GATE_INTERRUPT | GATE_USER);
	gate_set(TRAP_OVERFLOW, 0, GATE_INTERRUPT | GATE_USER);
	gate_set(TRAP_DEBUG, IST_DEBUG, GATE_INTERRUPT);
	gate_set(TRAP_NMI, IST_NMI, GATE_INTERRUPT);
	gate_set(TRAP_DOUBLE, IST_DOUBLE_FAULT, GATE_INTERRUPT);
	gate_set(TRAP_MACHINE_CHECK, IST_MACHINE_CHECK, GATE_INTERRUPT);
}

void idt_load(void)
{
	struct PACKED { u16 limit; u64 base; } idtr = { sizeof idt - 1, (u64)idt };
	__asm__ volatile("lidt %0" : : "m"(idtr) : "memory");
}
