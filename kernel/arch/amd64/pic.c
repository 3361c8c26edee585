/*
 * The pair of 8259 interrupt controllers: always moved away from the exception
 * vectors and masked; used only where there is no APIC.
 */
#include "arch/amd64/amd64.h"

enum {
	MASTER = 0x20, SLAVE = 0xa0, MASTER_DATA = 0x21, SLAVE_DATA = 0xa1,
	ICW1_INIT = 0x11, ICW4_8086 = 1, OCW3_READ_ISR = 0x0b, EOI = 0x20,
	CASCADE = 2, SPURIOUS = 7,
};

void pic_init(void)
{
	arch_out8(MASTER, ICW1_INIT);
	arch_out8(SLAVE, ICW1_INIT);
	arch_out8(MASTER_DATA, VEC_IRQ);
	arch_out8(SLAVE_DATA, VEC_IRQ + 8);
	arch_out8(MASTER_DATA, 1 << CASCADE);
	arch_out8(SLAVE_DATA, CASCADE);
	arch_out8(MASTER_DATA, ICW4_8086);
	arch_out8(SLAVE_DATA, ICW4_8086);
	arch_out8(MASTER_DATA, 0xff);
	arch_out8(SLAVE_DATA, 0xff);
}

void pic_quiet(void)
{
	arch_out8(MASTER_DATA, 0xff);
	arch_out8(SLAVE_DATA, 0xff);
}

void pic_unmask(u32 irq)
{
	if (irq >= 8)
		arch_out8(SLAVE_DATA, (u8)(arch_in8(SLAVE_DATA) & ~(1U << (irq - 8))));
	u32 line = irq >= 8 ? CASCADE : irq;
	arch_out8(MASTER_DATA, (u8)(arch_in8(MASTER_DATA) & ~(1U << line)));
}

/*
 * Line 7 of a controller also stands for a request that vanished; then its in-service bit is
 * clear.
 */
bool pic_spurious(u32 irq)
{
	if (irq % 8 != SPURIOUS)
		return false;
	u16 port = irq >= 8 ? SLAVE : MASTER;
	arch_out8(port, OCW3_READ_ISR);
	if ((arch_in8(port) & 1 << SPURIOUS) != 0)
		return false;
	if (irq >= 8)
		arch_out8(MASTER, EOI);
	return true;
}

void pic_eoi(u32 irq)
{
	if (irq >= 8)
		arch_out8(SLAVE, EOI);
	arch_out8(MASTER, EOI);
}
