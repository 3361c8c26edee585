/*
 * The wire form of a directory entry (doc/9p.md): what stat, wstat and
 * directory reads carry.
 */
#include "chan/chan.h"

enum { FIXED = 41 };	/* bytes before the strings, the count included */

static usize length(const char *s)
{
	return s == nil ? 0 : strlen(s);
}

/*
 * The lengths of the four strings and the bytes of the entry; 0 when it cannot be encoded. One
 * user is often all three.
 */
static inline usize string_lengths(const Dir *d, usize len[4])
{
	len[0] = length(d->name);
	len[1] = length(d->uid);
	len[2] = d->gid == d->uid ? len[1] : length(d->gid);
	len[3] = d->muid == d->uid ? len[1] : length(d->muid);
	usize size = FIXED + 8 + len[0] + len[1] + len[2] + len[3];

	return size <= 65535 ? size : 0;
}

usize dir_size(const Dir *d)
{
	usize len[4];

	return string_lengths(d, len);
}

static u8 *put_string(u8 *p, const char *s, usize len)
{
	put16le(p, (u16)len);
	if (len > 0)
		memcpy(p + 2, s, len);
	return p + 2 + len;
}

usize dir_encode(const Dir *d, u8 *buf, usize n)
{
	usize len[4], size = string_lengths(d, len);

	if (size == 0 || size > n)
		return 0;
	put16le(buf, (u16)(size - 2));
	put16le(buf + 2, d->type);
	put32le(buf + 4, d->dev);
	buf[8] = d->qid.type;
	put32le(buf + 9, d->qid.vers);
	put64le(buf + 13, d->qid.path);
	put32le(buf + 21, d->mode);
	put32le(buf + 25, d->atime);
	put32le(buf + 29, d->mtime);
	put64le(buf + 33, d->length);
	u8 *p = put_string(buf + FIXED, d->name, len[0]);
	p = put_string(p, d->uid, len[1]);
	p = put_string(p, d->gid, len[2]);
	p = put_string(p, d->muid, len[3]);
	assert(p == buf + size);
	return size;
}

usize dir_check(const u8 *buf, usize n)
{
	if (n < STATFIXLEN)
		return 0;
	usize size = (usize)get16le(buf) + 2, at = FIXED;

	if (size < STATFIXLEN || size > n)
		return 0;
	for (u32 i = 0; i < 4; i++) {
		if (size - at < 2)
			return 0;
		usize len = get16le(buf + at);

		at += 2;
		if (size - at < len || memchr(buf + at, '\0', len) != nil)
			return 0;
		at += len;
	}
	return at == size ? size : 0;
}

static const char *get_string(const u8 **p, char **to)
{
	usize len = get16le(*p);
	char *s = *to;

	memcpy(s, *p + 2, len);
	s[len] = '\0';
	*p += 2 + len;
	*to = s + len + 1;
	return s;
}

Err dir_decode(const u8 *buf, usize n, Dir *d, char *strs)
{
	if (dir_check(buf, n) != n)
		return Ebadstat;
	const u8 *p = buf + FIXED;

	d->type = get16le(buf + 2);
	d->dev = get32le(buf + 4);
	d->qid = (Qid){ .type = buf[8], .vers = get32le(buf + 9), .path = get64le(buf + 13) };
	d->mode = get32le(buf + 21);
	d->atime = get32le(buf + 25);
	d->mtime = get32le(buf + 29);
	d->length = get64le(buf + 33);
	d->name = get_string(&p, &strs);
	d->uid = get_string(&p, &strs);
	d->gid = get_string(&p, &strs);
	d->muid = get_string(&p, &strs);
	assert(p == buf + n);
	return nil;
}

void dir_null(Dir *d)
{
	d->type = 0xFFFF;
	d->dev = d->mode = d->atime = d->mtime = ~0U;
	d->qid = (Qid){ .path = ~0UL, .vers = ~0U, .type = 0xFF };
	d->length = ~0UL;
	d->name = d->uid = d->gid = d->muid = "";
}

usize dir_rename(const u8 *in, usize nin, const char *name, usize name_len, u8 *out, usize size)
{
	assert(nin >= STATFIXLEN && get16le(in) + 2U == nin);
	usize rest = FIXED + 2 + (usize)get16le(in + FIXED);	/* where uid begins */
	usize total = nin - rest + FIXED + 2 + name_len;

	if (total > size || total > 65535)
		return 0;
	memcpy(out, in, FIXED);
	put16le(out, (u16)(total - 2));
	u8 *p = put_string(out + FIXED, name, name_len);

	memcpy(p, in + rest, nin - rest);
	return total;
}
