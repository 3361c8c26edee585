# The loader boot.elf and the bootable images.

BOOT_SRC := acpi elf limine main mb1 mb2 memmap paging serial
BOOT_OBJ := $(BOOT_SRC:%=$(O)/boot/%.o) $(O)/boot/start.o $(O)/boot/enter.o
BOOT_CFLAGS := -std=c17 -m32 -march=i686 -O2 -g -ffreestanding -fno-pie -fno-stack-protector \
	-fno-asynchronous-unwind-tables -fcf-protection=none -mno-mmx -mno-sse -mno-sse2 -MMD -MP

$(O)/boot/%.o: boot/%.c
	@mkdir -p $(@D)
	$(CC) $(BOOT_CFLAGS) $(WARN) -c -o $@ $<

$(O)/boot/%.o: boot/%.S
	@mkdir -p $(@D)
	$(CC) -m32 -c -o $@ $<

$(O)/boot.elf: boot/loader.ld $(BOOT_OBJ)
	$(LD) -m elf_i386 -nostdlib -static -z max-page-size=4096 --build-id=none -T $< -o $@ \
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
	$(CC) $(STUB_CFLAGS) $(WARN) -c -o $(@D)/stub_c.o test/boot/stub.c
	$(CC) -c -o $(@D)/stub_s.o test/boot/stub.S
	$(LD) -nostdlib -static -z max-page-size=4096 --build-id=none -T boot/kernel.ld -o $@ \
		$(@D)/stub_s.o $(@D)/stub_c.o
