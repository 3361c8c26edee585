/*
 * Inside num.h: arithmetic on magnitudes, arrays of limbs below Base with
 * the least significant first.
 */
typedef struct Num Num;

enum {
	Base = 1000000000,
	Digits = 9,		/* of a limb */
	Maxdigits = 1 << 30,	/* of a number */
};

Num	*num_alloc(vlong limbs);
Num	*num_trim(Num*);			/* drops leading zeros; takes the reference */
Num	*num_shift(Num*, int digits);		/* the integer times 10^digits; keeps the scale */
Num	*num_mul(Num*, Num*);			/* of the integers, without regard to scales */
Num	*num_div(Num*, Num*, Num **rest);	/* the quotient of the integers' magnitudes */
uint	num_divsmall(Num*, uint);		/* in place; returns the rest */
Num	*num_muladd(Num*, uint, uint);		/* takes the reference */
int	num_cmpmag(uint*, int, uint*, int);
uint	num_pow10(int);
