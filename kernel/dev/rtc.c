/*
 * #r: the battery-backed clock, in seconds since 1970, and the memory beside
 * it (devices.md 17).
 */
#include "dev/devices.h"

enum { Qdir, Qnvram, Qrtc };
enum { NUMBER_MAX = 32, CHUNK = 64 };

static const Dirtab rtc_tab[] = {
	{ "nvram", { Qnvram, 0, QTFILE }, 0, 0664 },
	{ "rtc", { Qrtc, 0, QTFILE }, 0, 0664 },
};

static Err rtc_attach(const Dev *d, const char *spec, Chan **out)
{
	return spec[0] == '\0' ? devattach(d, spec, out) : Ebadspec;
}

static Err rtc_walk(Chan *c, Chan *nc, const char **names, u32 nnames, Walkqid *w)
{
	return devwalk(c, nc, names, nnames, rtc_tab, nelem(rtc_tab), devgen, w);
}

static Err rtc_stat(Chan *c, u8 *buf, usize size, usize *n)
{
	return devstat(c, buf, size, rtc_tab, nelem(rtc_tab), devgen, n);
}

static Err rtc_open(Chan *c, u32 mode, Chan **out)
{
	u32 omode;
	TRY(devopenmode(mode, &omode));
	if (c->qid.path == Qnvram && !iseve())
		return Eperm;
	if (c->qid.path == Qrtc && omode != OREAD && !iseve())
		return Eperm;
	return devopen(c, mode, rtc_tab, nelem(rtc_tab), devgen, out);
}

static Err nvram_read(const Iobuf *b, u64 off, usize *n)
{
	u8 bytes[CHUNK];
	u32 size = arch_nvram_size();
	usize done = 0;
	while (done < b->size && off + done < size) {
		usize count = MIN(MIN(b->size - done, size - (off + done)), (usize)CHUNK);
		for (usize i = 0; i < count; i++)
			bytes[i] = arch_nvram_read((u32)(off + done + i));
		TRY(iobuf_put(b, done, bytes, count));
		done += count;
	}
	*n = done;
	return nil;
}

static Err rtc_read(Chan *c, const Iobuf *b, u64 off, usize *n)
{
	if ((c->qid.type & QTDIR) != 0)
		return devdirread(c, b, rtc_tab, nelem(rtc_tab), devgen, n);
	if (c->qid.path == Qnvram)
		return nvram_read(b, off, n);
	char text[NUMBER_MAX];
	usize length = snprint(text, sizeof text, "%11ld ", arch_wallclock());
	return readstr(b, off, text, length, n);
}

/* Only at offset 0, and only as much as there is. */
static Err nvram_write(const Iobuf *b, u64 off, usize *n)
{
	u8 bytes[CHUNK];
	if (off != 0)
		return Ebadarg;
	usize total = MIN(b->size, (usize)arch_nvram_size());
	for (usize done = 0; done < total;) {
		usize count = MIN(total - done, (usize)CHUNK);
		TRY(iobuf_get(b, done, bytes, count));
		for (usize i = 0; i < count; i++)
			arch_nvram_write((u32)(done + i), bytes[i]);
		done += count;
	}
	*n = total;
	return nil;
}

static Err rtc_write(Chan *c, const Iobuf *b, u64 off, usize *n)
{
	if (c->qid.path == Qnvram)
		return nvram_write(b, off, n);
	char text[NUMBER_MAX];
	TRY(writestr(b, text, sizeof text));
	const char *p = text, *end;
	while (*p == ' ')
		p++;
	if (*p < '0' || *p > '9')
		return Ebadarg;
	u64 seconds = strtou64(p, &end, 10);
	if ((*end != '\0' && *end != ' ') || seconds > (u64)1 << 40)
		return Ebadarg;
	TRY(arch_wallclock_set((s64)seconds));
	*n = b->size;
	return nil;
}

const Dev devrtc = {
	.letter = 'r',
	.name = "rtc",
	.attach = rtc_attach,
	.walk = rtc_walk,
	.stat = rtc_stat,
	.open = rtc_open,
	.create = dev_nocreate,
	.close = dev_noclose,
	.read = rtc_read,
	.write = rtc_write,
	.remove = dev_noremove,
	.wstat = dev_nowstat,
};
