/*
 * 9P messages as bytes. Each type's body is a string of field letters; one
 * routine encodes and one decodes by it, so that a field's shape is written down
 * once. Pure: no allocation, no kernel state; test/fuzz drives it.
 */
#include "9p/9p.h"

/*
 * M msize[4]  V version[s]  O oldtag[2]  E ename[s]  Q qid[13]  I iounit[4]  F fid[4]  A afid[4]
 * U uname[s]  N aname[s]  W newfid[4]  K nwname[2] names  L nwqid[2] qids  B mode[1]  P perm[4]
 * n name[s]  X offset[8]  C count[4]  D count[4] data  S n[2] stat
 */
static const char *const layouts[Tmax - Tversion] = {
	[Tversion - 100] = "MV", [Rversion - 100] = "MV",
	[Tauth - 100] = "AUN", [Rauth - 100] = "Q",
	[Tattach - 100] = "FAUN", [Rattach - 100] = "Q",
	[Rerror - 100] = "E",
	[Tflush - 100] = "O", [Rflush - 100] = "",
	[Twalk - 100] = "FWK", [Rwalk - 100] = "L",
	[Topen - 100] = "FB", [Ropen - 100] = "QI",
	[Tcreate - 100] = "FnPB", [Rcreate - 100] = "QI",
	[Tread - 100] = "FXC", [Rread - 100] = "D",
	[Twrite - 100] = "FXD", [Rwrite - 100] = "C",
	[Tclunk - 100] = "F", [Rclunk - 100] = "",
	[Tremove - 100] = "F", [Rremove - 100] = "",
	[Tstat - 100] = "F", [Rstat - 100] = "S",
	[Twstat - 100] = "FS", [Rwstat - 100] = "",
};

static const char *const names[Tmax - Tversion] = {
	"Tversion", "Rversion", "Tauth", "Rauth", "Tattach", "Rattach", "Terror", "Rerror",
	"Tflush", "Rflush",
	"Twalk", "Rwalk", "Topen", "Ropen", "Tcreate", "Rcreate", "Tread", "Rread", "Twrite",
	"Rwrite", "Tclunk",
	"Rclunk", "Tremove", "Rremove", "Tstat", "Rstat", "Twstat", "Rwstat",
};

static const char *layout(u32 type)
{
	return type >= Tversion && type < Tmax ? layouts[type - Tversion] : nil;
}

const char *fcall_name(u32 type)
{
	return type >= Tversion && type < Tmax ? names[type - Tversion] : "T?";
}

/* ---- field tables: where a letter's value lives ---- */

static u32 *field32(Fcall *f, char letter)
{
	switch (letter) {
	case 'M': return &f->msize;
	case 'I': return &f->iounit;
	case 'F': return &f->fid;
	case 'A': return &f->afid;
	case 'W': return &f->newfid;
	case 'P': return &f->perm;
	case 'C': return &f->count;
	default: return nil;
	}
}

static Bytes *field_string(Fcall *f, char letter)
{
	switch (letter) {
	case 'V': return &f->version;
	case 'E': return &f->ename;
	case 'U': return &f->uname;
	case 'N': return &f->aname;
	case 'n': return &f->name;
	case 'S': return &f->stat;	/* the same shape: a 2-byte count and bytes */
	default: return nil;
	}
}

/* ---- encoding ---- */

static usize field_size(const Fcall *cf, char letter)
{
	Fcall *f = (Fcall *)(uintptr)cf;
	if (field32(f, letter) != nil)
		return 4;
	if (field_string(f, letter) != nil)
		return 2 + (usize)field_string(f, letter)->n;
	usize n = 2;
	switch (letter) {
	case 'O':
		return 2;
	case 'Q':
		return 13;
	case 'B':
		return 1;
	case 'X':
		return 8;
	case 'D':
		return 4 + (usize)cf->data.n;
	case 'K':
		for (u32 i = 0; i < cf->nwname; i++)
			n += 2 + cf->wname[i].n;
		return n;
	default:
		assert(letter == 'L');
		return n + 13UL * cf->nwqid;
	}
}

usize fcall_size(const Fcall *f)
{
	const char *l = layout(f->type);
	usize n = HEADER_SIZE;
	if (l == nil)
		return 0;
	for (; *l != '\0'; l++)
		n += field_size(f, *l);
	return n;
}

static u8 *put_bytes(u8 *p, const Bytes *b)
{
	put16le(p, (u16)b->n);
	memmove(p + 2, b->p, b->n);
	return p + 2 + b->n;
}

static u8 *put_qid(u8 *p, const Qid *q)
{
	p[0] = q->type;
	put32le(p + 1, q->vers);
	put64le(p + 5, q->path);
	return p + 13;
}

static u8 *put_list(u8 *p, const Fcall *f, char letter)
{
	u32 n = letter == 'K' ? f->nwname : f->nwqid;
	put16le(p, (u16)n);
	p += 2;
	for (u32 i = 0; i < n; i++)
		p = letter == 'K' ? put_bytes(p, &f->wname[i]) : put_qid(p, &f->wqid[i]);
	return p;
}

static u8 *put_field(u8 *p, const Fcall *cf, char letter)
{
	Fcall *f = (Fcall *)(uintptr)cf;
	if (field32(f, letter) != nil) {
		put32le(p, *field32(f, letter));
		return p + 4;
	}
	if (field_string(f, letter) != nil)
		return put_bytes(p, field_string(f, letter));
	switch (letter) {
	case 'O':
		put16le(p, f->oldtag);
		return p + 2;
	case 'Q':
		return put_qid(p, &f->qid);
	case 'B':
		*p = f->mode;
		return p + 1;
	case 'X':
		put64le(p, f->offset);
		return p + 8;
	case 'D':
		put32le(p, f->data.n);
		if (f->data.p != nil)
			memmove(p + 4, f->data.p, f->data.n);
		return p + 4 + f->data.n;
	default:
		return put_list(p, f, letter);
	}
}

/* Strings longer than their count field, and too many names, are refused. */
static bool encodable(const Fcall *cf)
{
	Fcall *f = (Fcall *)(uintptr)cf;
	if (f->nwname > MAXWELEM || f->nwqid > MAXWELEM)
		return false;
	for (const char *l = layout(f->type); *l != '\0'; l++)
		if (field_string(f, *l) != nil && field_string(f, *l)->n > 0xFFFF)
			return false;
	for (u32 i = 0; f->type == Twalk && i < f->nwname; i++)
		if (f->wname[i].n > 0xFFFF)
			return false;
	return true;
}

usize fcall_encode(const Fcall *f, u8 *buf, usize n)
{
	if (layout(f->type) == nil || !encodable(f))
		return 0;
	usize size = fcall_size(f);
	if (size > n || size > 0xFFFFFFFF)
		return 0;
	put32le(buf, (u32)size);
	buf[4] = f->type;
	put16le(buf + 5, f->tag);
	u8 *p = buf + HEADER_SIZE;
	for (const char *l = layout(f->type); *l != '\0'; l++)
		p = put_field(p, f, *l);
	assert(p == buf + size);
	return size;
}

/* ---- decoding ---- */

typedef struct In { const u8 *p, *end; } In;

static const u8 *take(In *in, usize n)
{
	if ((usize)(in->end - in->p) < n)
		return nil;
	const u8 *p = in->p;
	in->p += n;
	return p;
}

/* A string holds no NUL; the stat blob may. */
static bool get_bytes(In *in, Bytes *b, bool text)
{
	const u8 *p = take(in, 2);
	if (p == nil)
		return false;
	b->n = get16le(p);
	b->p = take(in, b->n);
	return b->p != nil && !(text && memchr(b->p, 0, b->n) != nil);
}

static bool get_qid(In *in, Qid *q)
{
	const u8 *p = take(in, 13);
	if (p == nil)
		return false;
	*q = (Qid){ .type = p[0], .vers = get32le(p + 1), .path = get64le(p + 5) };
	return true;
}

static bool get_list(In *in, Fcall *f, char letter)
{
	const u8 *p = take(in, 2);
	u32 n = p != nil ? get16le(p) : MAXWELEM + 1;
	if (n > MAXWELEM)
		return false;
	if (letter == 'K')
		f->nwname = (u16)n;
	else
		f->nwqid = (u16)n;
	for (u32 i = 0; i < n; i++)
		if (!(letter == 'K' ? get_bytes(in, &f->wname[i], true) : get_qid(in, &f->wqid[i])))
			return false;
	return true;
}

static bool get_data(In *in, Fcall *f)
{
	const u8 *p = take(in, 4);
	if (p == nil)
		return false;
	f->count = f->data.n = get32le(p);
	f->data.p = take(in, f->data.n);
	return f->data.p != nil;
}

static bool get_number(In *in, Fcall *f, char letter)
{
	const u8 *p = take(in, letter == 'O' ? 2 : letter == 'B' ? 1 : letter == 'X' ? 8 : 4);
	if (p == nil)
		return false;
	if (letter == 'O')
		f->oldtag = get16le(p);
	else if (letter == 'B')
		f->mode = *p;
	else if (letter == 'X')
		f->offset = get64le(p);
	else
		*field32(f, letter) = get32le(p);
	return true;
}

static bool get_field(In *in, Fcall *f, char letter)
{
	if (field_string(f, letter) != nil)
		return get_bytes(in, field_string(f, letter), letter != 'S');
	switch (letter) {
	case 'Q':
		return get_qid(in, &f->qid);
	case 'D':
		return get_data(in, f);
	case 'K':
	case 'L':
		return get_list(in, f, letter);
	default:
		return get_number(in, f, letter);
	}
}

bool fcall_decode(const u8 *buf, usize n, Fcall *f)
{
	if (n < HEADER_SIZE || get32le(buf) != n || layout(buf[4]) == nil)
		return false;
	fcall_init(f, buf[4]);
	f->tag = get16le(buf + 5);
	In in = { buf + HEADER_SIZE, buf + n };
	for (const char *l = layout(f->type); *l != '\0'; l++)
		if (!get_field(&in, f, *l))
			return false;
	return in.p == in.end;
}
