/*
 * The grammar, by recursive descent. Binding, loosest first: the bodies of if,
 * for, while and switch; && and ||; !, @, leading redirections and assignments;
 * |. A command may be empty, which is nil here.
 */
#include <u.h>
#include <libc.h>
#include "rc.h"

enum {
	BindBody,
	BindAnd,
	BindPipe,
	BindMost,
};

enum {
	NestMax = 10000,	/* how deep a tree may be, so that who walks it has the stack */
};

static Node *atom(Lexer*);
static Node *command(Lexer*, int);
static Node *word(Lexer*);

static Node *
node(Lexer *lx, int kind, Node *a, Node *b)
{
	Node *n;

	n = arena_alloc(&lx->code->arena, sizeof *n);
	n->kind = kind;
	n->line = lx->line;
	n->a = a;
	n->b = b;
	return n;
}

static Node *
syntax(Lexer *lx)
{
	lex_error(lx, "syntax error");
	return nil;
}

/* deep stops input that nests further than the stack reaches. */
static int
deep(Lexer *lx)
{
	if (!stack_low())
		return 0;
	lex_error(lx, "nested too deeply");
	return 1;
}

static void
expect(Lexer *lx, int kind)
{
	if (lx->kind != kind)
		syntax(lx);
	lex_next(lx);
}

static void
newlines(Lexer *lx)
{
	while (lx->kind == TNewline)
		lex_next(lx);
}

static int
iskeyword(Lexer *lx)
{
	return lx->kind >= TFor && lx->kind <= TAt;
}

/* isif tells whether `if not' may follow n. */
static int
isif(Node *n)
{
	while (n != nil && n->kind == NIfNot)
		n = n->a;
	return n != nil && n->kind == NIf;
}

/* check_ifnot complains about an `if not' that follows nothing it could complement. */
static void
check_ifnot(Lexer *lx, Node *n, int lastif)
{
	if (n != nil && n->kind == NIfNot && !lastif) {
		lx->line = n->line;
		lex_fail(lx, "`if not' does not follow `if(...)'");
	}
}

/* list parses commands up to the closing token, which it leaves. */
static Node *
list(Lexer *lx, int close)
{
	Node *seq, *n, **tail;
	int lastif;

	seq = node(lx, NSeq, nil, nil);
	tail = &seq->a;
	lastif = 0;
	for (;;) {
		n = command(lx, BindBody);
		check_ifnot(lx, n, lastif);
		if (n != nil)
			lastif = isif(n);
		if (n != nil && lx->kind == TAmpersand)
			n = node(lx, NAsync, n, nil);
		if (n != nil) {
			*tail = n;
			tail = &n->next;
		}
		if (lx->kind == close)
			return seq;
		if (lx->kind != TSemicolon && lx->kind != TAmpersand && lx->kind != TNewline) {
			syntax(lx);
			return seq;
		}
		lex_next(lx);
	}
}

/* brace parses { list }. */
static Node *
brace(Lexer *lx)
{
	Node *n;

	expect(lx, TLbrace);
	n = list(lx, TRbrace);
	expect(lx, TRbrace);
	return n;
}

/* condition parses ( list ) and the newlines that may follow. */
static Node *
condition(Lexer *lx)
{
	Node *n;

	expect(lx, TLparen);
	n = list(lx, TRparen);
	expect(lx, TRparen);
	newlines(lx);
	return n;
}

/* isword tells whether the token begins a word. */
static int
isword(Lexer *lx)
{
	switch (lx->kind) {
	case TWord:
	case TDollar:
	case TCount:
	case TJoin:
	case TBackquote:
	case TPipeFile:
	case TLparen:
		return 1;
	}
	return iskeyword(lx);
}

/* words parses as many as there are; in parentheses they may take several lines. */
static Node *
words(Lexer *lx, int multiline)
{
	Node *first, **tail;

	first = nil;
	for (tail = &first;; tail = &(*tail)->next) {
		if (multiline)
			newlines(lx);
		if (!isword(lx))
			return first;
		*tail = word(lx);
		if (*tail == nil)
			return first;
	}
}

/* name parses the operand of $, $# or $", which binds tighter than a caret. */
static Node *
name(Lexer *lx)
{
	lex_next(lx);
	return atom(lx);
}

/* dollar parses $x and $x(n). */
static Node *
dollar(Lexer *lx)
{
	Node *n;

	n = node(lx, NVar, nil, nil);
	n->a = name(lx);
	if (lx->kind != TSubscript)
		return n;
	n->kind = NIndex;
	lex_next(lx);
	n->b = words(lx, 1);
	expect(lx, TRparen);
	return n;
}

/* braced parses the words that hold commands: `{ } and <{ }. */
static Node *
braced(Lexer *lx)
{
	Node *n;

	n = node(lx, lx->kind == TBackquote ? NBackquote : NPipeFile, nil, nil);
	n->op = lx->op;
	lex_next(lx);
	if (n->kind == NBackquote && lx->kind != TLbrace)
		n->a = word(lx);
	n->b = brace(lx);
	return n;
}

static Node *
atom(Lexer *lx)
{
	Node *n;

	if (deep(lx))
		return nil;
	if (!isword(lx))
		return syntax(lx);
	switch (lx->kind) {
	case TDollar:
		return dollar(lx);
	case TCount:
	case TJoin:
		n = node(lx, lx->kind == TCount ? NCount : NJoined, nil, nil);
		n->a = name(lx);
		return n;
	case TBackquote:
	case TPipeFile:
		return braced(lx);
	case TLparen:
		n = node(lx, NParen, nil, nil);
		lex_next(lx);
		n->a = words(lx, 1);
		expect(lx, TRparen);
		return n;
	}
	n = node(lx, NWord, nil, nil);
	n->s = lx->s;
	n->quoted = lx->kind == TWord && lx->quoted;
	lex_next(lx);
	return n;
}

static Node *
word(Lexer *lx)
{
	Node *n;

	n = atom(lx);
	while (n != nil && lx->kind == TCaret) {
		n = node(lx, NConcat, n, nil);
		lex_next(lx);
		n->b = atom(lx);
	}
	return n;
}

static int
isredir(Lexer *lx)
{
	return lx->kind == TRedir || lx->kind == TDup || lx->kind == TClose;
}

/* redir parses a redirection. The text of a document comes at the end of the line. */
static Node *
redir(Lexer *lx)
{
	Node *n;
	int kind;

	kind = lx->kind;
	n = node(lx, kind == TRedir ? NRedir : kind == TDup ? NDup : NClose, nil, nil);
	n->op = lx->op;
	n->fd0 = lx->fd0;
	n->fd1 = lx->fd1;
	lex_next(lx);
	if (kind != TRedir)
		return n;
	if (n->op != RHere) {
		n->a = word(lx);
		return n;
	}
	n->kind = NHere;
	if (lx->kind != TWord && !iskeyword(lx)) {
		lex_error(lx, "bad here tag");
		return nil;
	}
	n->a = node(lx, NWord, nil, nil);
	n->a->s = lx->s;
	n->a->quoted = lx->kind == TWord && lx->quoted;
	*lx->heretail = n;
	lx->heretail = &n->c;
	lex_next(lx);
	return n;
}

static Node *
redirs(Lexer *lx)
{
	Node *first, **tail;

	first = nil;
	for (tail = &first; isredir(lx); tail = &(*tail)->next) {
		*tail = redir(lx);
		if (*tail == nil)
			break;
	}
	return first;
}

/* simple parses what follows the first word. */
static Node *
simple(Lexer *lx, Node *first)
{
	Node *n, **words_tail, **redirs_tail;

	n = node(lx, NSimple, first, nil);
	n->line = first->line;
	words_tail = &first->next;
	redirs_tail = &n->b;
	while (!lx->failed) {
		if (isword(lx)) {
			*words_tail = word(lx);
			if (*words_tail != nil)
				words_tail = &(*words_tail)->next;
		} else if (isredir(lx)) {
			*redirs_tail = redir(lx);
			if (*redirs_tail != nil)
				redirs_tail = &(*redirs_tail)->next;
		} else
			break;
	}
	return n;
}

/* assign parses what follows name=. */
static Node *
assign(Lexer *lx, Node *first)
{
	Node *n;

	n = node(lx, NAssign, first, nil);
	lex_next(lx);
	n->b = word(lx);
	n->c = command(lx, BindPipe);
	return n;
}

static Node *
if_command(Lexer *lx)
{
	Node *n;

	n = node(lx, NIf, nil, nil);
	lex_next(lx);
	if (lx->kind == TNot) {
		n->kind = NIfNot;
		lex_next(lx);
		newlines(lx);
		n->a = command(lx, BindBody);
		return n;
	}
	n->a = condition(lx);
	n->b = command(lx, BindBody);
	return n;
}

static Node *
while_command(Lexer *lx)
{
	Node *n;

	n = node(lx, NWhile, nil, nil);
	lex_next(lx);
	n->a = condition(lx);
	n->b = command(lx, BindBody);
	return n;
}

static Node *
for_command(Lexer *lx)
{
	Node *n;

	n = node(lx, NFor, nil, nil);
	lex_next(lx);
	expect(lx, TLparen);
	n->a = word(lx);
	if (lx->kind == TIn) {
		lex_next(lx);
		n->has = 1;
		n->b = words(lx, 1);
	}
	expect(lx, TRparen);
	newlines(lx);
	n->c = command(lx, BindBody);
	return n;
}

int
iscase(Node *n)
{
	return n->kind == NSimple && n->a->kind == NWord && !n->a->quoted
		&& strcmp(n->a->s, "case") == 0;
}

static Node *
switch_command(Lexer *lx)
{
	Node *n;

	n = node(lx, NSwitch, nil, nil);
	lex_next(lx);
	n->a = word(lx);
	newlines(lx);
	n->b = brace(lx);
	if (!lx->failed && n->b->a != nil && !iscase(n->b->a))
		lex_fail(lx, "case missing in switch");
	return n;
}

static Node *
fn_command(Lexer *lx)
{
	Node *n;

	n = node(lx, NFn, nil, nil);
	lex_next(lx);
	n->a = words(lx, 0);
	if (lx->kind == TLbrace) {
		n->b = node(lx, NBlock, nil, nil);
		n->b->a = brace(lx);
	}
	return n;
}

static Node *
match_command(Lexer *lx)
{
	Node *n;

	n = node(lx, NMatch, nil, nil);
	lex_next(lx);
	n->a = word(lx);
	n->b = words(lx, 0);
	return n;
}

/* prefixed parses ! and @, which cover a pipeline. */
static Node *
prefixed(Lexer *lx, int kind)
{
	Node *n;

	n = node(lx, kind, nil, nil);
	lex_next(lx);
	n->a = command(lx, BindPipe);
	return n;
}

/* operand parses one command that && || and | join. */
static Node *
operand(Lexer *lx)
{
	Node *n;

	switch (lx->kind) {
	case TIf:
		return if_command(lx);
	case TWhile:
		return while_command(lx);
	case TFor:
		return for_command(lx);
	case TSwitch:
		return switch_command(lx);
	case TFn:
		return fn_command(lx);
	case TMatch:
		return match_command(lx);
	case TBang:
		return prefixed(lx, NNot);
	case TAt:
		return prefixed(lx, NSubshell);
	case TLbrace:
		n = node(lx, NBlock, nil, nil);
		n->a = brace(lx);
		n->b = redirs(lx);
		return n;
	}
	if (isredir(lx)) {
		n = node(lx, NRedirected, nil, nil);
		n->a = redir(lx);
		n->b = command(lx, BindPipe);
		return n;
	}
	if (!isword(lx) || iskeyword(lx))
		return nil;
	n = word(lx);
	if (n == nil)
		return nil;
	return lx->kind == TEqual ? assign(lx, n) : simple(lx, n);
}

/* command parses operators that bind at least as tightly as bind says. */
static Node *
command(Lexer *lx, int bind)
{
	Node *n, *op;
	int tightness;

	if (deep(lx))
		return nil;
	n = operand(lx);
	while (!lx->failed) {
		tightness = lx->kind == TPipe ? BindPipe
			: lx->kind == TAnd || lx->kind == TOr ? BindAnd : -1;
		if (tightness < bind)
			break;
		op = node(lx, lx->kind == TPipe ? NPipe : lx->kind == TAnd ? NAnd : NOr, n, nil);
		op->fd0 = lx->fd0;
		op->fd1 = lx->fd1;
		lex_next(lx);
		newlines(lx);
		op->b = command(lx, tightness + 1);
		n = op;
	}
	return n;
}

/* program parses one line, or all of them, as a Seq. */
static Node *
program(Lexer *lx)
{
	Node *seq, *n, **tail;
	int end;

	seq = node(lx, NSeq, nil, nil);
	tail = &seq->a;
	do {
		lex_next(lx);
		n = command(lx, BindBody);
		check_ifnot(lx, n, lx->in->lastif);
		if (n != nil)
			lx->in->lastif = isif(n);
		end = lx->kind == TEof || (lx->kind == TNewline && !lx->in->whole);
		if (!end && lx->kind != TSemicolon && lx->kind != TAmpersand
		    && lx->kind != TNewline)
			syntax(lx);
		if (n == nil || lx->failed)
			continue;
		if (lx->kind == TAmpersand)
			n = node(lx, NAsync, n, nil);
		*tail = n;
		tail = &n->next;
	} while (!end && !lx->failed);
	return seq;
}

/* too_deep tells whether n or what follows it nests further than that. */
static int
too_deep(Node *n, int depth)
{
	for (; n != nil; n = n->next) {
		if (depth == NestMax || too_deep(n->a, depth + 1) || too_deep(n->b, depth + 1))
			return 1;
		if (n->kind != NHere && too_deep(n->c, depth + 1))
			return 1;
	}
	return 0;
}

/*
 * parse reads the next command line, or everything if the input says so. With
 * ParseOk the caller gets the Code; errors have been reported.
 */
int
parse(Input *in, Code **codep)
{
	Lexer lx;
	int result;

	memset(&lx, 0, sizeof lx);
	lx.in = in;
	lx.heretail = &lx.heres;
	lx.code = code_new(in->file);
	input_begin(in);
	lx.code->root = program(&lx);
	if (!lx.failed && too_deep(lx.code->root, 0))
		lex_fail(&lx, "nested too deeply");
	result = ParseOk;
	if (in->interrupted)
		result = ParseInterrupted;
	else if (lx.failed)
		result = ParseError;
	else if (lx.kind == TEof && lx.code->root->a == nil)
		result = ParseEof;
	buf_free(&lx.text);
	*codep = lx.code;
	if (result != ParseOk) {
		code_release(lx.code);
		*codep = nil;
	}
	return result;
}
