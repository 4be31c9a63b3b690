// SPDX-License-Identifier: MIT
/* What explains a result: the terms of the bound, the busiest units, how skewed the routing was. */
#include "expert_tokens.h"
#include "profile.h"
#include "report.h"

#include <jansson.h>
#include <stdlib.h>

static void set(json_t *object, const char *key, uint64_t value)
{
	json_object_set_new(object, key, json_integer(value));
}

static uint64_t busiest_link(const struct rill_pass_report *report, uint64_t *busy_ps)
{
	uint64_t bytes = 0;
	unsigned int i;

	*busy_ps = 0;
	for (i = 0; i < RILL_MAX_LINKS; i++) {
		if (report->link[i].bytes > bytes)
			bytes = report->link[i].bytes;
		if (report->link[i].busy_ps > *busy_ps)
			*busy_ps = report->link[i].busy_ps;
	}
	return bytes;
}

static uint64_t busiest_channel(const struct rill_pass_report *report, uint64_t *busy_ps)
{
	uint64_t bytes = 0;
	unsigned int i;

	*busy_ps = 0;
	for (i = 0; i < RILL_MAX_CHANNELS; i++) {
		if (report->channel[i].bytes > bytes)
			bytes = report->channel[i].bytes;
		if (report->channel[i].busy_ps > *busy_ps)
			*busy_ps = report->channel[i].busy_ps;
	}
	return bytes;
}

static uint64_t busiest_mac(const struct rill_pass_report *report)
{
	uint64_t busy_ps = 0;
	unsigned int i;

	for (i = 0; i < RILL_MAX_CHIPLETS; i++)
		if (report->chiplet[i].mac_busy_ps > busy_ps)
			busy_ps = report->chiplet[i].mac_busy_ps;
	return busy_ps;
}

static void set_peaks(json_t *object, const struct rill_pass_report *report)
{
	uint64_t weights = 0, tokens = 0, accumulators = 0;
	unsigned int i;

	for (i = 0; i < RILL_MAX_CHIPLETS; i++) {
		const struct rill_chiplet_report *c = &report->chiplet[i];

		weights = c->sram_peak_weights > weights ? c->sram_peak_weights : weights;
		tokens = c->sram_peak_tokens > tokens ? c->sram_peak_tokens : tokens;
		accumulators = c->sram_peak_accumulators > accumulators ? c->sram_peak_accumulators :
			       accumulators;
	}
	set(object, "peak_sram_weights_bytes", weights);
	set(object, "peak_sram_tokens_bytes", tokens);
	set(object, "peak_sram_accumulators_bytes", accumulators);
}

void report_detail(struct json_t *object, const struct options *options,
		   const struct drm_rill_chip_info *chip, const struct pass_result *r)
{
	uint64_t busy_ps;

	set(object, "bound_ddr_ps", r->bound.ddr_ps);
	set(object, "bound_mac_ps", r->bound.mac_ps);
	set(object, "bound_link_ps", r->bound.link_ps);
	set(object, "busiest_channel_bytes", busiest_channel(r->report, &busy_ps));
	set(object, "busiest_channel_ps", busy_ps);
	set(object, "busiest_link_bytes", busiest_link(r->report, &busy_ps));
	set(object, "busiest_link_ps", busy_ps);
	set(object, "busiest_mac_ps", busiest_mac(r->report));
	set(object, "slices_loaded", r->report->slices_loaded);
	set(object, "slice_visits", r->report->slices_computed);
	set(object, "slot_bytes", r->report->slot_bytes);
	set_peaks(object, r->report);
	json_object_set_new(object, "cpu_seconds", json_real(r->cpu_seconds));
	if (options->profile)
		json_object_set_new(object, "profile",
				    profile_json(chip, r, options->profile) ?: json_null());
}

struct json_t *report_routing(const struct rill_layer *layer, unsigned int chiplets)
{
	uint32_t *count = expert_tokens(layer), used = 0, hottest = 0, most = 0, e;
	uint32_t load[RILL_MAX_CHIPLETS] = { 0 };
	double mean = (double)layer->tokens * layer->model->top_k;
	json_t *object;

	if (!count)
		return json_null();
	for (e = 0; e < layer->model->experts; e++) {
		used += count[e] > 0;
		hottest = count[e] > hottest ? count[e] : hottest;
		load[e % chiplets] += count[e];
	}
	for (e = 0; e < chiplets; e++)
		most = load[e] > most ? load[e] : most;
	object = json_pack("{s:s s:i s:f s:f}", "source", layer->routing.source, "experts_used", used,
			   "hottest_over_mean", hottest * layer->model->experts / mean,
			   "most_loaded_chiplet_over_mean", most * chiplets / mean);
	free(count);
	return object;
}
