/*
 * Jobs, from the message to the answer. A flush waits for the answer of what
 * it flushes; it interrupts the worker's system call so that this is soon. The
 * answer, the end of the job and the answers to its flushes are one step under
 * outlock, so that no flush can overtake the answer and no new request with
 * the same tag is taken for the old.
 */
#include "exportfs.h"

enum {
	NHASH = 128,
	MAXIDLE = 4,			/* workers that may wait for jobs */
};

static QLock lk;
static Rendez work = { .l = &lk };
static Job *hash[NHASH];
static Job *head, *tail;		/* not begun */
static int nworker, nidle;

static QLock outlock;			/* taken before lk */

/* outlock is held. If the client is gone, reading will tell. */
static void
send(Fcall *f)
{
	static uchar buf[MAXMSIZE];
	uint n;

	if(debug)
		fprint(2, "-> %F\n", f);
	n = convS2M(f, buf, messize);
	if(n == 0){
		f->type = Rerror;
		f->ename = "answer too long";
		n = convS2M(f, buf, messize);
	}
	if(n > 0)
		write(1, buf, n);
}

void
answer(Fcall *f)
{
	qlock(&outlock);
	send(f);
	qunlock(&outlock);
}

void
jobfree(Job *j)
{
	free(j->flush);
	free(j->data);
	free(j->buf);
	free(j);
}

static void
unhash(Job *j)
{
	Job **p;

	for(p = &hash[j->in.tag % NHASH]; *p != j; p = &(*p)->next)
		;
	*p = j->next;
}

/* Answers j, then the flushes that waited for it. The job is gone. */
static void
finish(Worker *w, Job *j, char *error)
{
	Fcall f = { .type = Rflush };
	int i, undo;

	j->out.type = j->in.type + 1;
	j->out.tag = j->in.tag;
	if(error != nil){
		j->out.type = Rerror;
		j->out.ename = error;
	}
	qlock(&outlock);
	qlock(&lk);
	undo = w->interrupted;
	w->interrupted = 0;
	w->job = nil;
	if(!j->aborted)
		unhash(j);
	qunlock(&lk);
	if(undo && w->ctl >= 0)
		write(w->ctl, "nointerrupt", 11);
	if(!j->aborted)
		send(&j->out);
	for(i = 0; i < j->nflush; i++){
		f.tag = j->flush[i];
		send(&f);
	}
	qunlock(&outlock);
	jobfree(j);
}

/* The next job, or nil if there are workers enough that wait for one. */
static Job*
take(Worker *w)
{
	Job *j;

	qlock(&lk);
	if(head == nil && nidle >= MAXIDLE){
		nworker--;
		qunlock(&lk);
		return nil;
	}
	nidle++;
	while(head == nil)
		rsleep(&work);
	nidle--;
	j = head;
	head = j->qnext;
	if(head == nil)
		tail = nil;
	j->worker = w;
	w->job = j;
	w->interrupted = 0;
	qunlock(&lk);
	return j;
}

/* An interruption is to end a system call and nothing else. */
static int
onnote(void *ureg, char *note)
{
	USED(ureg);
	return strcmp(note, "interrupt") == 0;
}

static void
serve(Worker *w)
{
	char name[32];
	Job *j;

	w->pid = getpid();
	snprint(name, sizeof name, "#p/%d/ctl", w->pid);
	w->ctl = open(name, OWRITE|OCEXEC);
	atnotify(onnote, 1);
	while((j = take(w)) != nil)
		finish(w, j, perform(j));
	if(w->ctl >= 0)
		close(w->ctl);
	free(w);
	_exits(nil);
}

/*
 * If there is no process to be had, the job waits for a worker that gets free, or, if there
 * is none at all, for the main process to do it.
 */
static void
addworker(void)
{
	static Worker self = { .ctl = -1 };
	Worker *w;
	Job *j;
	int alone;

	qlock(&lk);
	alone = nworker++ == 0;
	qunlock(&lk);

	w = emalloc(sizeof *w);
	w->ctl = -1;
	switch(rfork(RFPROC|RFMEM|RFNOWAIT)){
	case -1:
		free(w);
		qlock(&lk);
		nworker--;
		qunlock(&lk);
		self.pid = getpid();
		if(alone && (j = take(&self)) != nil)
			finish(&self, j, perform(j));
		break;
	case 0:
		serve(w);
	}
}

/* Has the job done; its tag must be free. */
void
jobstart(Job *j)
{
	Job **h = &hash[j->in.tag % NHASH], *o;
	Fcall f = { .type = Rerror, .ename = "duplicate tag" };
	int want, n;

	qlock(&lk);
	for(o = *h; o != nil && o->in.tag != j->in.tag; o = o->next)
		;
	if(o != nil){
		qunlock(&lk);
		f.tag = j->in.tag;
		answer(&f);
		jobfree(j);
		return;
	}
	j->next = *h;
	*h = j;
	if(tail != nil)
		tail->qnext = j;
	else
		head = j;
	tail = j;
	for(n = 0, o = head; o != nil; o = o->qnext)
		n++;
	want = n > nidle;
	rwakeup(&work);
	qunlock(&lk);
	if(want)
		addworker();
}

/* lk is held: ends what the job's worker sleeps for, or would next. */
static void
interrupt(Job *j)
{
	Worker *w = j->worker;

	j->flushed = 1;
	if(w == nil)
		return;
	w->interrupted = 1;
	if(w->ctl >= 0)
		write(w->ctl, "interrupt", 9);
	else
		postnote(PNPROC, w->pid, "interrupt");
}

/* Tflush: answered at once if there is no such job, else with it. */
void
jobflush(ushort tag, ushort oldtag)
{
	Fcall f = { .type = Rflush, .tag = tag };
	Job *j;

	qlock(&outlock);
	qlock(&lk);
	for(j = hash[oldtag % NHASH]; j != nil && j->in.tag != oldtag; j = j->next)
		;
	if(j != nil){
		j->flush = erealloc(j->flush, (ulong)(j->nflush + 1) * sizeof j->flush[0]);
		j->flush[j->nflush++] = tag;
		interrupt(j);
	}
	qunlock(&lk);
	if(j == nil)
		send(&f);
	qunlock(&outlock);
}

/* A new session: what is under way is interrupted and will not be answered. */
void
jobsabort(void)
{
	Job *j;
	int i;

	qlock(&outlock);
	qlock(&lk);
	for(i = 0; i < NHASH; i++){
		for(j = hash[i]; j != nil; j = j->next){
			j->aborted = 1;
			j->nflush = 0;
			interrupt(j);
		}
		hash[i] = nil;
	}
	qunlock(&lk);
	qunlock(&outlock);
}

/* To be asked right before a system call that may block: whether to do without it. */
int
jobdrop(Job *j)
{
	if(!j->flushed)
		return 0;
	werrstr("interrupted");
	return 1;
}
