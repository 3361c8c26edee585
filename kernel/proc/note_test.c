/* Notes: posting, delivery to handlers, what becomes of those without one. */
#include "calls.h"
#include "unit.h"

void note_test(void);

static char heard[400];
static u32 answer;

static u32 hears(const char *note)
{
	char *end = heard + sizeof heard;
	seprint(heard + strlen(heard), end, "%s;", note);
	return answer;
}

static void begin(u32 noted)
{
	heard[0] = '\0';
	answer = noted;
}

/* ---- to ourselves ---- */

static void test_queue(void)
{
	begin(NCONT);
	check(u_notify(hears) == 0);
	u32 posted = 0;
	for (u32 i = 0; i < 7; i++) {
		char text[8];
		snprint(text, sizeof text, "n%u", i);
		posted += postnote(up, text, NUser);
	}
	check(posted == 5);
	host_tick();
	check_text(heard, "n0;n1;n2;n3;n4;");
	begin(NCONT);
	check(u_note(up->pid, "through proc") > 0);
	check_text(heard, "through proc;");
	char text[ERRMAX];
	check(postnote(up, "taken", NUser) && proc_takenote(up, text) && !proc_takenote(up, text));
	check_text(text, "taken");
	host_tick();
	check_text(heard, "through proc;");
}

static void test_alarm(void)
{
	begin(NCONT);
	u_alarm(2);
	check(u_sleep(50) < 0);
	check_text(u_error(), "interrupted");
	check_text(heard, "alarm;");
}

/* The result of the interrupted call and the memory survive the handler. */
static void test_result(void)
{
	begin(NCONT);
	s32 fd = u_open("/a/which", OREAD);
	postnote(up, "x", NUser);
	char c = 0;
	check(u_pread(fd, &c, 1, 0) == 1 && c == 'a');
	check_text(heard, "x;");
	u_close(fd);
}

static void test_long_text(void)
{
	char text[200];
	begin(NCONT);
	memset(text, 'y', sizeof text - 1);
	text[sizeof text - 1] = '\0';
	postnote(up, text, NUser);
	host_tick();
	check(strlen(heard) == ERRMAX);
	check(u_note(up->pid, text) < 0);
	check_text(u_error(), "read or write too large");
}

/* ---- ends ---- */

static const char *waits_deaf(void)
{
	u_notify(nil);
	u_sleep(1000);
	return "woke";
}

static const char *waits_hearing(void)
{
	u_notify(hears);
	s32 e = u_sleep(1000);
	return e < 0 ? u_error() : "woke";
}

static const char *ends(HostMain *f, void (*to)(u32 pid))
{
	static char status[ERRMAX];
	u32 pid = (u32)host_rfork(RFPROC | RFFDG | RFNOTEG, f);
	u_sleep(2);
	to(pid);
	check((u32)u_await(status) == pid);
	const char *text = strstr(status, ": ");
	return text != nil ? text + 2 : status;
}

static void note_x(u32 pid)
{
	check(u_note(pid, "x") == 1);
}

static void kill_it(u32 pid)
{
	check(u_ctl(pid, "kill") == 4);
}

static void group_note(u32 pid)
{
	Proc *p = proc_get(pid);
	check(postnote_group(p->noteid, "group", NUser, nil) == 1);
	check(postnote_group(p->noteid, "group", NUser, p) == 0);
	proc_put(p);
}

static void exit_note(u32 pid)
{
	Proc *p = proc_get(pid);
	postnote(p, "first", NUser);
	postnote(p, "must go", NExit);
	proc_put(p);
}

static void test_ends(void)
{
	begin(NCONT);
	check_text(ends(waits_deaf, note_x), "x");
	check_text(ends(waits_deaf, kill_it), "Killed");
	check_text(ends(waits_deaf, group_note), "group");
	check_text(ends(waits_deaf, exit_note), "must go");
	check_text(ends(waits_hearing, note_x), "interrupted");
	check_text(heard, "x;");
	begin(NDFLT);
	check_text(ends(waits_hearing, note_x), "x");
	check_text(heard, "x;");
	begin(NCONT);
	check_text(ends(waits_hearing, kill_it), "Killed");
	check_text(heard, "");
}

static const char *calls_noted(void)
{
	host_syscall(NOTED, NCONT, 0, 0, 0, 0);
	return "returned";
}

static const char *reads_nothing(void)
{
	u_get32(8);
	return "read";
}

static const char *reads_with_handler(void)
{
	u_notify(hears);
	u_get32(0x1000);
	return "read";
}

static void nothing(u32 pid) { }

/* The system's own notes name the pc; who does not handle them stays Broken. */
static void test_faults(void)
{
	begin(NDFLT);
	check_text(ends(calls_noted, nothing), "Suicide");
	check(strstr(ends(reads_nothing, nothing), "sys: trap: fault read addr=0x8 pc=0x") != nil);
	check(strstr(ends(reads_with_handler, nothing),
		"sys: trap: fault read addr=0x1000 pc=0x") != nil);
	check(strstr(heard, "sys: trap: fault read addr=0x1000 pc=0x") != nil);
	check(u_notify(nil) == 0);
}

void note_test(void)
{
	test_queue();
	test_alarm();
	test_result();
	test_long_text();
	test_ends();
	test_faults();
}
