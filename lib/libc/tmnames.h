/*
 * Names of days and months, and the bounds of zones, for tmfmt and tmparse.
 */
extern char *_wday[7];
extern char *_month[12];

int	_zonename(Tzone*, char*, int, int*);
