/*
 * Serial lines: 16550 and its kin. Unit 0 is COM1, which carries the kernel's log and the console
 * unless the command line says console=1; unit 1 is COM2. The other is for programs.
 *
 * Before uart_start everything is polled. Afterwards input arrives by
 * interrupt and is handed byte by byte to a hook; output is queued in the
 * driver and sent by interrupt, 16 bytes at a time. The log never queues: it
 * is written polled, so that it comes out whatever state the machine is in.
 */
#ifndef DRV_UART_H
#define DRV_UART_H

#include "base/base.h"

enum { UART_NUNITS = 2 };

/* ---- polled, from the first instruction of C on; any context ---- */

/* Find the units and set COM1 to 115200 8n1; after it uart_log works. */
void uart_early(void);
/* Obey `console=N ...` of the command line, as far as N goes. */
void uart_choose_console(void);
u32 uart_console(void);
/* Write text to the console, NL as CR NL, waiting for the hardware. A log_console. */
void uart_log(const char *text, usize n);

/* ---- by interrupt ---- */

/* Claim the interrupts and turn them on (arch_devices). */
void uart_start(void);
bool uart_present(u32 unit);
/*
 * Every byte received on unit is given to f(arg, byte), interrupts off: it must not sleep. nil:
 * bytes are dropped. uart_take_input does the same for a program that has the line open: while
 * its f is not nil, f gets the bytes instead of the hook of uart_set_input.
 * An f that has no room returns false. The line then takes no further input, and holds the other
 * side up as far as flow control allows, until uart_resume says that there is room.
 */
typedef bool UartInput(void *arg, u8 byte);
void uart_set_input(u32 unit, UartInput *f, void *arg);
void uart_take_input(u32 unit, UartInput *f, void *arg);
void uart_resume(u32 unit);
/* f(arg) is called, interrupts off, when the modem is lost that the settings say to watch. */
void uart_set_hangup(u32 unit, void (*f)(void *arg), void *arg);
/* f(arg) is called in the interrupt when the output queue has room again or is empty. */
void uart_set_drained(u32 unit, void (*f)(void *arg), void *arg);
/* Queue bytes for sending; returns how many there was room for. Never sleeps. */
usize uart_write(u32 unit, const void *p, usize n);
/* Bytes that uart_write would take now; bytes queued and not yet sent. */
usize uart_room(u32 unit);
usize uart_pending(u32 unit);
/* Send what is queued on all lines, as far as the other sides take it: the machine ends. */
void uart_finish(void);
/* Forget the output that is queued. */
void uart_discard(u32 unit);

/* ---- the line ---- */

enum UartParity { UART_NONE = 'n', UART_EVEN = 'e', UART_ODD = 'o' };

typedef struct UartLine UartLine;
struct UartLine {
	u32 baud;
	u32 bits;		/* 5..8 */
	u32 stop;		/* 1 or 2 */
	u32 parity;		/* UartParity */
	u32 fifo;		/* receive trigger: 0 (no FIFO), 1, 4, 8, 14 */
	bool dtr, rts;
	bool cts_flow;		/* send only while CTS holds */
	bool hangup_dcd, hangup_dsr;	/* the end of carrier, of the modem, hangs up */
	bool xonxoff;		/* bytes 021 and 023 stop and start, both ways */
};
void uart_line(u32 unit, UartLine *l);
/* Ebadarg when a value is none that the hardware has. */
ERR uart_set_line(u32 unit, const UartLine *l);
void uart_break(u32 unit, bool on);
/* DTR and RTS, where the settings have them, are on while it is used; the console always is. */
void uart_use(u32 unit, bool on);

enum { UART_CTS = 1, UART_DSR = 2, UART_DCD = 4, UART_RING = 8 };
typedef struct UartStatus UartStatus;
struct UartStatus {
	u32 framing, parity, overruns, breaks;	/* errors since boot */
	u32 modem;				/* UART_CTS ... that hold now */
};
void uart_status(u32 unit, UartStatus *s);

#endif
