/* The fixed error texts of error.h. */
#include "base/error.h"

#define E_DEFINE(name, text) const char name[] = text;
ERRORS(E_DEFINE)
