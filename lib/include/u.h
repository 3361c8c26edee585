/*
 * Machine types of user programs: the first include of every source file.
 * Built by the host's compiler for the SysV ABI, so long is 64 bits; where
 * a layout is shared with the kernel the fixed-width names are used. The
 * numbers of the system interface (OREAD, DMDIR, Tos, Ureg ...) come from
 * abi/plan9.h, which kernel and libraries share.
 */
#ifndef U_H
#define U_H

#include <stdarg.h>
#include "abi/plan9.h"

#define nil	((void*)0)

typedef unsigned char uchar;
typedef signed char schar;
typedef unsigned short ushort;
typedef unsigned int uint;
typedef unsigned long ulong;
typedef long long vlong;
typedef unsigned long long uvlong;
typedef long intptr;
typedef unsigned long uintptr;
typedef unsigned long usize;
typedef uint Rune;		/* a 21-bit code point */

typedef uchar u8int;
typedef ushort u16int;
typedef uint u32int;
typedef uvlong u64int;
typedef schar s8int;
typedef short s16int;
typedef int s32int;
typedef vlong s64int;

/* jmp_buf: stack pointer and pc, then what the SysV ABI preserves, then notejmp's value. */
enum {
	JMPBUFSP = 0,
	JMPBUFPC = 1,
	JMPBUFVAL = 8,
	JMPBUFWORDS = 9,
};
typedef uvlong jmp_buf[JMPBUFWORDS];

#endif
