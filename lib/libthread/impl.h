/*
 * What the files of libthread share.
 *
 * Locks, none held while another is taken, but as listed: chanlock and threadlock, then
 * Proc.lock.
 */
#include <u.h>
#include <libc.h>
#include <thread.h>

typedef struct Proc Proc;

enum {
	MINSTACK = 16*1024,	/* printing and notes need that much */
	RENDHASH = 13,
};

struct Thread {
	jmp_buf	regs;		/* while it does not run */
	int	id;
	int	grp;
	Proc	*proc;
	Thread	*next;		/* all of the program; under threadlock */
	Thread	*nextready;	/* under proc->lock */
	void	(*f)(void*);
	void	*arg;
	uchar	*stack;		/* its lowest word is STACKMARK */
	char	*name;
	void	*data;		/* threaddata */
	int	dead;		/* the scheduler is to free it */
	int	killed;		/* it is to end as soon as it runs */
	Alt	*waiting;	/* the alt it is blocked in; under chanlock */
	Alt	*done;		/* which of it was performed, nil if interrupted */
	void	*tag, *value;	/* in _threadrendezvous */
	Thread	*nextrend;
};

struct Proc {
	Lock	lock;
	jmp_buf	regs;		/* of the scheduler, which runs on the process's own stack */
	int	pid;
	Proc	*next;		/* all of the program; under threadlock */
	Thread	*current;
	Thread	*head, *tail;	/* ready */
	int	nthread;
	int	idle;		/* waits for sem */
	int	sem;
	void	*data;		/* procdata */
	char	exitstr[ERRMAX];
	/* what a thread asks of the scheduler, which alone may fork: */
	Proc	*fork;		/* with those threads */
	int	forkflags;
	int	forkpid;
	char	*prog;		/* to exec in a child */
	char	**argv;
	int	execfd;		/* which reports failure there */
};

extern Lock _threadlock;
extern Thread *_allthreads;
extern Channel *_waitchan;

Proc	*_proc(void);
Thread	*_thread(void);
void	_sched(void);
void	_ready(Thread*);
int	_unblock(Thread*);
Thread	*_newthread(Proc*, void (*)(void*), void*, uint, char*);
Proc	*_newproc(void);
void	*_threadrendezvous(void*, void*);
int	_intnote(void*, char*);
