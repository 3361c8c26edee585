# The guest's test programs, which share test/guest/guest.h and others beside it.
-include $(GUESTPROGS:%=$(TO)/guest/%.d)

SMOKEPROGS := calls notes interrupts procs exec memory sync pipes files names devices procdev \
	p9 devs devproc devshr devcap devarch edf clock hostile mountload nsrandom storm \
	handlers life
SMOKEPROGS += devrules procrules trace
SMOKEPROGS += execstate vectors
SMOKEPROGS += exchange exends relay
SMOKEPROGS += smp

test-guest: $(IMAGE) guestprogs
	@test/guest/smoke $(SMOKEPROGS)

# Some programs alone: make test-guest-some PROGRAMS='notes p9'
.PHONY: test-guest-some
test-guest-some: $(IMAGE) guestprogs
	@test/guest/smoke $(PROGRAMS)

# Storms of system calls for long: make test-storm MINUTES=60 BUILD=checked CPUS=1
MINUTES	?= 3
.PHONY: test-storm
test-storm: $(IMAGE) guestprogs
	@CPUS=$(CPUS) test/guest/storms $(MINUTES)
SMOKEPROGS += corners
SMOKEPROGS += swap
SMOKEPROGS += forkwrite
SMOKEPROGS += nested
SMOKEPROGS += lookups tandem
SMOKEPROGS += blocks

# The whole suite in the other builds.
.PHONY: test-guest-checked test-guest-san test-guest-race
test-guest-checked test-guest-san test-guest-race:
	@BUILD=$(@:test-guest-%=%) $(MAKE) -s BUILD=$(@:test-guest-%=%) test-guest
SMOKEPROGS += fair
SMOKEPROGS += mesh

# Stress whose results are checked: make test-stress-processors MINUTES=5 BUILD=checked CPUS=4
.PHONY: test-stress-processors
test-stress-processors: $(IMAGE) guestprogs
	@CPUS=$(CPUS) test/guest/meshes $(MINUTES)
SMOKEPROGS += crossings
