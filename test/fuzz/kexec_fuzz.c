/*
 * The file of a kernel that is to take this one's place: what is accepted was placed, mapped and
 * answered within the memory that was allocated for it. Frames lie in an array here, each block
 * with one behind that may not be touched.
 */
#include <sanitizer/asan_interface.h>
#include "arch/amd64/kexec.c"

int LLVMFuzzerTestOneInput(const u8 *data, usize size);

enum { MEMORY_SIZE = 16 << 20, NPAGES = MEMORY_SIZE / PAGE_SIZE };

const u8 leave_code[16], leave_code_end[1];
u8 acpi_rsdp[36] = "RSD PTR ";
static u8 memory[MEMORY_SIZE] __attribute__((aligned(PAGE_SIZE)));
static Page pages[NPAGES];
static u64 used;

void *kaddr_ram(Paddr pa) { return memory + pa.a; }
void *kaddr(Paddr pa) { return memory + pa.a; }
Paddr paddr(const void *p) { return paddr_of((u64)(uintptr)p - (u64)(uintptr)memory); }
s64 arch_wallclock(void) { return 0; }
void ipi_reset_others(void) { __builtin_trap(); }
void intr_quiet(void) { __builtin_trap(); }
void *kalloc(usize size) { __builtin_trap(); }
void kfree(void *p) { __builtin_trap(); }
void page_free(Page *p, u32 order) { __builtin_trap(); }
Section *sections;
u32 nsections;

Page *page_alloc(u32 order, enum KernelTag tag)
{
	u64 size = (u64)PAGE_SIZE << order, at = used;
	if (at + size + PAGE_SIZE > MEMORY_SIZE)
		return nil;
	used = at + size + PAGE_SIZE;
	ASAN_UNPOISON_MEMORY_REGION(memory + at, size);
	memset(memory + at, 0, size);
	pages[at / PAGE_SIZE].number = (u32)(at / PAGE_SIZE);
	return &pages[at / PAGE_SIZE];
}

static void check_placed(const Next *n, const Leave *l)
{
	u64 size = n->vend - n->vbase;
	assert(n->vbase >= KERNEL_MIN && n->vend > n->vbase);
	assert(size <= (u64)PAGE_SIZE << n->image_order);
	assert(n->used <= (u64)PAGE_SIZE << n->arena_order);
	assert(l->entry >= n->vbase && l->entry < n->vend);
}

int LLVMFuzzerTestOneInput(const u8 *data, usize size)
{
	static u64 file[4096 / sizeof(u64)];	/* aligned, as page_alloc's is */
	Next n = { .file = (const u8 *)file, .size = size, .path = "k", .cmdline = "x" };
	Leave *leave = nil;
	void *code = nil;
	if (size > sizeof file)
		return 0;
	memmove(file, data, size);
	used = 0;
	boot.hhdm = 0xffff800000000000UL;
	boot.nbanks = 1;
	boot.banks[0] = (BootBank){ paddr_of(0), MEMORY_SIZE, BANK_USABLE };
	ASAN_POISON_MEMORY_REGION(memory, MEMORY_SIZE);
	if (prepare(&n, &leave, &code) == nil)
		check_placed(&n, leave);
	return 0;
}
