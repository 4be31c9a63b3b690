// SPDX-License-Identifier: GPL-2.0-or-later
/* The pass report, from the run's figures to the context's memory. */
#include "engine.h"
#include "rules.h"

#include <stdlib.h>

static void report_totals(const struct rill_pass_state *pass, struct rill_pass_report *report)
{
	uint64_t decisions, firings;

	report->start_ps = pass->start_ps;
	report->end_ps = pass->start_ps + pass->now;
	report->slices_loaded = pass->slices_loaded;
	report->slices_computed = pass->slices_computed;
	report->scatters = pass->scatters;
	report->reduces = pass->reduces;
	report->escapes = pass->escapes;
	report->timeline_total = pass->interval_total;
	report->slot_bytes = pass->slot_bytes;
	report->slots = pass->slots + pass->escape_slots;
	report->events = pass->events;
	report->smallest_sram = pass->smallest_sram;
	report->prefetched_bytes = pass->prefetched_bytes;
	rill_rules_count(pass->program, &decisions, &firings);
	report->rule_decisions = decisions;
	report->rule_firings = firings;
}

static void report_units(const struct rill_pass_state *pass, struct rill_pass_report *report)
{
	const struct rill_chip *chip = pass->chip;
	unsigned int i;

	for (i = 0; i < chip->config.channels; i++) {
		report->channel[i].bytes = pass->channels[i].bytes;
		report->channel[i].busy_ps = pass->channels[i].busy_ps;
	}
	for (i = 0; i < chip->chiplet_count; i++) {
		const struct rill_chiplet_run *run = &pass->chiplets[i];

		report->chiplet[i] = (struct rill_chiplet_report){
			.mac_busy_ps = run->mac_busy_ps, .macs = run->macs,
			.sram_peak = run->peak_all,
			.sram_peak_weights_tokens = run->peak_weights_tokens,
			.sram_peak_weights = run->peak[RILL_SRAM_WEIGHTS],
			.sram_peak_tokens = run->peak[RILL_SRAM_TOKENS],
			.sram_peak_accumulators = run->peak[RILL_SRAM_ACCUMULATORS],
		};
	}
	for (i = 0; i < chip->link_count; i++)
		report->link[i] = pass->link_reports[i];
}

bool rill_report_write(struct rill_pass_state *pass, struct rill_fault *fault)
{
	struct rill_pass_report *report;
	bool written;

	if (!pass->block.report)
		return true;
	report = calloc(1, sizeof(*report));
	if (!report) {
		*fault = (struct rill_fault){ .status = RILL_INTERNAL };
		return false;
	}
	report_totals(pass, report);
	report_units(pass, report);
	written = rill_mmu_write(pass->chip, pass->ctx, pass->block.report, report,
				 sizeof(*report), fault);
	free(report);
	return written;
}
