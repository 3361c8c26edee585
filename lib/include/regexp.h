/*
 * Regular expressions: leftmost-longest, in time linear in the text.
 * Compilation errors go to regerror, which programs may define; the
 * library's prints on descriptor 2.
 */
#ifndef REGEXP_H
#define REGEXP_H

typedef struct Resub Resub;
typedef struct Reprog Reprog;

/* A match; on entry m[0] may restrict the text to be searched. */
struct Resub {
	union {
		char	*sp;
		Rune	*rsp;
	};
	union {
		char	*ep;
		Rune	*rep;
	};
};

enum {
	NSUBEXP = 32,		/* sub-matches that are tracked, the whole match included */
};

Reprog	*regcomp(char*);
Reprog	*regcomplit(char*);
Reprog	*regcompnl(char*);
int	regexec(Reprog*, char*, Resub*, int);
int	rregexec(Reprog*, Rune*, Resub*, int);
void	regsub(char*, char*, int, Resub*, int);
void	rregsub(Rune*, Rune*, int, Resub*, int);
void	regerror(char*);

#endif
