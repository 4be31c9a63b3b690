# SPDX-License-Identifier: MIT
# Programs as jobs through librill: on the model here, through the driver in the guest (selftests/vm/ndf.sh)

UNIT_TESTS += test_ndf_device
UNIT_SRC_test_ndf_device := selftests/unit/ndf_chip_rig.c selftests/unit/dataflow_rig.c selftests/unit/gate_rig.c

# All of librill and the chip with sanitizers; the objects are those of selftests/ndf.mk.
NDF_DEVICE_SAN_OBJ := $(patsubst %,build/selftests/rules-san/unit/%.o,test_ndf_device ndf_chip_rig dataflow_rig gate_rig)

build/selftests/unit-san/test_ndf_device: $(NDF_DEVICE_SAN_OBJ) $(RUNTIME_SAN_OBJ) $(CHIP_SAN_LIB)
	@mkdir -p $(@D)
	$(CC) $(SAN_CFLAGS) -o $@ $^ -lcmocka $(RUNTIME_LIBS)

CHECK_DEPS += build/selftests/unit-san/test_ndf_device build/rill
CHECK_STEPS += 'ndf-device=build/selftests/unit-san/test_ndf_device' 'ndf-chip=selftests/dataflow/chip.sh'

ifneq ($(wildcard Kbuild),)
CHECK_DEPS += build/rill build/selftests/unit/test_ndf_device
CHECK_STEPS += 'ndf-guest=selftests/vm/ndf.sh'
endif

-include $(NDF_DEVICE_SAN_OBJ:.o=.d)
