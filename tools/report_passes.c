// SPDX-License-Identifier: MIT
/* What several passes on one queue were like, one by one. */
#include "report.h"

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

void report_passes(const struct pass_result *results, unsigned int count)
{
	unsigned int i;

	for (i = 0; i < count; i++)
		if (results[i].passes > 1)
			print_passes(&results[i]);
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

void report_passes_json(struct json_t *object, const struct pass_result *r)
{
	json_t *list = json_array();
	unsigned int i;

	json_object_set_new(object, "plan_seconds", json_real(r->plan_seconds));
	json_object_set_new(object, "setup_seconds", json_real(r->setup_seconds));
	json_object_set_new(object, "prefetched_bytes", json_integer(r->report->prefetched_bytes));
	for (i = 0; i < r->passes; i++)
		json_array_append_new(list, step_json(&r->steps[i]));
	json_object_set_new(object, "passes", list);
}
