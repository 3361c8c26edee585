/*
 * Errors with a text made for the occasion, and messages of the kernel about
 * a process on that process's own standard error.
 */
#include "proc/groups.h"
#include "proc/private.h"

Err errorf(const char *fmt, ...)
{
	static char boot_text[ERRMAX];
	Proc *p = up;
	char *buf = boot_text;
	if (p != nil) {
		p->errbuf_next ^= 1;
		buf = p->errbuf[p->errbuf_next];
	}
	char text[ERRMAX];	/* an argument may be the buffer itself */
	va_list args;
	va_start(args, fmt);
	vsnprint(text, sizeof text, fmt, args);
	va_end(args);
	strecpy(buf, buf + ERRMAX, text);
	return buf;
}

void pprint(const char *fmt, ...)
{
	char text[2 * ERRMAX + PROC_NAME_MAX];
	Proc *p = up;
	char *end = text + sizeof text;
	char *at = seprint(text, end - 1, "%s %d: ", p->name, (int)p->pid);
	va_list args;
	va_start(args, fmt);
	at += vsnprint(at, (usize)(end - 1 - at), fmt, args);
	va_end(args);
	at = MIN(at, end - 2);
	*at++ = '\n';
	if (p->fgrp != nil)
		chan_complain(text, (usize)(at - text));
}
