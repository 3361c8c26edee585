/*
 * What the files of the Linux back end share. It takes the place of libc's
 * _syscall, so that programs for lux9 run as Linux processes in tests. It is
 * an aid: one process's view, no name spaces, no shared memory.
 */
#include "u.h"
#include "libc.h"
#include "fcall.h"

enum {
	NFD = 512,		/* descriptors whose state is kept; others are errors */
	PATHLEN = 4096,

	/* Linux system calls */
	Lread = 0, Lwrite = 1, Lclose = 3, Lfstat = 5, Llseek = 8, Lmmap = 9, Lmunmap = 11,
	Lsigaction = 13, Lsigprocmask = 14, Lpread = 17, Lpwrite = 18, Lyield = 24, Ldup = 32,
	Ldup2 = 33, Lnanosleep = 35, Lsetitimer = 38, Lgetpid = 39, Lsocketpair = 53, Lfork = 57,
	Lexecve = 59, Lexit = 60, Lwait4 = 61, Lkill = 62, Luname = 63, Lfcntl = 72,
	Lftruncate = 77, Lchdir = 80, Lrename = 82, Lmkdir = 83, Lrmdir = 84, Lunlink = 87,
	Lreadlink = 89, Lchmod = 90, Lumask = 95, Lgetuid = 102, Lsetpgid = 109, Lgetppid = 110,
	Lgetpgid = 121, Lfutex = 202, Lgetdents = 217, Lclockgettime = 228, Lexitgroup = 231,
	Lopenat = 257, Lfstatat = 262, Lutimensat = 280, Lmemfd = 319,

	ATCWD = -100,

	/* Linux error numbers that are looked at */
	Enoent = 2, Eintr = 4, Eio = 5, Enoexec = 8, Ebadf = 9, Echild = 10, Eagain = 11,
	Eacces = 13,
	Eexist = 17, Enotdir = 20, Eisdir = 21, Einval = 22, Emfile = 24, Enospc = 28, Espipe = 29,
	Erofs = 30, Epipe = 32, Enotempty = 39, Econnreset = 104,
};

/* A descriptor's own state. */
typedef struct Fd Fd;
struct Fd {
	int	kind;
	int	pid;		/* of a note or ctl file */
	uchar	*dbuf;		/* directory: names read from Linux and not yet given out */
	int	dn, doff;
	vlong	dpos;		/* bytes of entries given out */
};

enum {
	Kplain = 0,
	Knote,
	Knotepg,
	Kctl,
	Kdir,
};

extern Fd fds[NFD];
extern char rundir[PATHLEN];
extern char **hostenv;
extern char procname[64];
extern vlong startns;
extern int isleader;

/* linux.c */
long	lx(long, long, long, long, long, long, long);
int	fail(char*, ...);
int	failno(long, char*);
vlong	now(void);

/* name.c */
void	initnames(void);
int	hostname(char*, char*);
int	guestname(char*, char*, int);
int	mapname(char*, char*);
int	unmapname(char*);
int	openspecial(char*, int, int*);
void	cleanup(void);
int	copyenv(int);
char	**execenv(char*);
char	*username(void);

/* file.c */
vlong	filecall(int, uvlong*);

/* proc.c */
vlong	proccall(int, uvlong*);
int	writenote(Fd*, char*, int);
NORETURN void linuxexit(char*);
void	initnotes(void);
void	_linuxstart(long*);
void	_sigreturn(void);
NORETURN void _resume(Ureg*);
void	_libcstart(Tos*, long, char**);
uvlong	_syscall(int, uvlong, uvlong, uvlong, uvlong, uvlong);
uvlong	_syscall0(int);
uvlong	_syscall1(uvlong, int);
uvlong	_syscall2(uvlong, uvlong, int);
uvlong	_syscall3(uvlong, uvlong, uvlong, int);
uvlong	_syscall4(uvlong, uvlong, uvlong, uvlong, int);
