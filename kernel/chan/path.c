/*
 * Paths: the absolute name of a channel with the mount crossings on the way.
 * A Path never changes once made and is shared by reference. A name under
 * evaluation is a Trail, which borrows from the Path it starts at and makes
 * a new Path only when it ends somewhere else.
 */
#include "chan/names.h"

/*
 * Most paths are short: those take one size, and a few dead ones wait on each
 * processor, linked by name. No lock: nothing here sleeps, and interrupts make
 * no paths.
 */
enum { SHORT_SIZE = 128, SPARES_MAX = 16 };
static struct { Path *first; u32 count; } spares[NCPU_MAX];

static Path *short_alloc(void)
{
	u32 here = cpu()->index;
	Path *p = spares[here].first;

	if (p == nil)
		return kalloc(SHORT_SIZE);
	spares[here].first = (Path *)(void *)p->name;
	spares[here].count--;
	return p;
}

static void path_free(Path *p)
{
	u32 here = cpu()->index;

	if (!p->small || spares[here].count == SPARES_MAX) {
		kfree(p);
		return;
	}
	p->name = (char *)spares[here].first;
	spares[here].first = p;
	spares[here].count++;
}

/* One allocation: the structure, nmount channels, the name. */
static Path *path_alloc(usize length, u32 nmount)
{
	usize channels = nmount * sizeof(Chan *);
	usize size = sizeof(Path) + channels + length + 1;
	Path *p = size <= SHORT_SIZE ? short_alloc() : kalloc(size);

	if (p == nil)
		return nil;
	p->ref.n = 1;
	p->small = size <= SHORT_SIZE;
	p->nmount = nmount;
	p->mounted_on = nmount == 0 ? nil : (Chan **)(void *)(p + 1);
	p->name = (char *)(p + 1) + channels;
	p->length = (u32)length;
	return p;
}

Path *path_new(const char *name)
{
	usize length = strlen(name);
	Path *p = path_alloc(length, 0);

	if (p != nil)
		memcpy(p->name, name, length + 1);
	return p;
}

void path_incref(Path *p)
{
	ref_take(&p->ref);
}

void path_put(Path *p)
{
	if (p == nil || ref_drop(&p->ref) > 0)
		return;
	for (u32 i = 0; i < p->nmount; i++)
		chan_close(p->mounted_on[i]);
	path_free(p);
}

const char *path_last(const Path *p)
{
	const char *last = p->name + p->length;

	while (last > p->name && last[-1] != '/')
		last--;
	return last;
}

/* ---- trails ---- */

static ERR trail_room(Trail *t)
{
	if (t->n < t->room)
		return nil;
	Step *bigger = kalloc(2 * t->room * sizeof(Step));

	if (bigger == nil)
		return Enomem;
	memcpy(bigger, t->step, t->n * sizeof(Step));
	if (t->step != t->inline_)
		kfree(t->step);
	t->step = bigger;
	t->room *= 2;
	return nil;
}

static ERR trail_append(Trail *t, const char *name, usize len)
{
	TRY(trail_room(t));
	t->step[t->n] = (Step){ .name = name, .len = (u32)len };
	t->n++;
	return nil;
}

/* Split the base's name: `/a/b` is `/`, a, b; `#c/x` is `#c`, x. */
static ERR trail_split(Trail *t)
{
	const char *name = t->base->name, *end = name + t->base->length;
	const char *p = name;

	if (*name != '/')
		while (p < end && *p != '/')
			p++;
	TRY(trail_append(t, name, *name == '/' ? 1 : (usize)(p - name)));
	while (p < end) {
		const char *element = p + 1;

		for (p = element; p < end && *p != '/'; p++)
			;
		if (p > element)
			TRY(trail_append(t, element, (usize)(p - element)));
	}
	return nil;
}

Err trail_init(Trail *t, Path *base)
{
	Err err;

	t->base = base;
	t->n = 0;
	t->room = TRAIL_INLINE;
	t->owns = false;
	t->step = t->inline_;
	path_incref(base);
	if ((err = trail_split(t)) != nil) {
		trail_free(t);
		return err;
	}
	for (u32 i = 0; i < base->nmount && i < t->n; i++)
		t->step[i].covered = base->mounted_on[i];
	t->nbase = t->same = t->n;
	return nil;
}

Err trail_push(Trail *t, const char *name)
{
	assert(t->n > 0);
	return trail_append(t, name, strlen(name));
}

static void step_uncover(Step *s)
{
	if (s->owned)
		chan_close(s->covered);
	s->covered = nil;
	s->owned = false;
}

void trail_pop(Trail *t)
{
	assert(t->n > 1);
	step_uncover(&t->step[--t->n]);
	t->same = MIN(t->same, t->n);
}

void trail_cover(Trail *t, Chan *covered)
{
	Step *s = &t->step[t->n - 1];

	step_uncover(s);
	t->same = MIN(t->same, t->n - 1);
	if (covered == nil)
		return;
	chan_incref(covered);
	s->covered = covered;
	s->owned = t->owns = true;
}

Chan *trail_covered(const Trail *t)
{
	return t->step[t->n - 1].covered;
}

static char *trail_write(const Trail *t, char *p)
{
	for (u32 i = 0; i < t->n; i++) {
		const Step *s = &t->step[i];

		if (i > 1 || (i == 1 && t->step[0].name[0] != '/'))
			*p++ = '/';
		memcpy(p, s->name, s->len);
		p += s->len;
	}
	*p = '\0';
	return p;
}

Path *trail_path(const Trail *t)
{
	usize length = 0;
	u32 nmount = 0;

	if (t->n == t->nbase && t->same == t->n) {
		path_incref(t->base);
		return t->base;
	}
	for (u32 i = 0; i < t->n; i++) {
		length += t->step[i].len + 1;
		if (t->step[i].covered != nil)
			nmount = i + 1;
	}
	Path *p = path_alloc(length, nmount);

	if (p == nil)
		return nil;
	for (u32 i = 0; i < nmount; i++) {
		p->mounted_on[i] = t->step[i].covered;
		if (p->mounted_on[i] != nil)
			chan_incref(p->mounted_on[i]);
	}
	p->length = (u32)(trail_write(t, p->name) - p->name);
	assert(p->length <= length);
	return p;
}

void trail_free(Trail *t)
{
	for (u32 i = 0; t->owns && i < t->n; i++)
		step_uncover(&t->step[i]);
	if (t->step != t->inline_)
		kfree(t->step);
	path_put(t->base);
	t->base = nil;
	t->n = 0;
}
