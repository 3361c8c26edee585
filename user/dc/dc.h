/*
 * dc. Strings are performed by one loop over a stack of them (exec.c);
 * values are the library's numbers (num.h) and strings, on the stack and in
 * registers (stack.c).
 */
typedef struct Num Num;
typedef struct Str Str;
typedef struct Val Val;

struct Str {
	int	ref;
	usize	n;
	char	s[];		/* terminated */
};

/* One of both. */
struct Val {
	Num	*num;
	Str	*str;
};

extern Biobuf	bout;

/* main.c */
void	*emalloc(usize n);
void	*erealloc(void *p, usize n);
void	complain(char *fmt, ...);
void	outtext(char *s, int fold);
char	*readline(void);		/* of the standard input, malloc'd; nil at the end */

/* stack.c */
extern int	depth;
Str	*newstr(char *s, usize n);
void	vfree(Val);
Val	vdup(Val);
void	push(Val);
void	pushnum(Num*);
int	need(int n);		/* 0 with a complaint if there are fewer */
Val	pop(void);
Val	*peek(int n);		/* the nth from the top, from 0 */
void	clear(void);
int	neednums(int n);
Val	*reg(int name);		/* the value on top of a register, or nil */
void	regset(int name, Val);
void	regpush(int name, Val);
int	regpop(int name, Val*);
void	arrayset(int name, vlong i, Val);
Val	arrayget(int name, vlong i);

/* exec.c */
void	perform(Str*);
