/*
 * arch: everything that an architecture supplies, and nothing else of it is
 * visible to the rest of the kernel. amd64/ is the machine; host/ is the same
 * contract as a Linux process, for tests.
 */
#ifndef ARCH_ARCH_H
#define ARCH_ARCH_H

#include "abi/plan9.h"
#include "base/base.h"

struct Proc;
struct Sched;
struct Lock;

/* ---- processors ---- */

enum { NCPU_MAX = 64, CPU_HELD = 8 };

/*
 * One per processor, reached through GS (amd64) so that no global stands in
 * the way of several. Fields without a letter belong to this processor alone,
 * interrupts off or not preempted (the kernel does not preempt kernel code).
 */
typedef struct Cpu Cpu;
struct Cpu {
	Cpu *self;		/* [I] first: GS:0 */
	struct Proc *proc;	/* the running process, `up`; second: GS:8 */
	uintptr frame;		/* arch's: where the frame of a system call goes; third */
	struct Sched *sched;	/* [I] the scheduler's, once it runs here */
	u32 index;		/* [I] */
	/* What a process looks at on its way to user mode: one word, so that one look tells. */
	union {
		u32 attention;
		struct {
			bool resched;	/* [a] give up the processor then */
			u8 tracing;	/* [a] what is traced here (base/ktrace.h) */
			u16 nlocks;	/* spin locks held */
		};
	};
	bool idle;		/* [a] */
	bool in_interrupt;	/* a device or timer handler runs */
	struct Lock *held[CPU_HELD];	/* the last ones taken, for panics: some are released */
	/* totals for #c/sysstat */
	u64 nswitch, nintr, nsyscall, nfault, ntlbfault, ntlbpurge;
	u64 idle_ns, intr_ns;	/* since boot */
	u64 load;		/* decaying average of runnable processes, 1000 = one */
};

#ifdef ARCH_HOST
Cpu *cpu(void);
#define up (cpu()->proc)
static inline bool cpu_at_ease(u32 also) { return (cpu()->attention | also) == 0; }
static inline void cpu_count_syscall(void) { cpu()->nsyscall++; }
#else
static inline Cpu *cpu(void)
{
	Cpu *c;
	__asm__ volatile("movq %%gs:0, %0" : "=r"(c));
	return c;
}
static inline struct Proc *cpu_proc(void)
{
	struct Proc *p;
	__asm__ volatile("movq %%gs:8, %0" : "=r"(p));
	return p;
}
#define up cpu_proc()
/* Single instructions, because every system call executes them. */
static inline bool cpu_at_ease(u32 also)
{
	bool none;
	__asm__ volatile("orl %%gs:%c2, %0"
		: "+r"(also), "=@ccz"(none) : "i"(offsetof(Cpu, attention)));
	return none;
}
static inline void cpu_count_syscall(void)
{
	__asm__ volatile("incq %%gs:%c0" : : "i"(offsetof(Cpu, nsyscall)) : "memory", "cc");
}
#endif

extern u32 arch_ncpu;		/* [a] processors running: cpu_count */
static inline u32 cpu_count(void)
{
	return __atomic_load_n(&arch_ncpu, __ATOMIC_RELAXED);
}
Cpu *cpu_get(u32 index);	/* index < cpu_count() */

/* Where this stands, for who wants to know later. */
static inline __attribute__((always_inline)) uintptr arch_pc(void)
{
	uintptr pc;
	__asm__ volatile("leaq 0(%%rip), %0" : "=r"(pc));
	return pc;
}

/* Interrupt masking on this processor; splhi returns whether they were on, for splx. */
#ifdef ARCH_HOST
bool splhi(void);
void splx(bool on);
void spllo(void);
bool islo(void);
static inline void intr_off(void) { splhi(); }
#else
static inline bool islo(void)
{
	u64 flags;
	__asm__ volatile("pushfq; popq %0" : "=r"(flags));
	return (flags & 0x200) != 0;
}
static inline void spllo(void) { __asm__ volatile("sti" : : : "memory"); }
static inline void intr_off(void) { __asm__ volatile("cli" : : : "memory"); }
static inline bool splhi(void)
{
	bool on = islo();
	intr_off();
	return on;
}
static inline void splx(bool on)
{
	if (on)
		spllo();
	else
		intr_off();
}
#endif
/* Wait for an interrupt: called with interrupts off, returns with them on. */
void arch_idle(void);
/* One turn of a spin loop; what other processors ask of this one meanwhile is done. */
void arch_relax(void);
/*
 * Interrupt another processor: it returns from arch_idle, or looks before it goes on in user mode
 * at what trap_leave looks at.
 */
void arch_kick(u32 index);
/* For panics and the end: stop all others for good; where they were, nil: not stopped. */
void arch_stop_others(void);
const Ureg *arch_stopped(u32 index);

/* ---- boot ---- */

/* What the loader told us, copied out of its memory. Filled before kmain runs. */
enum { BOOT_BANKS_MAX = 256, BOOT_MODULES_MAX = 32, BOOT_CMDLINE_MAX = 2048 };
enum BankType {
	BANK_USABLE, BANK_RESERVED, BANK_ACPI, BANK_NVS, BANK_BAD,
	BANK_LOADER,	/* usable once the loader's tables and stack are left behind */
	BANK_KERNEL,	/* kernel and modules */
	BANK_FRAMEBUFFER,
};
typedef struct BootBank { Paddr base; u64 size; u32 type; } BootBank;
typedef struct BootModule { u8 *data; u64 size; char path[64], cmdline[128]; } BootModule;
typedef struct BootInfo BootInfo;
struct BootInfo {
	char loader[64];
	char cmdline[BOOT_CMDLINE_MAX];
	u64 hhdm;			/* virtual = physical + hhdm */
	Paddr kernel_base;		/* physical address of the first byte of the image */
	/* sorted by base; usable and loader banks page aligned, disjoint */
	u32 nbanks;
	BootBank banks[BOOT_BANKS_MAX];
	u32 nmodules;
	BootModule modules[BOOT_MODULES_MAX];	/* data in the HHDM, page aligned */
	u64 rsdp;			/* physical, 0 when unknown */
	s64 boot_seconds;		/* Unix time, 0 when unknown */
};
extern BootInfo boot;
/*
 * The value of name=value in the command line copied to buf (cut to size); false when absent. A
 * bare `name` gives "".
 */
bool boot_option(const char *name, char *buf, usize size);
/* The decimal value of name, a million at the most; `otherwise` when it is absent. */
u32 boot_option_number(const char *name, u32 otherwise);
/*
 * Take from the usable banks what the list of `*e820` (base/memmap.c) does not call usable; or what
 * is wrong with the list.
 */
ERR boot_limit_memory(const char *list);

/*
 * Step 2 of kmain: processor tables, trap vectors; the console already prints (polled serial)
 * before.
 */
void arch_early(void);
/*
 * The kernel's own page tables over the HHDM (needs frames); after it the loader's memory may be
 * reused.
 */
void mmuinit(void);
/*
 * Interrupt controllers, clock calibration, timers, late serial by interrupt. Says what it falls
 * back to.
 */
void arch_devices(void);
/* The machine's identity for cputype, archctl: "Intel ..." name cut to size. */
void arch_cpuname(char *buf, usize size);

/* ---- I/O ports and the battery-backed memory beside the clock, for drivers of PC hardware ---- */

#ifndef ARCH_HOST
static inline u8 arch_in8(u16 port)
{
	u8 v;
	__asm__ volatile("inb %1, %0" : "=a"(v) : "Nd"(port));
	return v;
}
static inline u16 arch_in16(u16 port)
{
	u16 v;
	__asm__ volatile("inw %1, %0" : "=a"(v) : "Nd"(port));
	return v;
}
static inline u32 arch_in32(u16 port)
{
	u32 v;
	__asm__ volatile("inl %1, %0" : "=a"(v) : "Nd"(port));
	return v;
}
static inline void arch_out8(u16 port, u8 v)
{
	__asm__ volatile("outb %0, %1" : : "a"(v), "Nd"(port));
}
static inline void arch_out16(u16 port, u16 v)
{
	__asm__ volatile("outw %0, %1" : : "a"(v), "Nd"(port));
}
static inline void arch_out32(u16 port, u32 v)
{
	__asm__ volatile("outl %0, %1" : : "a"(v), "Nd"(port));
}
#endif

/*
 * ---- the inventory of a PC, for #P; host/ has none of it ----
 * The i-th of a list is false beyond the last.
 */
/* n ports from start are a driver's now: Einuse, Enodev without room to note it. */
ERR arch_io_claim(u32 start, u32 n, const char *tag);
typedef struct IoRange { u32 start, last; const char *tag; } IoRange;
bool arch_io_range(u32 i, IoRange *r);	/* ascending */
typedef struct IrqInfo { u32 vector, irq; const char *name; } IrqInfo;
bool arch_irq_info(u32 i, IrqInfo *info);
/* Model-specific registers; Ebadarg where the processor has none or refuses the value. */
ERR arch_msr_read(u32 msr, u64 *v);
ERR arch_msr_write(u32 msr, u64 v);
const char *arch_id(void);
/* Translations that survive a change of address space; Enodev where there are none. */
bool arch_global_pages(void);
ERR arch_set_global_pages(bool on);
/* The instruction that orders memory for devices and other processors: its name, and another. */
const char *arch_coherence(void);
ERR arch_set_coherence(const char *name);
typedef struct CacheRange { u64 base, size; const char *type; } CacheRange;
bool arch_cache_range(u32 i, CacheRange *r);
/*
 * Cache a range as r->type says. Ebadarg: no such type, or no power of two at a multiple of itself;
 * Enodev where the processor cannot; or what is in the way. On all processors.
 */
ERR arch_set_cache_range(const CacheRange *r);
/* Physical memory below 1 MiB; writes to video memory only. Else Ebadarg. May not sleep. */
ERR arch_realmode_read(u32 at, void *to, usize n);
ERR arch_realmode_write(u32 at, const void *from, usize n);
/* The i-th ACPI table, whole; and n bytes, a page at most, of memory kept for ACPI. */
bool arch_acpi_table(u32 i, const u8 **table, u32 *size);
ERR arch_acpi_memory(u64 pa, void *to, usize n);

/* Bytes of non-volatile memory that are not the clock's; at < arch_nvram_size(). May not sleep. */
u32 arch_nvram_size(void);
u8 arch_nvram_read(u32 at);
void arch_nvram_write(u32 at, u8 v);

/* Ends. Both try hard and, should the machine refuse, say so and stop the processor. */
void arch_poweroff(void) NORETURN;
void arch_reboot(void) NORETURN;
/*
 * Run another kernel in place of this one: the ELF file of size bytes, which has whole frames of
 * its own, for Limine's protocol. It gets the modules and that command line. Returns only with
 * an error, before anything was stopped. On the first processor.
 */
ERR arch_reboot_kernel(const void *file, u64 size, const char *path, const char *cmdline);
/* Stop this processor for good, interrupts off (end of panic). */
void arch_halt(void) NORETURN;
/* For panic: registers and a backtrace of the caller, or of u when not nil, through print. */
void arch_backtrace(const Ureg *u);
/* For panic: page tables, segment and frame of the address, if a fault was the reason. */
void arch_report_address(void);

/* ---- memory of the kernel ---- */

/*
 * A frame's kernel address in the HHDM; pa must be RAM. And back: p must lie in the HHDM or the
 * kernel image.
 */
void *kaddr(Paddr pa);
Paddr paddr(const void *p);
/* The same where it is known to be RAM; and back for what may be no address of the HHDM at all. */
#ifdef ARCH_HOST
void *kaddr_ram(Paddr pa);
Paddr paddr_ram(const void *p);
#else
static inline void *kaddr_ram(Paddr pa) { return (void *)(boot.hhdm + pa.a); }
static inline Paddr paddr_ram(const void *p) { return paddr_of((u64)p - boot.hhdm); }
#endif
/*
 * In the checked build: may n frames from pa be touched through the HHDM? Until mmuinit all may.
 * Other builds change nothing.
 */
void arch_direct_map(Paddr pa, u64 n, bool on);
/* Device registers: uncached window, page granular. nil when the window is full. Never undone. */
void *arch_mmio(Paddr pa, usize size);
/*
 * Copy n bytes from a kernel address that a debugger named. Never a fault: what is not mapped, or
 * is no memory, is Ebadarg. May not sleep; n is a page at most.
 */
ERR arch_kernel_read(void *to, u64 va, usize n);
/*
 * A kernel stack with an unmapped guard page below; returns its top (16-aligned) or nil. May
 * sleep: no.
 */
enum { KSTACK_SIZE = SANITIZED || RACES ? 24576 : 16384 };
void *kstack_alloc(void);
void kstack_free(void *top);

/*
 * For the address sanitizer (mem/kasan.c): does the shadow tell of this byte? And where the kernel
 * stack ends that sp points into.
 */
bool arch_shadowed(u64 a);
u64 arch_stack_end(u64 sp);

/* ---- address spaces ---- */

/*
 * The hardware tables of one user address space; derived from segments, never
 * the record of anything. The owner serialises calls with Space.ptlock
 * (mem/mem.h); the functions take frames for tables from page_alloc with the tag
 * KERNEL_TABLE and free them when the space is freed.
 */
typedef struct ArchSpace ArchSpace;
struct ArchSpace {
	Paddr root;
	u32 ntables;		/* frames that the tables take */
	u64 cpus;		/* [a] processors that may hold translations of it */
	/* the lowest table that was used last, the addresses it maps, what it keeps about it */
	u64 *leaf, leaf_va;
	u32 *leaf_groups;
};
/* PROT_THERE, of a fault: there is an entry, and it forbids the access. */
enum { PROT_READ = 1, PROT_WRITE = 2, PROT_EXEC = 4, PROT_UNCACHED = 8, PROT_THERE = 16 };
typedef struct Mapping { Uaddr va; Paddr pa; u32 prot; } Mapping;

ERR arch_space_init(ArchSpace *s);
/* Whatever is still mapped is forgotten; no other processor may run s any more. */
void arch_space_free(ArchSpace *s);
/*
 * Set the entry of one page; replaces whatever was there, flushing it where it was valid. Enofree
 * without a table frame.
 */
ERR pmap(ArchSpace *s, Uaddr va, Paddr pa, u32 prot);
/* Make the tables that entries for npages pages need. Enofree. */
ERR pmap_reserve(ArchSpace *s, Uaddr va, u64 npages);
/* pmap for n pages in a row; nil leaves one out, which keeps its entry. */
struct Page;
ERR pmap_run(ArchSpace *s, Uaddr va, struct Page *const *pages, u64 n, u32 prot);
/*
 * A block is BLOCK_PAGES pages at a multiple of their size. Is nothing there, not even the table
 * for them? Then pmap_block enters as many frames that lie side by side, at a multiple too, at
 * once: Enofree.
 */
enum { BLOCK_PAGES = 512, BLOCK_SIZE = BLOCK_PAGES * BY2PG };
bool pmap_block_room(ArchSpace *s, Uaddr va);
ERR pmap_block(ArchSpace *s, Uaddr va, Paddr pa, u32 prot);
/* Clear the entries of npages pages and flush them on every processor that runs s. */
void punmap(ArchSpace *s, Uaddr va, u64 npages);
/* Take away write permission of npages pages (for freezing), and flush. */
void pprotect_readonly(ArchSpace *s, Uaddr va, u64 npages);
/* The entry for va; false when nothing is mapped. */
bool plookup(ArchSpace *s, Uaddr va, Mapping *m);
/* Call f for every entry in ascending order until it returns false (the auditor). */
void pwalk(ArchSpace *s, bool (*f)(void *arg, const Mapping *m), void *arg);
/* Call f for every frame that the tables themselves take (the auditor). */
void pwalk_tables(ArchSpace *s, void (*f)(void *arg, Paddr frame), void *arg);
/* The same for the kernel's own tables. */
void arch_kernel_tables(void (*f)(void *arg, Paddr frame), void *arg);
/* Call f for ranges that have all variables of the kernel; false where nobody knows them. */
bool arch_kernel_data(void (*f)(const void *from, const void *to));
/* Make s (nil: the kernel's own tables) the address space of this processor. */
void mmuswitch(ArchSpace *s);
/* Forget all user translations of the current address space on this processor. */
void flushmmu(void);

/* ---- user memory ---- */

/*
 * The only functions that touch user memory. A page that is not there is
 * faulted in (may sleep); what cannot be is an error (Ebadarg), and nothing
 * else happens. Ranges outside the user half are Ebadarg.
 */
ERR copyin(void *to, Uaddr from, usize n);
ERR copyout(Uaddr to, const void *from, usize n);
ERR zeroout(Uaddr to, usize n);
/*
 * Copy parts of whole words to one after the other; from nil leaves a gap. The whole lies in
 * segments.
 */
typedef struct UserPart { const void *from; u64 words; } UserPart;
ERR copyout_parts(Uaddr to, const UserPart *parts, u32 n);
/*
 * Copy a string of at most size-1 bytes and its NUL; *length excludes the NUL; Etoolong when there
 * is none within size.
 */
ERR copyinstr(char *to, Uaddr from, usize size, usize *length);
/*
 * Three fields of the Tos: kcycles is added to what is there. A process without a writable stack
 * does without.
 */
#ifdef ARCH_HOST
void copyout_tos(u64 kcycles, u64 pcycles, u32 pid);
#else
/* As USER_OPEN and USER_CLOSE of user.inc. */
#define USER_OPEN_ASM	".pushsection .smap, \"a\"; .quad 801f; .popsection; 801: stac\n"
#define USER_CLOSE_ASM	".pushsection .smap, \"a\"; .quad 802f; .popsection; 802: clac\n"
static inline void copyout_tos(u64 kcycles, u64 pcycles, u32 pid)
{
	static_assert(sizeof(Tos) == offsetof(Tos, kcycles) + 24 &&
		sizeof(Tos) == offsetof(Tos, pcycles) + 16 && sizeof(Tos) == offsetof(Tos, pid) + 8,
		"where they are");
	u64 top = USTKTOP;
	__asm__ volatile(USER_OPEN_ASM
		"1: addq %1, -24(%0)\n"
		"2: movq %2, -16(%0)\n"
		"3: movl %3, -8(%0)\n"
		"4:" USER_CLOSE_ASM
		".pushsection .extable, \"a\"; .quad 1b, 4b, 2b, 4b, 3b, 4b; .popsection"
		: : "r"(top), "r"(kcycles), "r"(pcycles), "r"(pid) : "rax", "memory", "cc");
}
#endif
/*
 * Atomic compare-and-swap of a user word, which lies in segments: *old is replaced by what was
 * found; stored when equal.
 */
#ifdef ARCH_HOST
ERR user_cas32(Uaddr a, u32 *old, u32 new_value);
#else
/* What was found, or the Err of a fault, which no 32 bits hold. */
static inline ERR user_cas32(Uaddr a, u32 *old, u32 new_value)
{
	u64 found = *old;
	__asm__ volatile(USER_OPEN_ASM
		"1: lock cmpxchgl %2, (%1)\n"
		"2:" USER_CLOSE_ASM
		".pushsection .extable, \"a\"; .quad 1b, 2b; .popsection"
		: "+a"(found) : "r"(a.a), "r"(new_value) : "memory", "cc");
	if (unlikely(found >> 32 != 0))
		return (const char *)found;
	*old = (u32)found;
	return nil;
}
#endif

/* ---- execution ---- */

/* A saved kernel context: what a switch keeps. */
typedef struct Label { uintptr sp; } Label;
/* Save the running context in from and continue in to. Interrupts off. */
#ifdef ARCH_HOST
void label_switch(Label *from, const Label *to);
#else
/*
 * What is pushed is a Context (context.c). The compiler has stored all registers but the frame
 * pointer where it wants them again; the selectors are the user's, and mostly those of both.
 */
static inline void label_switch(Label *from, const Label *to)
{
	__asm__ volatile(
		"leaq 2f(%%rip), %%rax\n\t"
		"pushq %%rax\n\t"
		"pushq %%rbp\n\t"
		"subq $8, %%rsp\n\t"
		"movw %%ds, 0(%%rsp)\n\t"
		"movw %%es, 2(%%rsp)\n\t"
		"movw %%fs, 4(%%rsp)\n\t"
		"movw %%gs, 6(%%rsp)\n\t"
		"movq (%%rsp), %%rax\n\t"
		"movq %%rsp, (%0)\n\t"
		"movq (%1), %%rsp\n\t"
		"cmpq %%rax, (%%rsp)\n\t"
		"jne load_selectors\n\t"
		"addq $8, %%rsp\n\t"
		"popq %%rbp\n\t"
		"ret\n"
		"2:"
		: "+D"(from), "+S"(to) : : "rax", "rbx", "rcx", "rdx", "r8", "r9", "r10", "r11",
		"r12", "r13", "r14", "r15", "memory", "cc");
}
#endif
/* Prepare l so that switching to it runs entry(arg) on the stack whose top is given. */
void label_init(Label *l, void *kstack_top, void (*entry)(void *), void *arg);
/* Tell the processor where traps from user mode find p's kernel stack, before running p. */
void arch_set_kstack(void *kstack_top);
/*
 * Leave for user mode with the registers of u (a frame anywhere); the kernel stack is empty
 * afterwards. Interrupts any.
 */
void touser(const Ureg *u) NORETURN;
/* Fill u for a fresh program: entry, sp, RAX = tos, everything else zero (process.md 6). */
void ureg_init(Ureg *u, Uaddr entry, Uaddr sp, Uaddr tos);
/*
 * Force the fields of a frame that a user supplied to what user mode may have (flags low 8 bits
 * taken from, cs, ss, canonical pc).
 */
void ureg_sanitize(Ureg *u, const Ureg *old);
#ifdef ARCH_HOST
bool ureg_isuser(const Ureg *u);
#else
static inline bool ureg_isuser(const Ureg *u) { return (u->cs & 3) != 0; }
#endif
/* Accessors, so that portable code needs no register names. */
static inline u64 ureg_pc(const Ureg *u) { return u->pc; }
static inline u64 ureg_sp(const Ureg *u) { return u->sp; }

/*
 * Floating point and vector state of a process: an area of this size, 64-byte aligned (from
 * kalloc_aligned).
 */
usize fpu_size(void);
void fpu_init(void *area);	/* a fresh program's state (process.md 7) into the area */
void fpu_save(void *area);	/* the processor's into the area */
void fpu_restore(const void *area);
/* Write into a saved area what the processor left out because it was as at first. */
void fpu_settle(void *area);
/* Make an area that a debugger wrote one that fpu_restore can load. */
void fpu_sanitize(void *area);
/* Vector 16 or 19 happened: the text after "sys: fp: " of process.md 7, and clear the exception. */
void fpu_note(u32 vector, u64 pc, char *buf, usize size);

/*
 * Watchpoints: user addresses at whose use the process gets the note
 * `sys: watchpoint N,...` by the numbers of those met, also when the kernel uses
 * them on its behalf. The scheduler loads them when it changes to a process that
 * has some, and takes them away afterwards.
 */
enum { NWATCH_MAX = 4, WATCH_READ = 1, WATCH_WRITE = 2, WATCH_EXEC = 4 };
typedef struct Watchpt { u64 addr, length; u32 type; } Watchpt;
/* Can the processor watch all of them at once? The text says why not. */
ERR arch_watch_check(const Watchpt *w, u32 n);
/* Watch these, and only these, on this processor. Interrupts off. */
void arch_watch_load(const Watchpt *w, u32 n);

/* Kernel stack of a sleeping process: its saved frame for /proc/n/kregs. */
void label_ureg(const Label *l, Ureg *u);
/* Where such a context will go on, and its callers: at most max of them. Any context. */
u32 arch_callers(const Label *l, u64 *pcs, u32 max);

/* ---- interrupts and time ---- */

typedef void IrqHandler(Ureg *u, void *arg);
/* Route an ISA interrupt (0..15) to f with interrupts off; Enodev when it cannot be. */
ERR intr_enable(u32 irq, IrqHandler *f, void *arg, const char *name);

#ifdef ARCH_HOST
u64 arch_cycles(void);		/* time-stamp counter */
#else
static inline u64 arch_cycles(void)
{
	u64 lo, hi;
	__asm__ volatile("rdtsc" : "=a"(lo), "=d"(hi));
	return hi << 32 | lo;
}
#endif
u64 arch_cyclehz(void);		/* its frequency; after arch_devices never 0 */
u64 arch_nsec(void);		/* ns since boot, monotonic, agreed across processors */
s64 arch_wallclock(void);	/* Unix seconds from the RTC or the loader; 0 if unknown */
ERR arch_wallclock_set(s64 seconds);
/*
 * Ask for clock_interrupt (proc/proc.h) at that arch_nsec or as soon as can be; one deadline per
 * processor, the newest call wins.
 */
void arch_timer_set(u64 deadline_ns);

/* ---- what arch calls, implemented above it ---- */

/* main.c: on the boot stack, interrupts off, boot filled, printing works */
void kmain(void) NORETURN;
/*
 * A system call in progress: at the top of the kernel stack, as the entry leaves it. The frame has
 * what the ABI lets the program keep, the number in bp; Proc.syscall has the number, too.
 */
typedef struct Call Call;
struct Call {
	u64 result;		/* what RAX gets on success: 0 unless the function says otherwise */
	u64 arg[NSYSARG];
	Ureg u;
};
/*
 * sys/: do it. Called with interrupts on, returns with interrupts off and what RAX gets, ready for
 * user mode. syscall_fetch: when reading the arguments has failed with err, nil where that was
 * not tried.
 */
u64 syscall(Call *c);
u64 syscall_fetch(Call *c, const char *err);
const char *call_name(u32 number);	/* "(unknown)" for one that is not there */
/*
 * proc/:  void clock_interrupt(Ureg *u);
 *                 the timer fired; interrupts off
 *         void trap_enter(Ureg *u);
 *                 any entry from user mode, before anything else; interrupts off
 *         void trap_leave(Ureg *u);
 *                 before any return to user mode; called interrupts on, returns them off
 *         void trap_note(Ureg *u, const char *text);
 *                 an exception of user mode becomes a Debug note
 * mem/:   Err fault(Space *, Uaddr, u32 prot);
 *                 page fault at a user address, from user mode or a user copy; interrupts on
 */

#endif
