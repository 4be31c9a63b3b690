# SPDX-License-Identifier: GPL-2.0-or-later
# The chip as a library for the host, and the same with sanitizers for the unit tests.

CHIP_LIB := build/chip/librillchip.a
CHIP_CFLAGS := -std=gnu11 -O3 -g -Wall -Wextra -Iuapi -Iqemu-dev/chip
CHIP_LDLIBS := -lm
# The dataflow engine is faster so, by up to a fifth; QEMU builds with -O2, too.
build/chip/ndf/%.o: CHIP_CFLAGS += -O2

CHIP_SAN_LIB := build/chip-san/librillchip.a
SAN_CFLAGS := -O1 -fno-omit-frame-pointer -fsanitize=address,undefined -fno-sanitize-recover=undefined

CHIP_SRC := $(sort $(wildcard qemu-dev/chip/*.c qemu-dev/chip/*/*.c))
CHIP_OBJ := $(CHIP_SRC:qemu-dev/chip/%.c=build/chip/%.o)
CHIP_SAN_OBJ := $(CHIP_SRC:qemu-dev/chip/%.c=build/chip-san/%.o)

build/chip/%.o: qemu-dev/chip/%.c
	@mkdir -p $(@D)
	$(CC) $(CHIP_CFLAGS) -MMD -MP -c -o $@ $<

build/chip-san/%.o: qemu-dev/chip/%.c
	@mkdir -p $(@D)
	$(CC) $(CHIP_CFLAGS) $(SAN_CFLAGS) -MMD -MP -c -o $@ $<

$(CHIP_LIB): $(CHIP_OBJ)
$(CHIP_SAN_LIB): $(CHIP_SAN_OBJ)
$(CHIP_LIB) $(CHIP_SAN_LIB):
	@rm -f $@
	$(AR) rcs $@ $^

-include $(CHIP_OBJ:.o=.d) $(CHIP_SAN_OBJ:.o=.d)
