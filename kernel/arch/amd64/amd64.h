/*
 * What the files of arch/amd64 share. The rest of the kernel sees arch.h.
 */
#ifndef AMD64_AMD64_H
#define AMD64_AMD64_H

#include "arch/arch.h"
#include "arch/amd64/asm.h"
#include "base/base.h"

/* ---- instructions ---- */

enum {
	MSR_TSC = 0x10,
	MSR_APIC_BASE = 0x1b, MSR_PAT = 0x277, MSR_MCG_CAP = 0x179, MSR_MC0_STATUS = 0x401,
	MSR_X2APIC = 0x800,
};
#define MSR_EFER		0xc0000080U
#define MSR_STAR		0xc0000081U
#define MSR_LSTAR		0xc0000082U
#define MSR_SFMASK		0xc0000084U
#define MSR_FS_BASE		0xc0000100U
#define MSR_KERNEL_GS_BASE	0xc0000102U

static inline u64 rdmsr(u32 msr)
{
	u32 lo, hi;
	__asm__ volatile("rdmsr" : "=a"(lo), "=d"(hi) : "c"(msr));
	return (u64)hi << 32 | lo;
}
static inline void wrmsr(u32 msr, u64 v)
{
	u32 lo = (u32)(v & 0xffffffff), hi = (u32)(v >> 32);
	__asm__ volatile("wrmsr" : : "c"(msr), "a"(lo), "d"(hi) : "memory");
}
static inline u64 rdtsc(void)
{
	u32 lo, hi;
	__asm__ volatile("rdtsc" : "=a"(lo), "=d"(hi) : : "memory");
	return (u64)hi << 32 | lo;
}
#define CONTROL_REGISTER(n) \
	static inline u64 read_cr##n(void) \
	{ \
		u64 v; \
		__asm__ volatile("movq %%cr" #n ", %0" : "=r"(v) : : "memory"); \
		return v; \
	} \
	static inline void write_cr##n(u64 v) \
	{ \
		__asm__ volatile("movq %0, %%cr" #n : : "r"(v) : "memory"); \
	}
CONTROL_REGISTER(0)
CONTROL_REGISTER(2)
CONTROL_REGISTER(3)
CONTROL_REGISTER(4)

static inline void invlpg(u64 va) { __asm__ volatile("invlpg (%0)" : : "r"(va) : "memory"); }

typedef struct Cpuid { u32 a, b, c, d; } Cpuid;
static inline Cpuid cpuid(u32 leaf, u32 sub)
{
	Cpuid r;
	__asm__ volatile("cpuid" : "=a"(r.a), "=b"(r.b), "=c"(r.c), "=d"(r.d)
		: "a"(leaf), "c"(sub));
	return r;
}

/* Stores before it are seen before those after it, by devices and processors (coherence.c). */
void coherence(void);

/* ---- features (features.c) ---- */

typedef struct Features Features;
struct Features {
	bool nx, page1g, pge, smep, smap, umip, xsave, x2apic, apic, hypervisor, rdrand;
	u32 physbits;		/* width of a physical address */
	u32 leaf_max, leafext_max;
};
extern Features features;	/* [I] after features_probe */
void features_probe(void);	/* fill features; stops when something needed is missing */
void features_enable(void);	/* control registers and PAT of this processor */
/* Without SMAP its instructions, all over the kernel, become ones that do nothing. Once. */
void smap_settle(void);

/* ---- per processor tables (gdt.c, idt.c) ---- */

enum { IST_DOUBLE_FAULT = 1, IST_NMI, IST_MACHINE_CHECK, IST_DEBUG, NIST = IST_DEBUG };
enum { PAGE_SIZE = 4096, ISTACK_SIZE = 8192 };

/* Stacks in the kernel image; the guard page below each is unmapped by mmuinit. */
typedef struct GuardedStack GuardedStack;
struct GuardedStack {
	u8 guard[PAGE_SIZE];
	u8 stack[ISTACK_SIZE];
};

void gdt_init(u32 index);	/* GDT, TSS and GS of the processor that runs this */
/* What a further processor needs before it can run: false without memory. May be called again. */
bool cpu_prepare(u32 index, u32 apic_id);
void cpu_add(void);		/* the next one that was prepared counts now */
u32 cpu_apic_id(u32 index);
void cpu_set_apic_id(u32 index, u32 id);
void idt_init(void);		/* interrupt descriptors, shared by all processors */
void idt_load(void);
void syscall_init(void);	/* MSRs of SYSCALL */
/* Name the stack in the image whose guard page holds va: "the boot stack", ...; nil: none. */
const char *guard_name(u64 va, char *buf, usize size);

/* ---- boot (limine.c, start.c) ---- */

void limine_read(void);		/* fills boot, or stops */
void start(void) NORETURN;	/* the first C function, on boot_stack */
extern u8 boot_stack[BOOT_STACK_GUARD + BOOT_STACK_SIZE];
extern GuardedStack boot_istack[NIST];

/* ---- traps (entry.S, trap.c) ---- */

enum {
	TRAP_DIVIDE = 0, TRAP_DEBUG = 1, TRAP_NMI = 2, TRAP_BREAKPOINT = 3, TRAP_OPCODE = 6,
	TRAP_DOUBLE = 8,
	TRAP_TSS = 10, TRAP_GP = 13,
	TRAP_PAGE = 14, TRAP_X87 = 16, TRAP_MACHINE_CHECK = 18, TRAP_SIMD = 19,
	/* ISA interrupt n comes at VEC_IRQ + n, from the I/O APIC or the 8259s */
	VEC_IRQ = 32,
	VEC_TIMER = 0xf0,
	VEC_KICK, VEC_CALL,	/* from another processor (ipi.c) */
	VEC_ERROR = 0xfe,
	VEC_SPURIOUS = 0xff,
};
extern const u8 trap_vectors[256][16];
void syscall_entry(void);
extern const Ureg *panicking_frame;	/* the frame of the trap that panics, for arch_backtrace */
/* The error code of a page fault. */
enum { PF_PRESENT = 1, PF_WRITE = 2, PF_USER = 4, PF_RESERVED = 8, PF_FETCH = 16 };
/* A trap in the kernel that nothing resolves; va: the address of a page fault (report.c). */
void kernel_trap_panic(const Ureg *u, u64 va) NORETURN;
const char *exception_name(u64 vector);
/* A page fault of user mode was resolved: a panic if the entry does not allow it time and again. */
void fault_again(const Ureg *u, u64 va);
enum { LABEL_SIZE = 24 };	/* what label_switch leaves on a stack */
void trap_user(Ureg *u);	/* called by entry.S; returns with interrupts off */
void trap_kernel(Ureg *u);

/* Where a fault may happen: at pc, go on at fixup with the Err in RAX (copy.S). */
typedef struct Extable { u64 pc, fixup; } Extable;
void extable_check(void);	/* is the table in order? At boot. */
bool user_probe(void *p, bool write);	/* copy.S; for mmu.c */
extern const u8 user_probe_end[];

/* ---- page tables (mmu.c) ---- */

enum { KSTACK_STRIDE = 32768 };
/* remember which memory the direct map must cover: before frames_init */
void ram_note(void);
bool kernel_mapped(const void *p, usize size);	/* may [p, p+size) be read without a fault? */
/* What the kernel uses an address of its half for. */
enum KernelRegion { REGION_NONE, REGION_DIRECT, REGION_DEVICES, REGION_STACKS, REGION_IMAGE };
enum KernelRegion kernel_region(u64 va);
u64 kstack_window(void);	/* base of the window of kernel stacks; 0 before mmuinit */
u64 kstack_window_size(void);

/* ---- watchpoints (watch.c) ---- */

/* DR6, which is cleared, and the watchpoints that were met, a bit each. Interrupts off. */
u64 watch_status(u32 *hits);
void watch_note(u32 hits, char *note, usize size);

/* ---- interrupts (intr.c, apic.c, pic.c) ---- */

void pic_init(void);		/* remap and mask the 8259s */
void pic_unmask(u32 irq);
/* nothing behind the interrupt that came? Answers the controller. */
bool pic_spurious(u32 irq);
void pic_eoi(u32 irq);
void pic_quiet(void);		/* mask everything */

bool apic_init(void);		/* false when there is none to use: the reason was printed */
void apic_eoi(void);
void apic_quiet(void);		/* nothing interrupts any more, but what the 8259s let through */
void intr_quiet(void);		/* nor those */
void apic_timer_start(u32 count);	/* one shot of the local timer; 0 stops it */
u32 apic_timer_now(void);
void apic_timer_init(void);
void apic_join(void);		/* the local APIC of another processor than the first */
u32 apic_id(void);		/* of this processor */
/* An interrupt of the processor with that id: a vector and IPI_ bits. */
enum { IPI_NMI = 0x4400, IPI_INIT = 0x4500, IPI_STARTUP = 0x4600, IPI_FIXED = 0x4000 };
void apic_send(u32 id, u32 command);
void apic_send_nested(u32 id, u32 command);	/* in an NMI */
/* Make an edge of that line an NMI of this processor; false: there is no such line. */
bool apic_route_nmi(u32 gsi);
bool apic_route(u32 irq);	/* unmask ISA interrupt irq; false when no I/O APIC has it */
extern bool apic_used;		/* [I] after arch_devices */

void intr_dispatch(Ureg *u);	/* vector >= VEC_IRQ */
void intr_storm_check(void);	/* once a second: does a device keep the processor busy? */

/* ---- the watchdog's NMI (nmi.c) ---- */

void nmi_watch_init(void);
bool nmi_watch(const Ureg *u);	/* an NMI came; false: it is not the watchdog's */

/* ---- the other processors (smp.c) ---- */

/* Low memory that they start in: after ram_note, before frames_init. */
void smp_reserve(void);
void smp_start(void);
/* Note the first processor's cache types (mtrr.c); make them this one's. */
void mtrr_note(void);
void mtrr_join(void);

/* ---- between processors (ipi.c) ---- */

/* Any context, also a spin loop with locks held: it takes no lock. */
typedef void IpiFunction(void *arg);
/* Run f on those processors (a bit each; not on this one) and wait until they have. */
void ipi_call(u64 cpus, IpiFunction *f, void *arg);
void ipi_all(IpiFunction *f, void *arg);	/* on this processor too */
void ipi_serve(void);		/* answer calls */
void ipi_nmi(const Ureg *u);	/* an NMI came: if it is to stop this processor, do not return */
void ipi_reset_others(void);	/* they do nothing any more until they are started anew */

/* ---- ACPI (acpi.c) ---- */

enum { ACPI_IOAPICS_MAX = 16, ISA_IRQS = 16 };
typedef struct AcpiIoapic { u64 pa; u32 gsi_base; } AcpiIoapic;
typedef struct AcpiIrq { u32 gsi; bool low, level; } AcpiIrq;
typedef struct AcpiInfo AcpiInfo;
struct AcpiInfo {
	bool madt, fadt, s5;
	u64 lapic;			/* physical */
	u32 nioapics;
	AcpiIoapic ioapics[ACPI_IOAPICS_MAX];
	AcpiIrq isa[ISA_IRQS];
	u32 nprocessors;		/* that are enabled; the first of them are in apic_id */
	u32 apic_id[NCPU_MAX];
	u32 pm1a, pm1b;			/* ports of the control registers, 0: none */
	u32 smi_command;
	u8 acpi_enable;
	u8 s5a, s5b;			/* sleep types for soft off */
	u32 pm_timer;			/* port, 0: none */
	bool pm_timer32;
	bool reset;			/* the reset register is usable */
	u8 reset_space, reset_value;
	u64 reset_address;
	u8 century;			/* CMOS index, 0: none */
	u64 hpet;			/* physical address of its registers, 0: none */
};
extern AcpiInfo acpi;			/* [I] after acpi_init */
void acpi_init(void);
extern u8 acpi_rsdp[36];		/* a copy of the root pointer; zeros when there is none */
bool acpi_poweroff(void);		/* returns when it did not work */
void acpi_reset(void);

/* ---- inventory (inventory.c) ---- */

void inventory_init(void);
/* Ebadarg where the processor objects (copy.S). */
Err msr_read_checked(u32 msr, u64 *v);
Err msr_write_checked(u32 msr, u64 v);

/* ---- time (clock.c) ---- */

void clock_init(void);			/* calibrate; start nothing */
void clock_fired(Ureg *u);		/* the timer's interrupt */
u64 clock_count(u32 index);		/* how many came on that processor */

/* ---- FPU (fpu.c) ---- */

void fpu_enable(void);

/* ---- coverage (cover.c, BUILD=cover) ---- */

#ifdef BUILD_COVER
void cover_out(void);			/* the counts, once; interrupts stay off */
#else
static inline void cover_out(void) { }
#endif

#endif
