/*
 * Stands in for a boot loader with unusual or hostile habits: QEMU starts it
 * with boot.elf, a kernel and two archives as modules; it puts boot.elf where
 * it belongs and hands it Multiboot information bent as its command line says:
 * modules that share pages, a map in disorder, damaged tags and sizes.
 */
#include "../../boot/boot.h"

enum {
	MB1_MAGIC = 0x2badb002,
	MB2_MAGIC = 0x36d76289,
	PT_LOAD = 1,
	NMODULE = 3,
	INFO_SIZE = 4096,
};

typedef struct Mb1Info {
	u32 flags, lower, upper, device;
	u32 cmdline;
	u32 nmodules;
	u32 modules;
	u32 syms[4];
	u32 map_size;
	u32 map;
} Mb1Info;

typedef struct Mb1Module {
	u32 start, end, string, unused;
} Mb1Module;

typedef struct Mb1Map {
	u32 size;
	u32 base[2], length[2];
	u32 type;
} Mb1Map;

typedef struct ElfSegment {
	u32 type, offset, vaddr, paddr, filesz, memsz, flags, align;
} ElfSegment;

static u8 info[INFO_SIZE] __attribute__((aligned(8)));
static u32 used = 8;
static u8 moved[8 << 20] __attribute__((aligned(4096)));
static Mb1Module modules[NMODULE];
static const Mb1Info *given;

void shim_main(const Mb1Info *from);
_Noreturn void shim_leave(u32 entry, u32 magic, u32 info);

static int
is(const char *name)
{
	const char *s = at(given->cmdline);

	while (*s != '\0' && *s != ' ')
		s++;
	while (*s == ' ')
		s++;
	for (; *name != '\0' && *s == *name; s++, name++)
		continue;
	return *name == '\0' && (*s == '\0' || *s == ' ');
}

static void
copy(void *to, const void *from, u32 n)
{
	u8 *t = to;
	const u8 *f = from;

	while (n-- > 0)
		*t++ = *f++;
}

/* Puts the segments of boot.elf in their places; returns its entry. */
static u32
load(const u8 *elf)
{
	const ElfSegment *s = (const void *)(elf + *(const u32 *)(elf + 28));
	u32 i, j;

	for (i = 0; i < *(const u16 *)(elf + 44); i++) {
		if (s[i].type != PT_LOAD)
			continue;
		copy(at(s[i].paddr), elf + s[i].offset, s[i].filesz);
		for (j = s[i].filesz; j < s[i].memsz; j++)
			*(u8 *)at(s[i].paddr + j) = 0;
	}
	return *(const u32 *)(elf + 24);
}

/* Lays the modules end to end from an odd address, so that all share pages. */
static void
crowd(void)
{
	u32 to = phys(moved) + 77;
	u32 i, n;

	for (i = 0; i < NMODULE; i++) {
		n = modules[i].end - modules[i].start;
		copy(at(to), at(modules[i].start), n);
		modules[i].start = to;
		modules[i].end = to + n;
		to += n;
	}
}

static u32 *
tag(u32 type, u32 size)
{
	u32 *t = (u32 *)(info + used);

	t[0] = type;
	t[1] = size;
	used += (u32)round_up(size, 8);
	return t;
}

static void
put_entry(u32 *e, u64 base, u64 length, u32 type)
{
	e[0] = (u32)base;
	e[1] = (u32)(base >> 32);
	e[2] = (u32)length;
	e[3] = (u32)(length >> 32);
	e[4] = type;
	e[5] = 0;
}

/* The real map backwards, with statements that repeat and contradict it. */
static void
put_map(void)
{
	const Mb1Map *m = at(given->map);
	u32 n = given->map_size / sizeof(*m);
	u32 *t = tag(6, 16 + (n + 3) * 24);
	u32 i;

	t[2] = is("entry-size-0") ? 0 : is("entry-size-huge") ? 0x7fffffff : 24;
	t[3] = 0;
	put_entry(t + 4, 0x3001001, 10, 2);
	put_entry(t + 10, 0x3001000, 0x2000, 1);
	put_entry(t + 16, 0xfffffffffffff001, 0xffffffffffffffff, 1);
	for (i = 0; i < n; i++)
		put_entry(t + 22 + 6 * i, (u64)m[n - 1 - i].base[1] << 32 | m[n - 1 - i].base[0],
			(u64)m[n - 1 - i].length[1] << 32 | m[n - 1 - i].length[0],
			m[n - 1 - i].type);
}

static void
put_module(const Mb1Module *m)
{
	const char *s = at(m->string);
	u32 n = 0;
	u32 *t;

	while (s[n] != '\0')
		n++;
	t = tag(3, 16 + n + 1);
	t[2] = m->start;
	t[3] = m->end;
	copy(t + 4, s, n);
}

/* Damage to the modules' addresses that both kinds of information can carry. */
static void
bend_modules(void)
{
	if (is("crowded"))
		crowd();
	if (is("over-loader"))
		modules[1].start = 0x100800;
	if (is("backwards"))
		modules[1].end = modules[1].start - 1;
	if (is("reserved")) {
		modules[1].start = 0xfffff000;
		modules[1].end = 0xffffffff;
	}
	if (is("first-page")) {
		modules[1].start = 0x100;
		modules[1].end = 0x200;
	}
}

static void
make_mb2(void)
{
	u32 *t;
	u32 i;

	if (!is("no-map"))
		put_map();
	for (i = 0; i < NMODULE; i++)
		put_module(&modules[i]);
	if (is("tag-size-0"))
		tag(99, 8)[1] = 0;
	if (is("tag-size-huge"))
		tag(99, 8)[1] = 0xfffffff9;
	if (is("short-fb"))
		tag(8, 12);
	if (is("odd-fb")) {
		t = tag(8, 38);
		t[2] = t[3] = 0xffffffff;
		t[4] = t[6] = 0xffffffff;
		t[7] = 0x0120;
	}
	if (!is("no-end"))
		tag(0, 8);
	*(u32 *)info = is("total-0") ? 0 : used;
}

void
shim_main(const Mb1Info *from)
{
	const Mb1Module *m = at(from->modules);
	Mb1Info bent = *from;
	u32 i, entry;

	given = from;
	entry = load(at(m[0].start));
	for (i = 0; i < NMODULE; i++)
		modules[i] = m[i + 1];
	bend_modules();
	if (is("mb1") || is("mb1-no-map") || is("mb1-entry-size")) {
		bent.nmodules = NMODULE;
		bent.modules = phys(modules);
		if (is("mb1-no-map"))
			bent.flags &= ~(u32)(1 << 6);
		if (is("mb1-entry-size"))
			((Mb1Map *)at(bent.map))->size = 0;
		shim_leave(entry, MB1_MAGIC, phys(&bent));
	}
	make_mb2();
	shim_leave(entry, is("no-magic") ? 0x1234 : MB2_MAGIC, phys(info));
}
