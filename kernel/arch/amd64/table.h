/*
 * Page table entries and the few steps that kernel and user tables share.
 */
#ifndef AMD64_TABLE_H
#define AMD64_TABLE_H

#include "arch/amd64/amd64.h"

#define PTE_P		0x001UL
#define PTE_W		0x002UL
#define PTE_U		0x004UL
#define PTE_PWT		0x008UL
#define PTE_PCD		0x010UL
#define PTE_A		0x020UL
#define PTE_D		0x040UL
#define PTE_PS		0x080UL		/* a large page, in levels 1 and 2 */
#define PTE_G		0x100UL
#define PTE_NX		(1UL << 63)
#define PTE_ADDR	0x000ffffffffff000UL
#define PTE_UNCACHED	(PTE_PCD | PTE_PWT)	/* entry 3 of the PAT */

enum { NENTRY = 512, USER_SLOTS = 256, LEVEL_ROOT = 3 };

/* Level 0 is the table of 4 KiB pages, level 3 the root. */
static inline u32 level_shift(u32 level) { return 12 + 9 * level; }
static inline u32 level_index(u64 va, u32 level) { return va >> level_shift(level) & (NENTRY - 1); }
static inline u64 *table_of(u64 entry) { return (u64 *)(boot.hhdm + (entry & PTE_ADDR)); }
static inline bool is_table(u64 entry, u32 level)
{
	return (entry & PTE_P) != 0 && level > 0 && (entry & PTE_PS) == 0;
}

extern Paddr kernel_root;	/* [I] after mmuinit */
void kernel_tables_load(void);	/* on this processor; nothing of others is left in the TLB */
extern u64 *kernel_table(void);	/* the kernel's root; the loader's before mmuinit */

#endif
