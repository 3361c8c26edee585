/*
 * Tokens. The lexer puts in the carets that may be left out, tells a subscript
 * from a list, and reads here documents when it comes to the end of the line
 * that asked for them. Once an error is reported, or a read is interrupted, it
 * yields nothing but TEof.
 */
#include <u.h>
#include <libc.h>
#include "rc.h"

enum {
	TextMax = 40,		/* of a token, in a message */
};

static char *keywords[] = {
	[TFor] = "for", [TIn] = "in", [TWhile] = "while", [TIf] = "if", [TNot] = "not",
	[TSwitch] = "switch", [TFn] = "fn", [TMatch] = "~", [TBang] = "!", [TAt] = "@",
};

/* peek shows the next byte; a backslash before a newline makes both one blank. */
static int
peek(Lexer *lx)
{
	int c;

	c = input_ahead(lx->in, 0);
	if (c == '\\' && input_ahead(lx->in, 1) == '\n')
		return ' ';
	return c;
}

/* skip consumes what peek showed and keeps it for a message about this token. */
static void
skip(Lexer *lx)
{
	int c;

	c = input_ahead(lx->in, 0);
	if (c == '\\' && input_ahead(lx->in, 1) == '\n') {
		input_skip(lx->in);
		c = ' ';
	}
	if (c >= 0)
		input_skip(lx->in);
	buf_byte(&lx->text, c);
}

/* take consumes c if it comes next. */
static int
take(Lexer *lx, int c)
{
	if (peek(lx) != c)
		return 0;
	skip(lx);
	return 1;
}

static int
iswordchar(int c)
{
	static char special[128] = {
		[0] = 1, ['\n'] = 1, [' '] = 1, ['\t'] = 1, ['#'] = 1, [';'] = 1, ['&'] = 1,
		['|'] = 1, ['^'] = 1, ['$'] = 1, ['='] = 1, ['`'] = 1, ['\''] = 1, ['{'] = 1,
		['}'] = 1, ['('] = 1, [')'] = 1, ['<'] = 1, ['>'] = 1,
	};

	return c >= 128 || (c >= 0 && !special[c]);
}

int
isnamechar(int c)
{
	return c >= 0x80 || c == '_' || c == '*' || (c >= '0' && c <= '9')
		|| (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* visible adds the text of the current token, or as much as is good in a message. */
static void
visible(Lexer *lx, Buf *b)
{
	usize n;

	n = lx->text.len;
	if (n > TextMax)
		for (n = TextMax; n > 0 && (lx->text.s[n] & 0xc0) == 0x80; n--)
			;
	buf_puts(b, "token '");
	buf_bytes(b, lx->text.s, n);
	buf_puts(b, n < lx->text.len ? "...': " : "': ");
}

/* report prints m, after the token it is about if that is visible, and discards the line. */
static void
report(Lexer *lx, char *m, int token)
{
	Buf b = { nil, 0, 0 };
	int c;

	if (lx->failed)
		return;
	if (!lx->in->interrupted) {
		if (token && lx->text.len > 0 && lx->text.s[0] != '\n')
			visible(lx, &b);
		buf_puts(&b, m);
		place.file = lx->in->file;
		place.line = lx->line;
		message("%s", b.s);
		buf_free(&b);
		status_set(m);
	}
	if (lx->text.len == 0 || lx->text.s[lx->text.len - 1] != '\n') {
		while ((c = input_ahead(lx->in, 0)) >= 0 && c != '\n')
			input_skip(lx->in);
		if (c == '\n')
			input_skip(lx->in);
	}
	lx->failed = 1;
	lx->kind = TEof;
}

/* lex_error is for a token that is wrong, lex_fail for what came before it. */
void
lex_error(Lexer *lx, char *m)
{
	report(lx, m, 1);
}

void
lex_fail(Lexer *lx, char *m)
{
	report(lx, m, 0);
}

/* blanks skips what separates tokens. */
static void
blanks(Lexer *lx)
{
	int c;

	while ((c = peek(lx)) == ' ' || c == '\t')
		skip(lx);
	if (c == '#')
		while ((c = input_ahead(lx->in, 0)) >= 0 && c != '\n')
			while (lx->in->p < lx->in->end && *lx->in->p != '\n')
				lx->in->p++;
	lx->text.len = 0;
}

/* here_line reads one line of a document, without its newline; 0 at the end. */
static int
here_line(Lexer *lx, Buf *line)
{
	int c;

	line->len = 0;
	buf_bytes(line, "", 0);
	if (input_ahead(lx->in, 0) < 0)
		return 0;
	while ((c = input_ahead(lx->in, 0)) >= 0) {
		input_skip(lx->in);
		if (c == '\n')
			break;
		buf_byte(line, c);
	}
	return 1;
}

/* heres reads the documents that the line just ended asked for. */
static void
heres(Lexer *lx)
{
	Buf line = { nil, 0, 0 };
	Buf body = { nil, 0, 0 };
	Node *n;
	int more;

	for (n = lx->heres; n != nil; n = n->c) {
		body.len = 0;
		buf_bytes(&body, "", 0);
		while ((more = here_line(lx, &line)) && strcmp(line.s, n->a->s) != 0) {
			buf_puts(&body, line.s);
			buf_byte(&body, '\n');
		}
		n->s = arena_copy(&lx->code->arena, body.s, body.len);
		if (!more) {
			lex_fail(lx, "here document has no end");
			break;
		}
	}
	lx->heres = nil;
	lx->heretail = &lx->heres;
	buf_free(&line);
	buf_free(&body);
}

/* quoted_word reads on after the first quote. */
static void
quoted_word(Lexer *lx)
{
	Buf b = { nil, 0, 0 };
	int c;

	buf_bytes(&b, "", 0);
	for (;;) {
		c = input_ahead(lx->in, 0);
		if (c < 0) {
			lex_error(lx, "quote is not closed");
			break;
		}
		input_skip(lx->in);
		if (c == '\'') {
			if (input_ahead(lx->in, 0) != '\'')
				break;
			input_skip(lx->in);
		}
		buf_byte(&b, c);
		if (c != '\n')
			buf_byte(&lx->text, c);
	}
	lx->s = arena_copy(&lx->code->arena, b.s, b.len);
	lx->quoted = 1;
	lx->lastword = 1;
	buf_free(&b);
	buf_byte(&lx->text, '\'');
}

/* plain_run consumes at once what is at hand of a word or a name. */
static void
plain_run(Lexer *lx, int name)
{
	char *p;

	for (p = lx->in->p; p < lx->in->end && *p != '\\'; p++)
		if (name ? !isnamechar((uchar)*p) : !iswordchar((uchar)*p))
			break;
	buf_bytes(&lx->text, lx->in->p, p - lx->in->p);
	lx->in->p = p;
}

/* plain_word reads a word or, after a dollar, a name; keywords are found here. */
static int
plain_word(Lexer *lx, int name)
{
	int i;

	do {
		skip(lx);
		plain_run(lx, name);
	} while (name ? isnamechar(peek(lx)) : iswordchar(peek(lx)));
	lx->s = arena_copy(&lx->code->arena, lx->text.s, lx->text.len);
	lx->quoted = 0;
	if (!name)
		for (i = TFor; i <= TAt; i++)
			if (lx->s[0] == keywords[i][0] && strcmp(lx->s, keywords[i]) == 0)
				return i;
	lx->lastword = 1;
	return TWord;
}

/* number reads decimal digits; -1 if there are none or too many. */
static int
number(Lexer *lx)
{
	int c, n;

	c = peek(lx);
	if (c < '0' || c > '9')
		return -1;
	for (n = 0; (c = peek(lx)) >= '0' && c <= '9'; skip(lx))
		if (n < 100000)
			n = 10 * n + c - '0';
	return n < 100000 ? n : -1;
}

/*
 * descriptors reads what may follow a redirection or a pipe: [a], [a=b] or [a=].
 * The kind becomes TDup or TClose for the latter two; fd0 and fd1 are a and b.
 */
static void
descriptors(Lexer *lx, char *err)
{
	if (!take(lx, '['))
		return;
	lx->fd0 = number(lx);
	if (lx->fd0 < 0)
		goto bad;
	if (take(lx, '=')) {
		lx->kind = TClose;
		if (peek(lx) != ']') {
			lx->kind = TDup;
			lx->fd1 = number(lx);
			if (lx->fd1 < 0)
				goto bad;
		}
	}
	if (take(lx, ']'))
		return;
bad:
	if (peek(lx) >= 0 && peek(lx) != '\n')
		skip(lx);
	lex_error(lx, err);
}

/* brace_follows tells whether { comes next, perhaps after blanks. */
static int
brace_follows(Lexer *lx)
{
	int c, k;

	for (k = 0; (c = input_ahead(lx->in, k)) == ' ' || c == '\t'; k++)
		;
	return c == '{';
}

/* redirection reads on after < or >; <{, >{ and <>{ begin words. */
static void
redirection(Lexer *lx, int c)
{
	lx->kind = TRedir;
	lx->fd0 = c == '>';
	lx->op = c == '>' ? RWrite : RRead;
	if (c == '>' && take(lx, '>'))
		lx->op = RAppend;
	else if (c == '<' && take(lx, '<'))
		lx->op = RHere;
	else if (c == '<' && take(lx, '>'))
		lx->op = RReadWrite;
	if (lx->op != RAppend && lx->op != RHere && brace_follows(lx)) {
		lx->kind = TPipeFile;
		return;
	}
	descriptors(lx, "redirection syntax");
	if (lx->kind != TRedir && (lx->op == RAppend || lx->op == RHere))
		lex_error(lx, "redirection syntax");
}

/* pipe_token reads on after |: |[m=n] gives a's n to b's m, |[n] gives a's n. */
static void
pipe_token(Lexer *lx)
{
	int n;

	lx->kind = TPipe;
	lx->fd0 = 1;
	lx->fd1 = 0;
	descriptors(lx, "pipe syntax");
	if (lx->kind == TClose)
		lex_error(lx, "pipe syntax");
	if (lx->kind == TDup) {
		n = lx->fd0;
		lx->fd0 = lx->fd1;
		lx->fd1 = n;
		lx->kind = TPipe;
	}
}

/* dollar reads on after $. */
static int
dollar(Lexer *lx)
{
	lx->lastdollar = 1;
	if (take(lx, '#'))
		return TCount;
	if (take(lx, '"'))
		return TJoin;
	return TDollar;
}

/* punctuation reads the token that begins with the special character c. */
static void
punctuation(Lexer *lx, int c)
{
	switch (c) {
	case '\n':
		lx->kind = TNewline;
		if (lx->heres != nil)
			heres(lx);
		break;
	case ';':
		lx->kind = TSemicolon;
		break;
	case '&':
		lx->kind = take(lx, '&') ? TAnd : TAmpersand;
		break;
	case '|':
		if (take(lx, '|'))
			lx->kind = TOr;
		else
			pipe_token(lx);
		break;
	case '(':
		lx->kind = TLparen;
		break;
	case ')':
		lx->kind = TRparen;
		break;
	case '{':
		lx->kind = TLbrace;
		break;
	case '}':
		lx->kind = TRbrace;
		break;
	case '=':
		lx->kind = TEqual;
		break;
	case '^':
		lx->kind = TCaret;
		break;
	case '`':
		lx->kind = TBackquote;
		break;
	case '$':
		lx->kind = dollar(lx);
		break;
	default:
		redirection(lx, c);
	}
}

/* implied finds what may stand right after a word with nothing between. */
static int
implied(Lexer *lx)
{
	int c;

	c = peek(lx);
	if (c == '(') {
		skip(lx);
		lx->kind = TSubscript;
		return 1;
	}
	if (c == '\'' || c == '$' || c == '`' || iswordchar(c)) {
		buf_byte(&lx->text, c);
		lx->kind = TCaret;
		return 1;
	}
	return 0;
}

/* ended is the end of the input, or of what an interrupt left of it. */
static void
ended(Lexer *lx)
{
	lx->kind = TEof;
	if (lx->in->interrupted)
		lx->failed = 1;
	else if (lx->heres != nil)
		heres(lx);
}

void
lex_next(Lexer *lx)
{
	int c, word, name;

	if (lx->failed)
		return;
	word = lx->lastword;
	name = lx->lastdollar;
	lx->lastword = 0;
	lx->lastdollar = 0;
	lx->text.len = 0;
	lx->line = lx->in->line;
	if (word && implied(lx))
		return;
	blanks(lx);
	lx->line = lx->in->line;
	c = peek(lx);
	if (c < 0) {
		ended(lx);
		return;
	}
	if (iswordchar(c)) {
		lx->kind = plain_word(lx, name);
		return;
	}
	skip(lx);
	if (c == '\'') {
		lx->kind = TWord;
		quoted_word(lx);
	} else
		punctuation(lx, c);
}
