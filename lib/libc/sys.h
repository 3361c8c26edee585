/*
 * What the files of libc share and programs do not see: the system call
 * gate, private words, and the assembly entries.
 */
#include "u.h"
#include "libc.h"

/* Words of _privates with a fixed use. */
enum {
	Privnote,		/* the process's note handler */
	Privfree,		/* the first that privalloc gives out */
};

extern void **_privates;
extern void *(*_rendezvousp)(void*, void*);	/* rendezvous, or what threads do */

/*
 * Does system call n. The result is whole; calls that return an int are
 * narrowed by the wrapper. A test aid may supply another definition.
 */
uvlong	_syscall(int n, uvlong, uvlong, uvlong, uvlong, uvlong);
/* For calls that have fewer arguments. The number comes last, so that they stay where they are. */
uvlong	_syscall0(int n);
uvlong	_syscall1(uvlong, int n);
uvlong	_syscall2(uvlong, uvlong, int n);
uvlong	_syscall3(uvlong, uvlong, uvlong, int n);
uvlong	_syscall4(uvlong, uvlong, uvlong, uvlong, int n);

void	_libcstart(Tos*, long, char**);
void	_notehandler(void*, char*);
void	_notetramp(void);
void	_notejmpland(void);
