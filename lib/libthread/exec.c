/*
 * Programs run in place of a proc. The proc forks a child for the program and
 * stays to wait for it, so that the program shares nothing with the threads.
 */
#include "impl.h"

Channel *_waitchan;

/* The channel on which the ends of such programs are told, as Waitmsg* to be freed. */
Channel*
threadwaitchan(void)
{
	Channel *c = chancreate(sizeof(Waitmsg*), 16);

	lock(&_threadlock);
	if(_waitchan == nil){
		_waitchan = c;
		c = nil;
	}
	unlock(&_threadlock);
	chanfree(c);
	return _waitchan;
}

static void
awaitprogram(int pid)
{
	Waitmsg *w;
	int theirs = 0;

	while(!theirs && (w = wait()) != nil){
		theirs = w->pid == pid;
		if(_waitchan == nil || sendp(_waitchan, w) <= 0)
			free(w);
	}
	threadexits("procexec");
}

/*
 * Runs a program in a child of the calling proc, which must have no other thread. Its pid is
 * sent on pidc, unless that is nil, and the proc ends with the program. Returns only if the
 * program cannot be run: then ~0 is sent.
 */
void
procexec(Channel *pidc, char *prog, char **argv)
{
	Proc *p = _proc();
	char name[32], err[ERRMAX];
	int fd[2], cfd, pid;
	long n;

	if(p->nthread != 1){
		werrstr("procexec: the proc has other threads");
		goto bad;
	}
	if(pipe(fd) < 0)
		goto bad;
	snprint(name, sizeof name, "/fd/%d", fd[1]);
	cfd = open(name, OWRITE|OCEXEC);
	close(fd[1]);
	if(cfd < 0){
		close(fd[0]);
		goto bad;
	}
	p->execfd = cfd;
	p->argv = argv;
	p->prog = prog;
	_ready(p->current);
	_sched();
	pid = p->forkpid;
	close(cfd);
	n = pid < 0 ? -1 : read(fd[0], err, sizeof err - 1);
	close(fd[0]);
	if(pid >= 0 && n <= 0){
		if(pidc != nil)
			sendul(pidc, (ulong)pid);
		awaitprogram(pid);
	}
	if(n > 0){
		err[n] = 0;
		free(wait());
		werrstr("%s", err);
	}
bad:
	if(pidc != nil)
		sendul(pidc, ~0UL);
}

void
procexecl(Channel *pidc, char *prog, ...)
{
	va_list arg;
	char **argv;
	int n = 0;

	va_start(arg, prog);
	while(va_arg(arg, char*) != nil)
		n++;
	va_end(arg);
	argv = malloc((ulong)(n + 1) * sizeof argv[0]);
	if(argv == nil)
		sysfatal("no memory for arguments");
	va_start(arg, prog);
	for(n = 0; (argv[n] = va_arg(arg, char*)) != nil; n++)
		;
	va_end(arg);
	procexec(pidc, prog, argv);
	free(argv);
}
