/*
 * Decimal numbers of any length, as bc and dc have them: an integer and a
 * scale, the number of its digits that stand behind the point. Numbers do
 * not change once made; whoever has one holds a reference. Functions that
 * make one return a reference, or nil with the error string set; they keep
 * none of their arguments'. A program whose memory ends is ended.
 */
#ifndef NUM_H
#define NUM_H

typedef struct Num Num;
struct Num {
	int	ref;
	int	neg;		/* never of zero */
	int	scale;
	int	n;		/* limbs; 0 for zero */
	uint	d[];		/* each below 10^9, the least significant first */
};

Num	*numint(vlong);
Num	*numref(Num*);
void	numfree(Num*);

/*
 * Digits 0-9 A-F with a point, in a base from 2 to 16; ends at what is none.
 * With clip digits that are none of the base count as its last, but not one
 * that is the whole integer part.
 */
Num	*numparse(char *s, int base, int clip);

/* Text in a base of at least 2; digits from 16 on are decimal numbers after blanks. malloc'd. */
char	*numtext(Num*, vlong base);

/* The scales of results are those of bc; scale is its variable. */
Num	*numadd(Num*, Num*);
Num	*numsub(Num*, Num*);
Num	*nummul(Num*, Num*, int scale);
Num	*numdiv(Num*, Num*, int scale);
Num	*nummod(Num*, Num*, int scale);
Num	*numpow(Num*, Num*, int scale);
Num	*numsqrt(Num*, int scale);
Num	*numneg(Num*);
Num	*numrescale(Num*, int scale);		/* cuts digits off or adds zeros */
Num	*numpowmod(Num *a, Num *e, Num *m);	/* of integers */
int	numcmp(Num*, Num*);
int	numiszero(Num*);
int	numlength(Num*);			/* significant digits */
vlong	numvlong(Num*);				/* the integer part, or the largest there is */

#endif
