# SPDX-License-Identifier: MIT
# Dataflow: unit tests, benchmark, fuzzer.

NDF_RIG := selftests/unit/ndf_rig.c selftests/unit/ndf_build.c selftests/unit/ndf_programs.c selftests/unit/ndf_timed.c
NDF_TESTS := test_ndf_op test_ndf_where test_ndf_when test_ndf_run test_ndf_validate test_ndf_plastic test_ndf_waves
UNIT_SAN_TESTS += $(NDF_TESTS)
$(foreach t,$(NDF_TESTS),$(eval UNIT_SRC_$(t) := $(NDF_RIG)))
# Programs as jobs of the chip
NDF_JOB_RIG := $(NDF_RIG) selftests/unit/ndf_job_rig.c selftests/unit/bench.c
UNIT_SAN_TESTS += test_ndf_job test_ndf_job_faults test_pass_steps test_rules_limits
UNIT_SRC_test_ndf_job := $(NDF_JOB_RIG)
UNIT_SRC_test_ndf_job_faults := $(NDF_JOB_RIG)
# Passes on the same bench
UNIT_SRC_test_pass_steps := $(NDF_JOB_RIG)
UNIT_SRC_test_rules_limits := $(NDF_JOB_RIG)
# Builds its programs with librill
UNIT_TESTS += test_ndf_mapped
UNIT_SRC_test_ndf_mapped := $(NDF_RIG)

# Rules of a pass as programs
UNIT_TESTS += test_rules
UNIT_SRC_test_rules := selftests/unit/rules_rig.c selftests/unit/rules_programs.c
UNIT_SAN_TESTS += test_rules_weights
UNIT_SRC_test_rules_weights = $(UNIT_SRC_test_rules) $(RUNTIME_SAN_OBJ)
UNIT_LIBS_test_rules_weights = $(RUNTIME_LIBS)
UNIT_SRC_test_stream := selftests/unit/rules_programs.c

# The fuzzer, with the chip as it is built for the sanitizers. COUNT=n: so many binaries; SEED=n: the first one's number
COUNT := 10000000
SEED := 1
NDF_FUZZ_SRC := selftests/fuzz/ndf_fuzz.c selftests/fuzz/ndf_corpus.c selftests/bench/ndf_graphs.c $(NDF_RIG)
NDF_FUZZ_OBJ := $(NDF_FUZZ_SRC:selftests/%.c=build/selftests/fuzz-san/%.o)

build/selftests/fuzz-san/%.o: selftests/%.c
	@mkdir -p $(@D)
	$(CC) $(RILL_CFLAGS) -O1 -g $(SAN_CFLAGS) -Iuapi -Iqemu-dev/chip -Iselftests/unit -Iselftests/bench -c -o $@ $<

build/selftests/ndf_fuzz: $(NDF_FUZZ_OBJ) $(CHIP_SAN_LIB)
	$(CC) $(SAN_CFLAGS) -o $@ $^ -lcmocka -lm

# Hostile NDF jobs on a chip
NDF_JOB_FUZZ_SRC := selftests/fuzz/ndf_job_fuzz.c selftests/fuzz/ndf_corpus.c selftests/bench/ndf_graphs.c $(NDF_JOB_RIG)
NDF_JOB_FUZZ_OBJ := $(NDF_JOB_FUZZ_SRC:selftests/%.c=build/selftests/fuzz-san/%.o)

build/selftests/ndf_job_fuzz: $(NDF_JOB_FUZZ_OBJ) $(CHIP_SAN_LIB)
	$(CC) $(SAN_CFLAGS) -o $@ $^ -lcmocka -lm

.PHONY: fuzz-ndf-job
fuzz-ndf-job: build/selftests/ndf_job_fuzz
	@$< $(COUNT) $(SEED)

CHECK_DEPS += build/selftests/ndf_job_fuzz
CHECK_STEPS += 'fuzz-ndf-job=build/selftests/ndf_job_fuzz 10000'

-include $(NDF_JOB_FUZZ_OBJ:.o=.d)

.PHONY: fuzz-ndf bench-ndf
fuzz-ndf: build/selftests/ndf_fuzz
	@$< $(COUNT) $(SEED)

# Speed, with the chip as it is built for use
NDF_SPEED_OBJ := $(patsubst selftests/%.c,build/selftests/%.o,$(wildcard selftests/bench/ndf_*.c) selftests/unit/ndf_build.c)

build/selftests/bench/%.o: selftests/bench/%.c
	@mkdir -p $(@D)
	$(CC) $(RILL_CFLAGS) -O2 -g -Iuapi -Iqemu-dev/chip -Iselftests/unit -Iselftests/bench -c -o $@ $<

build/selftests/ndf_speed: $(NDF_SPEED_OBJ) $(CHIP_LIB)
	$(CC) -o $@ $^ -lm

bench-ndf: build/selftests/ndf_speed
	@$<

CHECK_DEPS += build/selftests/ndf_fuzz
CHECK_STEPS += 'fuzz-ndf=build/selftests/ndf_fuzz 30000'

-include $(NDF_FUZZ_OBJ:.o=.d) $(wildcard build/selftests/bench/*.d)

# Hostile rules of passes, through librill, all of it with sanitizers. COUNT and SEED as above
RUNTIME_SAN_OBJ := $(RUNTIME_OBJECTS:build/runtime/%=build/rules-san/%)
RULES_FUZZ_SRC := selftests/fuzz/rules_fuzz.c selftests/unit/rules_rig.c selftests/unit/rules_programs.c
RULES_FUZZ_OBJ := $(RULES_FUZZ_SRC:selftests/%.c=build/selftests/rules-san/%.o)

build/rules-san/%.o: runtime/%.c
	@mkdir -p $(@D)
	$(CC) $(RILL_CFLAGS) -g $(SAN_CFLAGS) -Iuapi -Iruntime -Iqemu-dev/chip $(RUNTIME_CFLAGS) -c $< -o $@

build/rules-san/ndf/fse_dp.o: runtime/ndf/fse_dp.ndf runtime/ndf/fse_dp_learned.ndf

build/selftests/rules-san/%.o: selftests/%.c
	@mkdir -p $(@D)
	$(CC) $(RILL_CFLAGS) -g $(SAN_CFLAGS) -Iuapi -Iruntime -Iqemu-dev/chip -Iselftests/unit $(RUNTIME_CFLAGS) -c -o $@ $<

build/selftests/rules_fuzz: $(RULES_FUZZ_OBJ) $(RUNTIME_SAN_OBJ) $(CHIP_SAN_LIB)
	$(CC) $(SAN_CFLAGS) -o $@ $^ $(RUNTIME_LIBS)

.PHONY: fuzz-rules
fuzz-rules: build/selftests/rules_fuzz
	@$< $(COUNT) $(SEED)

CHECK_DEPS += build/selftests/rules_fuzz
CHECK_STEPS += 'fuzz-rules=build/selftests/rules_fuzz 3000'

-include $(RULES_FUZZ_OBJ:.o=.d) $(RUNTIME_SAN_OBJ:.o=.d)

# The program of rules against the built-in rules on all models: events, firings, time. TOKENS="16 64 ..."
TOKENS := 16 64 256 1024
RULES_MODELS_SRC := selftests/rules/rules_models.c selftests/unit/rules_rig.c selftests/unit/rules_programs.c
RULES_MODELS_OBJ := $(RULES_MODELS_SRC:selftests/%.c=build/selftests/rules/%.o)

build/selftests/rules/%.o: selftests/%.c
	@mkdir -p $(@D)
	$(CC) $(RILL_CFLAGS) -O2 -g -Iuapi -Iruntime -Iqemu-dev/chip -Iselftests/unit $(RUNTIME_CFLAGS) -c -o $@ $<

build/selftests/rules_models: $(RULES_MODELS_OBJ) $(RUNTIME_LIB) $(CHIP_LIB)
	$(CC) -o $@ $^ $(RUNTIME_LIBS)

build/selftests/rules_learned: build/selftests/rules/rules/rules_learned.o $(filter-out %/rules_models.o,$(RULES_MODELS_OBJ)) \
			       $(RUNTIME_LIB) $(CHIP_LIB)
	$(CC) -o $@ $^ $(RUNTIME_LIBS) -lm

build/selftests/rules_carried: build/selftests/rules/rules/rules_carried.o $(filter-out %/rules_models.o,$(RULES_MODELS_OBJ)) \
			       $(RUNTIME_LIB) $(CHIP_LIB)
	$(CC) -o $@ $^ $(RUNTIME_LIBS) -lm

# Does the learned choice of links help? TRACES=DIR: on the traces there
ETA := 4
MODEL := deepseek-v2-lite
.PHONY: check-rules learned-rules carried-rules
learned-rules: build/selftests/rules_learned
	@$< $(ETA) $(MODEL) 64 $(TRACES)

# And if weights go on from pass to pass? With 64 tokens, or TOKENS="64 256 ..."; CHIP='4x4, two': some of the chips
carried-rules: build/selftests/rules_carried
	@for t in $(if $(filter command%,$(origin TOKENS)),$(TOKENS),64); do \
		$< $(ETA) $(MODEL) $$t '$(TRACES)' '$(CHIP)' || exit 1; \
	done

check-rules: build/selftests/rules_models
	@$< $(TOKENS)

CHECK_DEPS += build/selftests/rules_models
CHECK_STEPS += 'rules=build/selftests/rules_models 16 64'

-include $(RULES_MODELS_OBJ:.o=.d)
