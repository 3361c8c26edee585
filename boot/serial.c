/*
 * The loader's voice: COM1 at 115200 baud, polled. Every line begins with
 * `boot: `; a line that begins with `boot: error: ` is the last one.
 *
 * UEFI firmware writes its console to COM2 as well. Who keeps COM2 for other
 * things can have the loader mark on it where the firmware ends.
 */
#include "boot.h"

enum {
	COM1 = 0x3f8,
	COM2 = 0x2f8,
	LSR_EMPTY = 0x20,
	POLLS_MAX = 1 << 20,
};

static u16 port = COM1;

void
serial_init(void)
{
	outb(port + 1, 0x00);
	outb(port + 3, 0x80);
	outb(port + 0, 0x01);
	outb(port + 1, 0x00);
	outb(port + 3, 0x03);
	outb(port + 2, 0x07);
	outb(port + 4, 0x03);
}

/* Bounded, so that a machine without a serial port still boots. */
static void
put(char c)
{
	u32 i;

	if (c == '\n')
		put('\r');
	for (i = 0; i < POLLS_MAX && (inb(port + 5) & LSR_EMPTY) == 0; i++)
		continue;
	outb(port, (u8)c);
}

static void
put_string(const char *s)
{
	while (*s != '\0')
		put(*s++);
}

static void
put_decimal(u32 n)
{
	if (n >= 10)
		put_decimal(n / 10);
	put((char)('0' + n % 10));
}

static void
put_hex(u64 n)
{
	int shift;

	put_string("0x");
	for (shift = 60; shift > 0 && n >> shift == 0; shift -= 4)
		continue;
	for (; shift >= 0; shift -= 4)
		put("0123456789abcdef"[n >> shift & 15]);
}

static void
format(const char *fmt, va_list ap)
{
	for (; *fmt != '\0'; fmt++) {
		if (*fmt != '%') {
			put(*fmt);
			continue;
		}
		switch (*++fmt) {
		case 's':
			put_string(va_arg(ap, const char *));
			break;
		case 'u':
			put_decimal(va_arg(ap, u32));
			break;
		case 'x':
			put_hex(va_arg(ap, u64));
			break;
		default:
			put('%');
			if (*fmt == '\0')
				return;
			put(*fmt);
		}
	}
}

void
say(const char *fmt, ...)
{
	va_list ap;

	put_string("boot: ");
	va_start(ap, fmt);
	format(fmt, ap);
	va_end(ap);
	put('\n');
}

/* One line on COM2. */
void
serial_mark_com2(void)
{
	port = COM2;
	serial_init();
	say("COM2 is yours");
	port = COM1;
}

/* Says what is wrong and halts the machine. */
_Noreturn void
stop(const char *fmt, ...)
{
	va_list ap;

	put_string("boot: error: ");
	va_start(ap, fmt);
	format(fmt, ap);
	va_end(ap);
	put('\n');
	for (;;)
		__asm__ volatile("cli; hlt");
}
