# SPDX-License-Identifier: MIT
# make figures: the sweeps and charts of the evaluation into build/figures, and docs/evaluation.md; see
# tools/bench/figures.sh for FIGURES, TRACES and RESULTS.

.PHONY: figures
figures: deps build/rill
	@FIGURES='$(FIGURES)' TRACES='$(TRACES)' RESULTS='$(RESULTS)' tools/bench/figures.sh
FIGURES ?= quick

# How fast the model of the chip is, one point at a time
.PHONY: bench-sim
bench-sim: deps build/rill
	@rm -f build/pace.jsonl
	@build/rill bench --file tools/bench/pace.sweep --jobs 1 --verify-every 0 --output build/pace.jsonl
	@echo @pace@ >build/pace.in
	@build/rill plot --no-charts --template build/pace.in build/pace.jsonl

# Of these, what plastic whens learn, alone: seconds
.PHONY: figures-learning
figures-learning: deps build/rill
	@mkdir -p build/figures docs/figures
	@build/rill ndf learn --csv build/figures/ndf-learning.csv --chart build/figures
	@cp build/figures/ndf-learning.svg docs/figures/
