/*
 * The machine has no serial line and no clock chip: their devices are in the table and cannot be
 * attached. What a test types reaches the console as if it came from one.
 */
#include "arch/host/host.h"
#include "chan/chan.h"
#include "dev/devices.h"
#include "drv/uart.h"

static UartInput *input;
static void *input_arg;

void uart_set_input(u32 unit, UartInput *f, void *arg)
{
	input = f;
	input_arg = arg;
}

u32 uart_console(void)
{
	return 0;
}

/* Nothing is queued. */
void uart_finish(void)
{
}

/* Who types looks again by itself. */
void uart_resume(u32 unit)
{
}

usize host_type(const void *bytes, usize n)
{
	bool on = splhi();
	usize i = 0;
	while (i < n && input(input_arg, ((const u8 *)bytes)[i]))
		i++;
	splx(on);
	return i;
}

static ERR nodev_attach(const Dev *d, const char *spec, Chan **out)
{
	return Enodev;
}

const Dev devuart = { .letter = 't', .name = "uart", .attach = nodev_attach };
const Dev devarch = { .letter = 'P', .name = "arch", .attach = nodev_attach };
const Dev devrtc = { .letter = 'r', .name = "rtc", .attach = nodev_attach };
