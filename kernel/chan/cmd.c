/*
 * Control messages (devices.md 1.6): one write is one message, split into
 * words with quotes, looked up in a table, its words counted.
 */
#include "chan/chan.h"

Err cmd_read(const Iobuf *b, Cmdbuf **out)
{
	Cmdbuf *cb = kalloc(sizeof(*cb));

	if (cb == nil)
		return Enomem;
	Err err = writestr(b, cb->buf, sizeof(cb->buf));

	if (err != nil) {
		kfree(cb);
		return err;
	}
	cb->nf = (u32)tokenize(cb->buf, cb->f, nelem(cb->f));
	*out = cb;
	return nil;
}

/* The error, and the message re-quoted inside double quotes. */
static Err cmd_error(Cmdbuf *cb, const char *what)
{
	char text[ERRMAX], *p = text, *end = text + sizeof(text);

	for (u32 i = 0; i < cb->nf && p < end - 1; i++) {
		if (i > 0)
			*p++ = ' ';
		p += quote(p, (usize)(end - p), cb->f[i], false);
	}
	*p = '\0';
	return errorf("%s \"%s\"", what, text);
}

Err cmd_wrongargs(Cmdbuf *cb)
{
	return cmd_error(cb, Ecmdargs);
}

Err cmd_lookup(Cmdbuf *cb, const Cmdtab *tab, u32 ntab, const Cmdtab **out)
{
	if (cb->nf == 0)
		return errorf("empty control message");
	for (u32 i = 0; i < ntab; i++) {
		if (strcmp(tab[i].word, "*") != 0 && strcmp(tab[i].word, cb->f[0]) != 0)
			continue;
		if (tab[i].nargs != 0 && tab[i].nargs != cb->nf)
			return cmd_wrongargs(cb);
		*out = &tab[i];
		return nil;
	}
	return cmd_error(cb, "unknown control message");
}
