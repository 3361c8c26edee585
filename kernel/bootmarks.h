/*
 * The boot milestones: one table, in order, each emitted once by boot_mark.
 * tools/bootmarks parses the MARK and TEXT lines of this file to decode a log.
 * MARK(pair, place, function, meaning) is kept in the log and, with `marks` on
 * the command line, printed as a line [pair]. TEXT is always printed.
 */
#define BOOTMARKS(MARK, TEXT) \
	TEXT("BOOT: printinit complete - serial console ready", "main", "kmain") \
	MARK("B0", "main", "frames_init", "borrow checker initialisation begun") \
	MARK("B1", "main", "frames_init", "borrow checker initialisation finished") \
	TEXT("BOOT: borrow checker initialised", "main", "kmain") \
	TEXT("BOOT: mmuinit complete - runtime page tables live", "main", "mmuinit") \
	TEXT("BOOT: procinit0 complete - process table ready", "main", "procinit0") \
	TEXT("BOOT: device reset sequence finished", "main", "chandevreset") \
	MARK("69", "main", "chandevreset", "chandevreset finished") \
	MARK("70", "main", "initrd_register", "initrd_register about to run") \
	MARK("71", "main", "initrd_register", "initrd_register finished") \
	MARK("72", "main", "preallocpages", "preallocpages about to run") \
	MARK("73", "main", "preallocpages", "preallocpages finished") \
	MARK("74", "main", "pageinit", "pageinit about to run") \
	MARK("75", "main", "pageinit", "pageinit finished") \
	MARK("77", "main", "userinit", "userinit about to run") \
	TEXT("BOOT[userinit]: spawned proc0 kernel process", "main", "userinit") \
	TEXT("BOOT: userinit scheduled *init* kernel process", "main", "userinit") \
	MARK("78", "main", "userinit", "userinit finished") \
	TEXT("BOOT: entering scheduler - expecting proc0 hand-off", "main", "kmain") \
	MARK("79", "main", "schedinit", "about to enter the scheduler") \
	MARK("C1", "proc0", "proc0", "entered") \
	MARK("C2", "proc0", "spllo", "returned from spllo") \
	MARK("C/", "proc0", "proc0", "error path armed") \
	MARK("Cs", "proc0", "segpage", "stack page allocated and mapped") \
	MARK("Cp", "proc0", "segpage", "first text page mapped") \
	MARK("Ch", "proc0", "flushmmu", "flushmmu finished") \
	MARK("Ci", "proc0", "proc0", "error path disarmed") \
	TEXT("BOOT[proc0]: about to call init0 - switching to userspace", "proc0", "proc0") \
	TEXT("BOOT[init0]: chandevinit complete", "init0", "chandevinit") \
	TEXT("BOOT[init0]: environment configured", "init0", "init0") \
	TEXT("BOOT[init0]: entering user mode with initcode", "init0", "touser") \
	MARK("Cj", "proc0", "init0", "returned from init0: must never be seen") \
	TEXT("BOOT[proc0]: init0 returned - this should never happen!", "proc0", "init0")

/*
 * Emit the milestone whose pair or text this is. Each is emitted once and in
 * the order of the table; out of order is a panic (a lost step is a bug).
 */
void boot_mark(const char *pair_or_text);
