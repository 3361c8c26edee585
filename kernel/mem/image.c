/*
 * The image cache: contents of executables, kept by page and shared by all who
 * run them. An image is known by device type, instance and qid (version
 * included), never by name. Its frames are FROZEN with the image as one holder,
 * so a process that maps them adds one and a writer always gets a copy.
 *
 * While somebody uses an image it holds the channel to read from; afterwards
 * only the pages stay, until memory is short or too many idle images gather.
 *
 * The first user and the last lock the bucket of the hash where the image is;
 * those between, every fork and most ends of processes, only count.
 */
#include "mem/frame.h"
#include "mem/refs.h"

enum { HASH = 64, IDLE_MAX = 64, PIECES_MAX = 2 + SEG_ESEG };

typedef struct Piece { ImagePiece at; Page **page; u64 npages; } Piece;

struct Image {
	Image *next;		/* [its bucket's lock] */
	u64 idle_since;		/* [its bucket's lock] how many were idle before it was */
	u32 users;		/* [a] to and from 0 with its bucket locked */
	Takers takers;		/* of users */
	FileId id;		/* [I] */
	QLock lk;
	struct Chan *chan GUARDED_BY(lk);	/* nil while idle */
	u32 npieces;		/* [I] */
	Piece piece[PIECES_MAX];		/* [lk] the frames; the rest [I] */
	Page *loading GUARDED_BY(lk);	/* a frame being read into, for the auditor */
};

static LOCK_CLASS(cache_class, "mem.imagecache");
static LOCK_CLASS(image_class, "mem.image");
typedef struct Bucket {
	Lock lk;
	Image *first GUARDED_BY(lk);
} __attribute__((aligned(64))) Bucket;
static Bucket buckets[HASH];
static u32 nidle;		/* [a] */
static u64 ends;		/* [a] how often an image became idle */

void images_init(void)
{
	for (Bucket *b = buckets; b < buckets + HASH; b++)
		lock_init(&b->lk, &cache_class);
}

static Bucket *bucket_of(const FileId *id)
{
	return &buckets[id->path * 0x9e3779b97f4a7c15UL >> 58];
}

static bool same_file(const FileId *a, const FileId *b)
{
	return a->path == b->path && a->version == b->version && a->type == b->type &&
		a->letter == b->letter && a->instance == b->instance;
}

static bool same_pieces(const Image *i, const ImagePiece *pieces, u32 n)
{
	if (i->npieces != n)
		return false;
	for (u32 k = 0; k < n; k++)
		if (i->piece[k].at.file_offset != pieces[k].file_offset ||
			i->piece[k].at.size != pieces[k].size)
			return false;
	return true;
}

/* ---- freeing ---- */

static u64 drop_unmapped(Image *i) REQUIRES(i->lk)
{
	u64 freed = 0;
	for (u32 k = 0; k < i->npieces; k++)
		for (u64 n = 0; n < i->piece[k].npages; n++) {
			Page *p = i->piece[k].page[n];
			bool last;
			if (p == nil || p->holders > 1)
				continue;
			own_must(own_drop(p, &last), OWN_DROP, p);
			assert(last);
			frame_give(p, 0);
			i->piece[k].page[n] = nil;
			freed++;
		}
	return freed;
}

/* Drop the cache's hold of every page; segments that still map them keep theirs. */
static NO_TSA void image_delete(Image *i)
{
	for (u32 k = 0; k < i->npieces; k++) {
		for (u64 n = 0; n < i->piece[k].npages; n++) {
			Page *p = i->piece[k].page[n];
			bool last;
			if (p == nil)
				continue;
			own_must(own_drop(p, &last), OWN_DROP, p);
			if (last)
				frame_give(p, 0);
		}
		kfree(i->piece[k].page);
	}
	assert(i->chan == nil);
	kfree(i);
}

/* Where the one stands that has been idle for longest, or nil. */
static Image **longest_idle(Bucket *b) REQUIRES(b->lk)
{
	Image **found = nil;
	for (Image **at = &b->first; *at != nil; at = &(*at)->next)
		if (PEEK((*at)->users) == 0 &&
		    (found == nil || (*at)->idle_since < (*found)->idle_since))
			found = at;
	return found;
}

static Bucket *bucket_of_longest_idle(void)
{
	Bucket *found = nil;
	u64 since = ~0UL;
	for (Bucket *b = buckets; b < buckets + HASH; b++) {
		lock(&b->lk);
		Image **at = longest_idle(b);
		if (at != nil && (*at)->idle_since < since) {
			since = (*at)->idle_since;
			found = b;
		}
		unlock(&b->lk);
	}
	return found;
}

/* Take the longest idle image out of the cache; nil when no more than `keep` are idle. */
static Image *evict(u32 keep)
{
	Bucket *b = PEEK(nidle) > keep ? bucket_of_longest_idle() : nil;
	Image *i = nil;
	if (b == nil)
		return nil;
	lock(&b->lk);
	Image **at = longest_idle(b);	/* somebody may want it again meanwhile */
	if (at != nil) {
		i = *at;
		*at = i->next;
		__atomic_fetch_sub(&nidle, 1, __ATOMIC_RELAXED);
	}
	unlock(&b->lk);
	return i;
}

u64 image_reclaim(u64 wanted)
{
	u64 before = frames_free();
	Image *i;
	while (frames_free() < before + wanted && (i = evict(0)) != nil)
		image_delete(i);
	for (Bucket *b = buckets; b < buckets + HASH && frames_free() < before + wanted; b++) {
		lock(&b->lk);
		for (i = b->first; i != nil; i = i->next)
			if (canqlock(&i->lk)) {
				drop_unmapped(i);
				qunlock(&i->lk);
			}
		unlock(&b->lk);
	}
	u64 now = frames_free();
	return now > before ? now - before : 0;
}

/* ---- finding and making ---- */

static NO_TSA ERR image_new(struct Chan *c, const FileId *id, const ImagePiece *pieces, u32 n,
	Image **out)
{
	Image *i = kalloc(sizeof *i);
	if (i == nil)
		return Enofree;
	qlock_init(&i->lk, &image_class);
	i->id = *id;
	i->npieces = n;
	i->users = 1;
	for (u32 k = 0; k < n; k++) {
		Piece *piece = &i->piece[k];
		piece->at = pieces[k];
		u64 npages = (pieces[k].size + BY2PG - 1) >> PGSHIFT;
		if (npages != 0 && (piece->page = kalloc(npages * sizeof(Page *))) == nil) {
			image_delete(i);
			return Enofree;
		}
		piece->npages = npages;
	}
	chan_incref(c);
	i->chan = c;
	*out = i;
	return nil;
}

/* i was made and nobody found it. */
static NO_TSA void image_abandon(Image *i)
{
	chan_close(i->chan);
	i->chan = nil;
	image_delete(i);
}

static Image *lookup(Bucket *b, const FileId *id, const ImagePiece *pieces, u32 n) REQUIRES(b->lk)
{
	for (Image *i = b->first; i != nil; i = i->next)
		if (same_file(&i->id, id) && same_pieces(i, pieces, n)) {
			if (__atomic_fetch_add(&i->users, 1, __ATOMIC_ACQ_REL) == 0)
				__atomic_fetch_sub(&nidle, 1, __ATOMIC_RELAXED);
			return i;
		}
	return nil;
}

/* We are a user: if it has a channel that stays. */
static void give_chan(Image *i, struct Chan *c)
{
	if (PEEK(i->chan) != nil)
		return;
	qlock(&i->lk);
	if (i->chan == nil) {
		chan_incref(c);
		__atomic_store_n(&i->chan, c, __ATOMIC_RELEASE);
	}
	qunlock(&i->lk);
}

ERR image_get(struct Chan *c, const ImagePiece *pieces, u32 n, Image **out)
{
	assert(n <= PIECES_MAX);
	FileId id;
	Image *spare = nil, *old;
	while ((old = evict(IDLE_MAX)) != nil)
		image_delete(old);
	chan_fileid(c, &id);
	Bucket *b = bucket_of(&id);
	lock(&b->lk);
	Image *i = lookup(b, &id, pieces, n);
	unlock(&b->lk);
	if (i == nil) {
		TRY(image_new(c, &id, pieces, n, &spare));
		lock(&b->lk);
		i = lookup(b, &id, pieces, n);	/* somebody may have been faster */
		if (i == nil) {
			i = spare;
			i->next = b->first;
			b->first = i;
		}
		unlock(&b->lk);
		if (i != spare) {
			image_abandon(spare);
		}
	}
	TAKEN(&i->takers);
	give_chan(i, c);
	*out = i;
	return nil;
}

void image_incref(Image *i)
{
	u32 before = __atomic_fetch_add(&i->users, 1, __ATOMIC_RELAXED);
	assert(before > 0);
	TAKEN(&i->takers);
}

u32 image_users(const Image *i, const Takers **takers)
{
	*takers = &i->takers;
	return PEEK(i->users);
}

/* The last user goes, unless there is another one by now. */
static void put_last(Image *i)
{
	struct Chan *c = nil;
	Bucket *b = bucket_of(&i->id);
	qlock(&i->lk);
	lock(&b->lk);
	if (__atomic_sub_fetch(&i->users, 1, __ATOMIC_ACQ_REL) == 0) {
		c = i->chan;
		POKE(i->chan, nil);
		i->idle_since = __atomic_fetch_add(&ends, 1, __ATOMIC_RELAXED);
		__atomic_fetch_add(&nidle, 1, __ATOMIC_RELAXED);
	}
	/* once both are released an idle image may vanish: no access below */
	qunlock(&i->lk);
	unlock(&b->lk);
	chan_close(c);
}

void image_put(Image *i)
{
	u32 n = PEEK(i->users);
	assert(n > 0);
	while (n > 1)
		if (__atomic_compare_exchange_n(&i->users, &n, n - 1, false, __ATOMIC_ACQ_REL,
			__ATOMIC_RELAXED))
			return;
	put_last(i);
}

struct Chan *image_chan(Image *i)
{
	return PEEK(i->chan);
}

/* ---- pages ---- */

/* What the process is told. A short file has changed under us. */
static Err load_error(const Image *i, Err e) REQUIRES(i->lk)
{
	if (e == Eintr || e == Enofree)
		return e;
	return errorf("%s accessing %s: %s", Eioload, chan_filename(i->chan),
		e != nil ? e : Eshort);
}

/* Read a page of a piece into a new frame, zero beyond the piece's end. */
static ERR load(Image *i, const Piece *piece, u64 n, Page **out) REQUIRES(i->lk)
{
	Page *p = frame_get(0);
	if (p == nil)
		return Enofree;
	own_must(own_allocate(p, i), OWN_ALLOCATE, p);
	i->loading = p;
	u64 at = n << PGSHIFT;
	usize want = MIN((u64)BY2PG, piece->at.size - at), got = 0, total = 0;
	u8 *k = page_kaddr(p);
	Err e = nil;
	while (total < want) {
		e = chan_pread_kernel(i->chan, k + total, want - total,
			(s64)(piece->at.file_offset + at + total), &got);
		if (e != nil || got == 0)
			break;
		total += got;
	}
	i->loading = nil;
	if (e != nil || total < want) {
		own_must(own_release(p, i), OWN_RELEASE, p);
		frame_give(p, 0);
		return load_error(i, e);
	}
	memset(k + total, 0, BY2PG - total);
	own_must(own_freeze(p, i), OWN_FREEZE, p);
	*out = p;
	return nil;
}

ERR image_page(Image *i, u32 k, u64 n, Page **out)
{
	assert(k < i->npieces);
	Piece *piece = &i->piece[k];
	*out = nil;
	if (n >= piece->npages)
		return nil;
	qlock(&i->lk);
	Err e = nil;
	if (piece->page[n] == nil)
		e = load(i, piece, n, &piece->page[n]);
	if (e == nil)
		e = own_share(piece->page[n]);
	if (e == nil)
		*out = piece->page[n];
	qunlock(&i->lk);
	return e;
}

u64 image_pages_cached(Image *i, u32 k, u64 first, u64 n, Page **slots)
{
	const Piece *piece = &i->piece[k];
	u64 filled = 0;
	qlock(&i->lk);
	for (u64 j = 0; j < n && first + j < piece->npages; j++) {
		Page *p = piece->page[first + j];
		if (slots[j] != nil || p == nil || own_share(p) != nil)
			continue;
		slots[j] = p;
		filled |= 1UL << j;
	}
	qunlock(&i->lk);
	return filled;
}

NO_TSA void images_each(void (*f)(Image *i, void *arg), void *arg)
{
	for (const Bucket *b = buckets; b < buckets + HASH; b++)
		for (Image *i = b->first; i != nil; i = i->next)
			f(i, arg);
}

NO_TSA void image_each_page(Image *i, void (*f)(Page *p, void *arg), void *arg)
{
	for (u32 k = 0; k < i->npieces; k++)
		for (u64 n = 0; n < i->piece[k].npages; n++)
			if (i->piece[k].page[n] != nil)
				f(i->piece[k].page[n], arg);
	if (i->loading != nil)
		f(i->loading, arg);
}
