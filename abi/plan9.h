/*
 * Numbers and structures that user programs see. The kernel and the
 * libraries include this file and nothing else of each other; it includes
 * nothing. Every number is Plan 9's (doc/abi.md).
 */
#ifndef ABI_PLAN9_H
#define ABI_PLAN9_H

/* System calls. The number goes in RBP, the arguments on the user stack. */
enum {
	SYSR1 = 0,
	SYS_ERRSTR = 1,
	BIND = 2,
	CHDIR = 3,
	CLOSE = 4,
	DUP = 5,
	ALARM = 6,
	EXEC = 7,
	EXITS = 8,
	SYS_FSESSION = 9,
	FAUTH = 10,
	SYS_FSTAT = 11,
	SEGBRK = 12,
	SYS_MOUNT = 13,
	OPEN = 14,
	SYS_READ = 15,
	OSEEK = 16,
	SLEEP = 17,
	SYS_STAT = 18,
	RFORK = 19,
	SYS_WRITE = 20,
	PIPE = 21,
	CREATE = 22,
	FD2PATH = 23,
	BRK_ = 24,
	REMOVE = 25,
	SYS_WSTAT = 26,
	SYS_FWSTAT = 27,
	NOTIFY = 28,
	NOTED = 29,
	SEGATTACH = 30,
	SEGDETACH = 31,
	SEGFREE = 32,
	SEGFLUSH = 33,
	RENDEZVOUS = 34,
	UNMOUNT = 35,
	SYS_WAIT = 36,
	SEMACQUIRE = 37,
	SEMRELEASE = 38,
	SEEK = 39,
	FVERSION = 40,
	ERRSTR = 41,
	STAT = 42,
	FSTAT = 43,
	WSTAT = 44,
	FWSTAT = 45,
	MOUNT = 46,
	AWAIT = 47,
	PREAD = 50,
	PWRITE = 51,
	TSEMACQUIRE = 52,
	SYS_NSEC = 53,
	NSYSCALL = 54,
	NSYSARG = 5,		/* slots of 8 bytes at RSP+8 */
};

/* Open and create. */
enum {
	OREAD = 0,
	OWRITE = 1,
	ORDWR = 2,
	OEXEC = 3,
	OTRUNC = 0x10,
	OCEXEC = 0x20,
	ORCLOSE = 0x40,
	OEXCL = 0x1000,
};

/* The top byte of Dir.mode, and the same bits of Qid.type. */
#define DMDIR		0x80000000U
#define DMAPPEND	0x40000000U
#define DMEXCL		0x20000000U
#define DMMOUNT		0x10000000U
#define DMAUTH		0x08000000U
#define DMTMP		0x04000000U
#define DMREAD		4U
#define DMWRITE		2U
#define DMEXEC		1U

enum {
	QTDIR = 0x80,
	QTAPPEND = 0x40,
	QTEXCL = 0x20,
	QTMOUNT = 0x10,
	QTAUTH = 0x08,
	QTTMP = 0x04,
	QTFILE = 0x00,
};

/* bind and mount. */
enum {
	MREPL = 0,
	MBEFORE = 1,
	MAFTER = 2,
	MORDER = 3,
	MCREATE = 4,
	MCACHE = 0x10,
	MMASK = 0x17,
};

/* rfork. */
enum {
	RFNAMEG = 0x0001,
	RFENVG = 0x0002,
	RFFDG = 0x0004,
	RFNOTEG = 0x0008,
	RFPROC = 0x0010,
	RFMEM = 0x0020,
	RFNOWAIT = 0x0040,
	RFCNAMEG = 0x0400,
	RFCENVG = 0x0800,
	RFCFDG = 0x1000,
	RFREND = 0x2000,
	RFNOMNT = 0x4000,
};

/* noted. */
enum {
	NCONT = 0,
	NDFLT = 1,
	NSAVE = 2,
	NRSTR = 3,
};

/* Segment types and attributes (segattach). */
enum {
	SG_TYPE = 07,
	SG_TEXT = 0,
	SG_DATA = 1,
	SG_BSS = 2,
	SG_STACK = 3,
	SG_SHARED = 4,
	SG_PHYSICAL = 5,
	SG_FIXED = 6,
	SG_STICKY = 7,
	SG_RONLY = 040,
	SG_CEXEC = 0100,
	SG_FAULT = 0200,
	SG_CACHED = 0400,
	SG_DEVICE = 01000,
	SG_NOEXEC = 02000,
};

/* Limits and the shape of the address space. */
#define ERRMAX		128			/* error strings and notes, NUL included */
#define UTZERO		0x200000UL		/* first text address */
#define USTKTOP		0x00007ffffffff000UL	/* just above the user stack */
#define USTKSIZE	(16UL << 20)
#define BY2PG		4096
#define PGSHIFT		12
#define TICKHZ		100			/* clock ticks a second as programs see them */

/* The top of the stack: at USTKTOP - sizeof(Tos) after exec. */
typedef struct Tos Tos;
struct Tos {
	struct {
		unsigned long long pp, next, last, first;
		unsigned int pid, what;
	} prof;
	unsigned long long cyclefreq;		/* Hz of the time-stamp counter, 0 if not usable */
	unsigned long long kcycles;		/* cycles spent in the kernel */
	unsigned long long pcycles;		/* cycles charged to the process */
	unsigned int pid;
	unsigned int clock;			/* user milliseconds, by tick */
};

/* The register frame of a note and of /proc/n/regs. */
typedef struct Ureg Ureg;
struct Ureg {
	unsigned long long ax, bx, cx, dx, si, di, bp;
	unsigned long long r8, r9, r10, r11, r12, r13, r14, r15;
	unsigned short ds, es, fs, gs;
	unsigned long long type;		/* trap vector, or 64 for a system call */
	unsigned long long error;
	unsigned long long pc;
	unsigned long long cs;
	unsigned long long flags;
	unsigned long long sp;
	unsigned long long ss;
};

_Static_assert(sizeof(Tos) == 72, "Tos is 0x48 bytes");
_Static_assert(sizeof(Ureg) == 184, "Ureg is 184 bytes");

#endif
