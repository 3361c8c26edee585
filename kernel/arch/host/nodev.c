/*
 * The machine has no serial line and no clock chip: their devices are in the table and cannot be
 * attached.
 */
#include "chan/chan.h"
#include "dev/devices.h"
#include "drv/uart.h"

void uart_set_input(u32 unit, void (*f)(void *arg, u8 byte), void *arg) { }

static ERR nodev_attach(const Dev *d, const char *spec, Chan **out)
{
	return Enodev;
}

const Dev devuart = { .letter = 't', .name = "uart", .attach = nodev_attach };
const Dev devarch = { .letter = 'P', .name = "arch", .attach = nodev_attach };
const Dev devrtc = { .letter = 'r', .name = "rtc", .attach = nodev_attach };
