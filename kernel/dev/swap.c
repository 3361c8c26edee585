/*
 * #¶: how memory is used. There is no swapping, so that nothing may be
 * written; the lines keep the form that programs parse.
 */
#include "dev/devices.h"

enum { QDIR, QSWAP, QSWAPFILE };

static const Dirtab swap_files[] = {
	{ "swap", { .path = QSWAP }, 0, 0664 },
	{ "swapfile", { .path = QSWAPFILE }, 0, 0600 },
};

static usize swap_text(char *buf, usize size)
{
	MemStats s;
	char *p = buf, *end = buf + size;

	mem_stats(&s);
	/* a pool that no device takes anything from */
	u64 draw_max = (u64)boot_option_number("*imagemaxmb", 0) << 20;

	p = seprint(p, end, "%lu memory\n%u pagesize\n%lu kernel\n", s.total * BY2PG, BY2PG,
		s.total - s.user_max);
	p = seprint(p, end, "%lu/%lu user\n0/0 swap\n%lu/%lu reclaim\n", s.user, s.user_max,
		s.image, s.user_max);
	p = seprint(p, end, "%lu/%lu/%lu kernel malloc\n0/0/%lu kernel draw\n0/0/0 kernel secret\n",
		s.heap_bytes, s.tagged[KERNEL_HEAP] * BY2PG, s.heap_max, draw_max);
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

static Err swap_fileread(Chan *c, const Iobuf *b, u64 off, usize *n)
{
	char text[512];

	*n = 0;
	if (c->qid.type & QTDIR)
		return devdirread(c, b, swap_files, nelem(swap_files), devgen, n);
	if (c->qid.path == QSWAPFILE)
		return nil;
	return readstr(b, off, text, swap_text(text, sizeof(text)), n);
}

static Err swap_write(Chan *c, const Iobuf *b, u64 off, usize *n)
{
	return iseve() ? "swapping is not finished in this release" : Eperm;
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
	.write = swap_write,
	.remove = dev_noremove,
	.wstat = dev_nowstat,
};
