/* What rc's parser needs of lux9's u.h, for a build against the host's library. */
#ifndef U_H
#define U_H

#include <stdarg.h>
#include <stddef.h>
#include <sys/types.h>

#define nil	((void*)0)

typedef unsigned char uchar;
typedef long long vlong;
typedef unsigned long long uvlong;
typedef unsigned long usize;
typedef unsigned int Rune;

#endif
