/*
 * Bringing a node up to date. Each pass walks the graph, starts the recipes
 * whose prerequisites are ready, and waits for one to end, until the root is
 * ready too. Two questions are asked of a node:
 *
 *	settle	bring up to date what is there; a file that is missing is not
 *		made, but has the age of what it would be made from
 *	make	it is wanted, and so is every missing file on the way to it
 */
#include <u.h>
#include <libc.h>
#include <bio.h>
#include "mk.h"

enum {
	Ready,
	Wait,
	Fail,
};

static int	pass;
static int	started;	/* recipes for this root */

static int	make(Node*);
static int	settle(Node*);

static void
failed(Node *n, char *fmt)
{
	Bflush(&bout);
	fprint(2, fmt, n->name);
	n->state = Sfailed;
	errors++;
}

/* Whether P's program finds the target older than its prerequisite. */
static int
programolder(Node *n, Arc *a)
{
	Waitmsg *w;
	char *cmd;
	int pid, r;

	cmd = smprint("%s '%s' '%s'", a->r->prog, n->name, a->n->name);
	Bflush(&bout);
	pid = rfork(RFPROC|RFFDG|RFENVG);
	if(pid < 0)
		fatal("fork: %r");
	if(pid == 0){
		putenviron();
		execl("/bin/rc", "rc", "-c", cmd, nil);
		fprint(2, "mk: /bin/rc: %r\n");
		_exits("exec");
	}
	free(cmd);
	r = 1;
	while((w = wait()) != nil && w->pid != pid)
		ended(w);
	if(w != nil)
		r = w->msg[0] != 0;
	free(w);
	return r;
}

int
older(Node *n, Arc *a)
{
	if(a->n == nil)
		return n->time == 0;
	if(a->r->prog != nil && n->time != 0 && a->n->time != 0)
		return programolder(n, a);
	return n->time < a->n->age || (a->n->age == 0 && n->time == 0);
}

/* The newest age of what a node is made from. */
static vlong
newest(Node *n)
{
	vlong t;
	Arc *a;

	t = 0;
	for(a = n->arcs; a != nil; a = a->next){
		if(a->n == nil && !(n->attr & Avirtual))
			return Forever;
		if(a->n != nil && a->n->age > t)
			t = a->n->age;
	}
	return t;
}

/* After a node was made. */
void
newtime(Node *n)
{
	Arc *a;
	int updated;

	updated = nflag;
	for(a = n->arcs; a != nil; a = a->next)
		updated |= (a->r->attr & Aupdated) ||
			((n->attr & Anorecipe) && a->r->recipe == nil);
	if(!(n->attr & Avirtual))
		n->time = filetime(n->name);
	n->age = updated ? Forever : n->time != 0 ? n->time : newest(n);
	if(n->age == Forever && !updated)
		n->age = 0;
	n->state = Smade;
}

static void
explain(Node *n, Arc *a)
{
	if(!eflag || (n->attr & Avirtual))
		return;
	if(a == nil)
		Bprint(&bout, "%s is made because of -a\n", n->name);
	else if(a->n == nil || n->time == 0)
		Bprint(&bout, "%s does not exist\n", n->name);
	else
		Bprint(&bout, "%s (%lld) is older than %s (%lld)\n", n->name, n->time,
			a->n->name, a->n->age);
}

static int
visit(Node *n, int wanted)
{
	Arc *a;
	int r, worst;

	worst = Ready;
	for(a = n->arcs; a != nil; a = a->next){
		if(a->n == nil)
			continue;
		r = wanted && a->n->time == 0 ? make(a->n) : settle(a->n);
		if(r > worst)
			worst = r;
		if(errors > 0 && !kflag)
			return Fail;
	}
	if(worst == Fail && n->state == Snew)
		n->state = Sfailed;
	return worst;
}

static int
answer(Node *n)
{
	switch(n->state){
	case Ssettled:
	case Smade:
		return Ready;
	case Swaiting:
		return Wait;
	case Sfailed:
		return Fail;
	}
	return -1;
}

/* A node without arcs is a file, or an error. */
static int
leaf(Node *n)
{
	if(n->time == 0){
		failed(n, "mk: don't know how to make '%s'\n");
		return Fail;
	}
	n->age = n->time;
	n->state = Ssettled;
	return Ready;
}

static int
settlefile(Node *n)
{
	Arc *a;

	if(n->time == 0){
		n->age = newest(n);
		return iflag && !(n->attr & Avirtual) ? make(n) : Ready;
	}
	if(aflag)
		return make(n);
	for(a = n->arcs; a != nil; a = a->next)
		if(older(n, a)){
			explain(n, a);
			return make(n);
		}
	n->age = n->time;
	n->state = Ssettled;
	return Ready;
}

static int
settle(Node *n)
{
	int r;

	r = answer(n);
	if(r >= 0)
		return r;
	if(n->pass[0] == pass)
		return n->answer[0];
	if(n->arcs == nil)
		return leaf(n);
	r = visit(n, 0);
	if(r == Ready)
		r = settlefile(n);
	n->pass[0] = pass;
	n->answer[0] = r;
	return r;
}

static int
make(Node *n)
{
	int r;

	r = answer(n);
	if(r >= 0)
		return r;
	if(n->pass[1] == pass)
		return n->answer[1];
	if(n->arcs == nil)
		return leaf(n);
	r = visit(n, 1);
	if(r == Ready){
		if(n->time == 0)
			explain(n, n->arcs);
		else if(aflag)
			explain(n, nil);
		started += start(n);
		r = answer(n);
		if(r < 0)
			r = Wait;
	}
	n->pass[1] = pass;
	n->answer[1] = r;
	return r;
}

/* Ends when nothing runs any more and nothing can be done. */
void
bring(Node *root)
{
	int r, wanted;

	started = 0;
	wanted = root->time == 0;
	for(;;){
		pass++;
		r = errors > 0 && !kflag ? Fail : wanted ? make(root) : settle(root);
		if(r == Ready || running() == 0)
			break;
		await1();
	}
	while(running() > 0)
		await1();
	if(r == Ready && started == 0)
		Bprint(&bout, "mk: '%s' is up to date\n", root->name);
}
