// SPDX-License-Identifier: MIT
/* What several passes on one queue were like, one by one. */
#include "report.h"

#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>

static void print_passes(const struct pass_result *r)
{
	uint64_t least = UINT64_MAX, most = 0, prefetched = 0;
	unsigned int i;

	for (i = 0; i < r->passes; i++) {
		uint64_t ps = r->steps[i].finish_ps;

		least = ps < least ? ps : least;
		most = ps > most ? ps : most;
		prefetched += r->steps[i].prefetched_bytes;
	}
	printf("%s: %u passes of %.3f to %.3f ms; %.1f MB loaded ahead; ", r->strategy, r->passes,
	       least / 1e9, most / 1e9, prefetched / 1e6);
	printf("planned in %.1f ms, set up in %.1f ms; %.1f million events a second\n",
	       r->plan_seconds * 1e3, r->setup_seconds * 1e3,
	       r->report->events / r->host_seconds / 1e6);
}

static void print_waits(const struct options *options, const struct pass_result *r)
{
	printf("%s: %u %% of a batch's tokens may wait %u passes: %" PRIu64 " of %" PRIu64 " tokens did, with %"
	       PRIu64 " experts;", r->strategy, options->buffer, options->age, r->waits.waited,
	       r->waits.tokens, r->waits.pairs);
	printf(" median %u passes, %.3f ms; worst %u passes, %.3f ms\n", r->waits.median_passes,
	       r->waits.median_ps / 1e9, r->waits.worst_passes, r->waits.worst_ps / 1e9);
}

void report_passes(const struct options *options, const struct pass_result *results, unsigned int count)
{
	unsigned int i;

	for (i = 0; i < count; i++) {
		if (results[i].passes > 1)
			print_passes(&results[i]);
		if (results[i].waits.tokens)
			print_waits(options, &results[i]);
	}
}

static json_t *step_json(const struct pass_step *step)
{
	return json_pack("{s:i s:i s:I s:I s:s s:I s:I s:I s:I s:I}", "layer", step->layer,
			 "tokens", step->tokens, "finish_ps", (json_int_t)step->finish_ps,
			 "bound_ps", (json_int_t)step->bound.ps,
			 "bound", report_bound_name(step->bound.by),
			 "ddr_bytes", (json_int_t)step->ddr_bytes,
			 "d2d_bytes", (json_int_t)step->d2d_bytes,
			 "prefetched_bytes", (json_int_t)step->prefetched_bytes,
			 "peak_sram_bytes", (json_int_t)step->peak_sram,
			 "peak_sram_weights_tokens_bytes", (json_int_t)step->peak_sram_weights_tokens);
}

static json_t *waits_json(const struct options *options, const struct pass_waits *waits)
{
	return json_pack("{s:i s:i s:f s:I s:I s:I s:i s:i s:I s:I}", "percent", options->buffer,
			 "age", options->age, "slack", options->slack,
			 "tokens", (json_int_t)waits->tokens, "waited", (json_int_t)waits->waited,
			 "pairs", (json_int_t)waits->pairs, "median_passes", waits->median_passes,
			 "worst_passes", waits->worst_passes, "median_ps", (json_int_t)waits->median_ps,
			 "worst_ps", (json_int_t)waits->worst_ps);
}

void report_passes_json(struct json_t *object, const struct options *options,
			const struct pass_result *r)
{
	json_t *list = json_array();
	unsigned int i;

	json_object_set_new(object, "plan_seconds", json_real(r->plan_seconds));
	json_object_set_new(object, "trials", json_integer(r->trials));
	json_object_set_new(object, "setup_seconds", json_real(r->setup_seconds));
	json_object_set_new(object, "prefetched_bytes", json_integer(r->report->prefetched_bytes));
	for (i = 0; i < r->passes; i++)
		json_array_append_new(list, step_json(&r->steps[i]));
	json_object_set_new(object, "passes", list);
	if (r->waits.tokens)
		json_object_set_new(object, "buffering", waits_json(options, &r->waits));
}
