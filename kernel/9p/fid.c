/*
 * Fid numbers. Each is unique in this kernel. A connection keeps some that it had, so that to walk
 * takes no lock but its own; what is beyond that lies in a store for all, and so does
 * what a connection leaves. A fid of which nobody knows whether the server has it rests
 * until the connection ends; when that broke, but for a hangup, it is never used again.
 */
#include "9p/conn.h"

static LOCK_CLASS(store_class, "9p.fids");
static Lock store_lk = LOCK_INIT(&store_class);
static Fids store GUARDED_BY(store_lk);
static u32 last_fid GUARDED_BY(store_lk);

/* In the checked build, of a fid in use: whose it is, and which process had it made. */
enum { FIDS_NOTED = CHECKED ? 4096 : 1 };
static struct { u32 mnt, pid; } noted[FIDS_NOTED];	/* [a] mnt 0: not in use */

static void note_fid(u32 fid, u32 mnt)
{
	if (!CHECKED || fid >= FIDS_NOTED)
		return;
	POKE(noted[fid].pid, mnt != 0 ? up->pid : 0);
	POKE(noted[fid].mnt, mnt);
}

/* False: no memory. */
static bool add(Fids *f, u32 fid)
{
	if (f->n == f->room) {
		u32 room = f->room == 0 ? 64 : 2 * f->room;
		u32 *bigger = kalloc(room * sizeof *bigger);
		if (bigger == nil)
			return false;
		if (f->fid != nil)
			memmove(bigger, f->fid, f->n * sizeof *bigger);
		kfree(f->fid);
		f->fid = bigger;
		f->room = room;
	}
	f->fid[f->n++] = fid;
	return true;
}

/* ---- the store ---- */

u32 fid_take(void)
{
	lock(&store_lk);
	u32 fid = store.n > 0 ? store.fid[--store.n] : ++last_fid;
	unlock(&store_lk);
	assert(fid != NOFID);
	return fid;
}

/* Where the store cannot grow the number is not used again. */
void fid_give(u32 fid)
{
	lock(&store_lk);
	bool stored = add(&store, fid);
	(void)stored;
	unlock(&store_lk);
}

/* ---- those of a connection ---- */

u32 mnt_newfid(Mnt *m)
{
	lock(&m->lk);
	u32 fid = m->nkept_fids > 0 ? m->kept_fids[--m->nkept_fids] : fid_take();
	POKE(m->nfids, m->nfids + 1);
	unlock(&m->lk);
	note_fid(fid, m->id);
	return fid;
}

void fid_free(Mnt *m, u32 fid) REQUIRES(m->lk)
{
	assert(fid != NOFID && m->nfids > 0);
	note_fid(fid, 0);
	POKE(m->nfids, m->nfids - 1);
	if (m->dead != nil && m->dead != Ehungup)
		return;
	if (m->nkept_fids < nelem(m->kept_fids))
		m->kept_fids[m->nkept_fids++] = fid;
	else
		fid_give(fid);
}

void mnt_dropfid(Mnt *m, u32 fid)
{
	lock(&m->lk);
	fid_free(m, fid);
	unlock(&m->lk);
}

/* Where the list cannot grow nobody remembers the number, so that it is not used again. */
void mnt_losefid(Mnt *m, u32 fid)
{
	lock(&m->lk);
	if (m->dead != nil)
		fid_free(m, fid);
	else if (!add(&m->lost_fids, fid)) {
		note_fid(fid, 0);
		POKE(m->nfids, m->nfids - 1);
	}
	unlock(&m->lk);
}

NO_TSA void fids_end(Mnt *m)
{
	for (u32 i = 0; i < m->lost_fids.n; i++)
		fid_free(m, m->lost_fids.fid[i]);
	kfree(m->lost_fids.fid);
	for (u32 i = 0; i < m->nkept_fids; i++)
		fid_give(m->kept_fids[i]);
	for (u32 fid = 0; CHECKED && fid < FIDS_NOTED; fid++)
		if (PEEK(noted[fid].mnt) == m->id)
			panic("9p: fid %u of the server of %s, walked by process %u, was never "
				"clunked, and the connection has ended", fid, mnt_name(m),
				PEEK(noted[fid].pid));
}
