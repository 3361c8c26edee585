# The kernel: every room's C files but the unit tests, linked by boot/kernel.ld.

KROOMS	:= base sync mem proc chan 9p load dev drv sys
# What belongs to one build alone.
KNOT_san := kernel/base/ubsan.c kernel/mem/kasan.c kernel/dev/sanbugs.c
KNOT_race := kernel/mem/race.c kernel/dev/racebug.c
KNOT_cover := kernel/arch/amd64/cover.c
KNOT	:= $(foreach b,$(filter-out $(BUILD),san race cover),$(KNOT_$(b)))
KSRC	:= kernel/main.c kernel/init0.c \
	$(filter-out %_test.c $(KNOT),$(foreach r,$(KROOMS),$(wildcard kernel/$(r)/*.c))) \
	$(filter-out $(KNOT),$(wildcard kernel/arch/amd64/*.c)) $(wildcard kernel/arch/amd64/*.S)
KOBJ	:= $(patsubst %,$(O)/%.o,$(basename $(KSRC)))
KINC	:= -I kernel -I .
KOPT_release := -O2
KOPT_checked := -O2 -DBUILD_CHECKED
KOPT_san := -O2 -DBUILD_CHECKED -DBUILD_SAN -Wno-maybe-uninitialized
KOPT_race := -O2 -DBUILD_CHECKED -DBUILD_RACE -Wno-maybe-uninitialized
KOPT_cover := -O1 -DBUILD_CHECKED -DBUILD_COVER -Wno-maybe-uninitialized

# BUILD=san: what the compiler checks in a file. The run times cannot check themselves, nor can
# what works before the shadow is mapped check its stack, nor what looks at stacks and user memory
# check addresses. aead.c is arithmetic on every byte of what is swapped: checked it would take most
# of the time, and its unit test checks it.
UBSAN	:= -fsanitize=undefined
KASAN	:= -fsanitize=kernel-address -fasan-shadow-offset=0xdffffc0000000000 \
	--param asan-instrumentation-with-call-threshold=0 --param asan-globals=1
KASANROOMS := $(foreach r,proc chan 9p load dev,kernel/$(r)/%)
sanitize = $(if $(filter san,$(BUILD)),$(call sanitize_file,$(1)))$(if $(filter \
	race,$(BUILD)),$(if $(filter $(TBARE),$(1)),,$(TSAN)))
sanitize_file = $(if $(filter $(KBARE),$(1)),,$(UBSAN) $(if $(filter kernel/arch/%,$(1)),,$(KASAN) \
	--param asan-stack=$(if $(filter $(KASANROOMS),$(1)),1,0)))
# BUILD=cover: what counts. Several processors may run the same code.
COUNT	:= -fprofile-arcs -ftest-coverage -fprofile-info-section -fprofile-update=atomic
count	= $(if $(filter cover,$(BUILD)),$(if $(filter %/cover.c,$(1)),,$(COUNT)))
KBARE	:= kernel/base/ubsan.c kernel/base/panic.c kernel/base/string.c kernel/mem/kasan.c \
	kernel/mem/refs.c kernel/base/aead.c

# BUILD=race: the compiler tells the detector of every access. No compiler does that together with
# the address sanitizer, so san is two kernels. What assembly would move is told by the linker.
TSAN	:= -fsanitize=thread --param tsan-distinguish-volatile=1 \
	--param tsan-instrument-func-entry-exit=0 -Wno-tsan
TBARE	:= kernel/base/panic.c kernel/base/aead.c kernel/mem/race.c kernel/mem/refs.c \
	kernel/arch/amd64/memory.c
GCCINC	:= $(shell $(CC) -print-file-name=include 2>/dev/null)
KCFLAGS	:= -std=c17 -g -ffreestanding -nostdinc -isystem $(GCCINC) \
	-mcmodel=kernel -mno-red-zone -mgeneral-regs-only -fno-pic -fno-pie -fno-stack-protector \
	-fno-strict-aliasing -fno-omit-frame-pointer -fno-asynchronous-unwind-tables -fno-common \
	-ffunction-sections -fdata-sections $(KOPT_$(BUILD)) $(WARN) $(KINC)
KLDFLAGS := -nostdlib -static -z noexecstack -z max-page-size=4096 --build-id=none --gc-sections \
	$(if $(filter race,$(BUILD)),--wrap=memmove --wrap=memcpy --wrap=memset) -T boot/kernel.ld

.PHONY: kernel
all: kernel
kernel: $(O)/lux9.elf

$(O)/kernel/%.o: kernel/%.c
	@mkdir -p $(@D)
	@echo "  CC $<"
	@$(CC) $(KCFLAGS) $(call sanitize,$<) $(call count,$<) -MMD -MP -c -o $@ $<

$(O)/kernel/%.o: kernel/%.S
	@mkdir -p $(@D)
	@echo "  CC $<"
	@$(CC) $(KCFLAGS) -D__ASSEMBLY__ -MMD -MP -c -o $@ $<

# Linked twice: the second time with the table of function names that panics print, and the date.
$(O)/lux9.elf: $(KOBJ) boot/kernel.ld tools/ksyms
	@$(LD) $(KLDFLAGS) -o $(O)/lux9.pass1 $(KOBJ)
	@tools/ksyms $(O)/lux9.pass1 > $(O)/ksyms.S
	@printf '\t.section .rodata,"a"\n\t.globl kernel_built\nkernel_built:\t.quad %s\n' \
		"$${SOURCE_DATE_EPOCH:-$$(date +%s)}" >>$(O)/ksyms.S
	@$(CC) -c -o $(O)/ksyms.o $(O)/ksyms.S
	@$(LD) $(KLDFLAGS) -o $(O)/lux9.debug $(KOBJ) $(O)/ksyms.o
	@echo "  LD $@"
	@objcopy --strip-debug $(O)/lux9.debug $@

-include $(KOBJ:.o=.d)
