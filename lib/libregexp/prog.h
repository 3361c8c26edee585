/*
 * A compiled expression: instructions for a machine that follows all paths
 * at once. Jumps are relative, so that code can be moved.
 */
typedef struct Inst Inst;
typedef struct Class Class;

enum {
	Ichar,			/* matches the rune arg */
	Iany,			/* any rune but newline */
	Iall,			/* any rune */
	Iclass,			/* a rune of class arg */
	Ibol,
	Ieol,
	Isave,			/* notes the place as sub-match bound arg */
	Isplit,			/* goes on at x, and with less preference at y */
	Ijump,			/* goes on at x */
	Imatch,
};

struct Inst {
	int	op;
	uint	arg;
	int	x, y;
};

struct Class {
	int	negated;
	int	nl;		/* a negated class may match newline */
	int	n;		/* ranges */
	int	max;
	Rune	(*r)[2];
};

struct Reprog {
	Inst	*inst;
	int	ninst, maxinst;
	Class	*class;
	int	nclass;
	int	nsub;		/* parentheses that save */
	Rune	first;		/* every match begins with it, unless 0 */
};
