/*
 * A kernel that only examines the state its loader left, to test boot/ without
 * lux9 itself. It follows the page tables by hand, says each check that fails on
 * COM1, ends with `stub: N passed, N failed`, and leaves through the
 * debug-exit device. Its command line and modules are printed for the driver.
 * Some command lines make it play a part, so that tools/lux9 can be tested:
 * act-ok, act-sad, act-panic, act-hang, act-prompt.
 */
#include <stddef.h>
#include <stdint.h>

typedef uint8_t u8;
typedef uint16_t u16;
typedef uint32_t u32;
typedef uint64_t u64;

#define COMMON 0xc7b1dd30df4c8b88ull, 0x0a82e883a194f07bull
#define REQUEST __attribute__((used, section(".limine_requests"), aligned(8)))

enum { PAGE = 4096, NSLOT = 512 };

#define P 1ull
#define W 2ull
#define BIG 0x80ull
#define NX 0x8000000000000000ull
#define ADDR 0x000ffffffffff000ull

typedef struct Request {
	u64 id[4];
	u64 revision;
	u64 *response;
	u64 field[3];
} Request;

typedef struct Entry {
	u64 base, length, type;
} Entry;

typedef struct File {
	u64 revision;
	const char *address;
	u64 size;
	const char *path, *cmdline;
} File;

__attribute__((used, section(".limine_requests_start"), aligned(8)))
static volatile u64 start_marker[] = {
	0xf6b8f4b39de7d1ae, 0xfab91a6940fcb9cf, 0x785c6ed015d3e316, 0x181e920a7852b9d9,
};
__attribute__((used, section(".limine_requests_end"), aligned(8)))
static volatile u64 end_marker[] = { 0xadc0e0531bb10d03, 0x9572709f31764c62 };
REQUEST static volatile u64 revision_tag[] = { 0xf9562b2d5c95a6c8, 0x6a7b384944536bdc, 2 };

#define ASK(name, a, b, rev, f0) \
	REQUEST static volatile Request name = { { COMMON, a, b }, rev, NULL, { f0, 0, 0 } }

ASK(r_info, 0xf55038d8e2a1202f, 0x279426fcf5f59740, 0, 0);
ASK(r_stack, 0x224ef0460a8e8926, 0xe1cb0fc25f46ea3d, 0, 128 << 10);
ASK(r_hhdm, 0x48dcf1cb8ad2b852, 0x63984e959a98244b, 0, 0);
ASK(r_fb, 0x9d5827dcd881dd75, 0xa3148604f6fab11b, 0, 0);
ASK(r_paging, 0x95c1a0edab0944cb, 0xa4e5cb3842f7488a, 0, 0);
ASK(r_mp, 0x95a67b819a1b857e, 0xa0b61b723b6a73e0, 0, 0);
ASK(r_map, 0x67cf3d9d378a806f, 0xe304acdfc50c3c62, 0, 0);
ASK(r_file, 0xad97e90e83f1ed67, 0x31eb5d1c5ff23b69, 0, 0);
ASK(r_modules, 0x3e7e279702be32af, 0xca1c4f3bd1280cee, 0, 0);
ASK(r_rsdp, 0xc5e77b6b397e7b43, 0x27637845accdcf3c, 0, 0);
ASK(r_addr, 0x71ba76863cc55f63, 0xb2644a48c516a487, 0, 0);
ASK(r_unknown, 0x1234, 0x5678, 0, 0);

extern char __text_start[], __text_end[], __rodata_start[], __rodata_end[];
extern char __data_start[], __bss_end[];

u64 entry_rsp = 1, entry_flags = 1, entry_regs[15] = { 1 };
struct { u16 limit; u64 base; } __attribute__((packed)) entry_gdtr = { 1, 1 };
static u8 zeroes[3 * PAGE];

static u64 hhdm;
static u32 npassed, nfailed;

void stub_main(void);

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

static void
put(const char *s)
{
	for (; *s != '\0'; s++) {
		if (*s == '\n')
			put("\r");
		while ((inb(0x3f8 + 5) & 0x20) == 0)
			continue;
		outb(0x3f8, (u8)*s);
	}
}

/* The command's output, which lux9 writes to COM2. */
static void
put_output(const char *s)
{
	for (; *s != '\0'; s++) {
		while ((inb(0x2f8 + 5) & 0x20) == 0)
			continue;
		outb(0x2f8, (u8)*s);
	}
}

static void
put_hex(u64 n)
{
	char digit[2] = "";
	int shift;

	put("0x");
	for (shift = 60; shift > 0 && n >> shift == 0; shift -= 4)
		continue;
	for (; shift >= 0; shift -= 4) {
		digit[0] = "0123456789abcdef"[n >> shift & 15];
		put(digit);
	}
}

static void
put_decimal(u64 n)
{
	char digit[2] = "";

	if (n >= 10)
		put_decimal(n / 10);
	digit[0] = (char)('0' + n % 10);
	put(digit);
}

static void
check(int ok, const char *what, u64 value)
{
	if (ok) {
		npassed++;
		return;
	}
	nfailed++;
	put("stub: failed: ");
	put(what);
	put(" ");
	put_hex(value);
	put("\n");
}

static void
finish(void)
{
	put("stub: ");
	put_decimal(npassed);
	put(" passed, ");
	put_decimal(nfailed);
	put(" failed\n");
	outb(0xf4, nfailed == 0 ? 0 : 1);
	for (;;)
		__asm__ volatile("cli; hlt");
}

static u64
rdmsr(u32 n)
{
	u32 lo, hi;

	__asm__ volatile("rdmsr" : "=a"(lo), "=d"(hi) : "c"(n));
	return (u64)hi << 32 | lo;
}

static u64
cr3(void)
{
	u64 v;

	__asm__ volatile("movq %%cr3, %0" : "=r"(v));
	return v;
}

/* The leaf entry of va with its own address bits, 0 when it is not mapped. */
static u64
leaf(u64 va, u64 *pa)
{
	u64 table = cr3(), e, size, slot;
	int level;

	for (level = 3; ; level--) {
		slot = va >> (12 + 9 * level) & (NSLOT - 1);
		e = *(const volatile u64 *)(hhdm + (table & ADDR) + slot * 8);
		if ((e & P) == 0)
			return 0;
		if (level == 0 || (e & BIG))
			break;
		table = e;
	}
	size = 1ull << (12 + 9 * level);
	*pa = (e & ADDR & ~(size - 1)) + (va & (size - 1));
	if (level > 0)
		e = (e & ~BIG) | (e & 0x1000 ? BIG : 0);	/* PAT as in small pages */
	return e;
}

static void
check_rights(const char *from, const char *to, u64 rights, const char *what)
{
	u64 va, e, pa;

	for (va = (u64)from; va < (u64)to; va += PAGE) {
		e = leaf(va, &pa);
		if ((e & (P | W | NX)) != rights
			|| pa - r_addr.response[1] != va - r_addr.response[2]) {
			check(0, what, va);
			return;
		}
	}
	check(from < to, what, (u64)from);
}

/* Type of the memory at a physical address, or 99. */
static u64
type_of(u64 addr)
{
	Entry **e = (Entry **)r_map.response[2];
	u64 i;

	for (i = 0; i < r_map.response[1]; i++) {
		if (addr >= e[i]->base && addr - e[i]->base < e[i]->length)
			return e[i]->type;
	}
	return 99;
}

static void
check_type(const volatile void *p, u64 type, const char *what)
{
	check((u64)p >= hhdm && type_of((u64)p - hhdm) == type, what, (u64)p);
}

static void
check_registers(void)
{
	u64 cr0, cr4;
	u16 sel[6];
	u32 i;

	for (i = 0; i < 15; i++)
		check(entry_regs[i] == 0, "register is not 0:", i);
	check((entry_flags & 0x600) == 0, "interrupt or direction flag is set:", entry_flags);
	check(*(u64 *)entry_rsp == 0, "return address is not 0:", entry_rsp);
	check(entry_rsp % 16 == 8, "stack is not aligned as after a call:", entry_rsp);
	__asm__ volatile("movq %%cr0, %0; movq %%cr4, %1" : "=r"(cr0), "=r"(cr4));
	check((cr0 & 0x80010001) == 0x80010001, "CR0", cr0);
	check((cr4 & 0x1020) == 0x20, "CR4", cr4);
	check((rdmsr(0xc0000080) & 0xd00) == 0xd00, "EFER", rdmsr(0xc0000080));
	check((rdmsr(0x277) & 0xffffffffffff) == 0x010500070406, "PAT", rdmsr(0x277));
	__asm__("movw %%cs, %0; movw %%ds, %1; movw %%es, %2"
		: "=m"(sel[0]), "=m"(sel[1]), "=m"(sel[2]));
	__asm__("movw %%fs, %0; movw %%gs, %1; movw %%ss, %2"
		: "=m"(sel[3]), "=m"(sel[4]), "=m"(sel[5]));
	check(sel[0] == 0x28, "CS", sel[0]);
	for (i = 1; i < 6; i++)
		check(sel[i] == 0x30, "data segment", sel[i]);
	check(inb(0x21) == 0xff && inb(0xa1) == 0xff, "PIC is not masked", inb(0x21));
}

static void
check_gdt(void)
{
	const u64 *gdt = (const u64 *)entry_gdtr.base;

	check(entry_gdtr.limit >= 55, "GDT limit", entry_gdtr.limit);
	check_type(gdt, 5, "GDT is not in reclaimable memory");
	check(gdt[0] == 0, "null descriptor", gdt[0]);
	check((gdt[5] >> 40 & 0xfe) == 0x9a && (gdt[5] >> 53 & 1) == 1, "code64 descriptor",
		gdt[5]);
	check((gdt[6] >> 40 & 0xfe) == 0x92, "data64 descriptor", gdt[6]);
	check((gdt[3] >> 40 & 0xfe) == 0x9a && (gdt[3] >> 54 & 1) == 1, "code32 descriptor",
		gdt[3]);
}

static void
check_map_order(void)
{
	Entry **e = (Entry **)r_map.response[2];
	u64 i, n = r_map.response[1], last = 0;

	check(n > 0, "memory map is empty", 0);
	for (i = 0; i < n; i++) {
		check(i == 0 || e[i]->base >= e[i - 1]->base, "memory map is not sorted:",
			e[i]->base);
		check(e[i]->length > 0, "memory map has an empty entry:", e[i]->base);
		if (e[i]->type == 0 || e[i]->type == 5) {
			check(e[i]->base % PAGE == 0 && e[i]->length % PAGE == 0, "unaligned:",
				e[i]->base);
			check(e[i]->base >= PAGE, "first page is usable", e[i]->base);
			check(e[i]->base >= last, "ranges overlap:", e[i]->base);
		}
		last = e[i]->base + e[i]->length;
	}
}

/* Usable memory must be mapped write-back, not executable, to its last page, and be real. */
static void
check_map_hhdm(void)
{
	Entry **e = (Entry **)r_map.response[2];
	u64 i, j, va, pa, pte, usable = 0;

	for (i = 0; i < r_map.response[1]; i++) {
		if (e[i]->type != 0 && e[i]->type != 5 && e[i]->type != 6 && e[i]->type != 2)
			continue;
		for (j = 0; j < e[i]->length; j += PAGE) {
			pa = ~0ull;
			pte = leaf(hhdm + e[i]->base + j, &pa);
			if (pa != e[i]->base + j || (pte & (P | W | 0x18 | BIG)) != (P | W)) {
				if (e[i]->type == 5 && pa == e[i]->base + j
					&& (pte & (P | W | NX)) == P)
					continue;	/* the loader's own last page of code */
				check(0, "bad HHDM entry for", e[i]->base + j);
				break;
			}
		}
		if (e[i]->type != 0)
			continue;
		usable += e[i]->length;
		va = hhdm + e[i]->base + e[i]->length - 8;
		*(volatile u64 *)va = 0x5a5a1234;
		check(*(volatile u64 *)va == 0x5a5a1234, "memory does not keep a value:", va);
		*(volatile u64 *)va = 0;
	}
	for (va = 0; va < 0x100000000; va += 0x200000 - PAGE) {
		pa = ~0ull;
		if ((leaf(hhdm + va, &pa) & P) == 0 || pa != va) {
			check(0, "hole in the first 4 GiB at", va);
			break;
		}
	}
	put("stub: usable ");
	put_decimal(usable >> 20);
	put(" MiB\n");
}

static void
check_paging(void)
{
	u64 i, pa;

	for (i = 0; i < 256; i++)
		check((*(u64 *)(hhdm + (cr3() & ADDR) + i * 8) & P) == 0,
			"lower half is mapped at slot", i);
	check(type_of(cr3() & ADDR) == 5, "page tables are not reclaimable", cr3());
	check_rights(__text_start, __text_end, P, "text is not R-X at");
	check_rights(__rodata_start, __rodata_end, P | NX, "rodata is not R-- at");
	check_rights(__data_start, __bss_end, P | W | NX, "data is not RW- at");
	check(leaf((u64)__bss_end, &pa) == 0, "memory behind the kernel is mapped", pa);
	check(r_addr.response[2] == (u64)__text_start, "virtual base", r_addr.response[2]);
	check(type_of(r_addr.response[1]) == 6, "the kernel's memory has type",
		type_of(r_addr.response[1]));
	check_type((void *)(entry_rsp - 8), 5, "stack is not reclaimable:");
	check_type((void *)(entry_rsp - (128 << 10) + 8), 5, "stack is smaller than asked for:");
	for (i = 0; i < sizeof(zeroes); i++) {
		if (zeroes[i] != 0) {
			check(0, "bss is not zero at", (u64)&zeroes[i]);
			break;
		}
	}
}

static void
check_file(const File *f, u64 type, const char *what)
{
	check_type(f, 5, "file structure");
	check((u64)f->address % PAGE == 0, "file is not aligned:", (u64)f->address);
	check_type(f->address, type, "memory of file:");
	check_type(f->address + f->size - 1, type, "memory of file's end:");
	check_type(f->path, 5, "path");
	check_type(f->cmdline, 5, "command line");
	put("stub: ");
	put(what);
	put(" <");
	put(f->path);
	put("> <");
	put(f->cmdline);
	put("> size ");
	put_decimal(f->size);
	put("\n");
}

static void
check_files(void)
{
	File **list = (File **)r_modules.response[2];
	u64 i, j, sum;

	check_file((const File *)r_file.response[1], 5, "kernel");
	for (i = 0; i < r_modules.response[1]; i++) {
		check_file(list[i], 6, "module");
		for (sum = 0, j = 0; j < list[i]->size; j++)
			sum = (sum * 31 + (u8)list[i]->address[j]) & 0xffffffff;
		put("stub: sum ");
		put_decimal(sum);
		put("\n");
	}
}

static void
check_framebuffer(void)
{
	const u64 *fb;
	u64 e, off, pa;

	if (r_fb.response == NULL)
		return;
	check_type(r_fb.response, 5, "framebuffer response");
	fb = *(const u64 **)r_fb.response[2];
	for (off = 0; off < fb[2] * fb[3]; off += PAGE) {
		e = leaf(fb[0] + off, &pa);
		if (e == 0 || (e & (0x18 | BIG)) != (8 | BIG) || pa != fb[0] + off - hhdm) {
			check(0, "framebuffer is not write-combining at", fb[0] + off);
			break;
		}
	}
	check(type_of(fb[0] - hhdm) == 7, "framebuffer has memory type", type_of(fb[0] - hhdm));
	put("stub: framebuffer ");
	put_decimal(fb[1]);
	put("x");
	put_decimal(fb[2]);
	put("x");
	put_decimal(fb[4] & 0xffff);
	put("\n");
}

static void
check_rsdp(void)
{
	const char *rsdp = (const char *)r_rsdp.response[1];
	const char *want = "RSD PTR ";
	u32 i;

	for (i = 0; i < 8; i++)
		check(rsdp[i] == want[i], "RSDP signature", (u64)rsdp);
}

static int
has_prefix(const char *s, const char *prefix)
{
	for (; *prefix != '\0'; s++, prefix++) {
		if (*s != *prefix)
			return 0;
	}
	return 1;
}

/* Echoes lines after a prompt until one begins with halt. */
static void
play_prompt(void)
{
	char line[80];
	u32 n;

	for (;;) {
		put("% ");
		for (n = 0; n < sizeof(line) - 1;) {
			while ((inb(0x3f8 + 5) & 1) == 0)
				continue;
			line[n++] = (char)inb(0x3f8);
			if (line[n - 1] == '\n')
				break;
		}
		line[n] = '\0';
		put("got ");
		put(line);
		if (has_prefix(line, "halt"))
			return;
	}
}

static void
play(const char *part)
{
	if (has_prefix(part, "act-ok")) {
		put_output("one\r\n\377two");
		put("lux9: exit \n");
	} else if (has_prefix(part, "act-sad")) {
		put_output("partly");
		put("lux9: exit it went wrong\n");
	} else if (has_prefix(part, "act-panic")) {
		put("panic: the stub was told to\n");
		for (;;)
			__asm__ volatile("cli; hlt");
	} else if (has_prefix(part, "act-hang")) {
		for (;;)
			__asm__ volatile("cli; hlt");
	} else if (has_prefix(part, "act-prompt")) {
		play_prompt();
	}
}

void
stub_main(void)
{
	check(revision_tag[2] == 0, "base revision was left at", revision_tag[2]);
	check(r_hhdm.response != NULL && r_map.response != NULL && r_addr.response != NULL
		&& r_info.response != NULL && r_file.response != NULL && r_modules.response != NULL
		&& r_stack.response != NULL && r_paging.response != NULL && r_rsdp.response != NULL,
		"a response is missing", 0);
	check(r_mp.response == NULL && r_unknown.response == NULL,
		"an unknown request was answered", 0);
	if (nfailed > 0)
		finish();
	hhdm = r_hhdm.response[1];
	check(r_paging.response[1] == 0, "paging mode", r_paging.response[1]);
	check_registers();
	check_gdt();
	check_map_order();
	check_map_hhdm();
	check_paging();
	check_files();
	check_framebuffer();
	check_rsdp();
	play(((const File *)r_file.response[1])->cmdline);
	finish();
}
