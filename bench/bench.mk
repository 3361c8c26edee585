# `make bench`: what elementary operations cost, in instructions (bench/README.md).

$(TO)/bench/bench.o: bench/bench.c
	@mkdir -p $(@D)
	@$(CC) $(UCFLAGS) -MMD -MP -c -o $@ $<
$(TO)/bench/bin/bench: $(TO)/bench/bench.o $(UCRT) $(ULIBS) lib/user.ld
	@mkdir -p $(@D)
	@$(CC) $(ULDFLAGS) -o $@ $(UCRT) $< $(ULIBS)
$(TO)/bench/bin/tiny: $(TO)/guest/bin/tiny
	@mkdir -p $(@D) && cp $< $@

.PHONY: bench
bench: $(IMAGE) $(TO)/bench/bin/bench $(TO)/bench/bin/tiny
	@tools/lux9 -i -m 1G -t 300 -a $(TO)/bench/bin:/t /t/bench
