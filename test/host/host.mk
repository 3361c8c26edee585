# Unit tests of the rooms and simulation, inside Linux processes (doc/testing.md).

HOSTROOMS := base sync mem proc chan 9p load dev sys
# What the C library and arch/host have instead.
HOSTNOT	:= %_test.c $(KNOT_san) $(KNOT_race) \
	kernel/base/string.c kernel/dev/arch.c kernel/dev/uart.c kernel/dev/rtc.c
HOSTKSRC := $(wildcard kernel/*.c) $(wildcard kernel/arch/host/*.c) \
	test/host/alloc.c test/host/calls.c \
	$(filter-out $(HOSTNOT),$(foreach r,$(HOSTROOMS),$(wildcard kernel/$(r)/*.c)))
HOSTWRAP := -Wl,--wrap=kalloc,--wrap=kalloc_aligned,--wrap=kstrdup,--wrap=kfree \
	-Wl,--wrap=page_alloc,--wrap=frame_get
HOSTFLAGS := -DARCH_HOST -DBUILD_CHECKED -std=gnu17 -g -fno-pie -fno-omit-frame-pointer \
	-fno-strict-aliasing -fno-sanitize-recover=all $(KINC) -I test/host $(TWARN)
HOSTLDFLAGS := -no-pie $(HOSTWRAP)

# The kernel for Linux, twice: for speed with the undefined-behaviour checks, and with the
# address ones too.
$(TO)/ubsan/%.o: %.c
	@mkdir -p $(@D)
	@$(HOSTCC) $(HOSTFLAGS) -O2 -Wno-maybe-uninitialized -fsanitize=undefined -MMD -MP -c \
		-o $@ $<
$(TO)/asan/%.o: %.c
	@mkdir -p $(@D)
	@$(HOSTCC) $(HOSTFLAGS) -O1 -fsanitize=address,undefined -MMD -MP -c -o $@ $<

# ---- the portable rooms as one Linux process ----

$(TO)/machine_test: $(HOSTKSRC:%.c=$(TO)/asan/%.o) $(TO)/asan/test/host/machine_test.o
	@$(HOSTCC) -fsanitize=address,undefined $(HOSTLDFLAGS) -o $@ $^

.PHONY: test-host
test-host: $(TO)/machine_test
	timeout 120 $<

# ---- simulation ----

SIMSRC	:= $(HOSTKSRC) $(wildcard test/host/sim*.c) test/host/jobs.c
# 10000 with those under the address sanitizer; `make test-sim SIMSEEDS=999000` for a million.
SIMSEEDS ?= 9000
$(TO)/sim: $(SIMSRC:%.c=$(TO)/ubsan/%.o)
	@$(HOSTCC) -fsanitize=undefined $(HOSTLDFLAGS) -o $@ $^
$(TO)/simasan: $(SIMSRC:%.c=$(TO)/asan/%.o)
	@$(HOSTCC) -fsanitize=address,undefined $(HOSTLDFLAGS) -o $@ $^

.PHONY: test-sim
test-sim: $(TO)/sim $(TO)/simasan
	$(TO)/sim -n $(SIMSEEDS)
	$(TO)/simasan -n 1000 1000000

# ---- unit tests ----

# Rooms that need nothing of the machine, and those that need all of it.
PLAINTESTS := base/base base/sha1 base/aead 9p/codec load/load dev/tar chan/dir
PLAINSRC := $(PLAINTESTS:%=kernel/%_test.c) \
	$(filter-out $(HOSTNOT) %/bootmark.c %/ktrace.c,$(wildcard kernel/base/*.c)) \
	kernel/9p/codec.c kernel/load/aout.c kernel/load/elf.c kernel/load/script.c \
	kernel/dev/tar.c kernel/chan/dir.c \
	test/host/stubs.c test/host/unit.c test/host/jobs.c test/host/unit_plain.c
UNITSRC	:= $(HOSTKSRC) \
	$(filter-out $(PLAINTESTS:%=kernel/%_test.c),$(wildcard kernel/*/*_test.c)) \
	test/host/unit.c test/host/jobs.c test/host/unit_machine.c test/host/sim_tree.c
$(TO)/unit_plain: $(PLAINSRC:%.c=$(TO)/asan/%.o)
	@$(HOSTCC) -fsanitize=address,undefined -no-pie -o $@ $^
$(TO)/unit_machine: $(UNITSRC:%.c=$(TO)/asan/%.o)
	@$(HOSTCC) -fsanitize=address,undefined $(HOSTLDFLAGS) -o $@ $^

.PHONY: test-unit
test-unit: $(TO)/unit_plain $(TO)/unit_machine
	$(TO)/unit_plain
	$(TO)/unit_machine

# ---- coverage ----

# Of the portable rooms, by the unit tests, the simulation and the machine.
$(TO)/cover/%.o: %.c
	@mkdir -p $(@D)
	@$(HOSTCC) $(HOSTFLAGS) -O1 -Wno-maybe-uninitialized --coverage -MMD -MP -c -o $@ $<
COVERPROGS := unit_plain unit_machine sim machine_test own_test
COVER_unit_plain := $(PLAINSRC)
COVER_unit_machine := $(UNITSRC)
COVER_sim := $(SIMSRC)
COVER_own_test := $(OWNSRC)
COVER_machine_test := $(HOSTKSRC) test/host/machine_test.c
COVERSEEDS ?= 1000
define cover_program
$(TO)/cover/$(1): $(COVER_$(1):%.c=$(TO)/cover/%.o)
	@$(HOSTCC) --coverage -Wl,-u,__gcov_dump \
		$(if $(filter unit_plain own_test,$(1)),-no-pie,$(HOSTLDFLAGS)) -o $$@ $$^
endef
$(foreach p,$(COVERPROGS),$(eval $(call cover_program,$(p))))

# And by what runs in the guest; it takes 20 minutes of two processors. What fails here is no news:
# the same tests run by themselves, and it is said. The last boots end as they like.
.PHONY: cover cover-guest
cover: $(COVERPROGS:%=$(TO)/cover/%)
	@find $(TO)/cover -name '*.gcda' -delete
	@for p in unit_plain unit_machine machine_test own_test 'sim -n $(COVERSEEDS)'; do \
		timeout 900 $(TO)/cover/$$p >$(TO)/cover/log 2>&1 || \
			{ echo "cover: $$p failed:"; tail -n 3 $(TO)/cover/log; }; done
	@$(MAKE) -s BUILD=cover cover-guest
	@tools/cover $(TO)/cover build/cover/lux9.debug build/cover/counts
cover-guest: $(IMAGE) guestprogs guest-lib
	@rm -rf build/cover/counts
	@for t in test-guest test-guest-lib test-servers checked-failing; do \
		echo "$$t: $$(SLOW=4 $(MAKE) -s $$t 2>&1 | grep ' passed, ' | tail -n 1)"; done
	@for option in '-k marks' '-k failalloc=400' '-c 2'; do \
		tools/lux9 -t 300 $$option -a $(TO)/guest/bin:/t \
			'for(p in procs sync pipes) /t/$$p' >/dev/null 2>&1 || true; done

-include $(shell find $(TO)/ubsan $(TO)/asan $(TO)/cover -name '*.d' 2>/dev/null)
