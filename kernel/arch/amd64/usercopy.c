/*
 * User memory, for the rest of the kernel: ranges are checked here, the
 * copying is in copy.S, faults are resolved in trap.c. What cannot be resolved
 * is Ebadarg, Enofree without memory, or the text of a failed page read.
 */
#include "arch/amd64/amd64.h"
#include "base/error.h"

Err user_copy(void *to, const void *from, usize n);
Err user_zero(void *to, usize n);
Err user_parts(void *to, const UserPart *parts, u32 n);
Err user_string(char *to, const char *from, usize size, usize *length);

/* Also checks, in the checked build, that a fault could be served here. */
static bool in_user_half(Uaddr a, usize n)
{
	if (CHECKED)
		assert(islo() && cpu()->nlocks == 0);
	return a.a <= USTKTOP && n <= USTKTOP - a.a;
}

Err copyin(void *to, Uaddr from, usize n)
{
	if (!in_user_half(from, n))
		return Ebadarg;
	return user_copy(to, (const void *)from.a, n);
}

Err copyout(Uaddr to, const void *from, usize n)
{
	if (!in_user_half(to, n))
		return Ebadarg;
	return user_copy((void *)to.a, from, n);
}

Err copyout_parts(Uaddr to, const UserPart *parts, u32 n)
{
	if (CHECKED) {
		u64 size = 0;
		for (u32 i = 0; i < n; i++)
			size += parts[i].words * sizeof(u64);
		assert(in_user_half(to, size));
	}
	return user_parts((void *)to.a, parts, n);
}

Err zeroout(Uaddr to, usize n)
{
	if (!in_user_half(to, n))
		return Ebadarg;
	return user_zero((void *)to.a, n);
}

Err copyinstr(char *to, Uaddr from, usize size, usize *length)
{
	if (!in_user_half(from, 1))
		return Ebadarg;
	usize limit = MIN(size, USTKTOP - from.a);
	usize n;
	TRY(user_string(to, (const char *)from.a, limit, &n));
	if (n == limit)
		return limit == size ? Etoolong : Ebadarg;
	*length = n;
	return nil;
}
