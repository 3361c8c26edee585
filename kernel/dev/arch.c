/*
 * #P: the processor and the machine: I/O ports, model-specific registers,
 * interrupts, cache types, the firmware's memory. All of it comes through
 * arch.h.
 */
#include "dev/devices.h"

enum {
	QDIR, QIOB, QIOW, QIOL, QMSR, QCPUTYPE, QARCHCTL, QIOALLOC, QIRQALLOC, QREALMODE, QACPITBLS,
	QACPIMEM,
};
enum { PORTS = 0x10000, REALMODE_SIZE = 1 << 20, TEXT_MAX = 4096, CHUNK = 1024 };

static const Dirtab arch_files[] = {
	{ "acpimem", { .path = QACPIMEM }, 0, 0600 },
	{ "acpitbls", { .path = QACPITBLS }, 0, 0444 },
	{ "archctl", { .path = QARCHCTL }, 0, 0664 },
	{ "cputype", { .path = QCPUTYPE }, 0, 0444 },
	{ "ioalloc", { .path = QIOALLOC }, 0, 0444 },
	{ "iob", { .path = QIOB }, 0, 0660 },
	{ "iol", { .path = QIOL }, 0, 0660 },
	{ "iow", { .path = QIOW }, 0, 0660 },
	{ "irqalloc", { .path = QIRQALLOC }, 0, 0444 },
	{ "msr", { .path = QMSR }, 0, 0660 },
	{ "realmodemem", { .path = QREALMODE }, REALMODE_SIZE, 0660 },
};

/* ---- I/O ports ---- */

static bool is_vga(u32 first, u32 last)
{
	return (first >= 0x2b0 && last <= 0x2df) || (first >= 0x3c0 && last <= 0x3da);
}

/* Ports that a driver has are not for programs, but those of VGA. */
static ERR check_ports(u64 first, usize n)
{
	IoRange r;
	if (first >= PORTS || n > PORTS - first)
		return Ebadarg;
	u32 last = (u32)(first + n) - 1;
	for (u32 i = 0; arch_io_range(i, &r); i++)
		if (first <= r.last && r.start <= last && !is_vga((u32)first, last))
			return Eperm;
	return nil;
}

static void port_read(u16 port, u32 width, u8 *to)
{
	if (width == 1)
		*to = arch_in8(port);
	else if (width == 2)
		put16le(to, arch_in16(port));
	else
		put32le(to, arch_in32(port));
}

static void port_write(u16 port, u32 width, const u8 *from)
{
	if (width == 1)
		arch_out8(port, *from);
	else if (width == 2)
		arch_out16(port, get16le(from));
	else
		arch_out32(port, get32le(from));
}

static ERR ports(u32 width, const Iobuf *b, u64 first, bool write, usize *n)
{
	u8 unit[4];
	if (b->size % width != 0)
		return Ebadarg;
	if (b->size > 0)
		TRY(check_ports(first, b->size));
	for (*n = 0; *n < b->size; *n += width) {
		u16 port = (u16)(first + *n);
		if (write) {
			TRY(iobuf_get(b, *n, unit, width));
			port_write(port, width, unit);
		} else {
			port_read(port, width, unit);
			TRY(iobuf_put(b, *n, unit, width));
		}
	}
	return nil;
}

/* ---- model-specific registers: 8 bytes each, from number off on ---- */

static ERR msrs(const Iobuf *b, u64 off, bool write, usize *n)
{
	u64 v;
	if (b->size % sizeof v != 0 || off + b->size / sizeof v > 1UL << 32 || off >> 32 != 0)
		return Ebadarg;
	for (*n = 0; *n < b->size; *n += sizeof v) {
		u32 msr = (u32)(off + *n / sizeof v);
		if (write)
			TRY(iobuf_get(b, *n, &v, sizeof v));
		TRY(write ? arch_msr_write(msr, v) : arch_msr_read(msr, &v));
		if (!write)
			TRY(iobuf_put(b, *n, &v, sizeof v));
	}
	return nil;
}

/* ---- texts ---- */

static char *cpu_text(char *p, char *end)
{
	char name[64];
	arch_cpuname(name, sizeof name);
	return seprint(p, end, "%s %lu", name, arch_cyclehz() / 1000000);
}

static char *archctl_text(char *p, char *end)
{
	CacheRange r;
	bool global = arch_global_pages();
	p = seprint(p, end, "cpu ");
	p = cpu_text(p, end);
	p = seprint(p, end, "%s\npge %s\ncoherence %s\ncmpswap cmpswap486\narch %s\n",
		global ? " pge" : "", global ? "on" : "off", arch_coherence(), arch_id());
	for (u32 i = 0; arch_cache_range(i, &r); i++)
		p = seprint(p, end, "cache 0x%016lx %15lu %s\n", r.base, r.size, r.type);
	return p;
}

static char *ioalloc_text(char *p, char *end)
{
	IoRange r;
	for (u32 i = 0; arch_io_range(i, &r); i++)
		p = seprint(p, end, "%8x %8x %-12s\n", r.start, r.last, r.tag);
	return p;
}

static char *irqalloc_text(char *p, char *end)
{
	IrqInfo r;
	for (u32 i = 0; arch_irq_info(i, &r); i++)
		p = seprint(p, end, "%11u %11u %s\n", r.vector, r.irq, r.name);
	return p;
}

static ERR read_text(u32 file, const Iobuf *b, u64 off, usize *n)
{
	char *text = kalloc(TEXT_MAX);
	if (text == nil)
		return Enomem;
	char *end = text + TEXT_MAX, *p = text;
	if (file == QCPUTYPE)
		p = seprint(cpu_text(p, end), end, "\n");
	else if (file == QARCHCTL)
		p = archctl_text(p, end);
	else if (file == QIOALLOC)
		p = ioalloc_text(p, end);
	else
		p = irqalloc_text(p, end);
	Err err = readstr(b, off, text, (usize)(p - text), n);
	kfree(text);
	return err;
}

/* ---- archctl ---- */

enum { V_PGE, V_COHERENCE, V_CACHE };
static const Cmdtab verbs[] = {
	{ V_PGE, "pge", 2 },
	{ V_COHERENCE, "coherence", 2 },
	{ V_CACHE, "cache", 4 },
};

/* `cache base size type`, numbers in any base. */
static ERR set_cache(Cmdbuf *cb)
{
	const char *end;
	CacheRange r = { .type = cb->f[3] };
	r.base = strtou64(cb->f[1], &end, 0);
	if (end == cb->f[1] || *end != '\0')
		return Ebadarg;
	r.size = strtou64(cb->f[2], &end, 0);
	if (end == cb->f[2] || *end != '\0')
		return Ebadarg;
	return arch_set_cache_range(&r);
}

static ERR run_verb(const Cmdtab *verb, Cmdbuf *cb)
{
	const char *arg = cb->f[1];
	switch (verb->index) {
	case V_PGE:
		if (strcmp(arg, "on") != 0 && strcmp(arg, "off") != 0)
			return "invalid pge: neither on nor off";
		return arch_set_global_pages(strcmp(arg, "on") == 0);
	case V_COHERENCE:
		return arch_set_coherence(arg);
	default:
		return set_cache(cb);
	}
}

static ERR archctl_write(const Iobuf *b)
{
	const Cmdtab *verb;
	Cmdbuf *cb;
	TRY(cmd_read(b, &cb));
	Err err = cmd_lookup(cb, verbs, nelem(verbs), &verb);
	if (err == nil)
		err = run_verb(verb, cb);
	kfree(cb);
	return err;
}

/* ---- the firmware's memory ---- */

static ERR realmode(const Iobuf *b, u64 off, bool write, usize *n)
{
	u8 bytes[CHUNK];
	if (off >= REALMODE_SIZE)
		return write ? Ebadarg : nil;
	usize size = MIN(b->size, REALMODE_SIZE - off);
	while (*n < size) {
		usize part = MIN(size - *n, sizeof bytes);
		u32 at = (u32)(off + *n);
		if (write)
			TRY(iobuf_get(b, *n, bytes, part));
		TRY(write ? arch_realmode_write(at, bytes, part) :
			arch_realmode_read(at, bytes, part));
		if (!write)
			TRY(iobuf_put(b, *n, bytes, part));
		*n += part;
	}
	return nil;
}

/* The tables one after the other, as if they were one file. */
static ERR acpi_tables(const Iobuf *b, u64 off, usize *n)
{
	const u8 *table;
	u32 size;
	u64 start = 0;
	for (u32 i = 0; *n < b->size && arch_acpi_table(i, &table, &size); i++, start += size) {
		u64 at = off + *n;
		if (at < start || at >= start + size)
			continue;
		usize part = MIN(b->size - *n, start + size - at);
		TRY(iobuf_put(b, *n, table + (at - start), part));
		*n += part;
	}
	return nil;
}

static ERR acpi_memory(const Iobuf *b, u64 off, usize *n)
{
	u8 bytes[CHUNK];
	while (*n < b->size) {
		usize part = MIN(b->size - *n, sizeof bytes);
		Err err = arch_acpi_memory(off + *n, bytes, part);
		if (err != nil)
			return *n > 0 ? nil : err;
		TRY(iobuf_put(b, *n, bytes, part));
		*n += part;
	}
	return nil;
}

/* ---- the device ---- */

static Err arch_attach(const Dev *d, const char *spec, Chan **out)
{
	return spec[0] == '\0' ? devattach(d, spec, out) : Ebadspec;
}

static Err arch_walk(Chan *c, Chan *nc, const char **names, u32 nnames, Walkqid *w)
{
	return devwalk(c, nc, names, nnames, arch_files, nelem(arch_files), devgen, w);
}

static Err arch_stat(Chan *c, u8 *buf, usize size, usize *n)
{
	return devstat(c, buf, size, arch_files, nelem(arch_files), devgen, n);
}

static Err arch_open(Chan *c, u32 mode, Chan **out)
{
	return devopen(c, mode, arch_files, nelem(arch_files), devgen, out);
}

static Err arch_read(Chan *c, const Iobuf *b, u64 off, usize *n)
{
	*n = 0;
	switch (c->qid.path) {
	case QDIR:
		return devdirread(c, b, arch_files, nelem(arch_files), devgen, n);
	case QIOB:
		return ports(1, b, off, false, n);
	case QIOW:
		return ports(2, b, off, false, n);
	case QIOL:
		return ports(4, b, off, false, n);
	case QMSR:
		return msrs(b, off, false, n);
	case QREALMODE:
		return realmode(b, off, false, n);
	case QACPITBLS:
		return acpi_tables(b, off, n);
	case QACPIMEM:
		return acpi_memory(b, off, n);
	default:
		return read_text((u32)c->qid.path, b, off, n);
	}
}

static Err arch_write(Chan *c, const Iobuf *b, u64 off, usize *n)
{
	*n = 0;
	switch (c->qid.path) {
	case QIOB:
		return ports(1, b, off, true, n);
	case QIOW:
		return ports(2, b, off, true, n);
	case QIOL:
		return ports(4, b, off, true, n);
	case QMSR:
		return msrs(b, off, true, n);
	case QREALMODE:
		return realmode(b, off, true, n);
	case QARCHCTL:
		TRY(archctl_write(b));
		*n = b->size;
		return nil;
	default:
		return Eperm;
	}
}

const Dev devarch = {
	.letter = 'P',
	.name = "arch",
	.attach = arch_attach,
	.walk = arch_walk,
	.stat = arch_stat,
	.open = arch_open,
	.create = dev_nocreate,
	.close = dev_noclose,
	.read = arch_read,
	.write = arch_write,
	.remove = dev_noremove,
	.wstat = dev_nowstat,
};
