# SPDX-License-Identifier: MIT
# make figures: the sweeps and charts of the evaluation into build/figures, and docs/evaluation.md; see
# tools/bench/figures.sh for FIGURES, TRACES and RESULTS.

.PHONY: figures
figures: deps build/rill
	@FIGURES='$(FIGURES)' TRACES='$(TRACES)' RESULTS='$(RESULTS)' tools/bench/figures.sh
FIGURES ?= quick
