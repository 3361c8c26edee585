/*
 * mem/kasan: what the heap and the stacks tell the address sanitizer (BUILD=san). Other builds
 * call none of it: `if (SANITIZED)`.
 */
#ifndef MEM_KASAN_H
#define MEM_KASAN_H

#include "base/base.h"

/* Bytes behind an object that nobody may touch. */
enum { KASAN_REDZONE = 16 };

/* What lies where nothing may be touched; those that begin with F the compiler gives. */
enum KasanKind { KASAN_FREED = 0xfb, KASAN_BEHIND = 0xfc, KASAN_FRAME = 0xfe };

/* The shadow is mapped: watch from now on. Registers the globals. */
void kasan_start(void);
/* [p, p+n) may be used; or is of that kind. p and, but for the end of an object, n by eights. */
void kasan_allow(const void *p, usize n);
void kasan_forbid(const void *p, usize n, enum KasanKind kind);
/* Panics unless p is the start of an object that may be used. */
void kasan_check_free(const void *p, uintptr pc);
/*
 * p, of n bytes all told, is freed: keep it from the heap, forbidden. What has rested longest
 * comes back, allowed, for the heap to take; nil when nothing has to.
 */
void *kasan_rest(void *p, usize n, uintptr pc);

#endif
