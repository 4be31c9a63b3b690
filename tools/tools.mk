# SPDX-License-Identifier: MIT
# The command, build/rill.

TOOL_OBJECTS := $(patsubst tools/%.c,build/tools/%.o,$(wildcard tools/*.c tools/*/*.c))

build/tools/%.o: tools/%.c
	@mkdir -p $(@D)
	$(CC) $(RILL_CFLAGS) $(CFLAGS) -Iuapi -Iruntime -Itools $(RUNTIME_CFLAGS) -c $< -o $@

build/rill: $(TOOL_OBJECTS) $(RUNTIME_LIB) $(CHIP_LIB)
	$(CC) $(LDFLAGS) $^ $(RUNTIME_LIBS) -o $@

-include $(TOOL_OBJECTS:.o=.d)
