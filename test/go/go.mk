# Go's own tests of its standard library, all of them, and its toolchain in the guest.

.PHONY: test-go-all test-go-toolchain
test-go-all: $(IMAGE)
	@test/go/packages
test-go-toolchain: $(IMAGE)
	@test/go/toolchain
