# SPDX-License-Identifier: MIT
# A hostile guest on the chip: jobs, commands, registers, memory. COUNT and SEED as in ndf.mk, which has the objects' rule

CHIP_FUZZ_OBJ := $(patsubst %,build/selftests/fuzz-san/fuzz/%.o,chip_fuzz chip_jobs chip_rig)

build/selftests/chip_fuzz: $(CHIP_FUZZ_OBJ) $(CHIP_SAN_LIB)
	$(CC) $(SAN_CFLAGS) -o $@ $^ -lm

.PHONY: fuzz-chip
fuzz-chip: build/selftests/chip_fuzz
	@$< $(COUNT) $(SEED)

CHECK_DEPS += build/selftests/chip_fuzz
CHECK_STEPS += 'fuzz-chip=build/selftests/chip_fuzz 10000'

-include $(CHIP_FUZZ_OBJ:.o=.d)
