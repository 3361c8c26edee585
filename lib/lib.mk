# The user-side libraries, and how programs are built against them.
#
#   UCFLAGS ULDFLAGS    flags for compiling and linking programs
#   ULIBS               the archives, in link order
#   $(eval $(call uprog,NAME,OBJECTS))     makes $(O)/bin/NAME for lux9 and
#                                          $(O)/host/bin/NAME for Linux
#   $(O)/%.o            objects of user/*.c, lib/*.c and test/host/linuxsys/*.c

UWARN	:= $(filter-out -Wwrite-strings -Wcast-qual,$(WARN))
# USAN=-fsanitize=undefined builds everything so that undefined behaviour traps.
USAN	?=
UTRAP	:= $(if $(USAN),$(USAN) -fsanitize-undefined-trap-on-error)
# The compiler's own stdarg.h and its like, and nothing of the host's.
USYSINC	:= -nostdinc -isystem $(GCCINC)
UCFLAGS	:= -std=c17 -O2 -g $(UWARN) -ffreestanding -fno-stack-protector -fno-pic -fno-pie \
	-fno-strict-aliasing -fno-asynchronous-unwind-tables -ffunction-sections -fdata-sections \
	-fno-common -fwrapv $(UTRAP) $(USYSINC) -Ilib/include -I.
ULDFLAGS := -static -nostdlib -Wl,-T,lib/user.ld -Wl,-z,noexecstack \
	-Wl,-z,max-page-size=4096 -Wl,--gc-sections -Wl,--build-id=none

LIBC_SRC	:= $(wildcard lib/libc/*.c) $(wildcard lib/libc/amd64/*.S)
LIBC_OBJ	:= $(patsubst lib/%,$(O)/lib/%.o,$(filter-out %/crt0.S,$(LIBC_SRC)))
LIBBIO_OBJ	:= $(patsubst lib/%,$(O)/lib/%.o,$(wildcard lib/libbio/*.c))
LIBREGEXP_OBJ	:= $(patsubst lib/%,$(O)/lib/%.o,$(wildcard lib/libregexp/*.c))
LIBTHREAD_OBJ	:= $(patsubst lib/%,$(O)/lib/%.o,$(wildcard lib/libthread/*.c))
LIB9P_OBJ	:= $(patsubst lib/%,$(O)/lib/%.o,$(wildcard lib/lib9p/*.c))
LIBNUM_OBJ	:= $(patsubst lib/%,$(O)/lib/%.o,$(wildcard lib/libnum/*.c))
LIBSEC_OBJ	:= $(patsubst lib/%,$(O)/lib/%.o,$(wildcard lib/libsec/*.c))
LIBFLATE_OBJ	:= $(patsubst lib/%,$(O)/lib/%.o,$(wildcard lib/libflate/*.c))
LIBIP_OBJ	:= $(patsubst lib/%,$(O)/lib/%.o,$(wildcard lib/libip/*.c))

ULIBS	:= $(O)/lib/lib9p.a $(O)/lib/libthread.a $(O)/lib/libsec.a $(O)/lib/libflate.a \
	$(O)/lib/libnum.a $(O)/lib/libregexp.a $(O)/lib/libip.a $(O)/lib/libbio.a \
	$(O)/lib/libc.a
UCRT	:= $(O)/lib/crt0.o
# On Linux the same archives run over these, which take the place of the system calls.
HOSTCRT	:= $(patsubst %,$(O)/host/linuxsys/%.o,crt0 linux name file proc)

$(O)/lib/libc.a: $(LIBC_OBJ)
$(O)/lib/libbio.a: $(LIBBIO_OBJ)
$(O)/lib/libregexp.a: $(LIBREGEXP_OBJ)
$(O)/lib/lib9p.a: $(LIB9P_OBJ)
$(O)/lib/libthread.a: $(LIBTHREAD_OBJ)
$(O)/lib/libnum.a: $(LIBNUM_OBJ)
$(O)/lib/libsec.a: $(LIBSEC_OBJ)
$(O)/lib/libflate.a: $(LIBFLATE_OBJ)
$(O)/lib/libip.a: $(LIBIP_OBJ)
$(ULIBS):
	@mkdir -p $(@D) && rm -f $@
	@$(AR) rcs $@ $^

$(O)/lib/%.c.o: lib/%.c
	@mkdir -p $(@D)
	@echo "  CC $<"
	@$(CC) $(UCFLAGS) -MMD -MP -c -o $@ $<

$(O)/lib/%.S.o: lib/%.S
	@mkdir -p $(@D)
	@echo "  CC $<"
	@$(CC) $(UCFLAGS) -MMD -MP -c -o $@ $<

$(UCRT): $(O)/lib/libc/amd64/crt0.S.o
	@cp $< $@

$(O)/host/linuxsys/%.o: test/host/linuxsys/%.c
	@mkdir -p $(@D)
	@echo "  CC $<"
	@$(CC) $(UCFLAGS) -MMD -MP -c -o $@ $<

$(O)/host/linuxsys/%.o: test/host/linuxsys/%.S
	@mkdir -p $(@D)
	@echo "  CC $<"
	@$(CC) $(UCFLAGS) -MMD -MP -c -o $@ $<

$(O)/user/%.o: user/%.c
	@mkdir -p $(@D)
	@echo "  CC $<"
	@$(CC) $(UCFLAGS) -MMD -MP -c -o $@ $<

# $(call uprog,name,objects): one program, for lux9 and for Linux.
define uprog
$(O)/bin/$(1): $(2) $(UCRT) $(ULIBS) lib/user.ld
	@mkdir -p $$(@D)
	@echo "  LD $$@"
	@$$(CC) $$(ULDFLAGS) -o $$@ $(UCRT) $(2) $$(ULIBS)
$(O)/host/bin/$(1): $(2) $(HOSTCRT) $(ULIBS) lib/user.ld
	@mkdir -p $$(@D)
	@echo "  LD $$@"
	@$$(CC) $$(ULDFLAGS) -o $$@ $(HOSTCRT) $(2) $$(ULIBS)
endef

# The libraries' own tests, run over Linux.
LIBTESTS := $(patsubst lib/test/%.c,%,$(wildcard lib/test/*_test.c))

.SECONDARY: $(patsubst %,$(O)/lib/test/%.c.o,$(LIBTESTS))

# The same tests for lux9 itself, where some try more: memory that is shared, mounts.
$(O)/lib/guest/%_test: $(O)/lib/test/%_test.c.o $(UCRT) $(ULIBS) lib/user.ld
	@mkdir -p $(@D)
	$(CC) $(ULDFLAGS) -o $@ $(UCRT) $< $(ULIBS)

.PHONY: guest-lib
guest-lib: $(addprefix $(O)/lib/guest/,$(LIBTESTS))

$(O)/lib/test/%_test: $(O)/lib/test/%_test.c.o $(HOSTCRT) $(ULIBS) lib/user.ld
	$(CC) $(ULDFLAGS) -o $@ $(HOSTCRT) $< $(ULIBS)

.PHONY: test-lib
test-lib: $(addprefix $(O)/lib/test/,$(LIBTESTS)) $(O)/host/bin/ramfs
	@LUX9BIN=$(CURDIR)/$(O)/host/bin; export LUX9BIN; \
	for t in $(LIBTESTS); do \
		echo "$$t:"; timeout 120 $(O)/lib/test/$$t || echo "$$t exits $$?"; \
	done > $(O)/lib/test/log; grep -v ' passed, ' $(O)/lib/test/log; \
	awk '/ exits /{ e = 1 } / passed, /{ p += $$1; f += $$3; n++ } \
		END { if(n != $(words $(LIBTESTS)) || (e && !f)) f++; \
		printf "%d passed, %d failed\n", p, f; exit f > 0 }' $(O)/lib/test/log

.PHONY: lib
lib: $(ULIBS) $(UCRT)

-include $(patsubst %.o,%.d,$(LIBC_OBJ) $(LIBBIO_OBJ) $(LIBREGEXP_OBJ) $(LIB9P_OBJ) \
	$(LIBTHREAD_OBJ) $(LIBNUM_OBJ) \
	$(LIBSEC_OBJ) $(LIBFLATE_OBJ) $(LIBIP_OBJ) $(HOSTCRT) $(O)/lib/libc/amd64/crt0.S.o)
-include $(LIBTESTS:%=$(O)/lib/test/%.c.d)
