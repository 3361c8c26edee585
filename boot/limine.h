/*
 * The Limine protocol as far as the loader answers it. Pointers are 64-bit
 * HHDM addresses here, for the loader itself is a 32-bit program.
 */
#pragma once

#include "boot.h"

#define LIMINE_COMMON0 0xc7b1dd30df4c8b88ull
#define LIMINE_COMMON1 0x0a82e883a194f07bull

typedef struct Request {
	u64 id[4];
	u64 revision;
	u64 response;
	u64 field[3];	/* as many as the feature has */
} Request;

typedef struct LimineMapEntry {
	u64 base;
	u64 length;
	u64 type;
} LimineMapEntry;

typedef struct LimineList {
	u64 revision;
	u64 count;
	u64 list;
} LimineList;

typedef struct LimineWord {
	u64 revision;
	u64 word[2];
} LimineWord;

typedef struct LimineFile {
	u64 revision;
	u64 address;
	u64 size;
	u64 path;
	u64 cmdline;
	u32 media_type;
	u32 unused;
	u32 tftp_ip;
	u32 tftp_port;
	u32 partition_index;
	u32 mbr_disk_id;
	u8 uuid[3][16];
} LimineFile;

typedef struct LimineFramebuffer {
	u64 address;
	u64 width;
	u64 height;
	u64 pitch;
	u16 bpp;
	u8 memory_model;
	u8 red_size, red_shift;
	u8 green_size, green_shift;
	u8 blue_size, blue_shift;
	u8 unused[7];
	u64 edid_size;
	u64 edid;
	u64 mode_count;
	u64 modes;
} LimineFramebuffer;

_Static_assert(sizeof(LimineFile) == 112, "layout of a file");
_Static_assert(offsetof(LimineFramebuffer, edid_size) == 48, "layout of a framebuffer");
