/*
 * Channels. One lock guards all of them, so that an alt over many sees one
 * moment. A thread that must wait hangs each entry of its alt on its channel;
 * whoever comes to the other side moves the element itself, takes all of the
 * entries off and makes the thread ready.
 */
#include "impl.h"

struct Channel {
	int	size;		/* of an element */
	int	nbuf;
	int	first, n;	/* of the elements in buf */
	int	closed;
	int	freed;		/* to be freed when nobody waits any more */
	Alt	*head, *tail;	/* entries of waiting threads */
	uchar	buf[];
};

static Lock chanlock;
static char closederr[] = "channel is closed";

Channel*
chancreate(int size, int nbuf)
{
	Channel *c;

	if(size < 0 || nbuf < 0 || (size > 0 && nbuf > 0x7fffffff / size))
		return nil;
	c = mallocz(sizeof *c + (ulong)size * (ulong)nbuf, 1);
	if(c == nil)
		sysfatal("no memory for a channel");
	c->size = size;
	c->nbuf = nbuf;
	return c;
}

/* ---- moving elements; chanlock is held ---- */

static void
copy(Channel *c, void *to, void *from)
{
	if(to == nil)
		return;
	if(from != nil)
		memmove(to, from, (ulong)c->size);
	else
		memset(to, 0, (ulong)c->size);
}

static uchar*
slot(Channel *c, int i)
{
	return c->buf + (ulong)((c->first + i) % c->nbuf) * (ulong)c->size;
}

static void
enqueue(Channel *c, Alt *a)
{
	a->next = nil;
	a->prev = c->tail;
	if(c->tail != nil)
		c->tail->next = a;
	else
		c->head = a;
	c->tail = a;
}

static void
dequeue(Alt *a)
{
	Channel *c = a->c;

	if(a->next != nil)
		a->next->prev = a->prev;
	else
		c->tail = a->prev;
	if(a->prev != nil)
		a->prev->next = a->next;
	else
		c->head = a->next;
	if(c->freed && c->head == nil)
		free(c);
}

static int
isop(Alt *a)
{
	return (a->op == CHANSND || a->op == CHANRCV) && a->c != nil;
}

static int
isend(Alt *a)
{
	return a->op == CHANEND || a->op == CHANNOBLK;
}

/* The waiting thread of entry a has what it wants, or (nil) was interrupted. */
static void
release(Thread *t, Alt *a)
{
	Alt *e;

	for(e = t->waiting; !isend(e); e++)
		if(isop(e))
			dequeue(e);
	t->waiting = nil;
	t->done = a;
	_ready(t);
}

/* Somebody who waits to do the other thing. */
static Alt*
partner(Alt *a)
{
	Alt *w;

	for(w = a->c->head; w != nil && w->op == a->op; w = w->next)
		;
	return w;
}

static int
isready(Alt *a)
{
	Channel *c = a->c;

	if(!isop(a))
		return 0;
	if(a->op == CHANSND)
		return c->closed || c->n < c->nbuf || partner(a) != nil;
	return c->closed || c->n > 0 || partner(a) != nil;
}

static void
perform(Alt *a)
{
	Channel *c = a->c;
	Alt *w = partner(a);

	if(c->closed && (a->op == CHANSND || (c->n == 0 && w == nil))){
		a->err = closederr;
		if(a->op == CHANRCV)
			copy(c, a->v, nil);
		return;
	}
	if(a->op == CHANSND){
		if(w != nil)
			copy(c, w->v, a->v);
		else
			copy(c, slot(c, c->n++), a->v);
	}else if(c->n > 0){
		copy(c, a->v, slot(c, 0));
		c->first = (c->first + 1) % c->nbuf;
		c->n--;
		if(w != nil)		/* a sender: there is room now */
			copy(c, slot(c, c->n++), w->v);
	}else if(a->v != nil)
		copy(c, a->v, w->v);
	if(w != nil)
		release(w->thread, w);
}

/* ---- alt ---- */

/* One of the ready entries, by chance; nil if there is none. */
static Alt*
choose(Alt *alts)
{
	Alt *a, *chosen = nil;
	int n = 0;

	for(a = alts; !isend(a); a++){
		a->err = nil;
		if(isready(a) && nrand(++n) == 0)
			chosen = a;
	}
	return chosen;
}

static Alt*
last(Alt *alts)
{
	while(!isend(alts))
		alts++;
	return alts;
}

int
alt(Alt *alts)
{
	Thread *t = _thread();
	Alt *a, *end = last(alts);

	if(t->killed)
		threadexits("Killed");
	lock(&chanlock);
	a = choose(alts);
	if(a != nil){
		perform(a);
		unlock(&chanlock);
		if(a->err != nil)
			werrstr("%s", a->err);
		return (int)(a - alts);
	}
	if(end->op == CHANNOBLK){
		unlock(&chanlock);
		return (int)(end - alts);
	}
	for(a = alts; a < end; a++)
		if(isop(a)){
			a->thread = t;
			enqueue(a->c, a);
		}
	t->waiting = alts;
	t->done = nil;
	unlock(&chanlock);
	_sched();
	if(t->done == nil){
		werrstr("interrupted");
		return -1;
	}
	if(t->done->err != nil)
		werrstr("%s", t->done->err);
	return (int)(t->done - alts);
}

/* Interrupts t if it waits in an alt. */
int
_unblock(Thread *t)
{
	int waits;

	lock(&chanlock);
	waits = t->waiting != nil;
	if(waits)
		release(t, nil);
	unlock(&chanlock);
	return waits;
}

/* ---- the end of a channel ---- */

void
chanfree(Channel *c)
{
	if(c == nil)
		return;
	lock(&chanlock);
	if(c->head == nil)
		free(c);
	else
		c->freed = 1;
	unlock(&chanlock);
}

/* Nothing can be sent any more; what is in it can be received. -1 if it was closed before. */
int
chanclose(Channel *c)
{
	Alt *w;

	lock(&chanlock);
	if(c->closed){
		unlock(&chanlock);
		werrstr("%s", closederr);
		return -1;
	}
	c->closed = 1;
	while((w = c->head) != nil){
		w->err = closederr;
		if(w->op == CHANRCV)
			copy(c, w->v, nil);
		release(w->thread, w);
	}
	unlock(&chanlock);
	return 0;
}

/* How many elements are left in a closed channel; -1 if it is open. */
int
chanclosing(Channel *c)
{
	int n;

	lock(&chanlock);
	n = c->closed ? c->n : -1;
	unlock(&chanlock);
	return n;
}

/* ---- one operation ---- */

/* 1: done; 0: it would have to wait; -1: interrupted, or the channel is closed. */
static int
run(Channel *c, void *v, ChanOp op, ChanOp end)
{
	Alt a[2] = { { .c = c, .v = v, .op = op }, { .op = end } };

	switch(alt(a)){
	case 0:
		return a[0].err != nil ? -1 : 1;
	case 1:
		return 0;
	default:
		return -1;
	}
}

int
send(Channel *c, void *v)
{
	return run(c, v, CHANSND, CHANEND);
}

int
recv(Channel *c, void *v)
{
	return run(c, v, CHANRCV, CHANEND);
}

int
nbsend(Channel *c, void *v)
{
	return run(c, v, CHANSND, CHANNOBLK);
}

int
nbrecv(Channel *c, void *v)
{
	return run(c, v, CHANRCV, CHANNOBLK);
}

int
sendp(Channel *c, void *p)
{
	assert(c->size == sizeof p);
	return send(c, &p);
}

/* nil also when there was none. */
void*
recvp(Channel *c)
{
	void *p = nil;

	assert(c->size == sizeof p);
	return recv(c, &p) > 0 ? p : nil;
}

int
nbsendp(Channel *c, void *p)
{
	assert(c->size == sizeof p);
	return nbsend(c, &p);
}

void*
nbrecvp(Channel *c)
{
	void *p = nil;

	assert(c->size == sizeof p);
	return nbrecv(c, &p) > 0 ? p : nil;
}

int
sendul(Channel *c, ulong v)
{
	assert(c->size == sizeof v);
	return send(c, &v);
}

/* All ones when there was none. */
ulong
recvul(Channel *c)
{
	ulong v;

	assert(c->size == sizeof v);
	return recv(c, &v) > 0 ? v : ~0UL;
}

int
nbsendul(Channel *c, ulong v)
{
	assert(c->size == sizeof v);
	return nbsend(c, &v);
}

/* 0 if it would have to wait. */
ulong
nbrecvul(Channel *c)
{
	ulong v = 0;
	int r;

	assert(c->size == sizeof v);
	r = nbrecv(c, &v);
	return r > 0 ? v : r == 0 ? 0 : ~0UL;
}

/* Sends a string that the receiver frees. */
int
chanprint(Channel *c, char *fmt, ...)
{
	va_list arg;
	char *s;
	int r;

	va_start(arg, fmt);
	s = vsmprint(fmt, arg);
	va_end(arg);
	if(s == nil)
		sysfatal("no memory for chanprint");
	r = sendp(c, s);
	if(r <= 0)
		free(s);
	return r;
}
