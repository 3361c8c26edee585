/*
 * Multiboot 1, as QEMU's -kernel speaks it. QEMU passes no framebuffer and no
 * RSDP; the latter is searched for as a BIOS program would.
 */
#include "boot.h"

enum {
	HAS_CMDLINE = 1 << 2,
	HAS_MODS = 1 << 3,
	HAS_MMAP = 1 << 6,
	HAS_FB = 1 << 12,
	FB_RGB = 1,
	CMDLINE_MAX = 16384,
};

typedef struct Mb1Info {
	u32 flags;
	u32 mem_lower, mem_upper;
	u32 boot_device;
	u32 cmdline;
	u32 mods_count;
	u32 mods_addr;
	u32 syms[4];
	u32 mmap_length;
	u32 mmap_addr;
	u32 drives[2];
	u32 config_table;
	u32 loader_name;
	u32 apm_table;
	u32 vbe[4];
	u32 fb_addr_low, fb_addr_high;
	u32 fb_pitch;
	u32 fb_width;
	u32 fb_height;
	u8 fb_bpp;
	u8 fb_type;
	u8 fb_rgb[6];
} Mb1Info;

typedef struct Mb1Module {
	u32 start;
	u32 end;
	u32 string;
	u32 unused;
} Mb1Module;

/* `size` counts the bytes after itself. */
typedef struct Mb1Map {
	u32 size;
	u32 base_low, base_high;
	u32 length_low, length_high;
	u32 type;
} Mb1Map;

_Static_assert(offsetof(Mb1Info, mmap_length) == 44, "layout");
_Static_assert(offsetof(Mb1Info, fb_addr_low) == 88, "layout");
_Static_assert(offsetof(Mb1Info, fb_rgb) == 110, "layout");

static void
read_map(const Mb1Info *info)
{
	static const u32 types[] = {
		MEM_RESERVED, MEM_USABLE, MEM_RESERVED, MEM_ACPI, MEM_NVS, MEM_BAD,
	};
	u32 off = 0;
	const Mb1Map *m;

	while (off + sizeof(*m) <= info->mmap_length) {
		m = at(info->mmap_addr + off);
		if (m->size < sizeof(*m) - 4 || m->size > info->mmap_length)
			stop("the Multiboot memory map is damaged: an entry has size %u.", m->size);
		mem_add((u64)m->base_high << 32 | m->base_low,
			(u64)m->length_high << 32 | m->length_low,
			m->type < nelem(types) ? types[m->type] : MEM_RESERVED);
		off += m->size + 4;
	}
}

static void
read_framebuffer(const Mb1Info *info)
{
	if ((info->flags & HAS_FB) == 0 || info->fb_type != FB_RGB)
		return;
	boot.fb.base = (u64)info->fb_addr_high << 32 | info->fb_addr_low;
	boot.fb.pitch_bytes = info->fb_pitch;
	boot.fb.width = info->fb_width;
	boot.fb.height = info->fb_height;
	boot.fb.bpp = info->fb_bpp;
	boot.fb.red_shift = info->fb_rgb[0];
	boot.fb.red_size = info->fb_rgb[1];
	boot.fb.green_shift = info->fb_rgb[2];
	boot.fb.green_size = info->fb_rgb[3];
	boot.fb.blue_shift = info->fb_rgb[4];
	boot.fb.blue_size = info->fb_rgb[5];
}

/* The loader's command line begins with its own name, as QEMU writes it. */
static const char *
without_name(const char *s)
{
	while (*s != '\0' && *s != ' ')
		s++;
	while (*s == ' ')
		s++;
	return s;
}

void
mb1_read(u32 addr)
{
	const Mb1Info *info = at(addr);
	const Mb1Module *m;
	u32 i;

	if ((info->flags & HAS_MMAP) == 0)
		stop("the boot loader passed no memory map.");
	read_map(info);
	if (info->flags & HAS_CMDLINE)
		boot.args = without_name(string_copy(at(info->cmdline), CMDLINE_MAX));
	if (info->flags & HAS_MODS) {
		for (i = 0; i < info->mods_count; i++) {
			m = at(info->mods_addr + i * (u32)sizeof(*m));
			module_add(m->start, m->end,
				string_copy(m->string != 0 ? at(m->string) : "", CMDLINE_MAX));
		}
	}
	read_framebuffer(info);
	acpi_find_rsdp();
}
