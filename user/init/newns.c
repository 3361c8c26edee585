/*
 * The interpreter of name space files. A line is an operation and its arguments:
 *
 *	mount [-abcC] srv old [spec]	bind [-abcC] new old
 *	unmount [new] old		cd dir
 *	clear				. file
 *	chdev [-nr] devices
 *
 * Blanks separate words, single quotes quote, # first makes a comment, and $name,
 * unless quoted, stands for the first element of a variable.
 */
#include <u.h>
#include <libc.h>
#include "user/mount.h"
#include "newns.h"

enum {
	NWORD = 14,
	VALUELEN = 27,		/* bytes of a variable that count */
	DEPTH = 32,		/* of files that include files */
};

static int moved;		/* an absolute cd was carried out */
static char oldwd[64 * 1024];

static void runfile(char*, int);

/* setvar gives an environment variable the n bytes of value. */
int
setvar(char *name, char *value, long n)
{
	char file[160];
	int fd, r;

	snprint(file, sizeof file, "#e/%s", name);
	fd = create(file, OWRITE, 0666);
	if (fd < 0)
		return -1;
	r = write(fd, value, n) == n ? 0 : -1;
	close(fd);
	return r;
}

/* readall returns the allocated, terminated contents of a file, or nil. */
static char *
readall(char *file)
{
	char *buf, *bigger;
	long n, got;
	int fd;

	fd = open(file, OREAD);
	if (fd < 0)
		return nil;
	buf = nil;
	n = 0;
	for (;;) {
		bigger = realloc(buf, (ulong)n + 8192 + 1);
		if (bigger == nil)
			break;
		buf = bigger;
		got = read(fd, buf + n, 8192);
		if (got < 0)
			break;
		n += got;
		buf[n] = '\0';
		if (got == 0) {
			close(fd);
			return buf;
		}
	}
	free(buf);
	close(fd);
	return nil;
}

/* value appends the first element of the variable named by the n bytes at name. */
static char *
value(char *name, long n, char *to)
{
	char file[160], text[VALUELEN + 1];
	int fd;

	snprint(file, sizeof file, "#e/%.*s", utfnlen(name, n), name);
	fd = n == 0 ? -1 : open(file, OREAD);
	if (fd < 0)
		return to;
	memset(text, 0, sizeof text);
	read(fd, text, VALUELEN);
	close(fd);
	strcpy(to, text);
	return to + strlen(text);
}

/* expand copies a word without its quotes and with the values of its variables. */
static char *
expand(char *p, char *to)
{
	int quoted;
	long n;

	for (quoted = 0; *p != '\0';) {
		if (*p == '\'' && quoted && p[1] == '\'') {
			*to++ = '\'';
			p += 2;
		} else if (*p == '\'') {
			quoted = !quoted;
			p++;
		} else if (*p == '$' && !quoted) {
			n = strcspn(++p, "/.!'$");
			to = value(p, n, to);
			p += n;
		} else
			*to++ = *p++;
	}
	*to++ = '\0';
	return to;
}

/* split cuts a line at its blanks outside quotes; it returns the number of words. */
static int
split(char *p, char **word, int max)
{
	int n, quoted;

	for (n = 0; n < max; n++) {
		while (*p == ' ' || *p == '\t' || *p == '\r')
			*p++ = '\0';
		if (*p == '\0')
			break;
		word[n] = p;
		for (quoted = 0; *p != '\0' && (quoted || strchr(" \t\r", *p) == nil); p++)
			if (*p == '\'')
				quoted = !quoted;
	}
	return n;
}

/* flags reads the leading -x words of an operation: the letters of all, in buf. */
static int
flags(int argc, char *argv[], char *buf, int n)
{
	int i;

	buf[0] = '\0';
	for (i = 1; i < argc && argv[i][0] == '-'; i++)
		strecpy(buf + strlen(buf), buf + n, argv[i] + 1);
	return i;
}

/* mountflags is what the letters of a mount or a bind ask for. */
static int
mountflags(char *letters)
{
	int flag;

	flag = MREPL;
	for (; *letters != '\0'; letters++)
		flag |= mountflag(*letters);
	return flag;
}

static void
domount(int flag, int argc, char *argv[])
{
	int fd;

	if (argc < 2 || argc > 3)
		return;
	fd = open(argv[0], ORDWR);
	if (fd < 0)
		return;
	if (mount(fd, -1, argv[1], flag, argc == 3 ? argv[2] : "") < 0)
		close(fd);
}

/* chdev narrows the devices of the name space. */
static void
chdev(char *letters, int argc, char *argv[])
{
	char *op;
	int fd;

	if (argc > 1)
		return;
	op = strchr(letters, 'n') != nil ? "~" : strchr(letters, 'r') != nil ? "&~" : "&";
	fd = open("#c/drivers", OWRITE);
	if (fd < 0)
		fd = open("/dev/drivers", OWRITE);	/* #c itself may be forbidden by now */
	if (fd < 0)
		return;
	fprint(fd, argc == 1 ? "chdev %s %s" : "chdev %s", op, argc == 1 ? argv[0] : nil);
	close(fd);
}

static void
run(int argc, char *argv[], int depth)
{
	char letters[32], *op;
	int n;

	op = argv[0];
	n = flags(argc, argv, letters, sizeof letters);
	argc -= n;
	argv += n;
	if (strcmp(op, "mount") == 0)
		domount(mountflags(letters), argc, argv);
	else if (strcmp(op, "bind") == 0 && argc == 2)
		bind(argv[0], argv[1], mountflags(letters));
	else if (strcmp(op, "unmount") == 0 && argc == 1)
		unmount(nil, argv[0]);
	else if (strcmp(op, "unmount") == 0 && argc == 2)
		unmount(argv[0], argv[1]);
	else if (strcmp(op, "cd") == 0 && argc == 1)
		moved |= chdir(argv[0]) == 0 && argv[0][0] == '/';
	else if (strcmp(op, "clear") == 0 && argc == 0)
		rfork(RFCNAMEG);
	else if (strcmp(op, "chdev") == 0)
		chdev(letters, argc, argv);
	else if (strcmp(op, ".") == 0 && argc == 1 && depth < DEPTH)
		runfile(argv[0], depth + 1);
}

/* room is how many bytes the words take, expanded. */
static ulong
room(int n, char *word[])
{
	ulong size;
	char *p;
	int i;

	size = 0;
	for (i = 0; i < n; i++) {
		size += (ulong)strlen(word[i]) + 1;
		for (p = strchr(word[i], '$'); p != nil; p = strchr(p + 1, '$'))
			size += VALUELEN;
	}
	return size;
}

/* runline carries out one line, which it destroys. */
static void
runline(char *line, int depth)
{
	char *raw[NWORD], *word[NWORD], *buf, *to;
	int i, n;

	n = split(line, raw, NWORD);
	if (n == 0 || raw[0][0] == '#')
		return;
	to = buf = malloc(room(n, raw));
	if (buf == nil)
		return;
	for (i = 0; i < n; i++) {
		word[i] = to;
		to = expand(raw[i], to);
	}
	run(n, word, depth);
	free(buf);
}

static void
runtext(char *text, int depth)
{
	char *next;

	for (; text != nil; text = next) {
		next = strchr(text, '\n');
		if (next != nil)
			*next++ = '\0';
		runline(text, depth);
	}
}

static void
runfile(char *file, int depth)
{
	char *text;

	text = readall(file);
	if (text != nil)
		runtext(text, depth);
	free(text);
}

int
addns(char *file)
{
	char *text;

	text = readall(file);
	if (text == nil)
		return -1;
	runtext(text, 0);
	free(text);
	return 0;
}

int
newns(char *user, char *file)
{
	char *text, *home, *old;

	text = readall(file);
	if (text == nil)
		return -1;
	old = getwd(oldwd, sizeof oldwd);
	if (rfork(RFCNAMEG | RFENVG) < 0) {
		free(text);
		return -1;
	}
	home = smprint("/usr/%s", user);
	if (home != nil) {
		setvar("user", user, strlen(user) + 1);
		setvar("home", home, strlen(home) + 1);
	}
	free(home);
	moved = 0;
	runtext(text, 0);
	free(text);
	if (!moved && (old == nil || chdir(old) < 0))
		chdir("/");
	return 0;
}
