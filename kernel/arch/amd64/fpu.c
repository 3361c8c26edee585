/*
 * Floating point and vector state, saved and restored whole at each switch:
 * XSAVE of everything that is enabled, or FXSAVE where there is no XSAVE. The
 * kernel itself never uses these registers.
 */
#include "arch/amd64/amd64.h"

enum {
	XCR0_X87 = 1, XCR0_SSE = 2, XCR0_AVX = 4, XCR0_AVX512 = 0xe0,
	FCW_FRESH = 0x0232, MXCSR_FRESH = 0x1900,
	MXCSR_MASK = 0xffff, MXCSR_MASK_OLD = 0xffbf,
	STATUS_MASK = 0x3f, STATUS_STACK = 0x40, STATUS_C1 = 0x200,
};

/* The first 512 bytes of either format, and the header of XSAVE's. */
typedef struct FpuArea FpuArea;
struct FpuArea {
	u16 fcw, fsw;
	u8 ftw, unused0;
	u16 fop;
	u64 fip, fdp;
	u32 mxcsr, mxcsr_mask;
	u8 registers[512 - 32];
	u64 xstate_bv, xcomp_bv;
	u64 unused1[6];
};
_Static_assert(sizeof(FpuArea) == 576, "FpuArea");

static usize area_size;		/* [I] after fpu_enable */
static u64 enabled;		/* [I] XCR0 */

static void xsetbv(u64 v)
{
	__asm__ volatile("xsetbv" : : "c"(0), "a"((u32)v), "d"((u32)(v >> 32)));
}

/* AVX-512 is turned on whole or not at all. */
void fpu_enable(void)
{
	__asm__ volatile("fninit");
	if (!features.xsave) {
		area_size = 512;
		return;
	}
	Cpuid r = cpuid(0xd, 0);
	u64 can = (u64)r.d << 32 | r.a;
	enabled = XCR0_X87 | XCR0_SSE | (can & XCR0_AVX);
	if ((can & (XCR0_AVX512 | XCR0_AVX)) == (XCR0_AVX512 | XCR0_AVX))
		enabled |= XCR0_AVX512;
	xsetbv(enabled);
	area_size = MAX((usize)cpuid(0xd, 0).b, sizeof(FpuArea));
}

usize fpu_size(void)
{
	return area_size;
}

/* Every register zero; the header says that the x87 and SSE parts are to be loaded from here. */
void fpu_init(void *area)
{
	FpuArea *a = area;
	memset(a, 0, area_size);
	a->fcw = FCW_FRESH;
	a->mxcsr = MXCSR_FRESH;
	if (features.xsave)
		a->xstate_bv = XCR0_X87 | XCR0_SSE;
}

void fpu_save(void *area)
{
	if (features.xsave)
		__asm__ volatile("xsave64 (%0)" : : "r"(area), "a"(~0U), "d"(~0U) : "memory");
	else
		__asm__ volatile("fxsave64 (%0)" : : "r"(area) : "memory");
}

void fpu_restore(const void *area)
{
	if (features.xsave)
		__asm__ volatile("xrstor64 (%0)" : : "r"(area), "a"(~0U), "d"(~0U) : "memory");
	else
		__asm__ volatile("fxrstor64 (%0)" : : "r"(area) : "memory");
}

/* Reserved bits that are set would be an exception in fpu_restore. */
void fpu_sanitize(void *area)
{
	FpuArea *a = area;
	a->mxcsr &= a->mxcsr_mask != 0 ? a->mxcsr_mask & MXCSR_MASK : MXCSR_MASK_OLD;
	if (!features.xsave)
		return;
	a->xstate_bv &= enabled;
	a->xcomp_bv = 0;
	memset(a->unused1, 0, sizeof a->unused1);
}

/* Invalid wins, then the lowest bit. */
static const char *what(u32 status, u32 unmasked, bool x87)
{
	static const char *const names[] = {
		"invalid operation", "denormalized operand", "division by zero", "numeric overflow",
		"numeric underflow", "precision loss",
	};
	if (x87 && (unmasked & 1) != 0 && (status & STATUS_STACK) != 0)
		return (status & STATUS_C1) != 0 ? "stack overflow" : "stack underflow";
	return unmasked == 0 ? "unknown exception" : names[__builtin_ctz(unmasked)];
}

void fpu_note(u32 vector, u64 pc, char *buf, usize size)
{
	u32 status, unmasked;
	if (vector == TRAP_X87) {
		FpuArea a ALIGNED(64);
		__asm__ volatile("fxsave64 %0" : "=m"(a));
		__asm__ volatile("fnclex");
		status = a.fsw;
		unmasked = status & ~(u32)a.fcw & STATUS_MASK;
		pc = a.fip != 0 ? a.fip : pc;
	} else {
		__asm__ volatile("stmxcsr %0" : "=m"(status));
		unmasked = status & ~(status >> 7) & STATUS_MASK;
		u32 cleared = status & ~(u32)STATUS_MASK;
		__asm__ volatile("ldmxcsr %0" : : "m"(cleared));
	}
	snprint(buf, size, "%s fppc=0x%lx status=0x%x", what(status, unmasked, vector == TRAP_X87),
		pc, status);
}
