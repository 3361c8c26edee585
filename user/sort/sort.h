/*
 * sort: lines are compared by keys (key.c), gathered in memory, sorted there
 * and spilled to temporary files when there are too many (run.c), and merged
 * from files (merge.c).
 */

typedef struct In In;
typedef struct Line Line;

struct Line {
	char	*s;
	usize	n;		/* bytes, without a newline */
};

/* A source of lines: an input file or a sorted temporary one. */
struct In {
	char	*name;		/* nil for a temporary file */
	int	fd;		/* -1 until it is opened */
	char	*buf;
	usize	cap;
	usize	pos, have;	/* what is unread: buf[pos] to buf[have-1] */
	int	eof;
	Line	line;		/* the current line; valid until the next is read */
};

extern int	uflag;

void	*emalloc(usize n);
void	*erealloc(void *p, usize n);

/* key.c */
void	setsep(char *s);
void	addkey(char *spec);
void	addoldkey(char *spec);
void	oldkeyend(char *spec);
int	setglobal(int c);
void	endkeys(void);
int	linecmp(Line *a, Line *b);

/* merge.c */
In	*newin(char *name, int fd);
int	nextline(In *in);
void	closein(In *in);
void	writeline(Biobuf *out, Line *l);
int	createtemp(void);
void	merge(In **in, int n, int outfd);
extern char	*tmpdir;

/* run.c */
void	sortfiles(In **in, int n, char *output);
void	output(In **in, int n, char *name);
