/*
 * stack looks into a process that has stopped.
 *
 *	main.c		the files of /proc; what is printed
 *	call.c		the system call
 *	sym.c		symbols of a.out and ELF files
 *	trace.c		the calls under way
 */
#ifndef STACK_H
#define STACK_H

#include <u.h>
#include <libc.h>

typedef struct Process Process;
typedef struct Region Region;
typedef struct Sym Sym;
typedef struct Symtab Symtab;

/* A segment. */
struct Region {
	char	type[16];
	uvlong	base, top;
};

struct Process {
	int	pid;
	int	mem;			/* its memory, by address */
	Ureg	regs;
	Region	*region;
	int	nregion;
	uchar	*text;			/* a copy of the text segment */
	uvlong	textbase, texttop;
};

struct Sym {
	uvlong	value;
	char	*name;			/* nil for a place that something calls */
	long	frame;			/* from stack pointer to return address, or -1 */
};

/* Functions by address. */
struct Symtab {
	Sym	*sym;
	int	n;
	int	named;			/* they come from a symbol table */
	uvlong	entry;
};

void	*emalloc(ulong);
void	*erealloc(void*, ulong);

int	readmem(Process*, uvlong addr, void*, long);
int	readword(Process*, uvlong addr, uvlong*);

void	loadsyms(int fd, Symtab*);
void	guesssyms(Process*, Symtab*);
Sym	*findsym(Symtab*, uvlong pc);

void	printcall(Process*);
void	printstack(Process*, Symtab*);

#endif
