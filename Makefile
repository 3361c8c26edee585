# lux9. `make run` boots to a prompt, `make test` proves that it works.
# Each directory brings its own rules in a .mk file; this one ties them together.

BUILD	?= release
O	:= build/$(BUILD)
CC	:= gcc
AR	:= ar
HOSTCC	:= gcc
CLANG	:= clang
PYTHON	:= python3

WARN	:= -Wall -Wextra -Werror -Wshadow -Wstrict-prototypes -Wmissing-prototypes \
	-Wpointer-arith -Wcast-qual -Wwrite-strings -Wvla -Wundef -Wno-unused-parameter

.DEFAULT_GOAL := all
.DELETE_ON_ERROR:
.SUFFIXES:
.SECONDEXPANSION:

include kernel/kernel.mk lib/lib.mk user/user.mk boot/boot.mk
include tools/tools.mk test/test.mk bench/bench.mk

.PHONY: all clean
all:

clean:
	rm -rf build lux9.iso
