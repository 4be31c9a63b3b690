# SPDX-License-Identifier: MIT
# Tests of rill bench, plot and timeline, and of options. Included by selftests.mk.

UNIT_TESTS += test_sweep test_cells
# Objects of the command, beside the test's own
UNIT_SRC_test_sweep := $(patsubst tools/%.c,build/tools/%.o,$(wildcard tools/option*.c tools/rules_input.c tools/ndf_file.c)) $(patsubst \
	%,build/tools/bench/%.o,points results string_set sweep sweeps trace_info)
UNIT_SRC_test_cells := $(patsubst %,build/tools/%.o,bench/string_set plot/cells plot/metrics plot/records plot/spread)
build/selftests/unit/test_sweep.o build/selftests/unit/test_cells.o: UNIT_CFLAGS += -Itools

CHECK_DEPS += build/rill
CHECK_STEPS += 'evidence=selftests/evidence/evidence.sh' 'options=selftests/evidence/options.sh'
