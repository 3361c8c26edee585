/*
 * $flagfmt, which says what flags a script takes: elements separated by commas, each
 * a letter, perhaps :name, and the names of the arguments that follow it.
 */

typedef struct Flag Flag;
struct Flag {
	Rune	letter;
	char	*name;		/* of the variable, or nil: flag and the letter */
	char	**arg;
	int	narg;
};

/* parseflag cuts the text of one element; 0 if it is none. */
static inline int
parseflag(char *text, Flag *f)
{
	char *word[32];

	memset(f, 0, sizeof *f);
	f->narg = tokenize(text, word, nelem(word)) - 1;
	if (f->narg < 0)
		return 0;
	text = word[0] + chartorune(&f->letter, word[0]);
	if (*text == ':' && text[1] != '\0')
		f->name = text + 1;
	else if (*text != '\0')
		return 0;
	f->arg = malloc((ulong)(f->narg + 1) * sizeof f->arg[0]);
	if (f->arg == nil)
		sysfatal("no memory: %r");
	memmove(f->arg, word + 1, (ulong)f->narg * sizeof f->arg[0]);
	return 1;
}

/* readflags parses $flagfmt into up to max flags and returns how many there are. */
static inline int
readflags(Flag *flags, int max)
{
	char *text, *next;
	int n;

	n = 0;
	for (text = getenv("flagfmt"); text != nil && n < max; text = next) {
		next = strchr(text, ',');
		if (next != nil)
			*next++ = '\0';
		if (parseflag(text, &flags[n]))
			n++;
	}
	return n;
}
