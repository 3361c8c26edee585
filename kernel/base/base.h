/*
 * base: what every room stands on. Types, errors, assertions, formatted
 * output, lists, strings, checked arithmetic. Nothing here sleeps, allocates
 * or takes a lock that can be held elsewhere, so everything here may be
 * called from any context, a panic included.
 */
#ifndef BASE_BASE_H
#define BASE_BASE_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

typedef unsigned char u8;
typedef unsigned short u16;
typedef unsigned int u32;
typedef unsigned long u64;
typedef signed char s8;
typedef signed short s16;
typedef signed int s32;
typedef signed long s64;
typedef unsigned long usize;
typedef unsigned long uintptr;
typedef unsigned int Rune;

#define nil NULL
#ifndef static_assert
#define static_assert _Static_assert
#endif

/*
 * Three kinds of address, which never convert by accident. A kernel pointer
 * is a C pointer; the other two are structures.
 */
typedef struct Paddr { u64 a; } Paddr;	/* physical */
typedef struct Uaddr { u64 a; } Uaddr;	/* user virtual */

static inline Paddr paddr_of(u64 a) { return (Paddr){ a }; }
static inline Uaddr uaddr_of(u64 a) { return (Uaddr){ a }; }

#define nelem(a)	(sizeof(a) / sizeof((a)[0]))
#define MUSTUSE		__attribute__((warn_unused_result))
#define NORETURN	__attribute__((noreturn))
#define PRINTF(f, a)	__attribute__((format(printf, f, a)))
#define UNUSED		__attribute__((unused))
#define PACKED		__attribute__((packed))
#define ALIGNED(n)	__attribute__((aligned(n)))
#define likely(e)	__builtin_expect(!!(e), 1)
#define unlikely(e)	__builtin_expect(!!(e), 0)
#define COLD		__attribute__((cold, noinline))	/* called seldom, out of the way */
#define container_of(p, type, member)	((type *)(void *)((char *)(p) - offsetof(type, member)))
#define MIN(a, b)	((a) < (b) ? (a) : (b))
#define MAX(a, b)	((a) > (b) ? (a) : (b))

#ifdef __CHECKER__	/* sparse does not know this builtin of both compilers */
#define __builtin_unwind_init() ((void)0)
#endif

/* The n lowest bits, 1 to 64 of them. */
static inline u64 low_bits(u64 n) { return ~0UL >> (64 - n); }
static inline u64 round_up(u64 n, u64 to) { return (n + to - 1) & ~(to - 1); }
static inline u64 round_down(u64 n, u64 to) { return n & ~(to - 1); }

/*
 * Errors are values: nil is success, anything else is the text that errstr
 * shows. Fixed texts stand in base/error.h and may be compared by address.
 * A function that can fail is declared
 * with ERR, so that nobody forgets to look.
 */
typedef const char *Err;
#define ERR MUSTUSE Err
/* Made for the occasion, in the running process (proc/error.c); lives until it makes two more. */
Err errorf(const char *fmt, ...) PRINTF(1, 2);
#define TRY(e) do { Err tried_ = (e); if (tried_ != nil) return tried_; } while (0)

/* Assertions stay in the release build. CHECKED code runs in the checked build only. */
void assert_failed(const char *expr, const char *file, int line, const char *func) NORETURN;
#define assert(e) \
	do { if (unlikely(!(e))) assert_failed(#e, __FILE__, __LINE__, __func__); } while (0)
#ifdef BUILD_SAN
#define SANITIZED 1
#else
#define SANITIZED 0
#endif
#ifdef BUILD_RACE
#define RACES 1
#else
#define RACES 0
#endif
#ifdef BUILD_CHECKED
#define CHECKED 1
#else
#define CHECKED 0
#endif

/* Say why and stop the machine; never returns, depends on nothing (base/panic.c). */
void panic(const char *fmt, ...) NORETURN PRINTF(1, 2);
extern bool panicking;
/*
 * What a panic tells after the backtrace: functions in order, nil ends them. They take no lock and
 * allocate nothing; one that faults is left out. Set by kmain.
 */
typedef void PanicPiece(void);
extern PanicPiece *const *panic_pieces;

/*
 * An address of the kernel's text as function+offset, else as a number (base/symbol.c). The text
 * lives until a few more were made. The second takes the low 24 bits of one.
 */
const char *pcname(u64 pc);
const char *pcname_low24(u32 low);
/* Functions by number, below pcindex_end(); an address in none of them has number 0. */
u32 pcindex_end(void);
u32 pcindex(u64 pc);
const char *pcindex_name(u32 i);

/*
 * Formatted output: printf's verbs d i u x X o c s p %, flags - 0 # + blank, width, precision, *, h
 * l ll z.
 */
usize snprint(char *buf, usize size, const char *fmt, ...) PRINTF(3, 4);
usize vsnprint(char *buf, usize size, const char *fmt, va_list args);
/* As snprint, but writes at p below end; returns the new end of the text (the NUL). */
char *seprint(char *p, char *end, const char *fmt, ...) PRINTF(3, 4);
/*
 * Store s as rc would quote it (always when force, else when it must); returns the bytes stored,
 * NUL excluded.
 */
usize quote(char *buf, usize size, const char *s, bool force);

/* To the log ring and the console. Any context, interrupts and panic included. */
void print(const char *fmt, ...) PRINTF(1, 2);
/* Raw bytes to the log ring and the console (what #c/cons writes go through). */
void log_write(const char *text, usize n);
/* The same to the ring alone. */
void log_keep(const char *text, usize n);
/*
 * Copy from the ring: at most n bytes of the last LOG_SIZE, starting at offset. Returns the count.
 */
enum { LOG_SIZE = 16384 };
usize log_read(char *buf, usize n, usize offset);
/* A panic begins: remember where the log stands. And print the last lines before that, indented. */
void log_mark(void);
void log_tail(u32 nlines);
/*
 * Where log_write sends text besides the ring. Called with arbitrary locks held: must not sleep,
 * lock or allocate.
 */
extern void (*log_console)(const char *text, usize n);

/* memory and strings: C's, freestanding. */
void *memmove(void *to, const void *from, usize n);
void *memcpy(void *restrict to, const void *restrict from, usize n);
void *memset(void *to, int c, usize n);
int memcmp(const void *a, const void *b, usize n);
void *memchr(const void *s, int c, usize n);
usize strlen(const char *s);
usize strnlen(const char *s, usize n);
int strcmp(const char *a, const char *b);
int strncmp(const char *a, const char *b, usize n);
char *strchr(const char *s, int c);
char *strrchr(const char *s, int c);
char *strstr(const char *s, const char *t);
/* Copy at most to end-1, always terminate; returns the NUL. Never cuts a UTF-8 sequence in two. */
char *strecpy(char *to, char *end, const char *from);
/* Decode one rune of at most n bytes; returns its length (>= 1); a bad sequence gives 0xFFFD, 1. */
usize rune_decode(Rune *r, const char *s, usize n);
usize rune_encode(char *s, Rune r);
/* Parse digits in base (0: by prefix); *end is left at the first byte not used. Saturates at ~0. */
u64 strtou64(const char *s, const char **end, int base);
/* Split text in place as rc does with quotes; returns the number of words, at most max. */
usize tokenize(char *text, char **words, usize max);

/* Little- and big-endian fields at any alignment. */
static inline u16 get16le(const u8 *p) { return (u16)(p[0] | p[1] << 8); }
static inline u32 get32le(const u8 *p) { return get16le(p) | (u32)get16le(p + 2) << 16; }
static inline u64 get64le(const u8 *p) { return get32le(p) | (u64)get32le(p + 4) << 32; }
static inline void put16le(u8 *p, u16 v) { p[0] = (u8)v; p[1] = (u8)(v >> 8); }
static inline void put32le(u8 *p, u32 v) { put16le(p, (u16)v); put16le(p + 2, (u16)(v >> 16)); }
static inline void put64le(u8 *p, u64 v) { put32le(p, (u32)v); put32le(p + 4, (u32)(v >> 32)); }
static inline u32 get32be(const u8 *p)
{
	return (u32)p[0] << 24 | (u32)p[1] << 16 | (u32)p[2] << 8 | p[3];
}
static inline u64 get64be(const u8 *p) { return (u64)get32be(p) << 32 | get32be(p + 4); }
static inline void put32be(u8 *p, u32 v)
{
	p[0] = (u8)(v >> 24);
	p[1] = (u8)(v >> 16);
	p[2] = (u8)(v >> 8);
	p[3] = (u8)v;
}
static inline void put64be(u8 *p, u64 v) { put32be(p, (u32)(v >> 32)); put32be(p + 4, (u32)v); }

/* Checked arithmetic: true when the result fits. */
static inline bool add_u64(u64 a, u64 b, u64 *sum) { return !__builtin_add_overflow(a, b, sum); }
static inline bool mul_u64(u64 a, u64 b, u64 *product)
{
	return !__builtin_mul_overflow(a, b, product);
}

/*
 * A circular doubly linked list; the head is a node too. A node outside a list points at nothing.
 */
typedef struct List List;
struct List { List *next, *prev; };
static inline void list_init(List *l) { l->next = l->prev = l; }
static inline bool list_empty(const List *l) { return l->next == l; }
static inline void list_insert_after(List *at, List *n)
{
	n->next = at->next;
	n->prev = at;
	at->next->prev = n;
	at->next = n;
}
static inline void list_push(List *head, List *n) { list_insert_after(head, n); }
static inline void list_append(List *head, List *n) { list_insert_after(head->prev, n); }
static inline void list_remove(List *n)
{
	n->prev->next = n->next;
	n->next->prev = n->prev;
	n->next = n->prev = nil;
}
#define list_entry(n, type, member) container_of(n, type, member)
#define list_each(n, head) for (List *n = (head)->next; n != (head); n = n->next)

/*
 * Random numbers. random_mix adds entropy; random_fill never blocks (a seeded stream cipher,
 * base/random.c).
 */
void random_mix(const void *data, usize n);
void random_fill(void *buf, usize n);

/* SHA-1 and its HMAC, in one go (base/sha1.c). */
enum { SHA1_SIZE = 20 };
void sha1(const void *data, usize n, u8 digest[SHA1_SIZE]);
void hmac_sha1(const void *key, usize nkey, const void *data, usize n, u8 digest[SHA1_SIZE]);

/*
 * ChaCha20 and its AEAD with Poly1305, RFC 8439 (base/aead.c). A nonce is used once with a key.
 * The text is changed in place; `more` is what the tag vouches for besides. aead_open is false,
 * and nothing is changed, when the tag is not that of this text.
 */
enum { AEAD_KEY = 32, AEAD_NONCE = 12, AEAD_TAG = 16 };
#define CHACHA20_CONSTANTS	{ 0x61707865, 0x3320646e, 0x79622d32, 0x6b206574 }
void chacha20_block(const u32 in[16], u32 out[16]);
void chacha20(const u8 key[AEAD_KEY], const u8 nonce[AEAD_NONCE], u32 counter, u8 *text, usize n);
void aead_seal(const u8 key[AEAD_KEY], const u8 nonce[AEAD_NONCE], const u8 *more, usize nmore,
	u8 *text, usize n, u8 tag[AEAD_TAG]);
bool aead_open(const u8 key[AEAD_KEY], const u8 nonce[AEAD_NONCE], const u8 *more, usize nmore,
	u8 *text, usize n, const u8 tag[AEAD_TAG]) MUSTUSE;

/*
 * In the checked build, the places that took references to something, each once, the last first:
 * what the auditor shows when references are missing (mem/refs.c). Low 24 bits of addresses.
 */
enum { REF_TAKERS = CHECKED ? 4 : 0 };
typedef struct Taker { u32 by, its_caller; } Taker;
typedef struct Takers { Taker at[REF_TAKERS]; } Takers;
void takers_note(Takers *t, uintptr by, const void *frame);	/* base/takers.c */
/* The caller of the function that this stands in took one. */
#define TAKEN(t) do { if (CHECKED) \
	takers_note((t), (uintptr)__builtin_return_address(0), __builtin_frame_address(0)); \
	} while (0)

/* A reference count. ref_drop returns the count left; reaching below zero is a panic. */
typedef struct Ref { s32 n; Takers takers; } Ref;
static inline s32 ref_take(Ref *r)
{
	s32 n = __atomic_add_fetch(&r->n, 1, __ATOMIC_RELAXED);
	assert(n > 1);
	TAKEN(&r->takers);
	return n;
}
static inline s32 ref_drop(Ref *r)
{
	s32 n = __atomic_sub_fetch(&r->n, 1, __ATOMIC_ACQ_REL);
	assert(n >= 0);
	return n;
}
static inline s32 ref_count(const Ref *r) { return __atomic_load_n(&r->n, __ATOMIC_RELAXED); }

#endif
