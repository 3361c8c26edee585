/*
 * The boot order, one line a step. The architecture's entry code has set up a
 * stack, a polled console and BootInfo, then calls kmain. Each step names what
 * it needs by asserting it; the milestones are those of bootmarks.h.
 */
#include "bootmarks.h"
#include "chan/chan.h"
#include "mem/failalloc.h"
#include "mem/race.h"
#include "proc/proc.h"

void kmain(void) NORETURN;

/* Every module that is a tar archive joins the root tree, later files over earlier ones. */
static void register_modules(void)
{
	boot_mark("70");
	if (boot.nmodules == 0)
		panic("no initrd: the loader handed over no module to take the root tree from");
	for (u32 i = 0; i < boot.nmodules; i++) {
		Err e = initrd_register(&boot.modules[i]);
		if (e != nil)
			panic("initrd %s: %s", boot.modules[i].path, e);
	}
	boot_mark("71");
}

static void device_reset(void)
{
	arch_devices();
	chandevreset();
	boot_mark("BOOT: device reset sequence finished");
	boot_mark("69");
}

/* What a panic tells, in this order, after registers and backtrace. */
static PanicPiece *const panic_report[] = {
	report_process, arch_report_address, failalloc_report, report_locks, report_processors,
	report_log, audit_report, nil
};

void kmain(void)
{
	panic_pieces = panic_report;
	boot_mark("BOOT: printinit complete - serial console ready");
	arch_early();
	failalloc_boot(false);
	frames_init();
	boot_mark("BOOT: borrow checker initialised");
	mmuinit();
	boot_mark("BOOT: mmuinit complete - runtime page tables live");
	procinit0();
	boot_mark("BOOT: procinit0 complete - process table ready");
	device_reset();
	if (RACES)
		race_start();
	register_modules();
	preallocpages();
	pageinit();
	boot_mark("77");
	userinit();
	boot_mark("78");
	boot_mark("BOOT: entering scheduler - expecting proc0 hand-off");
	boot_mark("79");
	schedinit();
}
