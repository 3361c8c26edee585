/*
 * The tables of Unicode's algorithms, each in the order of its first number.
 */

/* A character that stands for another, and one that is made of two. */
typedef struct Single Single;
struct Single {
	Rune	c;
	Rune	to;
};
typedef struct Pair Pair;
struct Pair {
	Rune	c;
	Rune	a, b;
};

/* Characters that combine, and in which order: those of lower class first. */
typedef struct Combining Combining;
struct Combining {
	Rune	lo, hi;
	int	class;
};

/* normtab.c; _composes are the pairs that are put together again, in the order of a, then b. */
extern Single _singles[];
extern Pair _pairs[];
extern ushort _composes[];
extern Combining _combinings[];
extern int _nsingle, _npair, _ncompose, _ncombining;

/* How characters stand with their neighbours in a grapheme, and in a word. */
enum {
	Gother, Gcr, Glf, Gcontrol, Gextend, Gzwj, Gregional, Gprepend, Gspacing,
	Gl, Gv, Gt, Glv, Glvt,

	Wother = 0, Wcr, Wlf, Wnewline, Wextend, Wzwj, Wformat, Wregional, Wkatakana,
	Whebrew, Wletter, Wsingle, Wdouble, Wmidnumlet, Wmidletter, Wmidnum, Wnumeric,
	Wextendnumlet, Wspace,
};

/* breaktab.c: those that are not Gother and Wother, without the syllables of Hangul. */
typedef struct Break Break;
struct Break {
	Rune	lo, hi;
	uchar	grapheme;
	uchar	word;
	uchar	pict;		/* an emoji or the like */
};
extern Break _breaks[];
extern int _nbreak;

enum {
	Sbase = 0xAC00, Lbase = 0x1100, Vbase = 0x1161, Tbase = 0x11A7,
	Lcount = 19, Vcount = 21, Tcount = 28,
	Scount = Lcount*Vcount*Tcount,
};
