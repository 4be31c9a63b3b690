/* SPDX-License-Identifier: MIT */
/* Results for people (a table) and for programs (JSON). */
#ifndef RILL_TOOLS_REPORT_H
#define RILL_TOOLS_REPORT_H

#include "pass_run.h"

struct json_t;

const char *report_bound_name(enum rill_bound by);
void report_table(const struct options *options, const struct drm_rill_chip_info *chip,
		  const struct rill_layer *layer, const struct pass_result *results,
		  unsigned int count);
/* Prints what is wrong and returns a negative errno. */
int report_json(const struct options *options, const struct drm_rill_chip_info *chip,
		const struct rill_layer *layer, const struct pass_result *results,
		unsigned int count, const char *transport);
struct json_t *report_chip(const struct drm_rill_chip_info *chip);
/* What explains a result, added to its object; and how skewed the routing is. */
void report_detail(struct json_t *object, const struct options *options,
		   const struct drm_rill_chip_info *chip, const struct pass_result *result);
/* Of several passes: what each was like */
void report_passes(const struct options *options, const struct pass_result *results,
		   unsigned int count);
void report_passes_json(struct json_t *object, const struct options *options,
			const struct pass_result *result);
struct json_t *report_routing(const struct rill_layer *layer, unsigned int chiplets);

/* A Perfetto (Chrome trace JSON) file of all results. */
int timeline_write(const char *path, struct rill_device *device,
		   const struct pass_result *results, unsigned int count);

#endif
