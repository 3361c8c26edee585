/*
 * Recipes that run: each in an rc of its own, as many at once as $NPROC
 * says, with what it is about in its environment.
 */
#include <u.h>
#include <libc.h>
#include <bio.h>
#include "mk.h"

static Job	*jobs;
static int	njobs;

int
running(void)
{
	return njobs;
}

static int
nproc(void)
{
	Word *w;
	int n;

	w = value("NPROC");
	n = w != nil ? atoi(w->s) : 1;
	return n > 0 ? n : 1;
}

/* The lowest number that no running job has. */
static int
freeslot(void)
{
	Job *j;
	int slot;

	for(slot = 0;; slot++){
		for(j = jobs; j != nil && j->slot != slot; j = j->next)
			;
		if(j == nil)
			return slot;
	}
}

static Arc*
recipearc(Node *n)
{
	Arc *a;

	for(a = n->arcs; a != nil; a = a->next)
		if(a->r->recipe != nil)
			return a;
	return nil;
}

static int
isold(Node *n)
{
	Arc *a;

	if(n->time == 0 || aflag)
		return 1;
	for(a = n->arcs; a != nil; a = a->next)
		if(older(n, a))
			return 1;
	return 0;
}

/* The other targets of the rule that are due as well. */
static void
collect(Job *j, Node *first)
{
	Word *w;
	Node *n;
	Arc *a;
	char *name;
	int max;

	max = 1;
	for(w = j->r->all; w != nil; w = w->next)
		max++;
	j->nodes = emalloc((usize)max*sizeof *j->nodes);
	j->nodes[j->nnodes++] = first;
	for(w = j->r->all; w != nil; w = w->next){
		name = instance(j->r, j->m, w->s);
		n = findnode(name);
		if(n == nil || n == first || n->state != Snew || n->applied == 0)
			continue;
		a = recipearc(n);
		if(a != nil && a->r->recipe == j->r->recipe && isold(n))
			j->nodes[j->nnodes++] = n;
	}
}

/* Sets the variables that say what the recipe is for. */
static void
setspecial(Job *j)
{
	Word *target, *all, *prereq, *newprereq, *w;
	char name[16];
	Node *n;
	Arc *a;
	int i;

	target = all = prereq = newprereq = nil;
	for(w = j->r->all; w != nil; w = w->next)
		addword(&all, instance(j->r, j->m, w->s));
	for(i = 0; i < j->nnodes; i++){
		n = j->nodes[i];
		addword(&target, n->name);
		for(a = n->arcs; a != nil; a = a->next){
			if(a->n == nil)
				continue;
			if(!hasword(prereq, a->n->name))
				addword(&prereq, a->n->name);
			if(!hasword(newprereq, a->n->name) && older(n, a))
				addword(&newprereq, a->n->name);
		}
	}
	setvar("target", target);
	setvar("alltarget", all);
	setvar("prereq", prereq);
	setvar("newprereq", newprereq);
	setvar("newmember", nil);
	setvar("nproc", newword(smprint("%d", j->slot)));
	setvar("stem", nil);
	for(i = 0; i < Nsub; i++){
		snprint(name, sizeof name, "stem%d", i);
		setvar(name, nil);
		if(j->m == nil || j->m->stem[i] == nil)
			continue;
		if(!(j->r->attr & Aregex))
			setvar("stem", newword(j->m->stem[0]));
		else
			setvar(name, newword(j->m->stem[i]));
	}
}

static void
run(Job *j)
{
	Bflush(&bout);
	j->pid = rfork(RFPROC|RFFDG|RFENVG);
	if(j->pid < 0)
		fatal("fork: %r");
	if(j->pid == 0){
		putenviron();
		putlist("pid", newword(smprint("%d", getpid())));
		execl("/bin/rc", "rc", "-e", "-c", j->r->recipe, nil);
		fprint(2, "mk: /bin/rc: %r\n");
		_exits("exec");
	}
}

static void
touch(Node *n)
{
	Dir d;
	int fd;

	if(n->attr & Avirtual)
		return;
	Bprint(&bout, "touch(%s)\n", n->name);
	if(nflag)
		return;
	nulldir(&d);
	d.mtime = (uint)time(nil);
	if(dirwstat(n->name, &d) >= 0)
		return;
	fd = create(n->name, OWRITE, 0666);
	if(fd < 0)
		fatal("%s: %r", n->name);
	close(fd);
}

static void
finish(Job *j, int state)
{
	int i;

	for(i = 0; i < j->nnodes; i++){
		if(state == Smade)
			newtime(j->nodes[i]);
		else
			j->nodes[i]->state = state;
	}
}

/* A node that no recipe makes. */
static void
norecipe(Node *n)
{
	if(!(n->attr & (Avirtual|Anorecipe))){
		Bflush(&bout);
		fprint(2, "mk: no recipe to make '%s'\n", n->name);
		n->state = Sfailed;
		errors++;
		return;
	}
	if(tflag)
		touch(n);
	newtime(n);
}

/* Makes a node all of whose prerequisites are ready, if a slot is free: 1 if a recipe was. */
int
start(Node *n)
{
	Arc *a;
	Job *j;
	int i;

	a = recipearc(n);
	if(a == nil){
		norecipe(n);
		return 0;
	}
	if(njobs >= nproc())
		return 0;
	j = emalloc(sizeof *j);
	j->r = a->r;
	j->m = a->m;
	j->slot = freeslot();
	collect(j, n);
	setspecial(j);
	j->what = expandrecipe(a->r->recipe);
	if(tflag){
		for(i = 0; i < j->nnodes; i++)
			touch(j->nodes[i]);
		finish(j, Smade);
		return 1;
	}
	if(nflag || !(a->r->attr & Aquiet))
		Bprint(&bout, "%s", j->what);
	if(nflag){
		finish(j, Smade);
		return 1;
	}
	run(j);
	finish(j, Swaiting);
	j->next = jobs;
	jobs = j;
	njobs++;
	return 1;
}

static void
complain(Job *j, char *msg)
{
	int i, n;

	n = (int)strcspn(j->what, "\n");
	Bflush(&bout);
	fprint(2, "mk: %.*s%s : exit status=%s\n", utfnlen(j->what, n), j->what,
		j->what[n + 1] != 0 ? " ..." : "", msg);
	if(j->r->attr & Adelete)
		for(i = 0; i < j->nnodes; i++)
			if(!(j->nodes[i]->attr & Avirtual) && remove(j->nodes[i]->name) >= 0)
				fprint(2, "mk: deleted '%s'\n", j->nodes[i]->name);
}

/* A child of ours has ended. */
void
ended(Waitmsg *w)
{
	Job *j, **l;

	for(l = &jobs; (j = *l) != nil && j->pid != w->pid; l = &j->next)
		;
	if(j == nil)
		return;
	*l = j->next;
	njobs--;
	if(w->msg[0] != 0){
		complain(j, w->msg);
		if(!(j->r->attr & Aignore)){
			errors++;
			finish(j, Sfailed);
			return;
		}
	}
	finish(j, Smade);
}

void
await1(void)
{
	Waitmsg *w;

	w = wait();
	if(w == nil)
		fatal("wait: %r");
	ended(w);
	free(w);
}
