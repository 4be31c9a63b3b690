# SPDX-License-Identifier: MIT
# make bench-functional: the model's arithmetic against oneDNN's.

BENCH_FUNCTIONAL := functional chip_pass library dnnl_product
BENCH_FUNCTIONAL_OBJ := $(BENCH_FUNCTIONAL:%=build/selftests/bench/%.o)

$(BENCH_FUNCTIONAL_OBJ): build/selftests/bench/%.o: selftests/bench/%.c
	@mkdir -p $(@D)
	$(CC) $(RILL_CFLAGS) $(CFLAGS) -Iuapi -Iqemu-dev/chip -Iruntime $(RUNTIME_CFLAGS) -c -o $@ $<

build/selftests/bench/functional: $(BENCH_FUNCTIONAL_OBJ) $(RUNTIME_LIB) $(CHIP_LIB)
	$(CC) $(LDFLAGS) $^ $(RUNTIME_LIBS) -ldnnl -ldl -o $@

.PHONY: bench-functional
bench-functional: build/selftests/bench/functional
	@$<

-include $(BENCH_FUNCTIONAL_OBJ:.o=.d)
