/*
 * What the files of the loader share.
 *
 * The loader runs in 32-bit protected mode without paging, so that an address
 * is a physical address below 4 GiB. Its story, in the order of main.c:
 * copy what Multiboot says (mb1.c, mb2.c), make a clean memory map of it and
 * allocate from that (memmap.c), check and place the kernel (elf.c), build
 * page tables (paging.c), answer the kernel's requests (limine.c), and leave
 * for 64-bit mode (enter.S).
 */
#pragma once

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

typedef uint8_t u8;
typedef uint16_t u16;
typedef uint32_t u32;
typedef uint64_t u64;

#define nelem(a) (sizeof(a) / sizeof((a)[0]))

enum {
	PAGE = 4096,
	BIGPAGE = 2 << 20,
	NMODULE_MAX = 256,
	STRINGS_MAX = 64 << 10,
	FB_MAX = 1 << 30,	/* a framebuffer that claims more is not believed */
};

#define HHDM 0xffff800000000000ull
#define GIB4 0x100000000ull
#define PHYS_MAX 0x10000000000000ull

/* Kinds of memory, numbered as the Limine memory map numbers them. */
enum {
	MEM_USABLE = 0,
	MEM_RESERVED = 1,
	MEM_ACPI = 2,
	MEM_NVS = 3,
	MEM_BAD = 4,
	MEM_LOADER = 5,
	MEM_KERNEL = 6,
	MEM_FRAMEBUFFER = 7,
};

/* One stretch of memory, [base, end). */
typedef struct Range {
	u64 base;
	u64 end;
	u32 type;
} Range;

/* A file in memory; path and args are copies in the loader's own memory. */
typedef struct Module {
	u32 base;
	u32 size;
	const char *path;
	const char *args;
} Module;

/* A linear framebuffer; pitch_bytes is 0 when there is none. */
typedef struct Framebuffer {
	u64 base;
	u32 pitch_bytes;
	u32 width;
	u32 height;
	u8 bpp;
	u8 red_size, red_shift;
	u8 green_size, green_shift;
	u8 blue_size, blue_shift;
} Framebuffer;

/* Everything that Multiboot told, copied out of its structures. */
typedef struct Boot {
	u32 nmodules;
	Module modules[NMODULE_MAX];
	Framebuffer fb;
	u32 rsdp_size;		/* 0 when no RSDP was found */
	u8 rsdp[64];
	const char *args;	/* text after the loader's own name */
} Boot;

/* The kernel after elf.c has placed it: image[0] is the byte at vbase. */
typedef struct Kernel {
	u8 *image;
	u32 size;		/* multiple of PAGE */
	u64 vbase;
	u64 entry;
	u8 *flags;		/* KPAGE_ bits of each page */
} Kernel;

enum {
	KPAGE_MAPPED = 1,
	KPAGE_WRITE = 2,
	KPAGE_EXEC = 4,
};

/* What enter.S needs; it knows the offsets. */
typedef struct Handover {
	u32 start_cr3;		/* tables with an identity map, for the switch */
	u32 final_cr3;
	u64 entry;
	u64 stack;
} Handover;

extern Boot boot;
extern Kernel kernel;

/* serial.c: COM1, polled. Formats: %s, %u (u32), %x (u64). */
void serial_init(void);
void serial_mark_com2(void);
void say(const char *fmt, ...);
_Noreturn void stop(const char *fmt, ...);

/* mb1.c, mb2.c: fill `boot` and the raw memory map. */
void mb1_read(u32 info);
void mb2_read(u32 info);

/* main.c: helpers of both. Copies live as long as the kernel needs them. */
char *string_copy(const char *s, u32 max);
void module_add(u32 base, u32 end, char *string);

/* memmap.c */
void mem_add(u64 base, u64 size, u32 type);
void mem_settle(void);
void mem_set(u64 base, u64 end, u32 type);
int mem_is_usable(u64 base, u64 end);
int mem_fits(u64 size, u32 align);
void *mem_alloc(u64 size, u32 align, u32 type, const char *what);
u32 mem_count(void);
const Range *mem_range(u32 i);

/* elf.c: checks modules[0] and fills `kernel`; stops when it is unfit. */
void elf_load(const Module *file);

/* paging.c: the final tables; fills both cr3 of the handover. */
void paging_build(Handover *h);

/* limine.c: checks the requests, answers them, fills stack and entry. */
void limine_check(void);
void limine_answer(Handover *h);

/* acpi.c */
void acpi_find_rsdp(void);
void acpi_mask_ioapics(void);

/* enter.S */
_Noreturn void enter_kernel(const Handover *h);
extern char enter_page[];

/* From loader.ld. */
extern char loader_start[], loader_end[];

void *memset(void *to, int c, size_t n);
void *memcpy(void *to, const void *from, size_t n);

static inline u64
round_up(u64 n, u32 align)
{
	return (n + align - 1) & ~(u64)(align - 1);
}

static inline u64
round_down(u64 n, u32 align)
{
	return n & ~(u64)(align - 1);
}

static inline void *
at(u32 phys)
{
	return (void *)(uintptr_t)phys;
}

static inline u32
phys(const void *p)
{
	return (u32)(uintptr_t)p;
}

static inline void
outb(u16 port, u8 v)
{
	__asm__ volatile("outb %0, %1" : : "a"(v), "Nd"(port));
}

static inline u8
inb(u16 port)
{
	u8 v;

	__asm__ volatile("inb %1, %0" : "=a"(v) : "Nd"(port));
	return v;
}
