# SPDX-License-Identifier: MIT
#
# Tests of rill.ko, in the kernel's own harness: selftests/kernel/test_NAME.c, run in the guest by run.sh.
# "CHECK_ONLY=kernel make check" runs all; for one of them:
#   make kernel-tests && tools/vm/boot.sh --need driver --need tests selftests/kernel/run.sh bo

KTEST := build/selftests/kernel
KTEST_PROGRAMS := $(patsubst selftests/kernel/%.c,$(KTEST)/%,$(wildcard selftests/kernel/*.c))
KTEST_SCRIPTS := $(patsubst selftests/kernel/%,$(KTEST)/%,$(wildcard selftests/kernel/test_*.sh))
# The harness is the kernel's, and so are its warnings.
KTEST_CFLAGS = -std=gnu11 -D_GNU_SOURCE $(CFLAGS) -Wall -Wextra -Iuapi $$(pkg-config --cflags libdrm) \
	-isystem $(KSELFTEST_INC)

$(KTEST_PROGRAMS): $(KTEST)/%: selftests/kernel/%.c
	@mkdir -p $(@D)
	$(CC) $(KTEST_CFLAGS) -MMD -MP -MF $@.d -o $@ $< -luring -lpthread

$(KTEST_SCRIPTS): $(KTEST)/%: selftests/kernel/%
	@mkdir -p $(@D)
	@install -m 644 $< $@

-include $(wildcard $(KTEST)/*.d)

.PHONY: kernel-tests
kernel-tests: $(KTEST_PROGRAMS) $(KTEST_SCRIPTS)

ifneq ($(wildcard Kbuild),)
CHECK_DEPS += kernel-tests
CHECK_STEPS += 'kernel=tools/vm/boot.sh --kernel $(KERNEL) --need driver --need tests --timeout 1200 selftests/kernel/run.sh'
CHECK_STEPS += 'faults=selftests/vm/faults.sh --kernel $(KERNEL)'
endif
