/*
 * The Plan 9 C library: processes, files, memory, strings, runes, print,
 * time, locks. Functions fail with -1 or nil and leave the reason in the
 * error string (%r). Prototypes have no const, as in Plan 9; no function
 * writes through a pointer that its name does not say is an output.
 */
#ifndef LIBC_H
#define LIBC_H

#define nelem(x)	(sizeof(x)/sizeof((x)[0]))
#ifndef offsetof
#define offsetof(s, m)	__builtin_offsetof(s, m)
#endif
#define assert(x)	do{ if(!(x)) _assert(#x); }while(0)
#define USED(...)	do{ if(0) _used(0, __VA_ARGS__); }while(0)
/* SET(x...), of up to four, makes compilers believe that they are set. */
#define SET(...)	_SETN(__VA_ARGS__, _SET4, _SET3, _SET2, _SET1, 0)(__VA_ARGS__)
#define _SETN(a, b, c, d, f, ...)	f
#define _SET1(a)	((a) = 0)
#define _SET2(a, b)	(_SET1(a), _SET1(b))
#define _SET3(a, b, c)	(_SET1(a), _SET2(b, c))
#define _SET4(a, b, c, d)	(_SET2(a, b), _SET2(c, d))
#define NORETURN	__attribute__((noreturn))

static inline void
_used(int n, ...)
{
	(void)n;
}

extern char *argv0;
extern Tos *_tos;

void main(int, char**);
NORETURN void _assert(char*);

/*
 * Options. ARGBEGIN{ case 'f': file = EARGF(usage()); break; default: usage(); }ARGEND
 * leaves argc and argv on the operands.
 */
#define ARGBEGIN	for(argv0 = argv0 ? argv0 : *argv, argv++, argc--; \
			argv[0] && argv[0][0] == '-' && argv[0][1]; argc--, argv++){ \
			char *_args = argv[0]+1, *_argt = nil; \
			Rune _argc = 0; \
			if(_args[0] == '-' && _args[1] == 0){ \
				argc--; \
				argv++; \
				break; \
			} \
			while(*_args && (_args += chartorune(&_argc, _args)) != nil) \
			switch(_argc)
#define ARGEND		USED(_argt); }
#define ARGF()		(_argt = _args, _args = "", \
			*_argt ? _argt : argv[1] ? (argc--, *++argv) : nil)
#define EARGF(x)	(_argt = _args, _args = "", \
			*_argt ? _argt : argv[1] ? (argc--, *++argv) : ((x), abort(), (char*)nil))
#define ARGC()		_argc

/* Memory and strings. */
void	*memccpy(void*, void*, int, ulong);
void	*memset(void*, int, ulong);
int	memcmp(void*, void*, ulong);
void	*memcpy(void*, void*, ulong);
void	*memmove(void*, void*, ulong);
void	*memchr(void*, int, ulong);

char	*strcat(char*, char*);
char	*strchr(char*, int);
int	strcmp(char*, char*);
char	*strcpy(char*, char*);
char	*strecpy(char*, char*, char*);
char	*strdup(char*);
char	*strncat(char*, char*, long);
char	*strncpy(char*, char*, long);
int	strncmp(char*, char*, long);
char	*strpbrk(char*, char*);
char	*strrchr(char*, int);
char	*strtok(char*, char*);
long	strlen(char*);
long	strspn(char*, char*);
long	strcspn(char*, char*);
char	*strstr(char*, char*);
int	cistrncmp(char*, char*, int);
int	cistrcmp(char*, char*);
char	*cistrstr(char*, char*);

/* Runes. */
enum {
	UTFmax = 4,
	Runesync = 0x80,
	Runeself = 0x80,
	Runeerror = 0xFFFD,
	Runemax = 0x10FFFF,
	Runemask = 0x1FFFFF,
};

int	runetochar(char*, Rune*);
int	chartorune(Rune*, char*);
int	runelen(Rune);
int	runenlen(Rune*, int);
int	fullrune(char*, int);
int	utflen(char*);
int	utfnlen(char*, long);
char	*utfrune(char*, Rune);
char	*utfrrune(char*, Rune);
char	*utfutf(char*, char*);
char	*utfecpy(char*, char*, char*);

Rune	*runestrcat(Rune*, Rune*);
Rune	*runestrchr(Rune*, Rune);
int	runestrcmp(Rune*, Rune*);
Rune	*runestrcpy(Rune*, Rune*);
Rune	*runestrncpy(Rune*, Rune*, long);
Rune	*runestrecpy(Rune*, Rune*, Rune*);
Rune	*runestrdup(Rune*);
Rune	*runestrncat(Rune*, Rune*, long);
int	runestrncmp(Rune*, Rune*, long);
Rune	*runestrrchr(Rune*, Rune);
long	runestrlen(Rune*);
Rune	*runestrstr(Rune*, Rune*);

Rune	tolowerrune(Rune);
Rune	totitlerune(Rune);
Rune	toupperrune(Rune);
int	isalpharune(Rune);
int	isdigitrune(Rune);
int	islowerrune(Rune);
int	isspacerune(Rune);
int	istitlerune(Rune);
int	isupperrune(Rune);

/* Unicode's forms NFC and NFD: at most max elements, the NUL included; returns those needed. */
int	runecomp(Rune*, Rune*, int);
int	runedecomp(Rune*, Rune*, int);
int	utfcomp(char*, char*, int);
int	utfdecomp(char*, char*, int);
/* The end of the word or grapheme that begins here. */
Rune	*runewbreak(Rune*);
Rune	*runegbreak(Rune*);
char	*utfwbreak(char*);
char	*utfgbreak(char*);

/* Allocation. Memory is not zeroed by malloc; corruption aborts. */
void	*malloc(ulong);
void	*mallocz(ulong, int);
void	*mallocalign(ulong, ulong, long, ulong);
void	*calloc(ulong, ulong);
void	*realloc(void*, ulong);
void	free(void*);
ulong	msize(void*);
void	setmalloctag(void*, uintptr);
uintptr	getmalloctag(void*);
void	setrealloctag(void*, uintptr);
uintptr	getrealloctag(void*);

/* Formatted output. */
typedef struct Fmt Fmt;
struct Fmt {
	uchar	runes;			/* output is Runes rather than UTF-8 */
	void	*start;			/* of the buffer */
	void	*to;			/* next place in it */
	void	*stop;			/* its end; overwritten after flush */
	int	(*flush)(Fmt*);		/* called when to == stop; 0 means full */
	void	*farg;			/* for flush */
	int	nfmt;			/* characters emitted so far */
	va_list	args;
	int	r;			/* the verb */
	int	width;
	int	prec;
	ulong	flags;
};

enum {
	FmtWidth = 1,
	FmtLeft = FmtWidth << 1,
	FmtPrec = FmtLeft << 1,
	FmtSharp = FmtPrec << 1,
	FmtSpace = FmtSharp << 1,
	FmtSign = FmtSpace << 1,
	FmtZero = FmtSign << 1,
	FmtUnsigned = FmtZero << 1,
	FmtShort = FmtUnsigned << 1,
	FmtLong = FmtShort << 1,
	FmtVLong = FmtLong << 1,
	FmtComma = FmtVLong << 1,
	FmtByte = FmtComma << 1,
	FmtFlag = FmtByte << 1,
};

int	print(char*, ...);
int	fprint(int, char*, ...);
int	sprint(char*, char*, ...);
int	snprint(char*, int, char*, ...);
char	*seprint(char*, char*, char*, ...);
char	*smprint(char*, ...);
int	vfprint(int, char*, va_list);
int	vsnprint(char*, int, char*, va_list);
char	*vseprint(char*, char*, char*, va_list);
char	*vsmprint(char*, va_list);
int	runesprint(Rune*, char*, ...);
int	runesnprint(Rune*, int, char*, ...);
Rune	*runeseprint(Rune*, Rune*, char*, ...);
Rune	*runesmprint(char*, ...);
int	runevsnprint(Rune*, int, char*, va_list);
Rune	*runevseprint(Rune*, Rune*, char*, va_list);
Rune	*runevsmprint(char*, va_list);

int	dofmt(Fmt*, char*);
int	fmtinstall(int, int (*)(Fmt*));
int	fmtfdinit(Fmt*, int, char*, int);
int	fmtfdflush(Fmt*);
int	fmtstrinit(Fmt*);
char	*fmtstrflush(Fmt*);
int	runefmtstrinit(Fmt*);
Rune	*runefmtstrflush(Fmt*);
int	fmtprint(Fmt*, char*, ...);
int	fmtvprint(Fmt*, char*, va_list);
int	fmtrune(Fmt*, int);
int	fmtstrcpy(Fmt*, char*);
int	fmtrunestrcpy(Fmt*, Rune*);
int	errfmt(Fmt*);

char	*quotestrdup(char*);
Rune	*quoterunestrdup(Rune*);
char	*unquotestrdup(char*);
int	needsrcquote(int);
int	quotestrfmt(Fmt*);
int	quoterunestrfmt(Fmt*);
void	quotefmtinstall(void);
extern int (*doquote)(int);
int	encodefmt(Fmt*);

/* Fields and numbers. */
int	tokenize(char*, char**, int);
int	gettokens(char*, char**, int, char*);
int	getfields(char*, char**, int, int, char*);
char	*cleanname(char*);
int	atoi(char*);
long	atol(char*);
vlong	atoll(char*);
double	atof(char*);
long	strtol(char*, char**, int);
ulong	strtoul(char*, char**, int);
vlong	strtoll(char*, char**, int);
uvlong	strtoull(char*, char**, int);
double	strtod(char*, char**);
double	charstod(int (*)(void*), void*);

int	enc64(char*, int, uchar*, int);
int	dec64(uchar*, int, char*, int);
int	enc32(char*, int, uchar*, int);
int	dec32(uchar*, int, char*, int);
int	enc16(char*, int, uchar*, int);
int	dec16(uchar*, int, char*, int);
int	enc64x(char*, int, uchar*, int, int (*)(int));
int	dec64x(uchar*, int, char*, int, int (*)(int));
int	enc32x(char*, int, uchar*, int, int (*)(int));
int	dec32x(uchar*, int, char*, int, int (*)(int));
int	enc64chr(int);
int	dec64chr(int);
int	enc32chr(int);
int	dec32chr(int);
int	enc16chr(int);
int	dec16chr(int);

void	qsort(void*, long, long, int (*)(void*, void*));
int	abs(int);
long	labs(long);
void	srand(long);
int	rand(void);
int	nrand(int);
long	lrand(void);
long	lnrand(long);
double	frand(void);
ulong	truerand(void);
ulong	ntruerand(ulong);

/* Mathematics. */
#define HUGE		1.79769313486231e308
#define PIO2		1.570796326794896619231e0
#define PI		(PIO2+PIO2)

double	NaN(void);
double	Inf(int);
int	isNaN(double);
int	isInf(double, int);
uint	getfcr(void);
void	setfcr(uint);
uint	getfsr(void);
void	setfsr(uint);
double	sin(double);
double	cos(double);
double	tan(double);
double	asin(double);
double	acos(double);
double	atan(double);
double	atan2(double, double);
double	sinh(double);
double	cosh(double);
double	tanh(double);
double	exp(double);
double	log(double);
double	log10(double);
double	pow(double, double);
double	pow10(int);
double	sqrt(double);
double	hypot(double, double);
double	fabs(double);
double	floor(double);
double	ceil(double);
double	fmod(double, double);
double	frexp(double, int*);
double	ldexp(double, int);
double	modf(double, double*);

/* Bits of the floating-point control and status words. */
enum {
	FPINEX = 1 << 5,
	FPUNFL = 1 << 4,
	FPOVFL = 1 << 3,
	FPZDIV = 1 << 2,
	FPINVAL = 1 << 0,
	FPRNR = 0 << 10,
	FPRNINF = 1 << 10,
	FPRPINF = 2 << 10,
	FPRZ = 3 << 10,
	FPRMASK = 3 << 10,
};

/* Locks, zero-initialised; they work between processes that share memory. */
typedef struct Lock Lock;
struct Lock {
	int	val;
};
typedef struct QLp QLp;
struct QLp {
	int	inuse;
	int	state;			/* what the waiter wants */
	QLp	*next;
};
typedef struct QLock QLock;
struct QLock {
	Lock	lock;
	int	locked;
	QLp	*head, *tail;
};
typedef struct RWLock RWLock;
struct RWLock {
	Lock	lock;
	int	readers;
	int	writer;
	QLp	*head, *tail;
};
typedef struct Rendez Rendez;
struct Rendez {
	QLock	*l;
	QLp	*head, *tail;
};
typedef struct Ref Ref;
struct Ref {
	long	ref;
};

void	lock(Lock*);
void	unlock(Lock*);
int	canlock(Lock*);
void	qlock(QLock*);
void	qunlock(QLock*);
int	canqlock(QLock*);
void	rlock(RWLock*);
void	runlock(RWLock*);
int	canrlock(RWLock*);
void	wlock(RWLock*);
void	wunlock(RWLock*);
int	canwlock(RWLock*);
void	rsleep(Rendez*);
int	rwakeup(Rendez*);
int	rwakeupall(Rendez*);
void	incref(Ref*);
long	decref(Ref*);
long	ainc(long*);
long	adec(long*);
void	**privalloc(void);

/* Time. */
typedef struct Tzone Tzone;
typedef struct Tm Tm;
struct Tm {
	int	nsec;
	int	sec;
	int	min;
	int	hour;
	int	mday;
	int	mon;			/* 0-11 */
	int	year;			/* A.D. */
	int	wday;			/* Sunday 0 */
	int	yday;			/* 0-365 */
	char	zone[16];
	int	tzoff;			/* seconds east of Greenwich */
	Tzone	*tz;
};
typedef struct Tmfmt Tmfmt;
struct Tmfmt {
	char	*fmt;
	Tm	*tm;
};

long	time(long*);
vlong	nsec(void);
double	cputime(void);
long	times(long*);
void	cycles(uvlong*);
char	*ctime(long);
char	*asctime(Tm*);
Tm	*localtime(long);
Tm	*gmtime(long);
long	tm2sec(Tm*);
Tzone	*tzload(char*);
Tm	*tmnow(Tm*, Tzone*);
Tm	*tmtime(Tm*, vlong, Tzone*);
Tm	*tmtimens(Tm*, vlong, int, Tzone*);
vlong	tmnorm(Tm*);
Tmfmt	tmfmt(Tm*, char*);
Tm	*tmparse(Tm*, char*, char*, Tzone*, char**);
void	tmfmtinstall(void);

/* Files. */
enum {
	AEXIST = 0,
	AEXEC = 1,
	AWRITE = 2,
	AREAD = 4,
	STATMAX = 65535,
	DIRMAX = STATMAX + 16384,	/* the most dirread asks for at once */
};

typedef struct IOchunk IOchunk;
struct IOchunk {
	void	*addr;
	ulong	len;
};
typedef struct Qid Qid;
struct Qid {
	uvlong	path;
	uint	vers;
	uchar	type;
};

/* The fields of a Dir, named so that lib9p's File can hold them too. */
#define DIRFIELDS \
	ushort	type; \
	uint	dev; \
	Qid	qid; \
	uint	mode; \
	uint	atime; \
	uint	mtime; \
	vlong	length; \
	char	*name; \
	char	*uid; \
	char	*gid; \
	char	*muid;

typedef struct Dir Dir;
struct Dir {
	DIRFIELDS
};
typedef struct Waitmsg Waitmsg;
struct Waitmsg {
	int	pid;
	uint	time[3];		/* user, system, real, in ms */
	char	*msg;
};

int	open(char*, int);
int	create(char*, int, uint);
int	close(int);
long	read(int, void*, long);
long	write(int, void*, long);
long	pread(int, void*, long, vlong);
long	pwrite(int, void*, long, vlong);
long	readv(int, IOchunk*, int);
long	writev(int, IOchunk*, int);
long	preadv(int, IOchunk*, int, vlong);
long	pwritev(int, IOchunk*, int, vlong);
long	readn(int, void*, long);
vlong	seek(int, vlong, int);
int	dup(int, int);
int	pipe(int*);
int	remove(char*);
int	chdir(char*);
int	fd2path(int, char*, int);
int	iounit(int);
int	access(char*, int);
int	bind(char*, char*, int);
int	mount(int, int, char*, int, char*);
int	unmount(char*, char*);
int	fauth(int, char*);
int	fversion(int, int, char*, int);
int	stat(char*, uchar*, int);
int	fstat(int, uchar*, int);
int	wstat(char*, uchar*, int);
int	fwstat(int, uchar*, int);
Dir	*dirstat(char*);
Dir	*dirfstat(int);
int	dirwstat(char*, Dir*);
int	dirfwstat(int, Dir*);
long	dirread(int, Dir**);
long	dirreadall(int, Dir**);
void	nulldir(Dir*);
char	*getwd(char*, int);
char	*mktemp(char*);
char	*getenv(char*);
int	putenv(char*, char*);
char	*sysname(void);
void	syslog(int, char*, char*, ...);

uint	convM2D(uchar*, uint, Dir*, char*);
uint	convD2M(Dir*, uchar*, uint);
uint	sizeD2M(Dir*);
int	statcheck(uchar*, uint);

/* Networks. dial(2) says what an address is. */
enum {
	NETPATHLEN = 40,		/* of a conversation's directory, the NUL included */
};

typedef struct NetConnInfo NetConnInfo;
struct NetConnInfo {
	char	*dir;			/* of the conversation */
	char	*root;			/* of the network */
	char	*spec;			/* of its device */
	char	*lsys;			/* this side's address and service */
	char	*lserv;
	char	*rsys;			/* the other's */
	char	*rserv;
	char	*laddr;			/* both as addresses for dial */
	char	*raddr;
};

int	dial(char*, char*, char*, int*);
int	announce(char*, char*);
int	listen(char*, char*);
int	accept(int, char*);
int	reject(int, char*, char*);
int	hangup(int);
char	*netmkaddr(char*, char*, char*);
void	setnetmtpt(char*, int, char*);
NetConnInfo *getnetconninfo(char*, int);
void	freenetconninfo(NetConnInfo*);
int	pushtls(int, char*, char*, int, char*, char*);

/* Processes, errors, notes. */
enum {
	PNPROC = 1,
	PNGROUP = 2,
};

NORETURN void exits(char*);
NORETURN void _exits(char*);
int	atexit(void (*)(void));
void	atexitdont(void (*)(void));
NORETURN void abort(void);
NORETURN void sysfatal(char*, ...);
void	perror(char*);
void	werrstr(char*, ...);
void	rerrstr(char*, uint);
int	errstr(char*, uint);
int	fork(void);
int	rfork(int);
int	exec(char*, char**);
int	execl(char*, ...);
Waitmsg	*wait(void);
int	waitpid(void);
int	await(char*, int);
int	getpid(void);
int	getppid(void);
char	*getuser(void);
void	procsetname(char*, ...);
int	sleep(long);
long	alarm(ulong);
int	notify(void (*)(void*, char*));
int	noted(int);
int	atnotify(int (*)(void*, char*), int);
int	postnote(int, int, char*);
int	setjmp(jmp_buf) __attribute__((returns_twice));
NORETURN void longjmp(jmp_buf, int);
NORETURN void notejmp(void*, jmp_buf, int);
void	*rendezvous(void*, void*);
int	semacquire(int*, int);
int	tsemacquire(int*, ulong);
int	semrelease(int*, int);
void	*segattach(int, char*, void*, ulong);
int	segdetach(void*);
int	segfree(void*, ulong);
int	segflush(void*, ulong);
void	*segbrk(void*, void*);
int	brk(void*);
void	*sbrk(intptr);

/* exoffer(2): pages handed to another process */
typedef struct Exstatus Exstatus;
struct Exstatus {
	int number;
	char state[12];
	char kind[8];
	int offerer;
	int taker;
	uvlong length;
};
int	exoffer(char*, void*, uvlong);
int	exreoffer(int, char*, void*, uvlong);
int	exnumber(int);
int	exopen(int);
void	*exaccept(int, void*, uvlong*);
int	excancel(int);
int	exreturn(int);
int	exrevoke(int);
int	exstatus(int, Exstatus*);
#define getcallerpc(x)	((void)(x), (uintptr)__builtin_return_address(0))

#endif
