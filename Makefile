# SPDX-License-Identifier: MIT
#
# make           the command, build/rill
# make demo      boots the guest and shows the chip at work
# make check     all tests; the last line is "N passed, N failed"
# make shell     a prompt in the guest
# make help      the rest
#
# What the build fetches and makes beyond this tree is in ${RILL_CACHE:-~/.cache/rill}.

CFLAGS ?= -O2 -g
RILL_CFLAGS := -std=gnu11 -Wall -Wextra -Wno-unused-parameter -D_GNU_SOURCE -MMD -MP
KERNEL := debian
# Deferred: asking fetches the kernel's source.
KSELFTEST_INC = $(shell tools/vm/kernel.sh --source)/tools/testing/selftests

.DEFAULT_GOAL := all
.PHONY: all help deps qemu driver driver-sparse checkpatch kernel-debug vm shell demo check clean

all: build/rill

help:
	@echo 'make [all]          build/rill, the command'
	@echo 'make deps           install missing Debian packages'
	@echo 'make qemu           QEMU with the rill device'
	@echo 'make driver         rill.ko for the guest (KERNEL=debug: for the debug kernel)'
	@echo 'make vm             all that a guest needs'
	@echo 'make shell          a prompt in the guest'
	@echo 'make demo           the tour'
	@echo 'make figures        sweeps, charts and tables of the evaluation (FIGURES=full TRACES=DIR)'
	@echo 'make figures-learning   what plastic whens learn, as a chart'
	@echo 'make check          all tests (CHECK_ONLY=name,name: some)'
	@echo 'make driver-sparse  make checkpatch   static checks alone'
	@echo 'make bench-functional   how fast the model of the chip computes'
	@echo 'make bench-sim      how fast it simulates, against the chip'
	@echo 'make bench-ndf      how fast the dataflow engine fires'
	@echo 'make check-rules    all models and batches by the rules as a program: the same events'
	@echo 'make learned-rules  make carried-rules   what learning rules gain on slow links (TRACES=DIR)'
	@echo 'make fuzz-NAME      hostile input: ndf, ndf-job, chip, text or rules (COUNT=n, SEED=n)'
	@echo 'make kernel-debug   a kernel with KASAN, lockdep and kmemleak'
	@echo 'make clean'

# Packages come before all else, even before pkg-config is asked for flags below.
ifneq ($(filter-out clean help deps,$(or $(MAKECMDGOALS),all)),)
include build/deps.mk
endif
build/deps.mk: tools/vm/deps.sh
	@tools/vm/deps.sh
	@mkdir -p build && touch $@

# Each adds to CHECK_STEPS and CHECK_DEPS what it can test; tools/vm/check.sh says how.
CHECK_STEPS =
CHECK_DEPS =
-include qemu-dev/chip/chip.mk runtime/runtime.mk tools/tools.mk tools/bench/figures.mk selftests/selftests.mk
ifneq ($(wildcard Kbuild),)
CHECK_STEPS += 'sparse=tools/vm/driver.sh --sparse'
endif
ifneq ($(wildcard selftests/device/*-test.c),)
CHECK_STEPS += 'device=tools/vm/qtest.sh'
endif
CHECK_STEPS += 'checkpatch=tools/vm/checkpatch.sh'

deps:
	@tools/vm/deps.sh

qemu: deps
	@tools/vm/qemu.sh

driver: deps
	@tools/vm/driver.sh --kernel $(KERNEL)

driver-sparse: deps
	@tools/vm/driver.sh --sparse

checkpatch: deps
	@tools/vm/checkpatch.sh

kernel-debug: deps
	@tools/vm/kernel.sh --kernel debug

vm: deps
	@tools/vm/boot.sh --kernel $(KERNEL) --prepare

shell: deps build/rill
	@tools/vm/boot.sh --kernel $(KERNEL) --shell

demo: deps build/rill
	@tools/demo/demo.sh

check: deps $(CHECK_DEPS)
	@tools/vm/boot.sh --prepare || { echo '0 passed, 1 failed'; exit 1; }
	@tools/vm/check.sh $(CHECK_STEPS)

clean:
	rm -rf build
