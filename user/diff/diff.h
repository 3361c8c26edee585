/*
 * diff: the lines of both files get numbers, equal for equal lines (lines.c);
 * the shortest way from one sequence of numbers to the other is a list of
 * hunks (compare.c), which is printed in one of seven forms (out.c).
 */

typedef struct File File;
typedef struct Hunk Hunk;
typedef struct Hunks Hunks;

struct File {
	char	*name;
	char	*text;
	usize	size;
	char	**line;		/* nline starts of lines, then the end of the text */
	int	*id;		/* equal for equal lines of either file */
	int	nline;
	int	nonl;		/* the last line has no newline */
};

/* Lines a1 to a2-1 of the old file (from 0) become b1 to b2-1 of the new one. */
struct Hunk {
	int	a1, a2;
	int	b1, b2;
};

struct Hunks {
	Hunk	*h;
	int	n, cap;
};

extern int	bflag;		/* runs of blanks are equal */
extern int	wflag;		/* blanks do not count */
extern int	mode;		/* 0, or the letter of the form: a c e f n */
extern Biobuf	out;

void	*emalloc(usize n);
void	*erealloc(void *p, usize n);

/* lines.c */
int	readfile(File *f, int fd);
int	isbinary(File *f);
int	number(File *a, File *b);
void	freefile(File *f);

/* compare.c */
void	compare(File *a, File *b, int nid, Hunks *hs);

/* out.c */
void	show(File *a, File *b, Hunks *hs);
