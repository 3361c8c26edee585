/*
 * ACPI tables: what interrupts, power and reset need, and no more. Nothing in
 * them is believed: each address, length and checksum is tested before use, a
 * table that fails is named in one line and does without.
 *
 * There is no AML interpreter. The sleep type for switching off is found by
 * looking for the object \_S5_ in the bytes of the definition blocks.
 */
#include "arch/amd64/amd64.h"

enum {
	HEADER_SIZE = 36, TABLE_SIZE_MAX = 4 << 20, TABLES_MAX = 256,
	RSDP_SIZE = 20, RSDP2_SIZE = 36,
	GAS_IO = 1, GAS_MEMORY = 0,
	FADT_DSDT = 40, FADT_SMI_CMD = 48, FADT_ACPI_ENABLE = 52, FADT_PM1A = 64, FADT_PM1B = 68,
	FADT_PM_TIMER = 76,
	FADT_PM_TIMER_LEN = 91, FADT_CENTURY = 108, FADT_FLAGS = 112, FADT_RESET = 116,
	FADT_RESET_VALUE = 128,
	FADT_X_DSDT = 140, FADT_X_PM1A = 172, FADT_X_PM1B = 184, FADT_X_PM_TIMER = 208,
	FADT_SIZE_MIN = 116,
	FADT_TIMER32 = 1 << 8, FADT_RESET_SUPPORTED = 1 << 10,
	PM1_SCI_ENABLE = 1, PM1_SLEEP_ENABLE = 1 << 13, PM1_SLEEP_TYPE_SHIFT = 10,
};

AcpiInfo acpi;

/* ---- finding tables ---- */

/*
 * Physical memory to read: by the direct map where it is RAM, else through the device window. nil:
 * no such place.
 */
static const u8 *physical(u64 pa, usize size)
{
	if (pa == 0 || pa + size < pa || pa + size > 1UL << features.physbits)
		return nil;
	const u8 *p = (const u8 *)(boot.hhdm + pa);
	return kernel_mapped(p, size) ? p : arch_mmio(paddr_of(pa), size);
}

static bool checksum_ok(const u8 *p, usize n)
{
	u8 sum = 0;
	for (usize i = 0; i < n; i++)
		sum = (u8)(sum + p[i]);
	return sum == 0;
}

/* The table at pa, whole and with a good checksum; nil otherwise, after saying so. */
static const u8 *table_at(u64 pa, u32 *length)
{
	const u8 *p = physical(pa, HEADER_SIZE);
	if (p == nil) {
		print("acpi: there is no table at %#lx\n", pa);
		return nil;
	}
	*length = get32le(p + 4);
	if (*length < HEADER_SIZE || *length > TABLE_SIZE_MAX) {
		print("acpi: the table at %#lx claims %u bytes: ignored\n", pa, *length);
		return nil;
	}
	p = physical(pa, *length);
	if (p == nil || !checksum_ok(p, *length)) {
		print("acpi: the table at %#lx has a bad checksum: ignored\n", pa);
		return nil;
	}
	return p;
}

static bool rsdp_ok(const u8 *p)
{
	return memcmp(p, "RSD PTR ", 8) == 0 && checksum_ok(p, RSDP_SIZE);
}

static const u8 *rsdp_scan(u64 pa, usize size)
{
	const u8 *p = physical(pa, size);
	for (usize i = 0; p != nil && i + RSDP2_SIZE <= size; i += 16)
		if (rsdp_ok(p + i))
			return p + i;
	return nil;
}

/* From the loader, or where a BIOS puts it. */
static const u8 *rsdp_find(void)
{
	if (boot.rsdp != 0) {
		const u8 *p = physical(boot.rsdp, RSDP2_SIZE);
		if (p != nil && rsdp_ok(p))
			return p;
		print("acpi: the loader's RSDP at %#lx is damaged; looking for another\n",
			boot.rsdp);
	}
	const u8 *found = nil, *pointer = physical(0x40e, 2);
	u64 ebda = pointer != nil ? (u64)get16le(pointer) << 4 : 0;
	if (ebda >= 0x80000 && ebda < 0xa0000)
		found = rsdp_scan(ebda, 1024);
	return found != nil ? found : rsdp_scan(0xe0000, 0x20000);
}

/* What was read, for #P. */
static struct { const u8 *table; u32 length; } kept[TABLES_MAX + 2];
static u32 nkept;

static void table_keep(const u8 *t, u32 length)
{
	if (nkept < nelem(kept)) {
		kept[nkept].table = t;
		kept[nkept++].length = length;
	}
}

bool arch_acpi_table(u32 i, const u8 **table, u32 *size)
{
	if (i >= nkept)
		return false;
	*table = kept[i].table;
	*size = kept[i].length;
	return true;
}

/* ---- MADT ---- */

static void madt_processor(u32 apic_id)
{
	if (acpi.nprocessors < NCPU_MAX)
		acpi.apic_id[acpi.nprocessors] = apic_id;
	acpi.nprocessors++;
}

static void madt_ioapic(const u8 *e)
{
	u64 pa = get32le(e + 4);
	if (acpi.nioapics < ACPI_IOAPICS_MAX && pa != 0)
		acpi.ioapics[acpi.nioapics++] = (AcpiIoapic){ pa, get32le(e + 8) };
}

static void madt_override(const u8 *e)
{
	u8 irq = e[3];
	u16 flags = get16le(e + 8);
	if (e[2] == 0 && irq < ISA_IRQS)
		acpi.isa[irq] =
			(AcpiIrq){ get32le(e + 4), (flags & 3) == 3, (flags >> 2 & 3) == 3 };
}

static void madt_entry(const u8 *e)
{
	static const u8 size[] = { 8, 12, 10 };
	if (e[0] < nelem(size) && e[1] < size[e[0]])
		return;
	if (e[0] == 0 && (e[4] & 1) != 0)
		madt_processor(e[3]);
	else if (e[0] == 1)
		madt_ioapic(e);
	else if (e[0] == 2)
		madt_override(e);
	else if (e[0] == 5 && e[1] >= 12)
		acpi.lapic = get64le(e + 4);
	else if (e[0] == 9 && e[1] >= 16 && (e[8] & 1) != 0)
		madt_processor(get32le(e + 4));
}

static void madt_read(const u8 *t, u32 length)
{
	if (acpi.madt || length < 44)
		return;
	acpi.madt = true;
	acpi.lapic = get32le(t + 36);
	for (u32 at = 44; at + 2 <= length; at += t[at + 1]) {
		if (t[at + 1] < 2 || at + t[at + 1] > length) {
			print("acpi: the MADT is damaged at byte %u; what follows is ignored\n",
				at);
			return;
		}
		madt_entry(t + at);
	}
}

/* ---- FADT and \_S5_ ---- */

/* A package element that is a small integer; false for anything else. */
static bool aml_byte(const u8 **p, const u8 *end, u8 *v)
{
	const u8 *q = *p;
	if (q >= end)
		return false;
	if (*q == 0 || *q == 1) {
		*v = *q;
		*p = q + 1;
		return true;
	}
	u32 n = *q == 0x0a ? 1 : *q == 0x0b ? 2 : *q == 0x0c ? 4 : 0;
	if (n == 0 || (usize)(end - q) < n + 1)
		return false;
	*v = q[1];
	*p = q + 1 + n;
	return true;
}

/* p follows the name: PackageOp, length, count, elements. */
static bool s5_package(const u8 *p, const u8 *end)
{
	if (end - p < 4 || *p != 0x12)
		return false;
	p += 1 + 1 + (p[1] >> 6) + 1;
	u8 a, b;
	if (p > end || !aml_byte(&p, end, &a))
		return false;
	if (!aml_byte(&p, end, &b))
		b = a;
	acpi.s5a = a & 7;
	acpi.s5b = b & 7;
	return true;
}

static void s5_find(const u8 *t, u32 length)
{
	for (u32 i = HEADER_SIZE + 1; i + 4 < length && !acpi.s5; i++) {
		bool named = t[i - 1] == 0x08 || (t[i - 1] == '\\' && t[i - 2] == 0x08);
		if (named && memcmp(t + i, "_S5_", 4) == 0)
			acpi.s5 = s5_package(t + i + 4, t + length);
	}
}

/*
 * An I/O port from the generic address at x, when the table is long enough, or from the old field.
 */
static u32 fadt_port(const u8 *t, u32 length, u32 x, u32 old)
{
	if (x + 12 <= length && t[x] == GAS_IO) {
		u64 a = get64le(t + x + 4);
		if (a != 0 && a < 0x10000)
			return (u32)a;
	}
	u32 port = get32le(t + old);
	return port < 0x10000 ? port : 0;
}

static void fadt_reset(const u8 *t, u32 length, u32 flags)
{
	if ((flags & FADT_RESET_SUPPORTED) == 0 || length <= FADT_RESET_VALUE)
		return;
	acpi.reset_space = t[FADT_RESET];
	acpi.reset_address = get64le(t + FADT_RESET + 4);
	acpi.reset_value = t[FADT_RESET_VALUE];
	bool io = acpi.reset_space == GAS_IO && acpi.reset_address < 0x10000;
	acpi.reset = acpi.reset_address != 0 && (io || acpi.reset_space == GAS_MEMORY);
}

static void fadt_read(const u8 *t, u32 length)
{
	if (acpi.fadt || length < FADT_SIZE_MIN)
		return;
	acpi.fadt = true;
	u32 flags = get32le(t + FADT_FLAGS);
	acpi.smi_command = get32le(t + FADT_SMI_CMD);
	acpi.acpi_enable = t[FADT_ACPI_ENABLE];
	acpi.pm1a = fadt_port(t, length, FADT_X_PM1A, FADT_PM1A);
	acpi.pm1b = fadt_port(t, length, FADT_X_PM1B, FADT_PM1B);
	acpi.century = t[FADT_CENTURY] < 128 ? t[FADT_CENTURY] : 0;
	acpi.pm_timer32 = (flags & FADT_TIMER32) != 0;
	if (t[FADT_PM_TIMER_LEN] == 4)
		acpi.pm_timer = fadt_port(t, length, FADT_X_PM_TIMER, FADT_PM_TIMER);
	fadt_reset(t, length, flags);
	u64 dsdt = get32le(t + FADT_DSDT);
	if (length >= FADT_X_DSDT + 8 && get64le(t + FADT_X_DSDT) != 0)
		dsdt = get64le(t + FADT_X_DSDT);
	u32 n;
	const u8 *d = dsdt != 0 ? table_at(dsdt, &n) : nil;
	if (d != nil) {
		table_keep(d, n);
		s5_find(d, n);
	}
}

/* ---- HPET ---- */

enum { HPET_TABLE_SIZE = 56, HPET_SPACE = 40, HPET_ADDRESS = 44 };

static void hpet_read(const u8 *t, u32 length)
{
	if (acpi.hpet == 0 && length >= HPET_TABLE_SIZE && t[HPET_SPACE] == GAS_MEMORY)
		acpi.hpet = get64le(t + HPET_ADDRESS);
}

/* ---- all of it ---- */

static void table_read(u64 pa)
{
	u32 length;
	const u8 *t = table_at(pa, &length);
	if (t == nil)
		return;
	table_keep(t, length);
	if (memcmp(t, "APIC", 4) == 0)
		madt_read(t, length);
	else if (memcmp(t, "FACP", 4) == 0)
		fadt_read(t, length);
	else if (memcmp(t, "HPET", 4) == 0)
		hpet_read(t, length);
	else if (memcmp(t, "SSDT", 4) == 0)
		s5_find(t, length);
}

/* The list of tables: 8-byte addresses in an XSDT, 4-byte ones in an RSDT. */
static bool list_read(u64 pa, const char *signature, u32 entry)
{
	u32 length;
	const u8 *t = pa != 0 ? table_at(pa, &length) : nil;
	if (t == nil || memcmp(t, signature, 4) != 0)
		return false;
	table_keep(t, length);
	u32 n = MIN((length - HEADER_SIZE) / entry, (u32)TABLES_MAX);
	for (u32 i = 0; i < n; i++) {
		const u8 *e = t + HEADER_SIZE + i * entry;
		table_read(entry == 8 ? get64le(e) : get32le(e));
	}
	return true;
}

u8 acpi_rsdp[RSDP2_SIZE];

void acpi_init(void)
{
	for (u32 i = 0; i < ISA_IRQS; i++)
		acpi.isa[i].gsi = i;
	const u8 *r = rsdp_find();
	if (r == nil) {
		print("acpi: no tables were found\n");
		return;
	}
	memmove(acpi_rsdp, r, sizeof acpi_rsdp);
	bool second = r[15] >= 2 && checksum_ok(r, RSDP2_SIZE);
	if (second && list_read(get64le(r + 24), "XSDT", 8))
		return;
	if (!list_read(get32le(r + 16), "RSDT", 4))
		print("acpi: neither the XSDT nor the RSDT is usable\n");
}

/* ---- power ---- */

/* The control registers work only in ACPI mode, which the firmware may have left off. */
static void enable_acpi_mode(void)
{
	if ((arch_in16((u16)acpi.pm1a) & PM1_SCI_ENABLE) != 0 || acpi.smi_command == 0 ||
		acpi.acpi_enable == 0)
		return;
	arch_out8((u16)acpi.smi_command, acpi.acpi_enable);
	for (u32 turns = 0; turns < 1000000 && (arch_in16((u16)acpi.pm1a) & PM1_SCI_ENABLE) == 0;
		turns++)
		arch_relax();
}

static void sleep_type_write(u32 port, u8 type)
{
	u32 v = arch_in16((u16)port) & ~(7U << PM1_SLEEP_TYPE_SHIFT);
	arch_out16((u16)port, (u16)(v | (u32)type << PM1_SLEEP_TYPE_SHIFT | PM1_SLEEP_ENABLE));
}

bool acpi_poweroff(void)
{
	if (!acpi.s5 || acpi.pm1a == 0)
		return false;
	enable_acpi_mode();
	sleep_type_write(acpi.pm1a, acpi.s5a);
	if (acpi.pm1b != 0)
		sleep_type_write(acpi.pm1b, acpi.s5b);
	for (u32 turns = 0; turns < 10000000; turns++)
		arch_relax();
	return false;
}

void acpi_reset(void)
{
	if (!acpi.reset)
		return;
	if (acpi.reset_space == GAS_IO) {
		arch_out8((u16)acpi.reset_address, acpi.reset_value);
		return;
	}
	volatile u8 *p = arch_mmio(paddr_of(acpi.reset_address), 1);
	if (p != nil)
		*p = acpi.reset_value;
}
