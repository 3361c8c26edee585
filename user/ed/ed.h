/*
 * ed: the buffer of lines with undo (buf.c), files, the shell and the
 * terminal (io.c), addresses and searches (addr.c), substitution (sub.c),
 * and the commands (cmd.c). An error prints ? and a message, and goes back
 * to the command loop in main.c.
 */

typedef struct Line Line;

/* A line of text; it never changes, and is shared by all that refer to it. */
struct Line {
	int	ref;
	uint	gen;		/* the global command that selected it */
	usize	n;
	char	text[];		/* n bytes and a NUL */
};

enum {
	Nsub = 10,		/* \0 to \9 */
};

extern int	dot, dol;	/* the current line and the last; lines count from 1 */
extern int	modified;	/* since the buffer was last written */
extern int	addr1, addr2;	/* the addresses of the command */
extern int	naddr;		/* how many were given */
extern char	*cp;		/* the rest of the command line */
extern int	oflag;
extern int	verbose;	/* print counts */
extern int	prompting;
extern int	errors;		/* commands that failed */
extern char	*filename;
extern int	interrupted;
extern Biobuf	out;		/* standard output, or with -o the standard error */

NORETURN void	error(char *fmt, ...);
void	checkintr(void);
void	*emalloc(usize n);
void	*erealloc(void *p, usize n);
char	*estrdup(char *s);

/* buf.c */
Line	*newline(char *s, usize n);
void	unref(Line *l);
Line	*lineat(int i);
int	indexof(Line *l);
void	splice(int at, int ndel, Line **lines, int n);
void	replaceline(int at, Line *l);
void	startundo(void);
void	undo(void);
void	discardundo(void);
void	setmark(int c, int i);
int	getmark(int c);
void	cut(int from, int to);
void	put(int after);

/* io.c */
char	*readcmd(void);
int	readtext(Line ***lines);
int	inglobal(void);
char	*setglobal(char *s);
void	readinto(char *name, int after);
void	writefile(char *name, int from, int to, int append);
void	shell(char *cmd);
void	printline(int i, int form);
void	lostline(void);

/* addr.c */
void	addresses(void);
void	skipblanks(void);
char	*delimited(int delim, int *closed);
Reprog	*compile(int delim, int *closed);
int	search(Reprog *re, Line *l, usize from, Resub *m);

/* sub.c */
void	substitute(void);

/* cmd.c */
void	command(void);
void	quit(int force);
