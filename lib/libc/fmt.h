/*
 * What the files of the print family share.
 */
int	_fmtputr(Fmt*, Rune);
int	_fmtputs(Fmt*, char*, int);
int	_fmtpad(Fmt*, int, Rune);
int	_fmtascii(Fmt*, char*, int);
int	_fmtflush(Fmt*);
int	_fmtcharfmt(Fmt*);
int	_fmtstrfmt(Fmt*);
int	_fmtintfmt(Fmt*);
int	_fmtpercent(Fmt*);
int	_fmtcount(Fmt*);
int	_fmtflag(Fmt*);
int	_fmtbad(Fmt*);
int	_fmtfloat(Fmt*);
