/*
 * Exact decimal arithmetic, as much as conversion to and from binary needs:
 * multiplication by powers of two, and rounding. Doubles are printed by
 * shifting the mantissa into place, and read by shifting until the value
 * has exactly the bits of a mantissa.
 */
#include "sys.h"
#include "dec.h"

enum {
	MAXSHIFT = 56,		/* a digit times 2^56 plus a carry fits in 64 bits */
};

void
_dectrim(Dec *a)
{
	while(a->nd > 0 && a->d[a->nd-1] == 0)
		a->nd--;
	if(a->nd == 0)
		a->dp = 0;
}

void
_decset(Dec *a, uvlong v)
{
	uchar buf[20];
	int n = 0;

	for(; v != 0; v /= 10)
		buf[n++] = (uchar)(v % 10);
	a->nd = a->dp = n;
	a->trunc = 0;
	for(int i = 0; i < n; i++)
		a->d[i] = buf[n-1-i];
	_dectrim(a);
}

/* Multiplies by 2^k, 0 < k <= MAXSHIFT, from the last digit up. */
static void
left(Dec *a, int k)
{
	uchar high[20];
	uvlong n = 0;
	int i, j, extra = 0;

	for(i = a->nd-1; i >= 0; i--){
		n += (uvlong)a->d[i] << k;
		a->d[i] = (uchar)(n % 10);
		n /= 10;
	}
	for(; n != 0; n /= 10)
		high[extra++] = (uchar)(n % 10);
	for(i = a->nd-1; i >= 0; i--){
		j = i + extra;
		if(j < DECMAX)
			a->d[j] = a->d[i];
		else if(a->d[i] != 0)
			a->trunc = 1;
	}
	for(i = 0; i < extra; i++)
		a->d[i] = high[extra-1-i];
	a->nd = a->nd + extra > DECMAX ? DECMAX : a->nd + extra;
	a->dp += extra;
	_dectrim(a);
}

/* Divides by 2^k, 0 < k <= MAXSHIFT, from the first digit down. */
static void
right(Dec *a, int k)
{
	uvlong n = 0, mask = ((uvlong)1 << k) - 1;
	int r, w = 0, digit;

	for(r = 0; (n >> k) == 0; r++){
		if(r >= a->nd && n == 0){
			a->nd = a->dp = 0;
			return;
		}
		n = n*10 + (r < a->nd ? a->d[r] : 0);
	}
	a->dp -= r - 1;
	for(; r < a->nd || n != 0; r++){
		digit = (int)(n >> k);
		n &= mask;
		n = n*10 + (r < a->nd ? a->d[r] : 0);
		if(w < DECMAX)
			a->d[w++] = (uchar)digit;
		else if(digit != 0)
			a->trunc = 1;
	}
	a->nd = w;
	_dectrim(a);
}

/* Multiplies by 2^k, k of either sign. */
void
_decshift(Dec *a, int k)
{
	if(a->nd == 0)
		return;
	for(; k > MAXSHIFT; k -= MAXSHIFT)
		left(a, MAXSHIFT);
	for(; k < -MAXSHIFT; k += MAXSHIFT)
		right(a, MAXSHIFT);
	if(k > 0)
		left(a, k);
	else if(k < 0)
		right(a, -k);
}

/* Whether rounding to n digits goes up: to nearest, ties to even. */
static int
roundsup(Dec *a, int n)
{
	if(n < 0 || n >= a->nd)
		return 0;
	if(a->d[n] == 5 && n+1 == a->nd)
		return a->trunc || (n > 0 && (a->d[n-1] & 1));
	return a->d[n] >= 5;
}

/* Rounds to n significant digits; n may be zero or less. */
void
_decround(Dec *a, int n)
{
	int i;

	if(n >= a->nd)
		return;
	if(!roundsup(a, n)){
		a->nd = n < 0 ? 0 : n;
		_dectrim(a);
		return;
	}
	for(i = n-1; i >= 0; i--){
		if(a->d[i] < 9){
			a->d[i]++;
			a->nd = i + 1;
			return;
		}
	}
	a->d[0] = 1;
	a->nd = 1;
	a->dp++;
}

/* The value rounded to an integer; it must fit. */
uvlong
_decint(Dec *a)
{
	uvlong v = 0;
	int i;

	for(i = 0; i < a->dp; i++)
		v = v*10 + (i < a->nd ? a->d[i] : 0);
	if(roundsup(a, a->dp))
		v++;
	return v;
}
