# `make bench`: what elementary operations cost, here and on Linux (bench/README.md).

BENCH := $(TO)/bench/bin

$(TO)/bench/%.o: bench/%.c bench/scale.h
	@mkdir -p $(@D)
	@$(CC) $(UCFLAGS) -Ibench -MMD -MP -c -o $@ $<
$(BENCH)/bench: $(TO)/bench/bench.o $(UCRT) $(ULIBS) lib/user.ld
	@mkdir -p $(@D)
	@$(CC) $(ULDFLAGS) -o $@ $(UCRT) $< $(ULIBS)
$(BENCH)/scale: $(TO)/bench/scale.o $(TO)/bench/scale-lux9.o $(UCRT) $(ULIBS) lib/user.ld
	@mkdir -p $(@D)
	@$(CC) $(ULDFLAGS) -o $@ $(UCRT) $(TO)/bench/scale.o $(TO)/bench/scale-lux9.o $(ULIBS)
$(BENCH)/tiny: $(TO)/guest/bin/tiny
	@mkdir -p $(@D) && cp $< $@

# The Linux side is made of the host's own headers and library.
$(TO)/bench/linux/init: bench/linux.c bench/scale.c bench/scale-linux.c bench/scale.h
	@mkdir -p $(@D)
	@$(CC) -std=gnu17 -O2 -Wall -Wextra -static -s -o $@ $(filter %.c,$^)
$(TO)/bench/linux/tiny: bench/linux-tiny.c
	@mkdir -p $(@D)
	@$(CC) -O2 -Wall -Wextra -static -nostdlib -s -o $@ $<

.PHONY: bench bench-check bench-record bench-scale
BENCHED := $(IMAGE) $(BENCH)/bench $(BENCH)/scale $(BENCH)/tiny
LINUX := $(TO)/bench/linux/init $(TO)/bench/linux/tiny
bench: $(BENCHED) $(LINUX)
	@tools/bench table
# Against the last figures of bench/history: fails when a row is more than 3% worse.
bench-check: $(BENCHED)
	@tools/bench check
# make bench-record [WHY='row: reason; row: reason']: append the figures to bench/history.
bench-record: $(BENCHED)
	@tools/bench record $(if $(WHY),"$(WHY)")
bench-scale: $(BENCHED) $(LINUX)
	@tools/bench scale
