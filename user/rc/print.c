/*
 * The canonical printing of trees: what whatis shows and /env/fn#name holds. It
 * reads back as the same tree. Implied carets are printed, words are quoted if
 * they were, and here documents follow their line.
 */
#include <u.h>
#include <libc.h>
#include "rc.h"

typedef struct Printer Printer;
struct Printer {
	Buf	*b;
	int	depth;
	Node	**heres;	/* documents owed at the end of this line, in order */
	int	nheres;
};

static void show(Printer *, Node *);

/*
 * newline ends a line, gives the documents it asked for and begins the next. A
 * backslash may not come last in a line.
 */
static void
newline(Printer *p)
{
	int i;

	if (p->b->len > 0 && p->b->s[p->b->len - 1] == '\\')
		buf_byte(p->b, ' ');
	buf_byte(p->b, '\n');
	for (i = 0; i < p->nheres; i++) {
		buf_puts(p->b, p->heres[i]->s);
		buf_puts(p->b, p->heres[i]->a->s);
		buf_byte(p->b, '\n');
	}
	p->nheres = 0;
	for (i = 0; i < p->depth; i++)
		buf_byte(p->b, '\t');
}

/* braces prints { } around the commands of a Seq, one a line. */
static void
braces(Printer *p, Node *seq)
{
	Node *n;

	buf_byte(p->b, '{');
	p->depth++;
	for (n = seq->a; n != nil; n = n->next) {
		newline(p);
		show(p, n);
	}
	p->depth--;
	newline(p);
	buf_byte(p->b, '}');
}

/* parens prints ( ) around the commands of a condition. */
static void
parens(Printer *p, Node *seq)
{
	Node *n;

	buf_byte(p->b, '(');
	for (n = seq->a; n != nil; n = n->next) {
		show(p, n);
		if (n->next != nil)
			buf_puts(p->b, n->kind == NAsync ? " " : "; ");
	}
	buf_puts(p->b, ") ");
}

/* operand prints a command that may not vanish, as newlines would be skipped for it. */
static void
operand(Printer *p, Node *n)
{
	Node none = { .kind = NSeq };

	if (n == nil)
		braces(p, &none);
	else
		show(p, n);
}

static void
words(Printer *p, Node *n)
{
	for (; n != nil; n = n->next) {
		show(p, n);
		if (n->next != nil)
			buf_byte(p->b, ' ');
	}
}

static void
redirs(Printer *p, Node *n)
{
	for (; n != nil; n = n->next) {
		buf_byte(p->b, ' ');
		show(p, n);
	}
}

/* word prints a literal as it was written. */
static void
word(Printer *p, Node *n)
{
	char *s;

	if (!n->quoted) {
		buf_puts(p->b, n->s);
		return;
	}
	buf_byte(p->b, '\'');
	for (s = n->s; *s != 0; s++) {
		if (*s == '\'')
			buf_byte(p->b, '\'');
		buf_byte(p->b, *s);
	}
	buf_byte(p->b, '\'');
}

static void
number(Printer *p, int n)
{
	char s[20];

	snprint(s, sizeof s, "%d", n);
	buf_puts(p->b, s);
}

/* guarded tells whether a word would be taken for part of the redirection before it. */
static int
guarded(Node *n)
{
	while (n->kind == NConcat)
		n = n->a;
	return n->kind == NPipeFile || (n->kind == NWord && !n->quoted && n->s[0] == '[');
}

/* redir prints a redirection, with its descriptors unless they are the usual ones. */
static void
redir(Printer *p, Node *n)
{
	static char *ops[] = { "<", ">", ">>", "<>", "<<" };
	int usual;

	buf_puts(p->b, ops[n->op]);
	usual = n->op == RWrite || n->op == RAppend;
	if (n->kind == NDup || n->kind == NClose || n->fd0 != usual) {
		buf_byte(p->b, '[');
		number(p, n->fd0);
		if (n->kind == NDup || n->kind == NClose)
			buf_byte(p->b, '=');
		if (n->kind == NDup)
			number(p, n->fd1);
		buf_byte(p->b, ']');
	}
	if (n->kind == NHere) {
		p->heres = erealloc(p->heres, (p->nheres + 1) * sizeof *p->heres);
		p->heres[p->nheres++] = n;
	}
	if (n->a == nil)
		return;
	if (guarded(n->a))
		buf_byte(p->b, ' ');
	show(p, n->a);
}

static void
pipeline(Printer *p, Node *n)
{
	operand(p, n->a);
	buf_puts(p->b, " |");
	if (n->fd0 != 1 || n->fd1 != 0) {
		buf_byte(p->b, '[');
		if (n->fd1 != 0) {
			number(p, n->fd1);
			buf_byte(p->b, '=');
		}
		number(p, n->fd0);
		buf_byte(p->b, ']');
	}
	buf_byte(p->b, ' ');
	operand(p, n->b);
}

/* compound prints the commands that hold others. */
static void
compound(Printer *p, Node *n)
{
	switch (n->kind) {
	case NIf:
	case NWhile:
		buf_puts(p->b, n->kind == NIf ? "if" : "while");
		parens(p, n->a);
		operand(p, n->b);
		break;
	case NIfNot:
		buf_puts(p->b, "if not ");
		operand(p, n->a);
		break;
	case NFor:
		buf_puts(p->b, "for(");
		show(p, n->a);
		if (n->has)
			buf_puts(p->b, n->b == nil ? " in" : " in ");
		words(p, n->b);
		buf_puts(p->b, ") ");
		operand(p, n->c);
		break;
	case NSwitch:
		buf_puts(p->b, "switch(");
		words(p, n->a->kind == NParen ? n->a->a : n->a);
		buf_byte(p->b, ')');
		braces(p, n->b);
		break;
	case NFn:
		buf_puts(p->b, "fn ");
		words(p, n->a);
		if (n->b != nil) {
			buf_byte(p->b, ' ');
			show(p, n->b);
		}
		break;
	}
}

/* command prints the rest of the commands. */
static void
command(Printer *p, Node *n)
{
	switch (n->kind) {
	case NAsync:
		show(p, n->a);
		buf_puts(p->b, " &");
		break;
	case NSimple:
		words(p, n->a);
		redirs(p, n->b);
		break;
	case NBlock:
		braces(p, n->a);
		redirs(p, n->b);
		break;
	case NMatch:
		buf_puts(p->b, "~ ");
		show(p, n->a);
		if (n->b != nil)
			buf_byte(p->b, ' ');
		words(p, n->b);
		break;
	case NAnd:
	case NOr:
		operand(p, n->a);
		buf_puts(p->b, n->kind == NAnd ? " && " : " || ");
		operand(p, n->b);
		break;
	case NPipe:
		pipeline(p, n);
		break;
	case NNot:
	case NSubshell:
		buf_puts(p->b, n->kind == NNot ? "! " : "@ ");
		operand(p, n->a);
		break;
	case NRedirected:
		show(p, n->a);
		if (n->b != nil) {
			buf_byte(p->b, ' ');
			show(p, n->b);
		}
		break;
	case NAssign:
		show(p, n->a);
		buf_byte(p->b, '=');
		show(p, n->b);
		if (n->c != nil) {
			buf_byte(p->b, ' ');
			show(p, n->c);
		}
		break;
	default:
		compound(p, n);
	}
}

static void
show(Printer *p, Node *n)
{
	switch (n->kind) {
	case NWord:
		word(p, n);
		break;
	case NVar:
	case NIndex:
	case NCount:
	case NJoined:
		buf_puts(p->b, n->kind == NCount ? "$#" : n->kind == NJoined ? "$\"" : "$");
		if (n->a->kind == NWord && !n->a->quoted && n->a->s[0] == '"')
			buf_byte(p->b, ' ');
		show(p, n->a);
		if (n->kind == NIndex) {
			buf_byte(p->b, '(');
			words(p, n->b);
			buf_byte(p->b, ')');
		}
		break;
	case NBackquote:
		buf_byte(p->b, '`');
		if (n->a != nil)
			show(p, n->a);
		braces(p, n->b);
		break;
	case NParen:
		buf_byte(p->b, '(');
		words(p, n->a);
		buf_byte(p->b, ')');
		break;
	case NConcat:
		show(p, n->a);
		buf_byte(p->b, '^');
		show(p, n->b);
		break;
	case NPipeFile:
		buf_puts(p->b, n->op == RWrite ? ">" : n->op == RReadWrite ? "<>" : "<");
		braces(p, n->b);
		break;
	case NRedir:
	case NDup:
	case NClose:
	case NHere:
		redir(p, n);
		break;
	default:
		command(p, n);
	}
}

/* print_node prints one command, without the documents it asks for. */
void
print_node(Buf *b, Node *n)
{
	Printer p = { b, 0, nil, 0 };

	buf_bytes(b, "", 0);
	show(&p, n);
	free(p.heres);
}

/* print_fn prints the body of a function, with what documents are owed after it. */
void
print_fn(Buf *b, Node *n)
{
	Printer p = { b, 0, nil, 0 };

	show(&p, n);
	newline(&p);
	free(p.heres);
}
