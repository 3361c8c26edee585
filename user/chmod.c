/*
 * chmod mode file ...: change the modes of files. The mode is octal permissions, or
 * [ugoa][+-=][rwxalt]: for whom, what to do, and which bits; a is append-only, l
 * exclusive use, t temporary.
 */
#include <u.h>
#include <libc.h>

static void
usage(void)
{
	fprint(2, "usage: chmod 0777 file ... or chmod [who]op[rwxalt] file ...\n");
	exits("usage");
}

/* parsewho reads the leading letters and returns the rwx bits they stand for. */
static uint
parsewho(char **pp)
{
	uint who;
	char *p;

	who = 0;
	for (p = *pp; *p != '\0'; p++) {
		if (*p == 'u')
			who |= 0700;
		else if (*p == 'g')
			who |= 0070;
		else if (*p == 'o')
			who |= 0007;
		else if (*p == 'a')
			who |= 0777;
		else
			break;
	}
	*pp = p;
	return who == 0 ? 0777 : who;
}

/* parsebits reads the letters after the operator; 0 if one of them is unknown. */
static int
parsebits(char *p, uint who, uint *bits)
{
	*bits = 0;
	for (; *p != '\0'; p++) {
		switch (*p) {
		case 'r':
			*bits |= who & 0444;
			break;
		case 'w':
			*bits |= who & 0222;
			break;
		case 'x':
			*bits |= who & 0111;
			break;
		case 'a':
			*bits |= DMAPPEND;
			break;
		case 'l':
			*bits |= DMEXCL;
			break;
		case 't':
			*bits |= DMTMP;
			break;
		default:
			return 0;
		}
	}
	return 1;
}

/* parsemode sets the bits to change and their values; 0 if text is no mode. */
static int
parsemode(char *text, uint *mask, uint *value)
{
	uint who, bits;
	char *p, op;

	*value = (uint)strtoul(text, &p, 8);
	*mask = 0777;
	if (p != text && *p == '\0')
		return *value <= 0777;
	p = text;
	who = parsewho(&p);
	op = *p;
	if (op == '\0' || strchr("+-=", op) == nil || !parsebits(p + 1, who, &bits))
		return 0;
	*mask = op == '=' ? who | bits : bits;
	*value = op == '-' ? 0 : bits;
	return 1;
}

static int
change(char *name, uint mask, uint value)
{
	Dir *old, new;
	int r;

	old = dirstat(name);
	if (old == nil) {
		fprint(2, "chmod: can't stat %s: %r\n", name);
		return -1;
	}
	nulldir(&new);
	new.mode = (old->mode & ~mask) | value;
	free(old);
	r = dirwstat(name, &new);
	if (r < 0)
		fprint(2, "chmod: can't wstat %s: %r\n", name);
	return r;
}

void
main(int argc, char *argv[])
{
	uint mask, value;
	int i, failed;

	argv0 = argv[0];
	argc--;
	argv++;
	if (argc > 0 && strcmp(argv[0], "--") == 0) {
		argc--;
		argv++;
	}
	if (argc < 2)
		usage();
	if (!parsemode(argv[0], &mask, &value)) {
		fprint(2, "chmod: bad mode: %s\n", argv[0]);
		exits("mode");
	}
	failed = 0;
	for (i = 1; i < argc; i++)
		if (change(argv[i], mask, value) < 0)
			failed = 1;
	exits(failed ? "errors" : nil);
}
