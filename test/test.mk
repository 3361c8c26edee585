# The layers of tests (doc/testing.md). `make test` is quick enough for every
# change; `make test-full` adds the matrix of machines and the long runs. Each
# layer ends with `N passed, N failed`; tools/testsum adds them up.

TO	:= $(O)/test
TWARN	:= -Wall -Wextra -Werror -Wno-unused-parameter -Wno-missing-field-initializers
SAN	:= -fsanitize=address,undefined -fno-sanitize-recover=all
TBASE	:= $(addprefix kernel/base/,error.c print.c log.c option.c panic.c symbol.c text.c)

.PHONY: test test-full test-own test-fuzz
test:
	@tools/setup test
	@tools/runtests quick

test-full:
	@tools/setup test
	@tools/runtests full

# ---- exhaustive: the ownership code through every state ----

OWNSRC	:= test/host/own_test.c test/host/stubs.c kernel/mem/own.c $(TBASE)
$(TO)/own_test: $(OWNSRC) kernel/mem/frame.h
	@mkdir -p $(@D)
	@$(HOSTCC) -DARCH_HOST -std=gnu17 -O2 -g $(SAN) $(KINC) $(TWARN) -o $@ $(filter %.c,$^)

test-own: $(TO)/own_test
	timeout 120 $<

# The same with five owners, and without sanitizers.
$(TO)/own_test_long: $(TO)/own_test
	@mkdir -p $(@D)
	@$(HOSTCC) -DARCH_HOST -DOWNERS_MAX=5 -std=gnu17 -O2 -g $(KINC) $(TWARN) -o $@ \
		$(OWNSRC)

.PHONY: test-own-long
test-own-long: $(TO)/own_test_long
	timeout 900 $<

# ---- fuzz: parsers that face input, by libFuzzer ----

FUZZERS	:= fcall dir load tar text acpi fcall_lib
# With ten times fewer inputs, since each run makes page tables, or tables of codes.
FUZZLONG := kexec flate_lib
FUZZ_fcall := kernel/9p/codec.c
FUZZ_dir := kernel/chan/dir.c
FUZZ_text := kernel/base/memmap.c
FUZZ_load := kernel/load/aout.c kernel/load/elf.c kernel/load/script.c
FUZZ_tar := kernel/dev/tar.c
FUZZ_fcall_lib := lib/libc/fcall.c lib/libc/dir.c
FUZZ_flate_lib := $(wildcard lib/libflate/*.c)
FUZZRUNS ?= 200000
FUZZSAN	:= -O1 -g -fsanitize=fuzzer,address,undefined

$(TO)/%_fuzz: test/fuzz/%_fuzz.c test/host/stubs.c $(TBASE) $$(FUZZ_$$*)
	@mkdir -p $(@D)
	@$(CLANG) -DARCH_HOST -std=gnu17 $(FUZZSAN) $(KINC) $(TWARN) -o $@ $(filter %.c,$^)
# Parts of the libraries, in the host's library.
$(TO)/%_lib_fuzz: test/fuzz/%_lib_fuzz.c $$(FUZZ_$$*_lib)
	@mkdir -p $(@D)
	@$(CLANG) -std=gnu17 -ffreestanding -fwrapv $(FUZZSAN) $(USYSINC) -Ilib/include -I. \
		$(TWARN) -o $@ $^

test-fuzz: $(FUZZERS:%=$(TO)/%_fuzz) $(FUZZLONG:%=$(TO)/%_fuzz)
	@tools/fuzz $(TO) $(FUZZRUNS) $(FUZZERS)
	@tools/fuzz $(TO) $$(($(FUZZRUNS) / 10)) $(FUZZLONG)

# ---- static ----

# What gcc alone knows is left out for clang.
CLANGFLAGS = $(filter-out -Wno-maybe-uninitialized,$(1))
.PHONY: test-static
test-static: kernel programs
	@KFLAGS='$(filter-out -nostdinc -isystem /usr/lib/gcc%,$(KCFLAGS))' \
	UFLAGS='$(filter-out -nostdinc -isystem /usr/lib/gcc%,$(UCFLAGS))' \
	BFLAGS='$(filter-out -MMD -MP,$(BOOT_CFLAGS)) $(WARN)' tools/static

# ---- guest: programs of our own inside QEMU ----

GUESTPROGS := $(patsubst test/guest/%.c,%,$(wildcard test/guest/*.c))
$(TO)/guest/%.o: test/guest/%.c
	@mkdir -p $(@D)
	@$(CC) $(UCFLAGS) -MMD -MP -c -o $@ $<
$(TO)/guest/bin/%: $(TO)/guest/%.o $(UCRT) $(ULIBS) lib/user.ld
	@mkdir -p $(@D)
	@$(CC) $(ULDFLAGS) -o $@ $(UCRT) $< $(ULIBS)

.PRECIOUS: $(TO)/guest/%.o
.PHONY: guestprogs test-guest test-stress test-matrix
guestprogs: $(GUESTPROGS:%=$(TO)/guest/bin/%)
test-stress: $(IMAGE) guestprogs
	@test/guest/stress

# The kernel under its own sanitizers: bugs on purpose are named, programs pass.
.PHONY: test-san san-programs
test-san:
	@$(MAKE) -s BUILD=san san-programs
san-programs: $(IMAGE) guestprogs
	@BUILD=san test/guest/san $(PROGRAMS)

# Every place that allocates fails once; only the checked build can do that.
.PHONY: test-failing checked-failing
test-failing:
	@$(MAKE) -s BUILD=checked checked-failing
checked-failing: $(IMAGE) guestprogs
	@test/guest/failsites

# The libraries' own tests, which make test-lib runs over Linux.
.PHONY: test-guest-lib
test-guest-lib: $(IMAGE) guest-lib
	@tools/lux9 -t 400 -m 512M -a $(O)/lib/guest:/t -a lib/test/run.rc:/t/run.rc \
		rc /t/run.rc $(LIBTESTS)

# File servers: exportfs under a hostile client, the programs that serve, two machines over a
# serial line. Boot options; the debugger's helpers.
.PHONY: test-servers
test-servers: $(IMAGE) guestprogs
	@tools/lux9 -t 250 -a $(TO)/guest/bin:/t /t/exports || true
	@tools/lux9 -t 250 -a test/guest/servers.rc:/t/servers.rc rc /t/servers.rc || true
	@test/guest/serial
	@test/guest/bootoptions
	@test/guest/debugger

# Every way to boot, once in `make test`, twenty times in `make test-full`.
.PHONY: test-boots
test-boots: $(IMAGE)
	@test/guest/matrix 1
test-matrix: $(IMAGE)
	@test/guest/matrix 20

# ---- user programs over the Linux back end of the system calls ----

.PHONY: test-text test-rc
test-text: hostprograms
	@$(PYTHON) test/text/run $(O)/host/bin
test-rc: hostprograms
	@test/rc/run $(O)/host/bin/rc

-include test/mutants/mutants.mk test/guest/guest.mk test/host/host.mk test/go/go.mk
