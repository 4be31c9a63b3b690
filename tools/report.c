// SPDX-License-Identifier: MIT
#include "report.h"
#include "rules_input.h"

#include <errno.h>
#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>

const char *report_bound_name(enum rill_bound by)
{
	static const char *const names[] = {
		[RILL_BOUND_DDR] = "ddr", [RILL_BOUND_MAC] = "mac", [RILL_BOUND_LINK] = "link",
	};

	return names[by];
}

static double ratio(uint64_t a, uint64_t b)
{
	return b ? (double)a / b : 0;
}

static const struct pass_result *find(const struct pass_result *results, unsigned int count,
				      const char *strategy)
{
	unsigned int i;

	for (i = 0; i < count; i++)
		if (!strcmp(results[i].strategy, strategy))
			return &results[i];
	return NULL;
}

static void print_row(const struct pass_result *r)
{
	char verified[32] = "-", name[32];

	snprintf(name, sizeof(name), "%s%s", r->strategy, r->sram_enlarged ? "+" : "");
	if (r->verified || r->verify_failed)
		snprintf(verified, sizeof(verified), "%u/%u", r->verified,
			 r->verified + r->verify_failed);
	printf("%-12s %10.3f %7.3f %-4s %9.2f %9.2f %8.1f %8.1f %9s %7" PRIu64 " %9" PRIu64
	       " %10" PRIu64 "\n", name, r->finish_ps / 1e9,
	       ratio(r->finish_ps, r->bound.ps), report_bound_name(r->bound.by),
	       r->peak_sram_weights_tokens / 1e6, r->peak_sram / 1e6, r->ddr_bytes / 1e6,
	       r->d2d_bytes / 1e6, verified, r->submit.submit_syscalls, r->doorbells,
	       r->interrupts);
}

/* Submitting: the kernel's counters and the chip's own must tell the same story. */
static void print_submission(const struct pass_result *results, unsigned int count)
{
	unsigned int i;

	for (i = 0; i < count; i++) {
		const struct pass_result *r = &results[i];

		printf("%s: %" PRIu64 " streams in %" PRIu64 " jobs by %s: %" PRIu64
		       " system calls to submit, %" PRIu64 " in all; doorbells %" PRIu64
		       " (the chip saw %" PRIu64 "), interrupts %" PRIu64 " (the chip raised %"
		       PRIu64 ") for %" PRIu64 " completions\n", r->strategy, r->streams,
		       r->submit.jobs, r->path, r->submit.submit_syscalls, r->submit.syscalls, r->doorbells,
		       r->hw_doorbells, r->interrupts, r->hw_interrupts, r->completions);
	}
}

/* What the model, or the guest, takes for it */
static void print_pace(const struct pass_result *results, unsigned int count)
{
	unsigned int i;

	for (i = 0; i < count; i++)
		printf("%s%s: %.1f ms on the host for %.3f ms of the chip (%.2f s a second)",
		       i ? "; " : "", results[i].strategy, results[i].host_seconds * 1e3,
		       results[i].finish_ps / 1e9,
		       results[i].host_seconds * 1e12 / results[i].finish_ps);
	putchar('\n');
}

static void print_trials(const struct pass_result *results, unsigned int count)
{
	unsigned int i;

	for (i = 0; i < count; i++)
		if (results[i].trials)
			printf("%s: %" PRIu64 " plans tried on the chip's model, in %.1f ms\n", results[i].strategy,
			       results[i].trials, results[i].plan_seconds * 1e3);
}

static void print_rules(const struct options *options, const struct pass_result *results, unsigned int count)
{
	unsigned int i;

	if (!options->rules)
		return;
	rules_describe(options->rules, options->rules_bytes);
	for (i = 0; i < count; i++) {
		uint64_t decisions = results[i].report->rule_decisions, firings = results[i].report->rule_firings;

		printf("%s%s: %" PRIu64 " decisions, %" PRIu64 " firings, %.1f each", i ? "; " : "",
		       results[i].strategy, decisions, firings, ratio(firings, decisions));
	}
	putchar('\n');
	if (options->keep_weights)
		printf("weights of rules: %s, kept in %s\n",
		       results->went_on ? "went on from those there" : "begun anew", options->keep_weights);
}

static void print_comparison(const struct pass_result *results, unsigned int count)
{
	const struct pass_result *fse = find(results, count, "fse-dp");
	const struct pass_result *ep = find(results, count, "ep");

	if (!fse || !ep)
		return;
	printf("\nfse-dp against ep: %.3f times as fast; %.1f %% of its peak SRAM for weights",
	       ratio(ep->finish_ps, fse->finish_ps),
	       100 * ratio(fse->peak_sram_weights_tokens, ep->peak_sram_weights_tokens));
	printf(" and tokens, %.1f %% with accumulators\n",
	       100 * ratio(fse->peak_sram, ep->peak_sram));
}

void report_table(const struct options *options, const struct drm_rill_chip_info *chip,
		  const struct rill_layer *layer, const struct pass_result *results,
		  unsigned int count)
{
	unsigned int i;

	printf("%s layer ", layer->model->name);
	if (options->layers)
		printf("%s", options->layers);
	else
		printf("%u", layer->layer);
	if (options->passes > 1)
		printf(", %u batches", options->passes);
	printf(", %u tokens, %u routed experts (top %u) + %u shared; %s; routing: %s\n",
	       layer->tokens, layer->model->experts,
	       layer->model->top_k, layer->model->shared, rill_weights_name(layer->weights),
	       layer->routing.source);
	printf("chip %ux%u, %u DDR channels of %.1f GB/s, %.0f MiB SRAM per chiplet%s\n\n",
	       chip->rows, chip->cols, chip->channels, chip->ddr_mbps / 1e3,
	       chip->sram_bytes / 1048576.0, options->timing_only ? "; timing only" : "");
	printf("%-12s %10s %7s %-4s %9s %9s %8s %8s %9s %7s %9s %10s\n", "strategy", "finish ms",
	       "x bound", "by", "SRAM w+t", "SRAM all", "DDR MB", "D2D MB", "verified", "enters",
	       "doorbells", "interrupts");
	for (i = 0; i < count; i++)
		print_row(&results[i]);
	puts("(SRAM in MB: peak of the worst chiplet, weights + tokens, and with accumulators)");
	for (i = 0; i < count; i++)
		if (results[i].sram_enlarged)
			printf("+: %s does not fit; its chip has %.1f MiB of SRAM per chiplet\n", results[i].strategy,
			       results[i].sram_enlarged / 1048576.0);
	putchar('\n');
	print_submission(results, count);
	print_trials(results, count);
	print_pace(results, count);
	print_rules(options, results, count);
	report_passes(options, results, count);
	print_comparison(results, count);
}

struct json_t *report_chip(const struct drm_rill_chip_info *chip)
{
	return json_pack("{s:i s:i s:i s:I s:I s:i s:i s:i s:i s:i s:i s:i s:i}",
			 "rows", chip->rows, "cols", chip->cols, "channels", chip->channels,
			 "channel_bytes", (json_int_t)chip->channel_bytes,
			 "sram_bytes", (json_int_t)chip->sram_bytes,
			 "mac_per_cycle", chip->mac_per_cycle, "mac_khz", chip->mac_khz,
			 "mac_startup", chip->mac_startup, "ddr_mbps", chip->ddr_mbps,
			 "ddr_latency_ps", chip->ddr_latency_ps, "link_mbps", chip->link_mbps,
			 "link_hop_ps", chip->link_hop_ps, "links", chip->links);
}

static json_t *utilisation(const struct drm_rill_chip_info *chip, const struct pass_result *r)
{
	json_t *list = json_array();
	unsigned int i;

	for (i = 0; i < chip->rows * chip->cols; i++)
		json_array_append_new(list, json_real(ratio(r->report->chiplet[i].mac_busy_ps,
							    r->finish_ps)));
	return list;
}

static void set_count(json_t *object, const char *key, uint64_t value)
{
	json_object_set_new(object, key, json_integer(value));
}

static json_t *result_json(const struct options *options, const struct drm_rill_chip_info *chip,
			   const struct rill_layer *layer, const struct pass_result *r)
{
	json_t *j = json_object();

	json_object_set_new(j, "strategy", json_string(r->strategy));
	json_object_set_new(j, "model", json_string(layer->model->name));
	set_count(j, "layer", layer->layer);
	set_count(j, "tokens", layer->tokens);
	json_object_set_new(j, "weights", json_string(rill_weights_name(layer->weights)));
	set_count(j, "slices", r->slices);
	set_count(j, "slots", r->report->slots);
	set_count(j, "finish_ps", r->finish_ps);
	set_count(j, "bound_ps", r->bound.ps);
	json_object_set_new(j, "bound", json_string(report_bound_name(r->bound.by)));
	set_count(j, "peak_sram_bytes", r->peak_sram);
	set_count(j, "peak_sram_weights_tokens_bytes", r->peak_sram_weights_tokens);
	set_count(j, "smallest_sram_bytes", r->report->smallest_sram);
	if (r->sram_enlarged)
		set_count(j, "sram_enlarged_bytes", r->sram_enlarged);
	set_count(j, "ddr_bytes", r->ddr_bytes);
	set_count(j, "d2d_bytes", r->d2d_bytes);
	set_count(j, "verified", r->verified);
	set_count(j, "verify_failed", r->verify_failed);
	json_object_set_new(j, "path", json_string(r->path));
	set_count(j, "syscalls", r->submit.submit_syscalls);
	set_count(j, "syscalls_with_waiting", r->submit.syscalls);
	set_count(j, "doorbells", r->doorbells);
	set_count(j, "interrupts", r->interrupts);
	set_count(j, "chip_doorbells", r->hw_doorbells);
	set_count(j, "chip_interrupts", r->hw_interrupts);
	set_count(j, "completions", r->completions);
	set_count(j, "streams", r->streams);
	set_count(j, "events", r->report->events);
	set_count(j, "escapes", r->report->escapes);
	json_object_set_new(j, "host_seconds", json_real(r->host_seconds));
	json_object_set_new(j, "mac_utilisation", utilisation(chip, r));
	report_detail(j, options, chip, r);
	report_passes_json(j, options, r);
	return j;
}

int report_json(const struct options *options, const struct drm_rill_chip_info *chip,
		const struct rill_layer *layer, const struct pass_result *results,
		unsigned int count, const char *transport)
{
	json_t *root = json_object(), *list = json_array();
	unsigned int i;
	int ret;

	for (i = 0; i < count; i++)
		json_array_append_new(list, result_json(options, chip, layer, &results[i]));
	json_object_set_new(root, "transport", json_string(transport));
	json_object_set_new(root, "routing", json_string(layer->routing.source));
	json_object_set_new(root, "skew", report_routing(layer, chip->rows * chip->cols));
	json_object_set_new(root, "chip", report_chip(chip));
	json_object_set_new(root, "results", list);
	ret = json_dump_file(root, options->json, JSON_INDENT(2));
	json_decref(root);
	if (!ret)
		return 0;
	fprintf(stderr, "rill: json: cannot write %s: %m\n", options->json);
	return -EIO;
}
