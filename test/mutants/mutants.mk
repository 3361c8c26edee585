# A kernel with one bug put in (test/mutants/run): MUTANT is its directory, with the changed source
# at MUTANT_FILE below it. Everything else is the build's.

MUTANT_OBJ = $(MUTANT)/mutant.o $(filter-out $(O)/$(basename $(MUTANT_FILE)).o,$(KOBJ))

.PHONY: image mutant test-mutants
image: $(IMAGE)
mutant:
	@$(CC) $(KCFLAGS) $(call sanitize,$(MUTANT_FILE)) -Wno-unused-function \
		-fmacro-prefix-map=$(MUTANT)/= $(if $(filter %.S,$(MUTANT_FILE)),-D__ASSEMBLY__) \
		-c -o $(MUTANT)/mutant.o $(MUTANT)/$(MUTANT_FILE)
	@$(LD) $(KLDFLAGS) -o $(MUTANT)/lux9.pass1 $(MUTANT_OBJ)
	@tools/ksyms $(MUTANT)/lux9.pass1 > $(MUTANT)/ksyms.S
	@$(CC) -c -o $(MUTANT)/ksyms.o $(MUTANT)/ksyms.S
	@$(LD) $(KLDFLAGS) -o $(MUTANT)/lux9.debug $(MUTANT_OBJ) $(MUTANT)/ksyms.o
	@objcopy --strip-debug $(MUTANT)/lux9.debug $(MUTANT)/lux9.elf

test-mutants:
	@test/mutants/run $(BUGS)
