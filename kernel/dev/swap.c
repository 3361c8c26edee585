/*
 * #¶: how memory is used, and the file that pages go to when it gets short
 * (mem/swap.c, proc/pager.c).
 */
#include "dev/devices.h"

enum { QDIR, QSWAP, QSWAPFILE };
enum { WRITE_MAX = 32, FD_LIMIT = 1 << 30 };

static const Dirtab swap_files[] = {
	{ "swap", { .path = QSWAP }, 0, 0664 },
	{ "swapfile", { .path = QSWAPFILE }, 0, 0600 },
};

static usize swap_text(char *buf, usize size)
{
	MemStats s;
	char *p = buf, *end = buf + size;

	u64 swapped, slots;

	mem_stats(&s);
	swap_stats(&swapped, &slots);
	/* a pool that no device takes anything from */
	u64 draw_max = (u64)boot_option_number("*imagemaxmb", 0) << 20;

	p = seprint(p, end, "%lu memory\n%u pagesize\n%lu kernel\n", s.total * BY2PG, BY2PG,
		s.total - s.user_max);
	p = seprint(p, end, "%lu/%lu user\n%lu/%lu swap\n%lu/%lu reclaim\n", s.user,
		s.user_max, swapped, slots, s.image_idle, s.user_max);
	p = seprint(p, end, "%lu/%lu/%lu kernel malloc\n0/0/%lu kernel draw\n0/0/0 kernel secret\n",
		s.heap_bytes, s.heap_taken, s.heap_max, draw_max);
	return (usize)(p - buf);
}

static Err swap_attach(const Dev *d, const char *spec, Chan **out)
{
	return spec[0] == '\0' ? devattach(d, spec, out) : Ebadspec;
}

static Err swap_walk(Chan *c, Chan *nc, const char **names, u32 nnames, Walkqid *w)
{
	return devwalk(c, nc, names, nnames, swap_files, nelem(swap_files), devgen, w);
}

static Err swap_stat(Chan *c, u8 *buf, usize size, usize *n)
{
	return devstat(c, buf, size, swap_files, nelem(swap_files), devgen, n);
}

static Err swap_open(Chan *c, u32 mode, Chan **out)
{
	return devopen(c, mode, swap_files, nelem(swap_files), devgen, out);
}

/* What lies in the file, as it is there. */
static ERR read_file(const Iobuf *b, u64 off, usize *n)
{
	Chan *c = swap_chan();
	if (c == nil)
		return nil;
	Err err = chan_pread(c, b, off, n);
	chan_close(c);
	return err;
}

static Err swap_fileread(Chan *c, const Iobuf *b, u64 off, usize *n)
{
	char text[512];

	*n = 0;
	if (c->qid.type & QTDIR)
		return devdirread(c, b, swap_files, nelem(swap_files), devgen, n);
	if (c->qid.path == QSWAPFILE)
		return read_file(b, off, n);
	return readstr(b, off, text, swap_text(text, sizeof(text)), n);
}

/* Its length says how much fits, as a partition's does; one that is empty grows. */
static ERR use_file(s32 fd)
{
	u64 length;
	Chan *c;

	TRY(fd_chan(fd, ORDWR, true, &c));
	Err err = (c->qid.type & (QTDIR | QTAUTH)) ? Ebadusefd : chan_length(c, &length);
	if (err == nil)
		err = swap_file(c, length);
	if (err != nil)
		chan_close(c);
	return err;
}

/* `start`, or the decimal number of a descriptor. */
static Err swap_filewrite(Chan *c, const Iobuf *b, u64 off, usize *n)
{
	char text[WRITE_MAX];
	const char *end;

	if (!iseve() || c->qid.path != QSWAP)
		return Eperm;
	TRY(writestr(b, text, sizeof(text)));
	if (strcmp(text, "start") == 0) {
		TRY(pager_start());
	} else {
		u64 fd = strtou64(text, &end, 10);
		if (end == text || *end != '\0' || fd > FD_LIMIT)
			return Ebadarg;
		TRY(use_file((s32)fd));
	}
	*n = b->size;
	return nil;
}

const Dev devswap = {
	.letter = 0xB6,
	.name = "swap",
	.attach = swap_attach,
	.walk = swap_walk,
	.stat = swap_stat,
	.open = swap_open,
	.create = dev_nocreate,
	.close = dev_noclose,
	.read = swap_fileread,
	.write = swap_filewrite,
	.remove = dev_noremove,
	.wstat = dev_nowstat,
};
