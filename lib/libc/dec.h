/*
 * Exact decimal numbers, for printing and reading floating point.
 */
enum {
	DECMAX = 800,		/* digits kept; a double has at most 767 that matter */
};

typedef struct Dec Dec;
struct Dec {
	int	nd;		/* digits used, no zeros at either end */
	int	dp;		/* decimal point: the value is 0.d1d2d3... * 10^dp */
	int	trunc;		/* non-zero digits were dropped beyond DECMAX */
	uchar	d[DECMAX];	/* values 0 to 9 */
};

void	_decset(Dec*, uvlong);
void	_decshift(Dec*, int);
void	_decround(Dec*, int);
uvlong	_decint(Dec*);
void	_dectrim(Dec*);
