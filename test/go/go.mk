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
