/*
 * What the machine is made of, for #P: I/O ports in use, model-specific
 * registers, cache types, memory below 1 MiB, ACPI tables.
 */
#include "arch/amd64/amd64.h"
#include "base/error.h"
#include "mem/mem.h"
#include "sync/sync.h"

enum {
	IO_RANGES_MAX = 64, PORTS = 0x10000, REALMODE_SIZE = 1 << 20,
	VIDEO_START = 0xa0000, VIDEO_END = 0xc0000,
	CR4_PGE = 1 << 7,
};

static LOCK_CLASS(inventory_class, "arch.inventory");
static Lock inventory_lk = LOCK_INIT(&inventory_class);
static IoRange ranges[IO_RANGES_MAX] GUARDED_BY(inventory_lk);	/* ascending */
static u32 nranges GUARDED_BY(inventory_lk);
static u8 *hole GUARDED_BY(inventory_lk);	/* of the video memory and the ROMs */

/* ---- I/O ports ---- */

Err arch_io_claim(u32 start, u32 n, const char *tag)
{
	Err err = nil;
	u32 at = 0;
	assert(n > 0 && start + n <= PORTS);
	ilock(&inventory_lk);
	while (at < nranges && ranges[at].last < start)
		at++;
	if (at < nranges && ranges[at].start < start + n)
		err = Einuse;
	else if (nranges == IO_RANGES_MAX)
		err = Enodev;
	if (err == nil) {
		memmove(&ranges[at + 1], &ranges[at], (nranges - at) * sizeof ranges[0]);
		ranges[at] = (IoRange){ start, start + n - 1, tag };
		nranges++;
	}
	iunlock(&inventory_lk);
	return err;
}

bool arch_io_range(u32 i, IoRange *r)
{
	ilock(&inventory_lk);
	bool there = i < nranges;
	if (there)
		*r = ranges[i];
	iunlock(&inventory_lk);
	return there;
}

static void claim(u32 start, u32 n, const char *tag)
{
	if (start != 0 && arch_io_claim(start, n, tag) != nil)
		print("ports %#x of %s: in use by another driver\n", start, tag);
}

/* `a-b,...` of the command line: ports that nothing may use. */
static void exclude_ports(void)
{
	char text[256];
	const char *at = text, *end;
	if (!boot_option("ioexclude", text, sizeof text))
		return;
	for (;; at = end + 1) {
		u64 first = strtou64(at, &end, 0), last = first;
		if (end != at && *end == '-')
			last = strtou64(end + 1, &end, 0);
		if (end == at || first > last || last >= PORTS || (*end != '\0' && *end != ',')) {
			print("ioexclude: no ports first-last,...: %s\n", at);
			return;
		}
		claim((u32)first, (u32)(last - first) + 1, "ioexclude");
		if (*end == '\0')
			return;
	}
}

/* What this architecture uses by itself; other drivers claim their own. */
void inventory_init(void)
{
	claim(0x20, 2, "i8259.0");
	claim(0x40, 4, "i8253");
	claim(0x61, 1, "i8253.gate");
	claim(0x70, 2, "rtc/nvr");
	claim(0xa0, 2, "i8259.1");
	claim(acpi.pm1a, 2, "acpi.pm1a");
	claim(acpi.pm1b, 2, "acpi.pm1b");
	claim(acpi.pm_timer, 4, "acpi.timer");
	exclude_ports();
}

/* ---- model-specific registers ---- */

Err arch_msr_read(u32 msr, u64 *v)
{
	return msr_read_checked(msr, v);
}

Err arch_msr_write(u32 msr, u64 v)
{
	return msr_write_checked(msr, v);
}

/* ---- the processor and its caches ---- */

const char *arch_id(void)
{
	return acpi.madt ? "ACPI" : "generic";
}

bool arch_global_pages(void)
{
	return (read_cr4() & CR4_PGE) != 0;
}

static void set_global_pages(void *on)
{
	u64 cr4 = read_cr4();
	write_cr4(on != nil ? cr4 | CR4_PGE : cr4 & ~(u64)CR4_PGE);
}

Err arch_set_global_pages(bool on)
{
	if (!features.pge)
		return Enodev;
	ipi_all(set_global_pages, on ? &features : nil);
	return nil;
}

/* ---- memory that the firmware knows ---- */

/* Video memory and ROMs are no RAM: a window of their own, made when first asked for. */
static u8 *hole_map(void)
{
	u8 *made = nil;
	if (__atomic_load_n(&hole, __ATOMIC_ACQUIRE) == nil)
		made = arch_mmio(paddr_of(VIDEO_START), REALMODE_SIZE - VIDEO_START);
	ilock(&inventory_lk);
	if (hole == nil)
		__atomic_store_n(&hole, made, __ATOMIC_RELEASE);
	iunlock(&inventory_lk);
	return PEEK(hole);
}

Err arch_realmode_read(u32 at, void *to, usize n)
{
	u8 *bytes = to;
	if (at >= REALMODE_SIZE || n > REALMODE_SIZE - at)
		return Ebadarg;
	const u8 *window = hole_map();
	for (usize i = 0; i < n; i++, at++) {
		const u8 *ram = (const u8 *)(boot.hhdm + at);
		if (kernel_mapped(ram, 1))
			bytes[i] = *ram;
		else
			bytes[i] = at >= VIDEO_START && window != nil ?
				((const volatile u8 *)window)[at - VIDEO_START] : 0xff;
	}
	return nil;
}

Err arch_realmode_write(u32 at, const void *from, usize n)
{
	const u8 *bytes = from;
	if (at < VIDEO_START || at >= VIDEO_END || n > VIDEO_END - at)
		return Ebadarg;
	volatile u8 *window = hole_map();
	if (window == nil)
		return Enomem;
	for (usize i = 0; i < n; i++)
		window[at - VIDEO_START + i] = bytes[i];
	return nil;
}

/* What the firmware says it keeps for ACPI. */
Err arch_acpi_memory(u64 pa, void *to, usize n)
{
	for (u32 i = 0; i < boot.nbanks; i++) {
		const BootBank *b = &boot.banks[i];
		bool firmware = b->type == BANK_ACPI || b->type == BANK_NVS;
		if (!firmware || pa < b->base.a || pa - b->base.a >= b->size ||
			n > b->size - (pa - b->base.a))
			continue;
		return arch_kernel_read(to, boot.hhdm + pa, n);
	}
	return Ebadarg;
}
