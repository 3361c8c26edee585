/*
 * #c/reboot: the end of this kernel, and the beginning of another.
 */
#include "dev/cons.h"
#include "drv/uart.h"
#include "mem/mem.h"

enum { REBOOT, HALT, PANIC, RDB };
enum { KERNEL_ORDER_MAX = 10, CHUNK = 65536 };

static const Cmdtab commands[] = {
	{ REBOOT, "reboot", 0 },
	{ HALT, "halt", 1 },
	{ PANIC, "panic", 1 },
	{ RDB, "rdb", 1 },
};
static LOCK_CLASS(reboot_class, "cons.reboot");
static QLock reboot_lock = QLOCK_INIT(&reboot_class);	/* one at a time */

/* Words of this command line that are no variables: `noapic` and the like. nil: no memory. */
static char *bare_words(char *p, char *end)
{
	char *text = kstrdup(boot.cmdline), *word[64];

	if (text == nil)
		return nil;
	usize n = tokenize(text, word, nelem(word));

	for (usize i = 0; i < n && p < end - 1; i++)
		if (strchr(word[i], '=') == nil) {
			p += quote(p, (usize)(end - p), word[i], false);
			p = seprint(p, end, " ");
		}
	kfree(text);
	return p;
}

/* The next kernel's command line: all of #ec, where the path is bootfile. */
static ERR make_cmdline(const char *path, char *buf, usize size)
{
	TRY(egrp_set(confenv, "bootfile", path, strlen(path)));
	char *p = bare_words(buf, buf + size);

	return p == nil ? Enomem : egrp_words(confenv, p, buf + size);
}

static ERR read_all(Chan *c, u8 *to, usize room, usize *size)
{
	usize n = 1;

	for (*size = 0; n > 0; *size += n) {
		if (*size == room)
			return Etoobig;
		TRY(chan_pread_kernel(c, to + *size, MIN(room - *size, (usize)CHUNK), (s64)*size,
			&n));
	}
	return nil;
}

/* The file takes frames of its own: the next kernel may look at it. */
static ERR boot_file(Chan *c, const char *path, const char *cmdline)
{
	Page *pages = page_alloc(KERNEL_ORDER_MAX, KERNEL_OTHER);
	usize size;

	if (pages == nil)
		return Enomem;
	Err err = read_all(c, page_kaddr(pages), (usize)BY2PG << KERNEL_ORDER_MAX, &size);

	if (err == nil)
		err = arch_reboot_kernel(page_kaddr(pages), size, path, cmdline);
	page_free(pages, KERNEL_ORDER_MAX);
	return err;
}

static ERR boot_kernel(const char *path)
{
	char *cmdline = kalloc(BOOT_CMDLINE_MAX);
	Chan *c = nil;
	Err err = cmdline != nil ? namec(path, Aopen, OREAD, 0, &c) : Enomem;

	if (err == nil && (c->qid.type & QTDIR) != 0)
		err = Eisdir;
	if (err == nil) {
		qlock(&reboot_lock);
		s32 wired = up->wired;

		qlock(&up->debug);
		err = proc_wire(up, 0);
		qunlock(&up->debug);
		yield();
		if (err == nil)
			err = make_cmdline(path, cmdline, BOOT_CMDLINE_MAX);
		if (err == nil)
			err = boot_file(c, path, cmdline);
		up->wired = wired;
		qunlock(&reboot_lock);
	}
	chan_close(c);
	kfree(cmdline);
	return err;
}

static ERR run(Cmdbuf *cb)
{
	const Cmdtab *command;

	if ((SANITIZED || RACES) && cb->nf == 2 && strcmp(cb->f[0], "bug") == 0)
		return sanbug(cb->f[1]);
	TRY(cmd_lookup(cb, commands, nelem(commands), &command));
	uart_finish();
	switch (command->index) {
	case REBOOT:
		if (cb->nf > 2)
			return cmd_wrongargs(cb);
		if (cb->nf == 2)
			return boot_kernel(cb->f[1]);
		print("rebooting\n");
		arch_reboot();
	case HALT:
		print("halting\n");
		arch_poweroff();
	case PANIC:
		panic("asked for by a write of %s to #c/reboot", up->user);
	}
	return "there is no debugger in this release";
}

Err reboot_write(Chan *c, const Iobuf *b, u64 off, usize *n)
{
	if (!iseve())
		return Eperm;
	Cmdbuf *cb;
	TRY(cmd_read(b, &cb));
	Err err = run(cb);
	kfree(cb);
	*n = b->size;
	return err;
}
