/*
 * rc, the shell. A line is read (lex.c), parsed to a tree (parse.c) and the
 * tree is walked (run.c): words become lists of strings (expand.c, glob.c),
 * redirections are carried out and undone (redir.c), and simple commands find
 * their function, builtin (builtin.c) or program (simple.c, proc.c).
 *
 * Two kinds of memory are in use. Trees live in the arena of their Code, which
 * is counted: a function keeps the line that defined it. Everything that one
 * command computes lives in the arena `temp', and whoever marks it releases it,
 * so that nothing is freed one by one and no path leaks.
 *
 * Errors do not jump. What runs commands returns Next or Unwind; Unwind means
 * that the error has been reported and $status set, and everyone passes it on,
 * undoing what he did, up to the nearest interactive reader.
 */

typedef struct Arena Arena;
typedef struct Buf Buf;
typedef struct Chunk Chunk;
typedef struct Code Code;
typedef struct Input Input;
typedef struct Mark Mark;
typedef struct Node Node;
typedef struct Owned Owned;
typedef struct Place Place;
typedef struct Saved Saved;
typedef struct Scope Scope;
typedef struct Value Value;
typedef struct Var Var;
typedef struct Word Word;
typedef struct Words Words;

/* What running something returns. */
enum {
	Next = 0,
	Unwind = 1,
};

/* How something is to be run. */
enum {
	Tail = 1,		/* the shell ends afterwards: it may become the program */
	Checked = 2,		/* -e applies: this is no condition */
};

/* mem.c: arenas and growing texts. */
struct Arena {
	Chunk	*top;
	Chunk	*spare;		/* one chunk kept so that a loop does not malloc and free */
};
struct Mark {
	Chunk	*top;
	usize	used;
};
struct Buf {
	char	*s;		/* always terminated once something was put */
	usize	len;
	usize	size;
};

extern Arena temp;

void	*emalloc(usize);
void	*erealloc(void*, usize);
char	*estrdup(char*);
void	*arena_alloc(Arena*, usize);	/* zeroed */
char	*arena_copy(Arena*, char*, usize);
Mark	arena_mark(Arena*);
void	arena_release(Arena*, Mark);
void	arena_free(Arena*);
void	buf_byte(Buf*, int);
void	buf_bytes(Buf*, char*, usize);
void	buf_puts(Buf*, char*);
void	buf_quote(Buf*, char*);		/* as rc would have to read it */
char	*buf_text(Buf*);		/* never nil */
void	buf_write(Buf*, int);		/* to a descriptor, then frees it */
void	buf_free(Buf*);

/*
 * Trees. The fields used by each kind; lists are linked by next.
 *	Seq	a commands		And Or	a b
 *	Async	a			Pipe	a b, a's fd0 to b's fd1
 *	Simple	a words, b redirs	Not Subshell	a
 *	Block	a Seq, b redirs		Redirected	a redir, b command
 *	If	a Seq, b body		Assign	a name, b value, c command or nil
 *	IfNot	a body			Word	s, quoted
 *	For	a name, b words if has, c body	Var Count Joined	a name
 *	While	a Seq, b body		Index	a name, b subscripts
 *	Switch	a word, b Seq		Backquote	a separators or nil, b Seq
 *	Fn	a names, b Block or nil	Paren	a words
 *	Match	a subject, b patterns	Concat	a b
 *	Redir	op, fd0, a word		PipeFile	op, b Seq
 *	Dup	op, fd0 from fd1	Here	fd0, a tag, s text
 *	Close	op, fd0
 */
enum {
	NSeq, NAsync, NSimple, NBlock, NIf, NIfNot, NFor, NWhile, NSwitch, NFn, NMatch,
	NAnd, NOr, NPipe, NNot, NSubshell, NRedirected, NAssign,
	NWord, NVar, NCount, NJoined, NIndex, NBackquote, NParen, NConcat, NPipeFile,
	NRedir, NDup, NClose, NHere,
};

/* Node.op. */
enum {
	RRead, RWrite, RAppend, RReadWrite, RHere,
};

struct Node {
	int	kind;
	int	line;
	Node	*a;
	Node	*b;
	Node	*c;
	Node	*next;
	char	*s;
	int	quoted;
	int	has;
	int	op;
	int	fd0;
	int	fd1;
};

struct Code {
	int	ref;
	Arena	arena;
	char	*file;
	Node	*root;
};

Code	*code_new(char*);
Code	*code_hold(Code*);
void	code_release(Code*);

/* Where in the input the shell is, for messages. */
struct Place {
	char	*file;
	int	line;
};
extern Place place;
extern Code *running;			/* the tree being walked belongs to it */

/* A descriptor of the shell's own, which is in nobody's way and which no child gets. */
struct Owned {
	int	fd;		/* -1: none */
	Owned	*next;
};

void	own(Owned*, int);
void	disown(Owned*);			/* closes it */
void	close_owned(void);

/* input.c: what commands are read from. */
struct Input {
	Owned	from;		/* fd -1: only the text in buf */
	char	*file;
	int	line;
	char	*buf;
	char	*p;
	char	*end;
	usize	size;
	int	interactive;
	int	quiet;		/* -e and -v do not apply */
	int	whole;		/* read to the end before anything runs */
	int	eof;
	int	interrupted;
	int	newline;	/* a line begins: prompt before reading on */
	int	prompts;	/* given for this command */
	int	lastif;		/* the command before was an if */
	Input	*below;
};
extern Input *input;		/* the innermost one being read */

void	input_file(Input*, char*, int);
void	input_text(Input*, char*, int, char*);
void	input_close(Input*);
void	input_begin(Input*);
int	input_ahead(Input*, int);
void	input_skip(Input*);
int	input_done(Input*);		/* nothing but blanks is left, as far as is known */

/* lex.c: the tokens of an input. */
enum {
	TEof, TNewline, TSemicolon, TAmpersand, TAnd, TOr, TPipe, TRedir, TDup, TClose,
	TLparen, TRparen, TLbrace, TRbrace, TEqual, TCaret, TSubscript,
	TDollar, TCount, TJoin, TBackquote, TPipeFile, TWord,
	TFor, TIn, TWhile, TIf, TNot, TSwitch, TFn, TMatch, TBang, TAt,
};

typedef struct Lexer Lexer;
struct Lexer {
	Input	*in;
	Code	*code;
	int	failed;		/* reported: only TEof comes from now on */
	int	lastword;	/* a caret or a subscript may follow */
	int	lastdollar;	/* a variable's name follows */
	Node	*heres;		/* documents to be read after this line, in order */
	Node	**heretail;
	/* the current token */
	int	kind;
	int	line;
	char	*s;
	int	quoted;
	int	op;
	int	fd0;
	int	fd1;
	Buf	text;		/* for messages */
};

void	lex_next(Lexer*);
void	lex_error(Lexer*, char*);	/* about the current token */
void	lex_fail(Lexer*, char*);	/* about something else */
int	isnamechar(int);

/* parse.c */
enum {
	ParseOk, ParseEof, ParseError, ParseInterrupted,
};

int	parse(Input*, Code**);
int	iscase(Node*);			/* `case' of a switch */

/* print.c */
void	print_node(Buf*, Node*);
void	print_fn(Buf*, Node*);		/* and a newline */

/* var.c: a variable is a list of strings and perhaps a function. */
struct Value {
	int	count;
	char	*s[];
};
struct Var {
	char	*name;
	Value	*value;		/* nil: not set */
	Code	*code;
	Node	*body;		/* of the function, or nil */
	int	changed;	/* /env/name is out of date */
	int	fnchanged;
	Var	*next;
};
struct Scope {
	Var	*var;
	Value	*value;
};

Var	*var_find(char*);		/* makes it if need be */
Var	*var_lookup(char*);		/* nil if there is none */
Value	*var_value(char*);		/* nil if it is not set */
void	var_set(Var*, Words*);
void	var_set1(char*, char*);
void	var_import(char*, char*, usize);
void	var_local(Scope*, char*, Words*);
void	var_restore(Scope*);
void	var_fn(Var*, Code*, Node*);
char	*var_joined(char*);		/* in temp */
char	*var_element(char*, int);	/* from 0; nil if absent */
int	var_count(char*);
void	var_each(void (*)(Var*));

void	status_set(char*);
int	status_true(void);
char	*status_text(void);

/* env.c */
void	env_import(void);
void	env_export(void);
int	env_functions(void);

/* Words in the making: strings whose pattern characters may be magic. */
struct Word {
	char	*s;
	uchar	*magic;		/* a byte per byte of s, or nil */
	Word	*next;
};
struct Words {
	Word	*first;
	Word	**tail;
	int	count;
};

void	words_init(Words*);
void	words_add(Words*, char*, uchar*);
char	*words_join(Words*);		/* with blanks, in temp */
Words	words_from(Words*, Word*);	/* the part that starts at the word */

/* expand.c: in temp. Flow results. */
int	expand_list(Node*, Words*);	/* and glob */
int	expand_patterns(Node*, Words*);	/* and leave the magic */
int	expand_name(Node*, char**);	/* one element */
void	expand_here(char*, Buf*);
int	pipefile_depth(void);
void	pipefile_close(int);

/* glob.c */
void	glob(Words*, Words*);
int	match(char*, char*, uchar*);	/* string, pattern, its magic */

/* redir.c */
struct Saved {
	Owned	copy;		/* of what the descriptor was; fd -1: it was closed */
	int	fd;
	Saved	*below;
};

int	redirect(Node*, Saved**);		/* a Flow; undo in either case */
int	redirect_fd(int, int, Saved**);		/* moves the first to the second; nil: for good */
void	redirect_undo(Saved*);

/* proc.c */
int	proc_fork(int);				/* as rfork; -1: reported */
void	proc_keep(int);				/* proc_wait will ask for it */
char	*proc_wait(int);			/* its exit text, malloc'd */
char	*proc_wait_copy(int);			/* the same for a copy of the shell */
void	proc_wait_all(void);
void	proc_run_child(Node*) __attribute__((noreturn));
void	proc_exec(Words*) __attribute__((noreturn));
char	*proc_reason(void);			/* the error string, without a file's name */
int	proc_absent(char*);			/* the reason: no such file there */
int	proc_interrupted(void);
int	path_complete(char*);			/* used as it is, not under $path */
char	*path_join(char*, char*);		/* in temp */
extern int inchild;				/* a forked copy of the shell */

/* run.c */
int	run(Node*, int);
int	run_input(Input*, int);
int	run_body(Var*, int);			/* of a function */
int	call_function(Var*, Words*, int);
void	error(char*, ...);			/* message, and $status becomes `error' */
void	message(char*, ...);			/* on descriptor 2, with the place */
extern int ifnot;			/* the last if did not run its body */
int	stack_low(void);
void	stack_start(void*);
void	check_exit(int);			/* -e */

/* pipe.c */
int	run_pipe(Node*, int);

/* simple.c */
int	run_simple(Node*, int);
int	run_command(Words*, int, int);

/* builtin.c */
typedef int Builtin(Words*, int);
Builtin	*builtin_find(char*);

/* note.c */
extern volatile int notes;			/* some note waits to be handled */
void	notes_start(void);
void	notes_default(void);			/* in a child */
int	notes_handle(void);			/* a Flow */
int	notes_wanted(void);			/* some sig function is still to be called */
void	shell_exit(void) __attribute__((noreturn));

/* main.c */
extern char flag[128];
