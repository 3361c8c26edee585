# Running, debugging and checking by hand. RUN holds options of tools/lux9:
#	make run RUN='-m 2G -b uefi'

RUN ?=
IMAGE := $(O)/boot.elf $(O)/lux9.elf $(O)/initrd.tar

.PHONY: run setup gdb tidy

run:
	@tools/setup run
	@$(MAKE) --no-print-directory -j"$$(nproc)" $(IMAGE)
	@BUILD=$(BUILD) tools/lux9 -c "$$(nproc)" $(RUN)

setup:
	@tools/setup test

gdb:
	@tools/setup test
	@$(MAKE) --no-print-directory $(IMAGE)
	@tools/gdb/open $(O)

tidy:
	@$(PYTHON) tools/tidy

# The table in README.md, from the results of the last run of the tests.
.PHONY: status
status:
	@tools/status
