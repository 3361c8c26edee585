/*
 * What the compiler's checks of undefined behaviour call (BUILD=san): each says
 * what was wrong, in which file and line, and panics. Names and layouts are the
 * compiler's.
 */
#include "base/base.h"

typedef struct Place { const char *file; u32 line, column; } Place;
typedef struct Type { u16 kind, info; char name[]; } Type;
typedef struct Value { Place at; const Type *type; } Value;
typedef struct Mismatch { Place at; const Type *type; u8 log_alignment, access; } Mismatch;
typedef struct Shift { Place at; const Type *left, *right; } Shift;
typedef struct Bounds { Place at; const Type *array, *index; } Bounds;

#define HANDLER(name, ...) void __ubsan_handle_##name(__VA_ARGS__); \
	void __ubsan_handle_##name(__VA_ARGS__)

static void NORETURN bad(const Place *at, const char *what, const char *type)
{
	panic("undefined behaviour at %s:%u: %s%s%s", at->file, at->line, what,
		type != nil ? " in " : "", type != nil ? type : "");
}

HANDLER(type_mismatch_v1, const Mismatch *m, u64 address)
{
	static const char *const names[] = {
		"load of", "store to", "reference to", "member access in", "member call on",
		"constructor call on", "downcast of", "downcast of", "upcast of", "upcast of",
		"binding of", "cast to", "address of",
	};
	const char *access = m->access < nelem(names) ? names[m->access] : "use of";
	const char *kind = address == 0 ? "nil" :
		(address & ((1UL << m->log_alignment) - 1)) != 0 ? "misaligned" : "too small";
	panic("undefined behaviour at %s:%u: %s a %s pointer %#lx to %s", m->at.file, m->at.line,
		access, kind, address, m->type->name);
}

HANDLER(add_overflow, const Value *v, u64 a, u64 b) { bad(&v->at, "+ overflows", v->type->name); }
HANDLER(sub_overflow, const Value *v, u64 a, u64 b) { bad(&v->at, "- overflows", v->type->name); }
HANDLER(mul_overflow, const Value *v, u64 a, u64 b) { bad(&v->at, "* overflows", v->type->name); }
HANDLER(negate_overflow, const Value *v, u64 a)
{
	bad(&v->at, "negation overflows", v->type->name);
}
HANDLER(divrem_overflow, const Value *v, u64 a, u64 b)
{
	bad(&v->at, "division by zero or overflow", v->type->name);
}
HANDLER(shift_out_of_bounds, const Shift *s, u64 left, u64 right)
{
	panic("undefined behaviour at %s:%u: shift of %s by %ld", s->at.file, s->at.line,
		s->left->name, (s64)right);
}
HANDLER(out_of_bounds, const Bounds *b, u64 index)
{
	panic("undefined behaviour at %s:%u: index %ld of %s", b->at.file, b->at.line, (s64)index,
		b->array->name);
}
HANDLER(pointer_overflow, const Place *at, u64 base, u64 result)
{
	panic("undefined behaviour at %s:%u: pointer %#lx becomes %#lx", at->file, at->line, base,
		result);
}
HANDLER(load_invalid_value, const Value *v, u64 value)
{
	panic("undefined behaviour at %s:%u: %#lx is no value of %s", v->at.file, v->at.line, value,
		v->type->name);
}
HANDLER(builtin_unreachable, const Place *at) { bad(at, "what cannot be reached was", nil); }
HANDLER(missing_return, const Place *at) { bad(at, "a function ended without a value", nil); }
HANDLER(invalid_builtin, const Place *at) { bad(at, "zero counted for leading zeros", nil); }
HANDLER(nonnull_arg, const Place *at) { bad(at, "nil argument where none may be", nil); }
HANDLER(nonnull_return_v1, const void *data, const Place *at) { bad(at, "nil returned", nil); }
HANDLER(vla_bound_not_positive, const Value *v, u64 n) { bad(&v->at, "array of no size", nil); }
