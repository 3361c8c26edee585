/*
 * Multiboot 2, as GRUB speaks it on BIOS and on UEFI: a list of tags, each
 * padded to 8 bytes. GRUB leaves UEFI's boot services before it comes here
 * because the header does not ask to keep them.
 */
#include "boot.h"

enum {
	TAG_END = 0,
	TAG_CMDLINE = 1,
	TAG_MODULE = 3,
	TAG_MMAP = 6,
	TAG_FRAMEBUFFER = 8,
	TAG_RSDP_OLD = 14,
	TAG_RSDP_NEW = 15,
	FB_RGB = 1,
};

typedef struct Tag {
	u32 type;
	u32 size;
} Tag;

typedef struct MapTag {
	Tag tag;
	u32 entry_size;
	u32 version;
} MapTag;

typedef struct MapEntry {
	u32 base_low, base_high;
	u32 length_low, length_high;
	u32 type;
	u32 unused;
} MapEntry;

typedef struct ModuleTag {
	Tag tag;
	u32 start;
	u32 end;
	char string[];
} ModuleTag;

typedef struct FbTag {
	Tag tag;
	u32 base_low, base_high;
	u32 pitch;
	u32 width;
	u32 height;
	u8 bpp;
	u8 type;
	u16 unused;
	u8 rgb[6];
} FbTag;

_Static_assert(sizeof(MapEntry) == 24, "layout");
_Static_assert(offsetof(FbTag, rgb) == 32, "layout");

static void
need(const Tag *tag, u32 size)
{
	if (tag->size < size)
		stop("the Multiboot information is damaged: tag %u has size %u.", tag->type,
			tag->size);
}

static void
read_map(const Tag *tag)
{
	static const u32 types[] = {
		MEM_RESERVED, MEM_USABLE, MEM_RESERVED, MEM_ACPI, MEM_NVS, MEM_BAD,
	};
	const MapTag *map = (const void *)tag;
	const MapEntry *e;
	u32 off;

	need(tag, sizeof(*map));
	if (map->entry_size < sizeof(*e) || map->entry_size > tag->size)
		stop("the Multiboot memory map is damaged: its entries have size %u.",
			map->entry_size);
	for (off = sizeof(*map); off + map->entry_size <= tag->size; off += map->entry_size) {
		e = at(phys(tag) + off);
		mem_add((u64)e->base_high << 32 | e->base_low,
			(u64)e->length_high << 32 | e->length_low,
			e->type < nelem(types) ? types[e->type] : MEM_RESERVED);
	}
}

static void
read_module(const Tag *tag)
{
	const ModuleTag *m = (const void *)tag;

	need(tag, sizeof(*m));
	module_add(m->start, m->end, string_copy(m->string, tag->size - (u32)sizeof(*m)));
}

static void
read_framebuffer(const Tag *tag)
{
	const FbTag *fb = (const void *)tag;

	need(tag, 31);
	if (fb->type != FB_RGB)
		return;
	need(tag, offsetof(FbTag, rgb) + sizeof(fb->rgb));
	boot.fb.base = (u64)fb->base_high << 32 | fb->base_low;
	boot.fb.pitch_bytes = fb->pitch;
	boot.fb.width = fb->width;
	boot.fb.height = fb->height;
	/* GRUB counts the colour bits; the kernel wants those from pixel to pixel. */
	boot.fb.bpp = fb->bpp == 24 && fb->pitch / 4 >= fb->width ? 32 : fb->bpp;
	boot.fb.red_shift = fb->rgb[0];
	boot.fb.red_size = fb->rgb[1];
	boot.fb.green_shift = fb->rgb[2];
	boot.fb.green_size = fb->rgb[3];
	boot.fb.blue_shift = fb->rgb[4];
	boot.fb.blue_size = fb->rgb[5];
}

/* The new RSDP holds all of the old one, so it wins in either order. */
static void
read_rsdp(const Tag *tag)
{
	u32 size = tag->size - (u32)sizeof(*tag);

	if (size > sizeof(boot.rsdp))
		size = sizeof(boot.rsdp);
	if (size <= boot.rsdp_size)
		return;
	memcpy(boot.rsdp, tag + 1, size);
	boot.rsdp_size = size;
}

static void
read_tag(const Tag *tag)
{
	switch (tag->type) {
	case TAG_CMDLINE:
		boot.args = string_copy((const char *)(tag + 1), tag->size - (u32)sizeof(*tag));
		break;
	case TAG_MODULE:
		read_module(tag);
		break;
	case TAG_MMAP:
		read_map(tag);
		break;
	case TAG_FRAMEBUFFER:
		read_framebuffer(tag);
		break;
	case TAG_RSDP_OLD:
	case TAG_RSDP_NEW:
		read_rsdp(tag);
		break;
	}
}

void
mb2_read(u32 info)
{
	u32 total = *(const u32 *)at(info);
	u32 off = 8;
	const Tag *tag;

	for (;;) {
		if (off > total || total - off < sizeof(*tag))
			stop("the Multiboot information is damaged: it has no end tag.");
		tag = at(info + off);
		if (tag->size < sizeof(*tag) || tag->size > total - off)
			stop("the Multiboot information is damaged: tag %u has size %u.",
				tag->type, tag->size);
		if (tag->type == TAG_END)
			break;
		read_tag(tag);
		off += (u32)round_up(tag->size, 8);
	}
	if (boot.rsdp_size == 0)
		acpi_find_rsdp();
}
