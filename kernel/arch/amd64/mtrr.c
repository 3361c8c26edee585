/*
 * The memory type range registers: how the processor caches what lies where. The firmware has set
 * them; #P/archctl shows them and may change the variable ones.
 */
#include "arch/amd64/amd64.h"
#include "base/error.h"
#include "mem/mem.h"
#include "sync/sync.h"

enum {
	MSR_MTRR_CAP = 0xfe, CAP_COUNT = 0xff, CAP_FIXED = 1 << 8, CAP_WC = 1 << 10,
	MSR_MTRR_BASE0 = 0x200, MTRR_VALID = 1 << 11,
	MSR_MTRR_DEFAULT = 0x2ff, DEFAULT_ENABLE = 1 << 11,
	CPUID_MTRR = 1 << 12, CR4_PGE = 1 << 7,
};
#define CR0_NW	(1UL << 29)
#define CR0_CD	(1UL << 30)

static LOCK_CLASS(mtrr_class, "arch.mtrr");
static Lock mtrr_lk = LOCK_INIT(&mtrr_class);	/* one change at a time */

static const char *const types[] = {
	[0] = "uc", [1] = "wc", [4] = "wt", [5] = "wp", [6] = "wb",
};

/* How many variable ranges there are; 0 without such registers, or with `*nomtrr`. */
static u32 count(u64 *cap)
{
	char value[8];
	if (boot_option("*nomtrr", value, sizeof value))
		return 0;
	if ((cpuid(1, 0).d & CPUID_MTRR) == 0 || msr_read_checked(MSR_MTRR_CAP, cap) != nil)
		return 0;
	return (u32)(*cap & CAP_COUNT);
}

static u64 address_bits(void)
{
	return ((1UL << features.physbits) - 1) & ~(u64)(PAGE_SIZE - 1);
}

/* The size is what the mask lets vary, up to the width of an address. */
static bool read_range(u32 i, CacheRange *r)
{
	u64 base, mask;
	if (msr_read_checked(MSR_MTRR_BASE0 + 2 * i, &base) != nil ||
		msr_read_checked(MSR_MTRR_BASE0 + 2 * i + 1, &mask) != nil)
		return false;
	u32 type = base & 0xff;
	if ((mask & MTRR_VALID) == 0 || type >= nelem(types) || types[type] == nil)
		return false;
	*r = (CacheRange){
		base & address_bits(), (~mask & address_bits()) + PAGE_SIZE, types[type]
	};
	return true;
}

bool arch_cache_range(u32 i, CacheRange *r)
{
	u64 cap;
	for (u32 k = 0, n = count(&cap); k < n; k++)
		if (read_range(k, r) && i-- == 0)
			return true;
	return false;
}

/* May ranges overlap? Uncached wins, write-through wins over write-back, others are undefined. */
static bool may_overlap(const char *a, const char *b)
{
	bool a_through = strcmp(a, "wt") == 0, a_back = strcmp(a, "wb") == 0;
	if (strcmp(a, "uc") == 0 || strcmp(b, "uc") == 0 || strcmp(a, b) == 0)
		return true;
	return (a_through && strcmp(b, "wb") == 0) || (a_back && strcmp(b, "wt") == 0);
}

static bool is_free(u32 i)
{
	u64 mask;
	return msr_read_checked(MSR_MTRR_BASE0 + 2 * i + 1, &mask) == nil &&
		(mask & MTRR_VALID) == 0;
}

/* The register for a range: the one that has it, or a free one. */
static ERR find_register(const CacheRange *want, u32 n, u32 *reg)
{
	CacheRange r;
	*reg = n;
	for (u32 i = 0; i < n; i++) {
		if (!read_range(i, &r)) {
			if (*reg == n && is_free(i))
				*reg = i;
			continue;
		}
		if (r.base == want->base && r.size == want->size) {
			*reg = i;
			return nil;
		}
		if (r.base < want->base + want->size && want->base < r.base + r.size &&
			!may_overlap(r.type, want->type))
			return "cache range overlaps another";
	}
	return *reg < n ? nil : "no free cache range";
}

typedef struct Change { const u32 *msr; const u64 *value; u32 n; } Change;

/* As the processor's manual has it: caches and ranges are off while some change. */
static void store(void *arg)
{
	const Change *c = arg;
	bool on = splhi();
	u64 cr0 = read_cr0(), cr4 = read_cr4(), enable = rdmsr(MSR_MTRR_DEFAULT);
	write_cr0((cr0 | CR0_CD) & ~CR0_NW);
	__asm__ volatile("wbinvd" : : : "memory");
	write_cr4(cr4 & ~(u64)CR4_PGE);
	write_cr3(read_cr3());
	wrmsr(MSR_MTRR_DEFAULT, enable & ~(u64)DEFAULT_ENABLE);
	for (u32 i = 0; i < c->n; i++)
		wrmsr(c->msr[i], c->value[i]);
	if (c->n == 0 || c->msr[c->n - 1] != MSR_MTRR_DEFAULT)
		wrmsr(MSR_MTRR_DEFAULT, enable);
	__asm__ volatile("wbinvd" : : : "memory");
	write_cr3(read_cr3());
	write_cr0(cr0);
	write_cr4(cr4);
	splx(on);
}

static void store_range(u32 reg, u64 base, u64 mask)
{
	u32 msr[2] = { MSR_MTRR_BASE0 + 2 * reg, MSR_MTRR_BASE0 + 2 * reg + 1 };
	u64 value[2] = { base, mask };
	Change c = { msr, value, 2 };
	ipi_all(store, &c);
}

/* ---- all processors alike ---- */

enum { NOTED_MAX = 2 * CAP_COUNT + 12 };
static u32 noted_msr[NOTED_MAX];	/* [I] before there are others */
static u64 noted_value[NOTED_MAX];
static u32 nnoted;

static void note(u32 msr)
{
	if (nnoted < NOTED_MAX && msr_read_checked(msr, &noted_value[nnoted]) == nil)
		noted_msr[nnoted++] = msr;
}

void mtrr_note(void)
{
	static const u16 fixed[] = { 0x250, 0x258, 0x259, 0x268, 0x269, 0x26a, 0x26b, 0x26c, 0x26d,
		0x26e, 0x26f };
	u64 cap = 0;
	u32 n = count(&cap);
	for (u32 i = 0; i < 2 * n; i++)
		note(MSR_MTRR_BASE0 + i);
	for (u32 i = 0; n > 0 && (cap & CAP_FIXED) != 0 && i < nelem(fixed); i++)
		note(fixed[i]);
	if (n > 0)
		note(MSR_MTRR_DEFAULT);
}

void mtrr_join(void)
{
	u64 v;
	for (u32 i = 0; i < nnoted; i++)
		if (msr_read_checked(noted_msr[i], &v) != nil || v != noted_value[i]) {
			Change c = { noted_msr, noted_value, nnoted };
			store(&c);
			return;
		}
}

Err arch_set_cache_range(const CacheRange *r)
{
	u64 cap = 0;
	u32 n = count(&cap), type = 0, reg;
	while (type < nelem(types) && (types[type] == nil || strcmp(types[type], r->type) != 0))
		type++;
	if (n == 0)
		return Enodev;
	if (type == nelem(types) || (type == 1 && (cap & CAP_WC) == 0))
		return Ebadarg;
	if (r->size < PAGE_SIZE || (r->size & (r->size - 1)) != 0 || r->base % r->size != 0 ||
		r->base > address_bits() || r->size - 1 > address_bits() - r->base + PAGE_SIZE - 1)
		return Ebadarg;
	lock(&mtrr_lk);
	Err err = find_register(r, n, &reg);
	if (err == nil)
		store_range(reg, r->base | type, (~(r->size - 1) & address_bits()) | MTRR_VALID);
	unlock(&mtrr_lk);
	return err;
}
