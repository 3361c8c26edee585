/*
 * Splitting text into fields, in place.
 */
#include "sys.h"

/* The end of a field that begins at s: the first separator outside quotes. */
static char*
skipfield(char *s, char *seps)
{
	int inq = 0;
	Rune r;
	int n;

	for(; *s != 0; s += n){
		n = chartorune(&r, s);
		if(r == '\'')
			inq = !inq;	/* a doubled quote turns twice */
		else if(!inq && utfrune(seps, r) != nil)
			break;
	}
	return s;
}

static char*
skipseps(char *s, char *seps)
{
	Rune r;
	int n;

	for(; *s != 0; s += n){
		n = chartorune(&r, s);
		if(utfrune(seps, r) == nil)
			break;
	}
	return s;
}

static void
unquote(char *s)
{
	char *w = s;
	int inq = 0;

	for(; *s != 0; s++){
		if(*s != '\'')
			*w++ = *s;
		else if(inq && s[1] == '\'')
			*w++ = *s++;
		else
			inq = !inq;
	}
	*w = 0;
}

/* Fields between any of seps; quotes protect separators and are kept. */
int
gettokens(char *s, char **args, int max, char *seps)
{
	int n;
	Rune r;

	for(n = 0; n < max; n++){
		s = skipseps(s, seps);
		if(*s == 0)
			break;
		args[n] = s;
		s = skipfield(s, seps);
		if(*s == 0){
			n++;
			break;
		}
		char *e = s;
		s += chartorune(&r, s);
		*e = 0;
	}
	return n;
}

/* Words as rc would see them: blanks separate, single quotes are undone. */
int
tokenize(char *s, char **args, int max)
{
	int i, n = gettokens(s, args, max, " \t\r\n");

	for(i = 0; i < n; i++)
		unquote(args[i]);
	return n;
}

/* As gettokens without quotes. Unless multi, each separator ends a field. */
int
getfields(char *s, char **args, int max, int multi, char *seps)
{
	int n = 0, len;
	Rune r;

	if(max <= 0)
		return 0;
	if(multi)
		s = skipseps(s, seps);
	if(multi && *s == 0)
		return 0;
	args[n++] = s;
	while(*s != 0 && n < max){
		len = chartorune(&r, s);
		if(utfrune(seps, r) == nil){
			s += len;
			continue;
		}
		*s = 0;
		s += len;
		if(multi){
			s = skipseps(s, seps);
			if(*s == 0)
				break;
		}
		args[n++] = s;
	}
	return n;
}
