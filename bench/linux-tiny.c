/* The least program that Linux can execute: for the row `fork + exec + wait` of linux.c. */
void _start(void);
void _start(void)
{
	__asm__ volatile("syscall" : : "a"(60), "D"(0));
	__builtin_unreachable();
}
