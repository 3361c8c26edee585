/*
 * Classes of ASCII characters. Each is a function of an int that accepts
 * anything and is false outside 0..127.
 */
#ifndef CTYPE_H
#define CTYPE_H

static inline int isascii(int c) { return (uint)c < 0x80; }
static inline int isdigit(int c) { return (uint)c - '0' < 10; }
static inline int isupper(int c) { return (uint)c - 'A' < 26; }
static inline int islower(int c) { return (uint)c - 'a' < 26; }
static inline int isalpha(int c) { return ((uint)c | 0x20) - 'a' < 26; }
static inline int isalnum(int c) { return isalpha(c) || isdigit(c); }
static inline int isxdigit(int c) { return isdigit(c) || ((uint)c | 0x20) - 'a' < 6; }
static inline int isspace(int c) { return c == ' ' || (uint)c - '\t' < 5; }
static inline int iscntrl(int c) { return (uint)c < 0x20 || c == 0x7f; }
static inline int isprint(int c) { return (uint)c - 0x20 < 0x5f; }
static inline int isgraph(int c) { return (uint)c - 0x21 < 0x5e; }
static inline int ispunct(int c) { return isgraph(c) && !isalnum(c); }
static inline int toupper(int c) { return islower(c) ? c - 'a' + 'A' : c; }
static inline int tolower(int c) { return isupper(c) ? c - 'A' + 'a' : c; }
static inline int toascii(int c) { return c & 0x7f; }

#endif
