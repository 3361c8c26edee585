/*
 * test expression, [ expression ]: the exit status is empty if the expression is true,
 * `false' if it is false, `bad syntax' if it is neither.
 *
 *	or:	and { -o and }
 *	and:	not { -a not }
 *	not:	! not | primary
 *	primary: ( or ) | -op file | string op string | string
 *
 * An operator that lacks its operand is a string. Every part is evaluated, so that
 * errors show.
 */
#include <u.h>
#include <libc.h>

static char **word;
static int nword, at;

static int or(void);

static void
bad(char *what)
{
	fprint(2, "%s: bad syntax: %s\n", argv0, what);
	exits("bad syntax");
}

static char *
peek(int ahead)
{
	return at + ahead < nword ? word[at + ahead] : nil;
}

static int
peekis(char *s)
{
	return at < nword && strcmp(word[at], s) == 0;
}

static uint
mode(char *file)
{
	Dir *d;
	uint m;

	d = dirstat(file);
	m = d == nil ? 0 : d->mode;
	free(d);
	return m;
}

static int
isplain(char *file)
{
	return access(file, AEXIST) == 0 && !(mode(file) & DMDIR);
}

static int
hasdata(char *file)
{
	Dir *d;
	int r;

	d = dirstat(file);
	r = d != nil && d->length > 0;
	free(d);
	return r;
}

/* isconsole says whether a descriptor is the console. */
static int
isconsole(char *fd)
{
	char name[256];
	long n;

	if (fd2path(atoi(fd), name, sizeof name) < 0)
		return 0;
	n = strlen(name);
	return strcmp(name, "#c/cons") == 0 || (n >= 9 && strcmp(name + n - 9, "/dev/cons") == 0);
}

static vlong
number(char *s)
{
	char *rest;
	vlong n;

	n = strtoll(s, &rest, 10);
	if (rest == s || *rest != '\0')
		bad("a number is expected");
	return n;
}

/* newer compares modification times; a missing file is older than any other. */
static int
newer(char *a, char *b)
{
	Dir *da, *db;
	int r;

	da = dirstat(a);
	db = dirstat(b);
	r = da != nil && (db == nil || da->mtime > db->mtime);
	free(da);
	free(db);
	return r;
}

static vlong
unitseconds(char c)
{
	switch (c) {
	case 'y':
		return 365 * 24 * 3600;
	case 'M':
		return 30 * 24 * 3600;
	case 'd':
		return 24 * 3600;
	case 'h':
		return 3600;
	case 'm':
		return 60;
	case 's':
		return 1;
	}
	bad("unknown unit of time");
	return 0;
}

/* older: the time is seconds since 1970, or so long ago if it has units (1d12h). */
static int
older(char *file, char *text)
{
	vlong n, ago;
	char *p, *rest;
	Dir *d;
	int r;

	ago = n = 0;
	for (p = text; *p != '\0'; p = rest) {
		n = strtoll(p, &rest, 10);
		if (rest == p)
			bad("a time is expected");
		if (*rest != '\0')
			ago += n * unitseconds(*rest++);
		else if (p == text)
			ago = time(nil) - n;
		else
			bad("a unit of time is expected");
	}
	d = dirstat(file);
	r = d != nil && d->mtime < time(nil) - ago;
	free(d);
	return r;
}

static int
isunary(char *op)
{
	return op[0] == '-' && op[1] != '\0' && op[2] == '\0' &&
		strchr("ALTdefrstwxnz", op[1]) != nil;
}

static int
unary(char op, char *s)
{
	switch (op) {
	case 'A':
		return (mode(s) & DMAPPEND) != 0;
	case 'L':
		return (mode(s) & DMEXCL) != 0;
	case 'T':
		return (mode(s) & DMTMP) != 0;
	case 'd':
		return (mode(s) & DMDIR) != 0;
	case 'e':
		return access(s, AEXIST) == 0;
	case 'f':
		return isplain(s);
	case 'r':
		return access(s, AREAD) == 0;
	case 'w':
		return access(s, AWRITE) == 0;
	case 'x':
		return access(s, AEXEC) == 0;
	case 's':
		return hasdata(s);
	case 't':
		return isconsole(s);
	case 'n':
		return s[0] != '\0';
	}
	return s[0] == '\0';		/* -z */
}

static int
isbinary(char *op)
{
	static char *ops[] = {
		"=", "!=", "-eq", "-ne", "-gt", "-ge", "-lt", "-le", "-nt", "-ot", "-older",
	};
	uint i;

	for (i = 0; i < nelem(ops); i++)
		if (strcmp(op, ops[i]) == 0)
			return 1;
	return 0;
}

static int
binary(char *a, char *op, char *b)
{
	if (strcmp(op, "=") == 0)
		return strcmp(a, b) == 0;
	if (strcmp(op, "!=") == 0)
		return strcmp(a, b) != 0;
	if (strcmp(op, "-eq") == 0)
		return number(a) == number(b);
	if (strcmp(op, "-ne") == 0)
		return number(a) != number(b);
	if (strcmp(op, "-gt") == 0)
		return number(a) > number(b);
	if (strcmp(op, "-ge") == 0)
		return number(a) >= number(b);
	if (strcmp(op, "-lt") == 0)
		return number(a) < number(b);
	if (strcmp(op, "-le") == 0)
		return number(a) <= number(b);
	if (strcmp(op, "-nt") == 0)
		return newer(a, b);
	if (strcmp(op, "-ot") == 0)
		return newer(b, a);
	return older(a, b);
}

static int
primary(void)
{
	char *w, *op;
	int r;

	w = peek(0);
	if (w == nil)
		bad("an expression is expected");
	op = peek(1);
	if (op != nil && isbinary(op) && peek(2) != nil) {
		at += 3;
		return binary(w, op, word[at - 1]);
	}
	at++;
	if (strcmp(w, "(") == 0 && op != nil) {
		r = or();
		if (!peekis(")"))
			bad(") is expected");
		at++;
		return r;
	}
	if (strcmp(w, "-t") == 0 && (op == nil || op[0] < '0' || op[0] > '9'))
		return isconsole("1");
	if (isunary(w) && op != nil) {
		at++;
		return unary(w[1], op);
	}
	return w[0] != '\0';
}

static int
not(void)
{
	if (peekis("!") && peek(1) != nil) {
		at++;
		return !not();
	}
	return primary();
}

static int
and(void)
{
	int r;

	r = not();
	while (peekis("-a")) {
		at++;
		r &= not();
	}
	return r;
}

static int
or(void)
{
	int r;

	r = and();
	while (peekis("-o")) {
		at++;
		r |= and();
	}
	return r;
}

void
main(int argc, char *argv[])
{
	char *base;
	int r;

	argv0 = argv[0];
	base = strrchr(argv0, '/');
	base = base == nil ? argv0 : base + 1;
	word = argv + 1;
	nword = argc - 1;
	if (strcmp(base, "[") == 0) {
		if (nword == 0 || strcmp(word[nword - 1], "]") != 0)
			bad("] is missing");
		nword--;
	}
	if (nword == 0)
		exits("false");
	r = or();
	if (at < nword)
		bad("a word is left over");
	exits(r ? nil : "false");
}
