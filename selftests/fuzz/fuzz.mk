# SPDX-License-Identifier: MIT
# A hostile guest on the chip: jobs, commands, registers, memory. COUNT and SEED as in ndf.mk, which has the objects' rule

CHIP_FUZZ_SRC := $(patsubst %,selftests/fuzz/%.c,chip_fuzz chip_jobs chip_rig ndf_corpus) selftests/bench/ndf_graphs.c $(NDF_RIG)
CHIP_FUZZ_OBJ := $(CHIP_FUZZ_SRC:selftests/%.c=build/selftests/fuzz-san/%.o)

build/selftests/chip_fuzz: $(CHIP_FUZZ_OBJ) $(CHIP_SAN_LIB)
	$(CC) $(SAN_CFLAGS) -o $@ $^ -lcmocka -lm

.PHONY: fuzz-chip
fuzz-chip: build/selftests/chip_fuzz
	@$< $(COUNT) $(SEED)

CHECK_DEPS += build/selftests/chip_fuzz
CHECK_STEPS += 'fuzz-chip=build/selftests/chip_fuzz 10000'

-include $(CHIP_FUZZ_OBJ:.o=.d)
