/*
 * What this processor can do, and the control registers set accordingly:
 * every protection that it has is turned on.
 */
#include "arch/amd64/amd64.h"

enum {
	CR0_MP = 1 << 1, CR0_EM = 1 << 2, CR0_TS = 1 << 3, CR0_NE = 1 << 5, CR0_WP = 1 << 16,
	CR0_AM = 1 << 18,
	CR0_NW = 1 << 29, CR0_CD = 1 << 30,
	CR4_VME = 1 << 0, CR4_PVI = 1 << 1, CR4_TSD = 1 << 2, CR4_DE = 1 << 3, CR4_MCE = 1 << 6,
	CR4_PGE = 1 << 7,
	CR4_PCE = 1 << 8, CR4_OSFXSR = 1 << 9, CR4_OSXMMEXCPT = 1 << 10, CR4_UMIP = 1 << 11,
	CR4_LA57 = 1 << 12,
	CR4_FSGSBASE = 1 << 16, CR4_PCIDE = 1 << 17, CR4_OSXSAVE = 1 << 18, CR4_SMEP = 1 << 20,
	CR4_SMAP = 1 << 21,
	EFER_SCE = 1 << 0, EFER_NXE = 1 << 11,
};

/* WB WT UC- UC WP WC UC- UC: the loader's entries, so that changing nothing changes nothing. */
static const u64 pat_value = 0x0007010500070406;

Features features;

static bool bit(u32 word, u32 n)
{
	return (word >> n & 1) != 0;
}

static void need(bool have, const char *what)
{
	if (!have)
		panic("this processor has no %s, which lux9 needs", what);
}

void features_probe(void)
{
	Features *f = &features;
	f->leaf_max = cpuid(0, 0).a;
	f->leafext_max = cpuid(0x80000000, 0).a;
	Cpuid one = cpuid(1, 0);
	Cpuid seven = f->leaf_max >= 7 ? cpuid(7, 0) : (Cpuid){ 0 };
	Cpuid ext = f->leafext_max >= 0x80000001 ? cpuid(0x80000001, 0) : (Cpuid){ 0 };
	need(bit(one.d, 24) && bit(one.d, 25) && bit(one.d, 26), "FXSAVE and SSE2");
	need(bit(one.d, 16), "page attribute table (PAT)");
	need(bit(ext.d, 11), "SYSCALL");
	f->nx = bit(ext.d, 20);
	need(f->nx, "execute-disable bit (NX)");
	f->page1g = bit(ext.d, 26);
	f->pge = bit(one.d, 13);
	f->apic = bit(one.d, 9);
	f->x2apic = bit(one.c, 21);
	f->xsave = bit(one.c, 26);
	f->rdrand = bit(one.c, 30);
	f->hypervisor = bit(one.c, 31);
	f->smep = bit(seven.b, 7);
	f->smap = bit(seven.b, 20);
	f->umip = bit(seven.c, 2);
	f->physbits = f->leafext_max >= 0x80000008 ? cpuid(0x80000008, 0).a & 0xff : 36;
	need(f->physbits >= 32 && f->physbits <= 52, "sensible width of physical addresses");
}

void features_enable(void)
{
	const Features *f = &features;
	u64 cr4 = read_cr4();
	if ((cr4 & CR4_LA57) != 0)
		panic("the loader turned on 5-level paging; lux9 asked for 4 levels");
	u64 cr0 = read_cr0() & ~(u64)(CR0_EM | CR0_TS | CR0_NW) & ~(u64)CR0_CD;
	write_cr0(cr0 | CR0_MP | CR0_NE | CR0_WP | CR0_AM);
	cr4 &= ~(u64)(CR4_VME | CR4_PVI | CR4_TSD | CR4_PCE | CR4_FSGSBASE | CR4_PCIDE);
	cr4 |= CR4_DE | CR4_MCE | CR4_OSFXSR | CR4_OSXMMEXCPT;
	cr4 |= (f->pge ? CR4_PGE : 0) | (f->umip ? CR4_UMIP : 0) | (f->smep ? CR4_SMEP : 0) |
		(f->smap ? CR4_SMAP : 0) | (f->xsave ? CR4_OSXSAVE : 0);
	write_cr4(cr4);
	wrmsr(MSR_EFER, rdmsr(MSR_EFER) | EFER_SCE | EFER_NXE);
	wrmsr(MSR_PAT, pat_value);
}

/* The text is read-only; the first processor alone runs, and none of this has run before. */
void smap_settle(void)
{
	extern u8 *const __smap_start[], *const __smap_end[];
	static const u8 nop[3] = { 0x0f, 0x1f, 0x00 };
	if (features.smap)
		return;
	u64 cr0 = read_cr0();
	write_cr0(cr0 & ~(u64)CR0_WP);
	for (u8 *const *at = __smap_start; at < __smap_end; at++) {
		assert((*at)[0] == 0x0f && (*at)[1] == 0x01);
		memcpy(*at, nop, sizeof nop);
	}
	write_cr0(cr0);
}
