/*
 * Deterministic matching: patterns become an automaton whose states are built
 * as the text asks for them, so that searching costs one step a rune whatever
 * the pattern. Texts are bytes from p to e, of UTF-8; a byte that is none
 * counts as Runeerror, and NUL is a character like others. The byte at e must
 * be readable and no part of a rune (a NUL or a newline). A program whose
 * memory ends while it matches is ended.
 */
#ifndef DFA_H
#define DFA_H

typedef struct Dfa Dfa;

enum {
	/* What dfacomp is told. */
	DFAfold = 1,		/* upper and lower case are the same */
	DFAlines = 2,		/* each line of the pattern is an alternative */
	DFAposix = 4,		/* extended syntax: [[:alpha:]] [.x.] [=x=] []x] e{2,3}, \n and its
				   like, and sets that match newline */
};

/* The automaton for a pattern of n bytes; nil with the error string set if it is malformed. */
Dfa	*dfacomp(char *pattern, usize n, int flags);
void	dfafree(Dfa*);

/* Whether the pattern occurs in the text, whose ends are what ^ and $ match. */
int	dfamatch(Dfa*, uchar *p, uchar *e);

/* The end of the longest match that begins at p, or nil. ^ matches at p if bol. */
uchar	*dfalongest(Dfa*, uchar *p, uchar *e, int bol);

/*
 * The leftmost-longest match that begins at p or later: 1, and its bounds in
 * m[0] and m[1], or 0. ^ matches at p if bol.
 */
int	dfasearch(Dfa*, uchar *p, uchar *e, int bol, uchar *m[2]);

#endif
