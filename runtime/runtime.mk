# SPDX-License-Identifier: MIT
# librill: devices and MoE planning.

RUNTIME_LIB := build/librill.a
RUNTIME_PKGS := liburing libdrm jansson
RUNTIME_CFLAGS := $(shell pkg-config --cflags $(RUNTIME_PKGS))
RUNTIME_LIBS := $(shell pkg-config --libs $(RUNTIME_PKGS)) -lm -lpthread

RUNTIME_OBJECTS := $(patsubst runtime/%.c,build/runtime/%.o,$(wildcard runtime/device/*.c runtime/moe/*.c runtime/ndf/*.c runtime/ndf/device/*.c))

build/runtime/%.o: runtime/%.c
	@mkdir -p $(@D)
	$(CC) $(RILL_CFLAGS) $(CFLAGS) -Iuapi -Iruntime -Iqemu-dev/chip $(RUNTIME_CFLAGS) -c $< -o $@

build/runtime/ndf/fse_dp.o: runtime/ndf/fse_dp.ndf runtime/ndf/fse_dp_learned.ndf

$(RUNTIME_LIB): $(RUNTIME_OBJECTS)
	@rm -f $@
	$(AR) rcs $@ $^

-include $(RUNTIME_OBJECTS:.o=.d)
