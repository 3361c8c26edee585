# Programs no one here wrote: a few and a short selection of Go's own tests of its standard library,
# once or three times; all of those tests; Go's toolchain in the guest.

.PHONY: test-go-short test-go-thrice test-go test-go-toolchain
test-go-short: $(IMAGE)
	@test/go/run 1
test-go-thrice: $(IMAGE)
	@test/go/run 3
test-go: $(IMAGE)
	@test/go/packages
test-go-toolchain: $(IMAGE)
	@test/go/toolchain

# Go on several processors: make test-go-processors TIMES=100 GOPACKAGES='sync time', and on a host
# that is busy ICOUNT=-i
TIMES	?= 3
GOPACKAGES ?= context os os/exec os/signal runtime sync sync/atomic time
.PHONY: test-go-processors
test-go-processors: $(IMAGE)
	@test/go/packages $(ICOUNT) -c 2 -p 2 -p 4 -n $(TIMES) $(GOPACKAGES)
