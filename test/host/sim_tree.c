/*
 * The initrd of the simulation: files that hold patterns and programs in Plan 9's
 * a.out format. A program's text starts with arch/host's functions; the rest of
 * text and data is a pattern, so that a page that came from the wrong place shows.
 */
#include <stdio.h>
#include "sim.h"

enum { TEXT_BYTES = SIM_TEXT_PAGES * BY2PG - HOST_TEXT_HEADER, DATA_BYTES = SIM_DATA_PAGES * BY2PG,
	BSS_BYTES = 2 * BY2PG, TAR_BLOCK = 512 };

/* Where the data of such a program lies: at the next 2 MiB. */
#define DATA_BASE	(UTZERO + (2UL << 20))

static u32 pattern(u64 at)
{
	return (u32)(at * 2654435761u) ^ 0x5a5a1234;
}

static void fill(u8 *p, u64 va, usize n)
{
	for (usize i = 0; i + 4 <= n; i += 4)
		put32le(p + i, pattern(va + i));
}

static bool page_good(u64 va)
{
	for (u64 at = va; at < va + BY2PG; at += BY2PG / 8)
		if (u_get32(at) != pattern(at))
			return false;
	return true;
}

bool sim_text_good(u32 page)
{
	assert(page < SIM_TEXT_PAGES);
	return page == 0 || page_good(UTZERO + page * BY2PG);
}

bool sim_data_good(u32 page)
{
	assert(page < SIM_DATA_PAGES);
	return page_good(DATA_BASE + page * BY2PG);
}

static usize make_aout(u8 *p, HostMain *f)
{
	u32 words[] = { 0x8a97, TEXT_BYTES, DATA_BYTES, BSS_BYTES, 0, 0, 0, 0 };
	fill(p, UTZERO, HOST_TEXT_HEADER + TEXT_BYTES);
	memmove(p, initcode_start, HOST_TEXT_SIZE);
	for (u32 i = 0; i < nelem(words); i++)
		put32be(p + 4 * i, words[i]);
	put64be(p + 32, host_address(f));
	fill(p + HOST_TEXT_HEADER + TEXT_BYTES, DATA_BASE, DATA_BYTES);
	return HOST_TEXT_HEADER + TEXT_BYTES + DATA_BYTES;
}

static void octal(char *p, usize width, u64 v)
{
	snprint(p, width, "%0*lo", (int)width - 1, v);
}

static void checksum(u8 *tar)
{
	u32 sum = 0;
	memset(tar + 148, ' ', 8);
	for (u32 i = 0; i < TAR_BLOCK; i++)
		sum += tar[i];
	octal((char *)tar + 148, 7, sum);
}

static u8 *add_file(u8 *tar, const char *name, u32 mode, const void *data, usize size)
{
	char *h = (char *)tar;
	memset(tar, 0, TAR_BLOCK);
	strecpy(h, h + 100, name);
	octal(h + 100, 8, mode);
	octal(h + 124, 12, size);
	octal(h + 136, 12, 0);
	memmove(h + 257, "ustar\0" "00", 8);
	h[156] = '0';
	checksum(tar);
	memmove(tar + TAR_BLOCK, data, size);
	return tar + TAR_BLOCK + round_up(size, TAR_BLOCK);
}

static u8 *add_link(u8 *tar, const char *name, const char *to)
{
	u8 *end = add_file(tar, name, 0, "", 0);
	tar[156] = '1';
	strecpy((char *)tar + 157, (char *)tar + 257, to);
	checksum(tar);
	return end;
}

static u8 programs[SIM_NPROGRAMS][SIM_INITRD_MAX / 4];

const u8 *sim_program(u32 i, usize *size)
{
	*size = HOST_TEXT_HEADER + TEXT_BYTES + DATA_BYTES;
	return programs[i];
}

usize sim_initrd(u8 *tar, usize size)
{
	static const char *const dirs[] = { "a", "b", "c", "d" };
	u8 *p = tar;
	char name[64];
	for (u32 i = 0; i < SIM_NPROGRAMS; i++) {
		snprint(name, sizeof name, "bin/p%u", i);
		usize n = make_aout(programs[i], sim_programs[i]);
		p = add_file(p, name, 0755, programs[i], n);
	}
	for (u32 i = 0; i < nelem(dirs); i++) {
		snprint(name, sizeof name, "%s/which", dirs[i]);
		p = add_file(p, name, 0644, dirs[i], 1);
	}
	p = add_link(p, "e/link", "b/which");
	memset(p, 0, 2 * TAR_BLOCK);
	p += 2 * TAR_BLOCK;
	assert((usize)(p - tar) <= size);
	return (usize)(p - tar);
}
