# The loader boot.elf and the bootable images.

BOOT_SRC := acpi elf limine main mb1 mb2 memmap paging serial
BOOT_OBJ := $(BOOT_SRC:%=$(O)/boot/%.o) $(O)/boot/start.o $(O)/boot/enter.o
BOOT_CFLAGS := -std=c17 -m32 -march=i686 -O2 -g -ffreestanding -fno-pie -fno-stack-protector \
	-fno-asynchronous-unwind-tables -fcf-protection=none -mno-mmx -mno-sse -mno-sse2 -MMD -MP

$(O)/boot/%.o: boot/%.c
	@mkdir -p $(@D)
	@echo "  CC $<"
	@$(CC) $(BOOT_CFLAGS) $(WARN) -c -o $@ $<

$(O)/boot/%.o: boot/%.S
	@mkdir -p $(@D)
	@$(CC) -m32 -c -o $@ $<

$(O)/boot.elf: boot/loader.ld $(BOOT_OBJ)
	@$(LD) -m elf_i386 -nostdlib -static -z max-page-size=4096 --build-id=none -T $< -o $@ \
		$(BOOT_OBJ)

-include $(BOOT_OBJ:.o=.d)

all: $(O)/boot.elf

# `make iso` uses GRUB; `make iso LIMINE_DIR=dir` a Limine 8 binary release.
# KERNELARGS becomes the kernel's command line.
KERNELARGS ?=
LIMINE_DIR ?=

.PHONY: iso
iso: $(O)/boot.elf $(O)/lux9.elf $(O)/initrd.tar
	tools/mkiso -k '$(KERNELARGS)' $(if $(LIMINE_DIR),-l '$(LIMINE_DIR)') $(O) lux9.iso

# The stub kernel that test/boot/ boots to examine what the loader leaves.
STUB_CFLAGS := -std=c17 -m64 -O1 -g -ffreestanding -fno-pie -mcmodel=kernel -mno-red-zone \
	-fno-stack-protector -mgeneral-regs-only -fno-asynchronous-unwind-tables \
	-fcf-protection=none

$(O)/test/boot/stub.elf: test/boot/stub.c test/boot/stub.S boot/kernel.ld
	@mkdir -p $(@D)
	@$(CC) $(STUB_CFLAGS) $(WARN) -c -o $(@D)/stub_c.o test/boot/stub.c
	@$(CC) -c -o $(@D)/stub_s.o test/boot/stub.S
	@$(LD) -nostdlib -static -z max-page-size=4096 --build-id=none -T boot/kernel.ld -o $@ \
		$(@D)/stub_s.o $(@D)/stub_c.o

# A boot loader with unusual habits, above where boot.elf goes.
$(O)/test/boot/shim.elf: test/boot/shim.c test/boot/shim.S boot/boot.h boot/loader.ld
	@mkdir -p $(@D)
	@echo "  CC $<"
	@$(CC) $(BOOT_CFLAGS) $(WARN) -c -o $(@D)/shim_c.o test/boot/shim.c
	@$(CC) -m32 -c -o $(@D)/shim_s.o test/boot/shim.S
	@$(LD) -m elf_i386 -nostdlib -static -z max-page-size=4096 --build-id=none \
		--defsym loader_base=0x2000000 -T boot/loader.ld -o $@ \
		$(@D)/shim_s.o $(@D)/shim_c.o

$(O)/test/boot/memmap_test: test/boot/memmap_test.c boot/memmap.c boot/boot.h
	@mkdir -p $(@D)
	@$(HOSTCC) -std=c17 -g -fsanitize=address,undefined -Wall -Wextra -Werror \
		-Wno-unused-parameter -o $@ test/boot/memmap_test.c boot/memmap.c

BOOT_TESTS := $(O)/boot.elf $(patsubst %,$(O)/test/boot/%,stub.elf shim.elf memmap_test)

# What can be tested of the loader without lux9 itself, and then with it.
.PHONY: test-loader test-boot
test-loader: $(BOOT_TESTS)
	$(O)/test/boot/memmap_test
	test/boot/boottest -k loader,info,fuzz $(O)
	test/boot/toolstest $(O)

test-boot: $(BOOT_TESTS) $(O)/lux9.elf $(O)/initrd.tar
	$(O)/test/boot/memmap_test
	test/boot/boottest -k loader,info,fuzz,kernel $(O)
	test/boot/toolstest $(O)
