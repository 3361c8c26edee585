/*
 * User memory, for the rest of the kernel: ranges are checked here, the
 * copying is in copy.S, faults are resolved in trap.c. What cannot be resolved
 * is Ebadarg, Enofree without memory, or the text of a failed page read.
 */
#include "arch/amd64/amd64.h"
#include "base/error.h"

Err user_copy_plain(void *to, const void *from, usize n);
Err user_copy_smap(void *to, const void *from, usize n);
Err user_zero_plain(void *to, usize n);
Err user_zero_smap(void *to, usize n);
Err user_string_plain(char *to, const char *from, usize size, usize *length);
Err user_string_smap(char *to, const char *from, usize size, usize *length);
Err user_slots_plain(u64 slot[NSYSARG], const void *sp);
Err user_slots_smap(u64 slot[NSYSARG], const void *sp);
Err user_top_plain(u64 kcycles, u64 pcycles, u32 pid, u32 clock);
Err user_top_smap(u64 kcycles, u64 pcycles, u32 pid, u32 clock);
Err user_cas_plain(u32 *word, u32 *old, u32 new_value);
Err user_cas_smap(u32 *word, u32 *old, u32 new_value);

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
	const void *p = (const void *)from.a;
	return features.smap ? user_copy_smap(to, p, n) : user_copy_plain(to, p, n);
}

Err copyout(Uaddr to, const void *from, usize n)
{
	if (!in_user_half(to, n))
		return Ebadarg;
	void *p = (void *)to.a;
	return features.smap ? user_copy_smap(p, from, n) : user_copy_plain(p, from, n);
}

Err zeroout(Uaddr to, usize n)
{
	if (!in_user_half(to, n))
		return Ebadarg;
	void *p = (void *)to.a;
	return features.smap ? user_zero_smap(p, n) : user_zero_plain(p, n);
}

Err copyinstr(char *to, Uaddr from, usize size, usize *length)
{
	if (!in_user_half(from, 1))
		return Ebadarg;
	usize limit = MIN(size, USTKTOP - from.a);
	const char *p = (const char *)from.a;
	usize n;
	if (features.smap)
		TRY(user_string_smap(to, p, limit, &n));
	else
		TRY(user_string_plain(to, p, limit, &n));
	if (n == limit)
		return limit == size ? Etoolong : Ebadarg;
	*length = n;
	return nil;
}

Err copyin_slots(u64 slot[NSYSARG], Uaddr sp)
{
	if (CHECKED)
		assert(islo() && cpu()->nlocks == 0);
	if (sp.a > USTKTOP - (NSYSARG + 1) * sizeof slot[0])
		return Ebadarg;
	const void *p = (const void *)sp.a;
	return features.smap ? user_slots_smap(slot, p) : user_slots_plain(slot, p);
}

Err copyout_top(u64 kcycles, u64 pcycles, u32 pid, u32 clock)
{
	if (features.smap)
		return user_top_smap(kcycles, pcycles, pid, clock);
	return user_top_plain(kcycles, pcycles, pid, clock);
}

Err user_cas32(Uaddr a, u32 *old, u32 new_value)
{
	if (!in_user_half(a, sizeof(u32)))
		return Ebadarg;
	u32 *word = (u32 *)a.a;
	if (features.smap)
		return user_cas_smap(word, old, new_value);
	return user_cas_plain(word, old, new_value);
}
