/*
 * Output of the print family: characters into a Fmt's buffer, which holds
 * UTF or Runes, with padding to the width the verb asked for.
 */
#include "sys.h"
#include "fmt.h"

/* Empties the buffer; 0 when it can take no more. */
int
_fmtflush(Fmt *f)
{
	return f->flush != nil && f->flush(f);
}

int
_fmtputr(Fmt *f, Rune r)
{
	char s[UTFmax];
	int n;

	f->nfmt++;
	if(f->runes){
		if((Rune*)f->to >= (Rune*)f->stop && !_fmtflush(f))
			return -1;
		*(Rune*)f->to = r;
		f->to = (Rune*)f->to + 1;
		return 0;
	}
	n = runetochar(s, &r);
	if(n > (char*)f->stop - (char*)f->to
	&& (!_fmtflush(f) || n > (char*)f->stop - (char*)f->to))
		return -1;
	memmove(f->to, s, n);
	f->to = (char*)f->to + n;
	return 0;
}

/* Puts n bytes of UTF, not padded. */
int
_fmtputs(Fmt *f, char *s, int n)
{
	char *e = s + n;
	Rune r;

	while(s < e){
		if(!f->runes && (uchar)*s < Runeself && f->to < f->stop){
			*(char*)f->to = *s++;
			f->to = (char*)f->to + 1;
			f->nfmt++;
			continue;
		}
		s += chartorune(&r, s);
		if(_fmtputr(f, r) < 0)
			return -1;
	}
	return 0;
}

int
_fmtpad(Fmt *f, int n, Rune r)
{
	while(n-- > 0)
		if(_fmtputr(f, r) < 0)
			return -1;
	return 0;
}

/* Puts n ASCII characters padded with blanks to the width. */
int
_fmtascii(Fmt *f, char *s, int n)
{
	int pad = (f->flags & FmtWidth) && f->width > n ? f->width - n : 0;

	if(!(f->flags & FmtLeft) && _fmtpad(f, pad, ' ') < 0)
		return -1;
	if(_fmtputs(f, s, n) < 0)
		return -1;
	if((f->flags & FmtLeft) && _fmtpad(f, pad, ' ') < 0)
		return -1;
	return 0;
}

/* Puts n runes, found at rs or, if that is nil, in the UTF at s. */
static int
putrunes(Fmt *f, char *s, Rune *rs, int n)
{
	int pad = (f->flags & FmtWidth) && f->width > n ? f->width - n : 0;
	Rune r;

	if(!(f->flags & FmtLeft) && _fmtpad(f, pad, ' ') < 0)
		return -1;
	while(n-- > 0){
		if(rs != nil)
			r = *rs++;
		else
			s += chartorune(&r, s);
		if(_fmtputr(f, r) < 0)
			return -1;
	}
	if((f->flags & FmtLeft) && _fmtpad(f, pad, ' ') < 0)
		return -1;
	return 0;
}

int
fmtrune(Fmt *f, int c)
{
	return _fmtputr(f, (Rune)c);
}

/* Puts a string, cut at the precision and padded to the width, in runes. */
int
fmtstrcpy(Fmt *f, char *s)
{
	char *p;
	Rune r;
	int n;

	if(s == nil)
		s = "<nil>";
	n = 0;
	if(f->flags & FmtPrec){
		for(p = s; n < f->prec && *p != 0; n++)
			p += chartorune(&r, p);
	}else
		n = utflen(s);
	return putrunes(f, s, nil, n);
}

int
fmtrunestrcpy(Fmt *f, Rune *s)
{
	int n = 0;

	if(s == nil)
		return fmtstrcpy(f, nil);
	while(s[n] != 0 && (!(f->flags & FmtPrec) || n < f->prec))
		n++;
	return putrunes(f, nil, s, n);
}
