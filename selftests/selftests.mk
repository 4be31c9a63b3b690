# SPDX-License-Identifier: MIT
#
# Unit tests, one cmocka program per selftests/unit/NAME.c. In a .mk file that is
# included before this one, or below:
#   UNIT_TESTS += NAME		runs it, linked with librill and the chip
#   UNIT_SAN_TESTS += NAME	runs it built with ASan and UBSan, the chip too
#   UNIT_SRC_NAME := FILE.c	further sources
#   UNIT_LIBS_NAME := -lNAME	further libraries of one with sanitizers

UNIT_SAN_TESTS += test_regs test_rings test_mmu
UNIT_BENCH := selftests/unit/bench.c selftests/unit/fake_engine.c
UNIT_SRC_test_regs := $(UNIT_BENCH)
UNIT_SRC_test_rings := $(UNIT_BENCH)
UNIT_SRC_test_mmu := $(UNIT_BENCH)

ifneq ($(wildcard runtime/runtime.mk),)
UNIT_TESTS += test_routing test_zipf test_calibrated test_known test_buffering test_sites test_quant test_plan test_reference test_bound test_stream test_bits
UNIT_TESTS += test_va test_discover test_result test_model_transport
UNIT_TESTS += test_gemm test_int4
UNIT_TESTS += test_closed_forms test_shape
endif

include selftests/ndf.mk
include selftests/fuzz/fuzz.mk
ifneq ($(wildcard runtime/runtime.mk),)
include selftests/dataflow.mk
include selftests/ndf_device.mk
endif
include selftests/evidence/evidence.mk

UNIT_SRC_test_known := selftests/unit/sequence_rig.c
UNIT_SRC_test_closed_forms := selftests/unit/sequence_rig.c
UNIT_SRC_test_sites := selftests/unit/sequence_rig.c
UNIT_SRC_test_buffering := selftests/unit/sequence_rig.c

UNIT_RILL := $(if $(wildcard runtime/runtime.mk),build/librill.a)
UNIT_CFLAGS = $(RILL_CFLAGS) -O2 -g -Iuapi -Iqemu-dev/chip -Iruntime -Iselftests/unit
UNIT_PKGS := cmocka $(if $(UNIT_RILL),liburing libdrm jansson)
UNIT_LDLIBS = $(shell pkg-config --libs $(UNIT_PKGS)) -lm -lpthread

UNIT_BIN := $(UNIT_TESTS:%=build/selftests/unit/%)
UNIT_SAN_BIN := $(UNIT_SAN_TESTS:%=build/selftests/unit-san/%)

build/selftests/unit/%.o: selftests/unit/%.c
	@mkdir -p $(@D)
	$(CC) $(UNIT_CFLAGS) $$(pkg-config --cflags $(UNIT_PKGS)) -MMD -MP -c -o $@ $<

build/selftests/unit-san/%.o: selftests/unit/%.c
	@mkdir -p $(@D)
	$(CC) $(UNIT_CFLAGS) $(SAN_CFLAGS) $$(pkg-config --cflags $(UNIT_PKGS)) -MMD -MP -c -o $@ $<

# $(call unit_objects,unit or unit-san,NAME)
unit_objects = $(patsubst selftests/unit/%.c,build/selftests/$(1)/%.o,selftests/unit/$(2).c $(UNIT_SRC_$(2)))

.SECONDEXPANSION:
$(UNIT_BIN): build/selftests/unit/%: $$(call unit_objects,unit,$$*) $(UNIT_RILL) $(CHIP_LIB)
	$(CC) -o $@ $^ $(UNIT_LDLIBS)

$(UNIT_SAN_BIN): build/selftests/unit-san/%: $$(call unit_objects,unit-san,$$*) $(CHIP_SAN_LIB)
	$(CC) $(SAN_CFLAGS) -o $@ $^ -lcmocka $(UNIT_LIBS_$*) -lm -lpthread

.SECONDARY:
-include $(wildcard build/selftests/unit/*.d build/selftests/unit-san/*.d)

.PHONY: unit
unit: $(UNIT_BIN) $(UNIT_SAN_BIN)
	@rc=0; for t in $^; do $$t || rc=1; done; exit $$rc

ifneq ($(UNIT_BIN)$(UNIT_SAN_BIN),)
CHECK_DEPS += $(UNIT_BIN) $(UNIT_SAN_BIN)
CHECK_STEPS += 'unit=rc=0; for t in $(UNIT_BIN) $(UNIT_SAN_BIN); do $$t || rc=1; done; exit $$rc'
endif

include selftests/bench/functional.mk
include selftests/kernel/kernel.mk

ifneq ($(wildcard Kbuild),)
CHECK_DEPS += build/rill
CHECK_STEPS += 'librill=selftests/vm/librill.sh' 'equality=selftests/vm/equality.sh'
endif
