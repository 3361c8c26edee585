/*
 * Rooms that need a machine: each test is the first process of one that has just
 * booted (arch/host), with the initrd of sim_tree.c.
 */
#include <stdio.h>
#include "arch/host/host.h"
#include "sim.h"
#include "unit.h"

void names_test(void), known_test(void), queue_test(void), mount_test(void), fgrp_test(void);
void table_test(void), sleep_test(void), note_test(void), sched_test(void), timer_test(void);
void rpc_test(void), consline_test(void), call_test(void);
void sync_test(void), frame_test(void), heap_test(void), segment_test(void), image_test(void);
void lend_test(void), audit_test(void), hang_test(void);

static const Unit units[] = {
	{ "sync", sync_test },
	{ "frame", frame_test }, { "heap", heap_test }, { "segment", segment_test },
	{ "image", image_test }, { "lend", lend_test }, { "audit", audit_test },
	{ "names", names_test }, { "known", known_test }, { "queue", queue_test },
	{ "mount", mount_test }, { "fgrp", fgrp_test },
	{ "table", table_test }, { "sleep", sleep_test }, { "note", note_test },
	{ "sched", sched_test }, { "timer", timer_test }, { "hang", hang_test },
	{ "rpc", rpc_test }, { "consline", consline_test }, { "call", call_test },
};

static const char *says_its_name(void)
{
	s32 fd = u_open("/dev/null", OWRITE);
	return fd >= 0 ? up->name : "no /dev/null";
}

static const char *checks_itself(void)
{
	for (u32 i = 0; i < SIM_TEXT_PAGES; i++)
		if (!sim_text_good(i))
			return "bad text";
	for (u32 i = 0; i < SIM_DATA_PAGES; i++)
		if (!sim_data_good(i))
			return "bad data";
	return nil;
}

static const char *writes_data(void)
{
	u64 data = UTZERO + (2UL << 20);
	u_put32(data, 1);
	return u_get32(data) == 1 && u_get32(data + SIM_DATA_PAGES * BY2PG) == 0 ? nil : "wrong";
}

HostMain *const sim_programs[SIM_NPROGRAMS] = { says_its_name, checks_itself, writes_data };

static const char *only;

static void audit_line(void *arg, const char *text)
{
	if (strstr(text, " 0 violations") == nil)
		printf("    audit: %s\n", text);
}

static const Unit *running;

static void run_and_audit(void)
{
	running->run();
	check(audit(audit_line, nil) == 0);
}

static int first_program(void)
{
	check(u_bind("#c", "/dev", MAFTER) >= 0);
	for (u32 i = 0; i < 3; i++)
		u_open("/dev/null", ORDWR);
	for (u32 i = 0; i < nelem(units); i++) {
		if (only != nil && strcmp(only, units[i].name) != 0)
			continue;
		running = &units[i];
		unit_run(&(Unit){ running->name, run_and_audit });
	}
	return unit_end();
}

int main(int argc, char **argv)
{
	static u8 tar[SIM_INITRD_MAX];
	only = argc > 1 ? argv[1] : nil;
	return host_boot(16UL << 20, tar, sim_initrd(tar, sizeof tar), first_program);
}
