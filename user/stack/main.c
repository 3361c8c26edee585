/*
 * stack [-s file] pid ...: print the registers, the calls under way and the
 * last system call of each process, which should be Broken, stopped or asleep.
 * Names of functions come from the symbol table of its program, or of file.
 */
#include "stack.h"

static char *status;

void*
emalloc(ulong n)
{
	void *p = mallocz(n, 1);

	if(p == nil)
		sysfatal("out of memory");
	return p;
}

void*
erealloc(void *p, ulong n)
{
	p = realloc(p, n);
	if(p == nil)
		sysfatal("out of memory");
	return p;
}

/* The bytes that could be read, which is up to the end of what is mapped. */
int
readmem(Process *p, uvlong addr, void *buf, long n)
{
	long got, m;

	for(got = 0; got < n; got += m){
		m = pread(p->mem, (char*)buf + got, n - got, (vlong)(addr + (uvlong)got));
		if(m <= 0)
			break;
	}
	return (int)got;
}

int
readword(Process *p, uvlong addr, uvlong *v)
{
	return readmem(p, addr, v, sizeof *v) == sizeof *v ? 0 : -1;
}

static int
openproc(int pid, char *file)
{
	char name[64];

	snprint(name, sizeof name, "/proc/%d/%s", pid, file);
	return open(name, OREAD);
}

/* The whole of a small file of the process, malloc'd; nil if it cannot be read. */
static char*
slurp(int pid, char *file)
{
	char *s = nil;
	long n = 0, m;
	int fd;

	fd = openproc(pid, file);
	if(fd < 0)
		return nil;
	do{
		s = erealloc(s, (ulong)n + 4096 + 1);
		m = read(fd, s + n, 4096);
		n += m > 0 ? m : 0;
	}while(m > 0);
	close(fd);
	s[n] = 0;
	return s;
}

/* Segments: TYPE flags BASE TOP REFS, with or without flags. */
static int
regions(Process *p)
{
	char *text, *line, *next, *f[8];
	Region *r;
	int n;

	text = slurp(p->pid, "segment");
	if(text == nil)
		return -1;
	for(line = text; *line != 0; line = next){
		next = strchr(line, '\n');
		if(next == nil)
			break;
		*next++ = 0;
		n = tokenize(line, f, nelem(f));
		if(n < 4)
			continue;
		p->region = erealloc(p->region, (ulong)(p->nregion + 1) * sizeof p->region[0]);
		r = &p->region[p->nregion++];
		strecpy(r->type, r->type + sizeof r->type, f[0]);
		r->base = strtoull(f[n-3], nil, 16);
		r->top = strtoull(f[n-2], nil, 16);
	}
	free(text);
	return 0;
}

/* The text segment, what of it can be read. */
static void
readtext(Process *p)
{
	Region *r;
	int i;

	for(i = 0; i < p->nregion; i++){
		r = &p->region[i];
		if(strcmp(r->type, "Text") == 0 && p->text == nil){
			p->text = emalloc((ulong)(r->top - r->base) + 8);
			p->textbase = r->base;
			p->texttop = r->base
				+ (uvlong)readmem(p, r->base, p->text, (long)(r->top - r->base));
		}
	}
}

static int
fetch(Process *p)
{
	int fd;
	long n;

	fd = openproc(p->pid, "regs");
	if(fd < 0)
		return -1;
	n = read(fd, &p->regs, sizeof p->regs);
	close(fd);
	if(n != sizeof p->regs){
		if(n >= 0)
			werrstr("registers are %ld bytes, not %d", n, (int)sizeof p->regs);
		return -1;
	}
	p->mem = openproc(p->pid, "mem");
	if(p->mem < 0 || regions(p) < 0)
		return -1;
	readtext(p);
	return 0;
}

static void
printregs(Ureg *u)
{
	static char *trap[] = {
		[0] = "divide error", [1] = "debug exception", [3] = "breakpoint",
		[4] = "overflow", [5] = "bounds check", [6] = "invalid opcode",
		[12] = "stack exception", [13] = "general protection violation",
		[14] = "page fault", [16] = "floating point exception",
		[17] = "alignment check", [19] = "floating point exception",
		[64] = "system call",
	};
	struct { char *name; uvlong v; } r[] = {
		{ "ax", u->ax }, { "bx", u->bx }, { "cx", u->cx }, { "dx", u->dx },
		{ "si", u->si }, { "di", u->di }, { "bp", u->bp }, { "sp", u->sp },
		{ "r8", u->r8 }, { "r9", u->r9 }, { "r10", u->r10 }, { "r11", u->r11 },
		{ "r12", u->r12 }, { "r13", u->r13 }, { "r14", u->r14 }, { "r15", u->r15 },
		{ "pc", u->pc }, { "flags", u->flags }, { "type", u->type }, { "error", u->error },
	};
	uint i;

	for(i = 0; i < nelem(r); i++)
		print("%s%-5s 0x%.16llux%s", i%4 == 0 ? "\t" : "  ", r[i].name, r[i].v,
			i%4 == 3 ? "\n" : "");
	print("\ttype %llud is %s\n", u->type,
		u->type < nelem(trap) && trap[u->type] != nil ? trap[u->type] : "another trap");
}

/* `program pid: state', and the arguments. */
static void
printhead(int pid)
{
	char *s, *f[4], *args;

	s = slurp(pid, "status");
	args = slurp(pid, "args");
	if(s != nil && tokenize(s, f, nelem(f)) >= 3)
		print("%s %d: %s\n", f[0], pid, f[2]);
	if(args != nil && args[0] != 0)
		print("\t%s\n", args);
	free(s);
	free(args);
}

static void
inspect(int pid, char *symfile)
{
	Process p = { .pid = pid, .mem = -1 };
	Symtab t;
	int fd;

	if(fetch(&p) < 0){
		fprint(2, "stack: %d: %r\n", pid);
		status = "errors";
	}else{
		fd = symfile != nil ? open(symfile, OREAD) : openproc(pid, "text");
		if(fd < 0)
			fprint(2, "stack: no symbols: %r\n");
		loadsyms(fd, &t);
		if(fd >= 0)
			close(fd);
		printhead(pid);
		print("registers\n");
		printregs(&p.regs);
		print("last system call\n");
		printcall(&p);
		print("stack%s\n", t.named ? "" : " (the program has no symbols)");
		if(!t.named)
			guesssyms(&p, &t);
		printstack(&p, &t);
		free(t.sym);
	}
	if(p.mem >= 0)
		close(p.mem);
	free(p.region);
	free(p.text);
}

static void
usage(void)
{
	fprint(2, "usage: stack [-s symbolfile] pid ...\n");
	exits("usage");
}

void
main(int argc, char *argv[])
{
	char *symfile = nil, *end;
	int pid;

	ARGBEGIN{
	case 's':
		symfile = EARGF(usage());
		break;
	default:
		usage();
	}ARGEND
	if(argc == 0)
		usage();
	quotefmtinstall();
	for(; argc > 0; argc--, argv++){
		pid = (int)strtol(argv[0], &end, 10);
		if(pid <= 0 || *end != 0)
			usage();
		inspect(pid, symfile);
	}
	exits(status);
}
