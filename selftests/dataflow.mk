# SPDX-License-Identifier: MIT
# Dataflow programs, graphs and their text: unit tests and a fuzzer, with librill's part under sanitizers, too.

DATAFLOW_SAN_OBJ := $(patsubst runtime/%.c,build/runtime-san/%.o,$(wildcard runtime/ndf/*.c))
DATAFLOW_TESTS := test_dataflow_programs test_dataflow_random test_dataflow_text test_dataflow_language test_dataflow_build test_dataflow_map test_dataflow_lanes
UNIT_SAN_TESTS += $(DATAFLOW_TESTS)
$(foreach t,$(DATAFLOW_TESTS),$(eval UNIT_SRC_$(t) := selftests/unit/dataflow_rig.c $(DATAFLOW_SAN_OBJ)))
# Mapping
UNIT_SAN_TESTS += test_ndf_map_random
UNIT_SRC_test_ndf_map_random := $(NDF_RIG) $(DATAFLOW_SAN_OBJ)

# The gate of a mixture of experts, dispatch, combine
GATE_TESTS := test_gate test_gate_layer test_gate_balance
UNIT_SAN_TESTS += $(GATE_TESTS)
$(foreach t,$(GATE_TESTS),$(eval UNIT_SRC_$(t) := selftests/unit/gate_rig.c $(DATAFLOW_SAN_OBJ)))

build/runtime-san/%.o: runtime/%.c
	@mkdir -p $(@D)
	$(CC) $(RILL_CFLAGS) -g $(SAN_CFLAGS) -Iuapi -Iruntime -Iqemu-dev/chip -c -o $@ $<

-include $(DATAFLOW_SAN_OBJ:.o=.d)

# COUNT=n: so many texts; SEED=n: where to begin
build/selftests/text_fuzz: selftests/fuzz/text_fuzz.c $(DATAFLOW_SAN_OBJ) $(CHIP_SAN_LIB)
	@mkdir -p $(@D)
	$(CC) $(RILL_CFLAGS) -g $(SAN_CFLAGS) -Iuapi -Iruntime -o $@ $^ -lm

.PHONY: fuzz-text
fuzz-text: build/selftests/text_fuzz
	@$< $(COUNT) $(SEED)

CHECK_DEPS += build/selftests/text_fuzz
CHECK_STEPS += 'fuzz-text=build/selftests/text_fuzz 3000'

CHECK_DEPS += build/rill
CHECK_STEPS += 'ndf=selftests/dataflow/command.sh' 'rules-keep=selftests/dataflow/keep.sh'
