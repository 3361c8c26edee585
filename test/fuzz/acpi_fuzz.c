/*
 * ACPI tables: whatever the firmware left, nothing outside the tables is read and what was found
 * is sound. The input is the machine's memory from 0xe0000 on, where a BIOS puts the first table;
 * checksums are made right, or nothing would ever be read.
 */
#include "arch/arch.h"

/* To read tables is to touch no port. */
static u16 arch_in16(u16 port) { __builtin_trap(); }
static void arch_out8(u16 port, u8 v) { __builtin_trap(); }
static void arch_out16(u16 port, u16 v) { __builtin_trap(); }

#include "arch/amd64/acpi.c"

int LLVMFuzzerTestOneInput(const u8 *data, usize size);

enum { BASE = 0xe0000, MEMORY_SIZE = 0x20000 };

Features features = { .physbits = 40 };
static u8 memory[MEMORY_SIZE];

/* All else is as if it were not there; boot.hhdm is where address 0 would be. */
bool kernel_mapped(const void *p, usize n)
{
	u64 at = (u64)(uintptr)p - (u64)(uintptr)memory;
	return at <= MEMORY_SIZE && n <= MEMORY_SIZE - at;
}

void *arch_mmio(Paddr pa, u64 size)
{
	return nil;
}

/* The bytes from..from+n add up to 0, by the one at `at`. */
static void settle(usize from, usize n, usize at)
{
	u8 sum = 0;
	for (usize i = 0; i < n && from + i < MEMORY_SIZE; i++)
		sum = (u8)(sum + memory[from + i]);
	memory[at] = (u8)(memory[at] - sum);
}

/* A table begins with its name and its length; its tenth byte is the checksum. */
static void settle_tables(usize size)
{
	for (usize at = round_up(RSDP2_SIZE, 16); at + HEADER_SIZE <= size; at += 16) {
		u32 length = get32le(memory + at + 4);
		if (length >= HEADER_SIZE && length <= size - at)
			settle(at, length, at + 9);
	}
	settle(0, RSDP_SIZE, 8);
	settle(0, RSDP2_SIZE, 32);
}

static void check_sound(void)
{
	const u8 *table;
	u32 n;
	for (u32 i = 0; arch_acpi_table(i, &table, &n); i++)
		assert(kernel_mapped(table, n) && checksum_ok(table, n));
	assert(acpi.nioapics <= ACPI_IOAPICS_MAX);
	assert(acpi.pm1a < 0x10000 && acpi.pm1b < 0x10000 && acpi.pm_timer < 0x10000);
	assert(acpi.s5a < 8 && acpi.s5b < 8);
}

int LLVMFuzzerTestOneInput(const u8 *data, usize size)
{
	size = MIN(size, (usize)MEMORY_SIZE);
	memset(memory, 0, sizeof memory);
	memmove(memory, data, size);
	memmove(memory, "RSD PTR ", 8);
	settle_tables(size);
	log_console = nil;
	acpi = (AcpiInfo){ 0 };
	nkept = 0;
	boot.rsdp = 0;
	boot.hhdm = (u64)(uintptr)memory - BASE;
	acpi_init();
	check_sound();
	return 0;
}
