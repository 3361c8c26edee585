/*
 * The little of ACPI that a loader needs: the RSDP when nobody passed one,
 * and the I/O APICs, whose lines must be masked when the kernel starts.
 * Tables are read with their lengths checked; what looks wrong is left alone.
 */
#include "boot.h"

enum {
	RSDP1_SIZE = 20,
	RSDP2_SIZE = 36,
	HEADER_SIZE = 36,
	MADT_FIRST = 44,
	MADT_IOAPIC = 1,
	IOAPIC_VERSION = 1,
	IOAPIC_TABLE = 0x10,
	IOAPIC_MASKED = 1 << 16,
	TABLE_MAX = 1 << 20,
};

static u32
get32(const u8 *p)
{
	return p[0] | (u32)p[1] << 8 | (u32)p[2] << 16 | (u32)p[3] << 24;
}

static u64
get64(const u8 *p)
{
	return get32(p) | (u64)get32(p + 4) << 32;
}

static int
same(const u8 *p, const char *s)
{
	for (; *s != '\0'; p++, s++) {
		if (*p != (u8)*s)
			return 0;
	}
	return 1;
}

static int
sums_to_zero(const u8 *p, u32 n)
{
	u8 sum = 0;

	while (n-- > 0)
		sum = (u8)(sum + *p++);
	return sum == 0;
}

static int
scan(u32 base, u32 end)
{
	const u8 *p;

	for (; base + RSDP2_SIZE <= end; base += 16) {
		p = at(base);
		if (!same(p, "RSD PTR ") || !sums_to_zero(p, RSDP1_SIZE))
			continue;
		boot.rsdp_size = p[15] >= 2 ? RSDP2_SIZE : RSDP1_SIZE;
		memcpy(boot.rsdp, p, boot.rsdp_size);
		return 1;
	}
	return 0;
}

/* Looks where a BIOS puts it: the first KiB of the EBDA, then the BIOS area. */
void
acpi_find_rsdp(void)
{
	u32 bda = 0x40e;
	u32 ebda;

	/* The compiler must not see an access near address 0 as a null access. */
	__asm__("" : "+r"(bda));
	ebda = (u32)*(const volatile u16 *)at(bda) << 4;
	if (ebda >= 0x80000 && ebda < 0xa0000 && scan(ebda, ebda + 1024))
		return;
	scan(0xe0000, 0x100000);
}

/* The table at an address if it is sound and can be reached, else NULL. */
static const u8 *
table(u64 addr, const char *name)
{
	const u8 *p;
	u32 size;

	if (addr == 0 || addr > GIB4 - HEADER_SIZE)
		return NULL;
	p = at((u32)addr);
	size = get32(p + 4);
	if (!same(p, name) || size < HEADER_SIZE || size > TABLE_MAX || addr + size > GIB4)
		return NULL;
	return sums_to_zero(p, size) ? p : NULL;
}

static void
mask_ioapic(u32 addr)
{
	volatile u32 *select = at(addr);
	volatile u32 *window = at(addr + 0x10);
	u32 i, n;

	*select = IOAPIC_VERSION;
	n = *window >> 16 & 0xff;
	if (n == 0xff)
		return;
	for (i = 0; i <= n; i++) {
		*select = IOAPIC_TABLE + 2 * i;
		*window = IOAPIC_MASKED;
		*select = IOAPIC_TABLE + 2 * i + 1;
		*window = 0;
	}
}

static void
mask_madt(const u8 *madt)
{
	u32 size = get32(madt + 4);
	u32 off, n;

	for (off = MADT_FIRST; off + 2 <= size; off += n) {
		n = madt[off + 1];
		if (n < 2 || n > size - off)
			return;
		if (madt[off] == MADT_IOAPIC && n >= 12 && get32(madt + off + 4) >= 0x100000)
			mask_ioapic(get32(madt + off + 4));
	}
}

void
acpi_mask_ioapics(void)
{
	const u8 *root = NULL, *madt;
	u32 off, width = 8;

	if (boot.rsdp_size >= RSDP2_SIZE && boot.rsdp[15] >= 2)
		root = table(get64(boot.rsdp + 24), "XSDT");
	if (root == NULL && boot.rsdp_size >= RSDP1_SIZE) {
		root = table(get32(boot.rsdp + 16), "RSDT");
		width = 4;
	}
	if (root == NULL)
		return;
	for (off = HEADER_SIZE; off + width <= get32(root + 4); off += width) {
		madt = table(width == 8 ? get64(root + off) : get32(root + off), "APIC");
		if (madt != NULL)
			mask_madt(madt);
	}
}
