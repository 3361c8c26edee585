/*
 * Floating point and vector state, saved and restored at each switch: all that
 * is enabled, by XSAVEOPT, which leaves out what is as at first and what has not
 * changed since XRSTOR loaded it from the same place; else by XSAVE, or FXSAVE.
 * XSAVEC would leave out no more, and what others are shown of an area is the
 * format of the other three. The kernel itself never uses these registers.
 *
 * Between XRSTOR and XSAVEOPT of an area nobody but XSAVEOPT may write to it, unless
 * XRSTOR is made to come first again (Proc.fpu_cpu).
 */
#include "arch/amd64/amd64.h"

enum {
	PARTS = 8,		/* bits of XCR0 that it ever has */
	LEAF = 0xd, HAS_XSAVEOPT = 1,
	XCR0_X87 = 1, XCR0_SSE = 2, XCR0_AVX = 4, XCR0_AVX512 = 0xe0,
	FCW_INIT = 0x037f, FCW_FRESH = 0x0232, MXCSR_FRESH = 0x1900,
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
	u8 st[8 * 16], xmm[16 * 16], unused2[96];
	u64 xstate_bv, xcomp_bv;
	u64 unused1[6];
};
_Static_assert(sizeof(FpuArea) == 576, "FpuArea");

static usize area_size;		/* [I] after fpu_enable */
static u64 enabled;		/* [I] XCR0 */
static bool xsaveopt;		/* [I] */
static struct { u32 at, size; } parts[PARTS];	/* [I] where those beyond SSE are */

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
	Cpuid r = cpuid(LEAF, 0);
	u64 can = (u64)r.d << 32 | r.a;
	enabled = XCR0_X87 | XCR0_SSE | (can & XCR0_AVX);
	if ((can & (XCR0_AVX512 | XCR0_AVX)) == (XCR0_AVX512 | XCR0_AVX))
		enabled |= XCR0_AVX512;
	xsetbv(enabled);
	area_size = MAX((usize)cpuid(LEAF, 0).b, sizeof(FpuArea));
	xsaveopt = (cpuid(LEAF, 1).a & HAS_XSAVEOPT) != 0;
	for (u32 i = 2; i < PARTS; i++) {
		r = cpuid(LEAF, i);
		if ((enabled >> i & 1) != 0 && r.b + r.a <= area_size) {
			parts[i].at = r.b;
			parts[i].size = r.a;
		}
	}
}

usize fpu_size(void)
{
	return area_size;
}

/*
 * Every register zero; the header says that only the x87 part is to be loaded from here. MXCSR
 * always is.
 */
void fpu_init(void *area)
{
	FpuArea *a = area;
	memset(a, 0, MIN(area_size, sizeof *a));
	a->fcw = FCW_FRESH;
	a->mxcsr = MXCSR_FRESH;
	if (features.xsave)
		a->xstate_bv = XCR0_X87;
}

void fpu_save(void *area)
{
	if (xsaveopt)
		__asm__ volatile("xsaveopt64 (%0)" : : "r"(area), "a"(~0U), "d"(~0U) : "memory");
	else if (features.xsave)
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

/* What the header says is as at first has other bytes, or those of another process. */
void fpu_settle(void *area)
{
	FpuArea *a = area;
	u64 absent = features.xsave ? enabled & ~a->xstate_bv : 0;
	if ((absent & XCR0_X87) != 0) {
		memset(a, 0, offsetof(FpuArea, mxcsr));
		memset(a->st, 0, sizeof a->st);
		a->fcw = FCW_INIT;
	}
	if ((absent & XCR0_SSE) != 0)
		memset(a->xmm, 0, sizeof a->xmm);
	for (u32 i = 2; i < PARTS; i++)
		if ((absent >> i & 1) != 0)
			memset((u8 *)area + parts[i].at, 0, parts[i].size);
	if (features.xsave)
		a->xstate_bv |= enabled;
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
