/*
 * Queues of requests for a process of their own, so that slow ones do not
 * hold up the server. The process shares memory with it.
 */
#include "impl.h"

struct Reqqueue {
	QLock	lock;
	Rendez	wait;
	Req	*head, *tail;
	Req	*current;	/* being worked on */
	int	pid;
	int	dying;
};

static Req*
take(Reqqueue *q)
{
	Req *r;

	qlock(&q->lock);
	q->current = nil;
	while(q->head == nil && !q->dying)
		rsleep(&q->wait);
	r = q->head;
	if(r != nil){
		q->head = r->qnext;
		if(q->head == nil)
			q->tail = nil;
		q->current = r;
	}
	qunlock(&q->lock);
	return r;
}


/* A flush interrupts the process's system call; nothing else is to happen. */
static int
onnote(void *ureg, char *note)
{
	USED(ureg);
	return strcmp(note, "interrupt") == 0;
}

static void
serve(void *v)
{
	Reqqueue *q = v;
	Req *r;

	q->pid = getpid();
	atnotify(onnote, 1);
	while((r = take(q)) != nil)
		r->qfn(r);
}

Reqqueue*
reqqueuecreate(void)
{
	Reqqueue *q = emalloc9p(sizeof *q);

	q->wait.l = &q->lock;
	if(_srvfork(serve, q, 0) < 0){
		free(q);
		return nil;
	}
	return q;
}

/* Has f(r) called by the queue's process, after what was pushed before. */
void
reqqueuepush(Reqqueue *q, Req *r, void (*f)(Req*))
{
	qlock(&q->lock);
	r->qfn = f;
	r->qnext = nil;
	r->queue = q;
	if(q->tail != nil)
		q->tail->qnext = r;
	else
		q->head = r;
	q->tail = r;
	rwakeup(&q->wait);
	qunlock(&q->lock);
}

/* A request still waiting is answered `interrupted`; one being worked on is interrupted. */
void
reqqueueflush(Reqqueue *q, Req *r)
{
	Req **p, *last = nil;

	qlock(&q->lock);
	if(q->current == r){
		postnote(PNPROC, q->pid, "interrupt");
		qunlock(&q->lock);
		return;
	}
	for(p = &q->head; *p != nil && *p != r; p = &(*p)->qnext)
		last = *p;
	if(*p == nil){
		qunlock(&q->lock);
		return;
	}
	*p = r->qnext;
	if(q->tail == r)
		q->tail = last;
	qunlock(&q->lock);
	respond(r, _Einterrupted);
}

/* Ends the process when what was pushed is done. */
void
reqqueuefree(Reqqueue *q)
{
	qlock(&q->lock);
	q->dying = 1;
	rwakeup(&q->wait);
	qunlock(&q->lock);
}
