/*
 * Performing commands. A string that another ends with takes its place, so
 * that loops do not pile up; level counts those it stands for.
 */
#include <u.h>
#include <libc.h>
#include <bio.h>
#include <num.h>
#include "dc.h"

typedef struct Frame Frame;
struct Frame {
	Str	*str;
	char	*p, *e;		/* what is left */
	int	level;
};

enum {
	Maxscale = 1 << 24,
};

static Frame	*frames;
static int	nframe, maxframe;
static int	ibase = 10, scale;
static vlong	obase = 10;

/* Performs str next; takes the reference. */
static void
enter(Str *str)
{
	Frame *f;
	int level;

	level = 1;
	if(nframe > 0 && frames[nframe-1].p == frames[nframe-1].e){
		f = &frames[--nframe];
		level += f->level;
		vfree((Val){ nil, f->str });
	}
	if(nframe == maxframe){
		maxframe = 2*maxframe + 16;
		frames = erealloc(frames, (usize)maxframe*sizeof *frames);
	}
	f = &frames[nframe++];
	f->str = str;
	f->p = str->s;
	f->e = str->s + str->n;
	f->level = level;
}

/* Leaves so many levels; at the outermost the program ends. */
static void
leave(vlong levels)
{
	Frame *f;

	for(; levels > 0 && nframe > 0; levels--){
		f = &frames[nframe-1];
		if(--f->level == 0){
			vfree((Val){ nil, f->str });
			nframe--;
		}
	}
	if(nframe == 0){
		Bflush(&bout);
		exits(nil);
	}
}

static int
isdigitchar(int c)
{
	return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'F');
}

static void
number(Frame *f)
{
	char *s = f->p;
	Num *n, *m;
	int neg, point;

	neg = *s == '_';
	s += neg;
	point = 0;
	for(f->p = s; isdigitchar(*f->p) || (*f->p == '.' && !point); f->p++)
		point |= *f->p == '.';
	n = numparse(s, ibase, 0);
	if(neg){
		m = numneg(n);
		numfree(n);
		n = m;
	}
	pushnum(n);
}

static void
string(Frame *f)
{
	char *s = ++f->p;
	int nest;

	for(nest = 1; f->p < f->e; f->p++){
		if(*f->p == '[')
			nest++;
		else if(*f->p == ']' && --nest == 0)
			break;
	}
	if(f->p == f->e)
		complain("missing ]");
	push((Val){ nil, newstr(s, (usize)(f->p - s)) });
	if(f->p < f->e)
		f->p++;
}

static void
show(Val *v)
{
	char *s;

	if(v->str != nil){
		outtext(v->str->s, 0);
		return;
	}
	s = numtext(v->num, obase);
	outtext(s, 1);
	free(s);
}

static Num*
compute(int op, Num *a, Num *b)
{
	switch(op){
	case '+': return numadd(a, b);
	case '-': return numsub(a, b);
	case '*': return nummul(a, b, scale);
	case '/': return numdiv(a, b, scale);
	case '%': return nummod(a, b, scale);
	}
	return numpow(a, b, scale);
}

/* The operands stay if there is an error. */
static void
binary(int op)
{
	Num *r;

	if(!neednums(2))
		return;
	r = compute(op, peek(1)->num, peek(0)->num);
	if(r == nil){
		complain("%r");
		return;
	}
	vfree(pop());
	vfree(pop());
	pushnum(r);
}

static void
divmod(void)
{
	Num *q, *r;

	if(!neednums(2))
		return;
	q = numdiv(peek(1)->num, peek(0)->num, scale);
	if(q == nil){
		complain("%r");
		return;
	}
	r = nummod(peek(1)->num, peek(0)->num, scale);
	vfree(pop());
	vfree(pop());
	pushnum(q);
	pushnum(r);
}

static void
powmod(void)
{
	Num *r;

	if(!neednums(3))
		return;
	r = numpowmod(peek(2)->num, peek(1)->num, peek(0)->num);
	if(r == nil){
		complain("%r");
		return;
	}
	vfree(pop());
	vfree(pop());
	vfree(pop());
	pushnum(r);
}

static void
root(void)
{
	Num *r;

	if(!neednums(1))
		return;
	r = numsqrt(peek(0)->num, scale);
	if(r == nil){
		complain("%r");
		return;
	}
	vfree(pop());
	pushnum(r);
}

/* Pops a number that is to be between min and max; 0 with a complaint if it is not. */
static int
parameter(char *what, vlong min, vlong max, vlong *v)
{
	if(!neednums(1))
		return 0;
	*v = numvlong(peek(0)->num);
	vfree(pop());
	if(*v >= min && *v <= max)
		return 1;
	complain("%s must be a number between %lld and %lld", what, min, max);
	return 0;
}

static void
rotate(void)
{
	vlong n, i;
	Val v;

	if(!parameter("the count of R", -1000000, 1000000, &n))
		return;
	if(n < 0 ? -n > depth : n > depth){
		complain("stack empty");
		return;
	}
	if(n > 0){
		v = *peek((int)n - 1);
		for(i = n - 1; i > 0; i--)
			*peek((int)i) = *peek((int)i - 1);
		*peek(0) = v;
	}else if(n < 0){
		v = *peek(0);
		for(i = 0; i < -n - 1; i++)
			*peek((int)i) = *peek((int)i + 1);
		*peek((int)-n - 1) = v;
	}
}

/* The letters after commands that have a register. */
static void
register1(int c, int name)
{
	Val v, *p;
	vlong i;

	switch(c){
	case 's':
		if(need(1))
			regset(name, pop());
		break;
	case 'S':
		if(need(1))
			regpush(name, pop());
		break;
	case 'l':
		p = reg(name);
		push(p != nil ? vdup(*p) : (Val){ numint(0), nil });
		break;
	case 'L':
		if(regpop(name, &v))
			push(v);
		else
			complain("stack register '%c' is empty", name);
		break;
	case ':':
		if(!need(2) || !neednums(1))
			break;
		i = numvlong(peek(0)->num);
		vfree(pop());
		arrayset(name, i, pop());
		break;
	case ';':
		if(!neednums(1))
			break;
		i = numvlong(peek(0)->num);
		vfree(pop());
		push(arrayget(name, i));
		break;
	}
}

/* Compares the top with what is below, and performs the register. */
static void
condition(int c, int not, int name)
{
	Val a, b, *p;
	int r;

	if(!neednums(2))
		return;
	a = pop();
	b = pop();
	r = numcmp(a.num, b.num);
	r = c == '<' ? r < 0 : c == '>' ? r > 0 : r == 0;
	vfree(a);
	vfree(b);
	p = reg(name);
	if(r == not || p == nil)
		return;
	if(p->str != nil)
		enter(vdup(*p).str);
	else
		push(vdup(*p));
}

static void
shell(Frame *f)
{
	char *s = f->p, *cmd;

	while(f->p < f->e && *f->p != '\n')
		f->p++;
	cmd = emalloc((usize)(f->p - s) + 1);
	memmove(cmd, s, (usize)(f->p - s));
	cmd[f->p - s] = 0;
	Bflush(&bout);
	switch(fork()){
	case -1:
		complain("fork: %r");
		break;
	case 0:
		execl("/bin/rc", "rc", "-c", cmd, nil);
		fprint(2, "dc: /bin/rc: %r\n");
		_exits("exec");
	default:
		waitpid();
	}
	free(cmd);
}

/* ! begins a condition or a command of the shell. */
static void
exclamation(Frame *f)
{
	if(f->e - f->p >= 2 && strchr("<>=", *f->p) != nil){
		f->p += 2;
		condition(f->p[-2], 1, (uchar)f->p[-1]);
	}else
		shell(f);
}

/* P of a number: its integer part as bytes. */
static void
bytes(Num *n)
{
	Num *q, *r, *base, *t;
	char *s;
	usize len, max;
	int c;

	base = numint(256);
	n = numrescale(n, 0);
	s = nil;
	len = max = 0;
	do{
		r = nummod(n, base, 0);
		q = numdiv(n, base, 0);
		if(len == max)
			s = erealloc(s, max = 2*max + 16);
		c = (int)numvlong(r);
		s[len++] = (char)(c < 0 ? -c : c);
		numfree(r);
		t = n;
		n = q;
		numfree(t);
	}while(!numiszero(n));
	while(len > 0)
		Bputc(&bout, (uchar)s[--len]);
	free(s);
	numfree(n);
	numfree(base);
}

static void
printing(int c)
{
	Val v;
	int i;

	if(c == 'f'){
		for(i = 0; i < depth; i++){
			show(peek(i));
			outtext("\n", 0);
		}
		return;
	}
	if(!need(1))
		return;
	if(c == 'p'){
		show(peek(0));
		outtext("\n", 0);
		return;
	}
	v = pop();
	if(c == 'P' && v.num != nil)
		bytes(v.num);
	else
		show(&v);
	vfree(v);
}

/* Digits but for zeros in front. */
static int
digits(Num *v)
{
	char *s, *p;
	int n;

	s = numtext(v, 10);
	n = 0;
	for(p = s; *p != 0; p++)
		if(*p >= '0' && *p <= '9' && (*p != '0' || n > 0))
			n++;
	free(s);
	return n > 0 ? n : 1;
}

/* Z and X: digits or length, and scale. */
static void
property(int c)
{
	Val v;
	int n;

	if(!need(1))
		return;
	v = pop();
	if(c == 'Z')
		n = v.str != nil ? (int)v.str->n : digits(v.num);
	else
		n = v.num != nil ? v.num->scale : 0;
	vfree(v);
	pushnum(numint(n));
}

static void
asciify(void)
{
	Val v;
	char ch;

	if(!need(1))
		return;
	v = pop();
	ch = v.num != nil ? (char)numvlong(v.num) : v.str->s[0];
	vfree(v);
	push((Val){ nil, newstr(&ch, ch != 0) });
}

static void
execute(void)
{
	Val v;

	if(!need(1))
		return;
	v = pop();
	if(v.str != nil)
		enter(v.str);
	else
		push(v);
}

static void
question(void)
{
	char *s;

	Bflush(&bout);
	s = readline();
	if(s == nil)
		return;
	enter(newstr(s, (usize)strlen(s)));
	free(s);
}

static void
stackcommand(int c)
{
	Val v;

	switch(c){
	case 'c': clear(); break;
	case 'd':
		if(need(1))
			push(vdup(*peek(0)));
		break;
	case 'r':
		if(need(2)){
			v = *peek(0);
			*peek(0) = *peek(1);
			*peek(1) = v;
		}
		break;
	case 'R': rotate(); break;
	case 'z': pushnum(numint(depth)); break;
	}
}

static void
setting(int c)
{
	vlong v;

	switch(c){
	case 'i':
		if(parameter("input base", 2, 16, &v))
			ibase = (int)v;
		break;
	case 'o':
		if(parameter("output base", 2, 1000000000, &v))
			obase = v;
		break;
	case 'k':
		if(parameter("scale", 0, Maxscale, &v))
			scale = (int)v;
		break;
	case 'I': pushnum(numint(ibase)); break;
	case 'O': pushnum(numint(obase)); break;
	case 'K': pushnum(numint(scale)); break;
	}
}

static void
command(Frame *f, int c)
{
	vlong n;

	switch(c){
	case ' ': case '\t': case '\n': case '\r':
		break;
	case '+': case '-': case '*': case '/': case '%': case '^':
		binary(c);
		break;
	case '~': divmod(); break;
	case '|': powmod(); break;
	case 'v': root(); break;
	case 'p': case 'n': case 'P': case 'f':
		printing(c);
		break;
	case 'c': case 'd': case 'r': case 'R': case 'z':
		stackcommand(c);
		break;
	case 'i': case 'o': case 'k': case 'I': case 'O': case 'K':
		setting(c);
		break;
	case 'Z': case 'X':
		property(c);
		break;
	case 'a': asciify(); break;
	case 'x': execute(); break;
	case '?': question(); break;
	case '!': exclamation(f); break;
	case 'q': leave(2); break;
	case 'Q':
		if(parameter("the count of Q", 1, 1LL << 60, &n))
			leave(nframe > 1 ? n : 0);
		break;
	case '#':
		while(f->p < f->e && *f->p != '\n')
			f->p++;
		break;
	default:
		complain("'%c' (%#o) unimplemented", c, c);
	}
}

/* Performs a string and what it enters; takes the reference. */
void
perform(Str *str)
{
	Frame *f;
	int c;

	nframe = 0;
	enter(str);
	while(nframe > 0){
		f = &frames[nframe-1];
		if(f->p == f->e){
			vfree((Val){ nil, f->str });
			nframe--;
			continue;
		}
		c = (uchar)*f->p;
		if(isdigitchar(c) || c == '.' || c == '_')
			number(f);
		else if(c == '[')
			string(f);
		else if(strchr("sSlL:;<>=", c) != nil && c != 0){
			if(f->p + 1 == f->e){
				complain("missing register");
				f->p++;
				continue;
			}
			f->p += 2;
			if(strchr("<>=", c) != nil)
				condition(c, 0, (uchar)f->p[-1]);
			else
				register1(c, (uchar)f->p[-1]);
		}else{
			f->p++;
			command(f, c);
		}
	}
}
