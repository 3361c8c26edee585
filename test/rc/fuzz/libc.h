/* What rc's parser needs of lux9's libc.h, by the names of the host's library. */
#ifndef LIBC_H
#define LIBC_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define fprint	dprintf
#define snprint	snprintf
#define exits(s)	exit(1)
#define assert(x)	do{ if(!(x)) abort(); }while(0)

#endif
