// SPDX-License-Identifier: MIT
#include "bench/point_run.h"
#include "bench/attempt.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MOST_SRAM	(4ULL << 30)	/* that a chip takes */
#define FULL_TOKENS	256		/* more of them are verified by sample */

static bool has(const struct point *point, const char *name)
{
	return json_object_get(point->params, name);
}

bool point_verifies(const struct point *point, const struct point_options *options)
{
	return has(point, "verify") ||
	       (options->verify_every && (point->hash >> 32) % options->verify_every == 0);
}

static const char *base_name(const char *path)
{
	const char *slash = path ? strrchr(path, '/') : NULL;

	return slash ? slash + 1 : path;
}

/* From the document of rill sim into the point's: one result, no paths of this machine */
static void take_result(json_t *line, json_t *document)
{
	json_t *result = json_array_get(json_object_get(document, "results"), 0);

	json_object_set_new(result, "pass_count",
			    json_integer(json_array_size(json_object_get(result, "passes"))));
	json_object_del(result, "passes");	/* too long for a line */
	json_object_set(line, "result", result);
	json_object_set(line, "chip", json_object_get(document, "chip"));
	json_object_set(line, "skew", json_object_get(document, "skew"));
	json_object_set_new(line, "routing",
			    json_string(base_name(json_string_value(json_object_get(document, "routing")))));
	json_object_set(json_object_get(line, "skew"), "source", json_object_get(line, "routing"));
}

static int try(const struct point *point, const struct point_options *options, uint64_t sram,
	       struct attempt *attempt)
{
	char timing[] = "--timing-only", enlarged[40];
	char *extra[3] = { timing };

	snprintf(enlarged, sizeof(enlarged), "--sram=%" PRIu64, sram);
	if (sram)
		extra[1] = enlarged;
	return attempt_run(point->args, extra, options->timeout, attempt);
}

static int try_verified(const struct point *point, const struct point_options *options,
			struct attempt *attempt)
{
	const char *tokens = json_string_value(json_object_get(point->params, "tokens"));
	char full[] = "--verify=full", sample[] = "--verify=sample", one[] = "--threads=1";
	char *extra[3] = { one, full };

	if (tokens && strtoul(tokens, NULL, 10) > FULL_TOKENS)
		extra[1] = sample;
	if (has(point, "verify"))	/* as it says */
		extra[1] = NULL;
	return attempt_run(point->args, extra, options->timeout, attempt);
}

static uint64_t peak(const struct attempt *attempt)
{
	json_t *result = json_array_get(json_object_get(attempt->json, "results"), 0);

	return json_integer_value(json_object_get(result, "peak_sram_bytes"));
}

/*
 * What did not run may run with more SRAM. With all that a chip can have its peak shows; then the
 * least that the plan accepts is looked for, in steps of 1/16 of that.
 */
static int try_enlarged(const struct point *point, const struct point_options *options, json_t *line)
{
	struct attempt attempt;
	uint64_t sram, step;
	int ret = try(point, options, MOST_SRAM, &attempt);

	if (ret || !attempt.json) {
		attempt_free(&attempt);
		return ret;
	}
	sram = peak(&attempt);
	step = sram / 16;
	attempt_free(&attempt);
	for (; sram <= MOST_SRAM; sram += step) {
		ret = try(point, options, sram, &attempt);
		if (!ret && attempt.json) {
			take_result(line, attempt.json);
			json_object_set_new(line, "sram_enlarged", json_integer(sram));
		}
		attempt_free(&attempt);
		if (ret || json_object_get(line, "sram_enlarged") || !step)
			break;
	}
	return ret;
}

/* FSE-DP is to fit; what is asked for with a size of its own is to show whether it fits. */
static bool may_enlarge(const struct point *point)
{
	const char *strategy = json_string_value(json_object_get(point->params, "strategy"));

	return strategy && strcmp(strategy, "fse-dp") && !has(point, "sram") && !has(point, "slots");
}

static int run(const struct point *point, const struct point_options *options, json_t *line)
{
	struct attempt attempt;
	bool verified = point_verifies(point, options);
	int ret = verified ? try_verified(point, options, &attempt) : try(point, options, 0, &attempt);

	if (!ret && attempt.error[0])
		json_object_set_new(line, "error", json_string(attempt.error));
	if (!ret && attempt.verify_failed) {
		json_object_set_new(line, "verify", json_string("failed"));
		attempt_free(&attempt);
		ret = try(point, options, 0, &attempt);
	}
	if (!ret && attempt.json)
		take_result(line, attempt.json);
	else if (!ret && may_enlarge(point))
		ret = try_enlarged(point, options, line);
	attempt_free(&attempt);
	return ret;
}

json_t *point_run(const struct point *point, const struct point_options *options)
{
	json_t *line = json_pack("{s:s s:O s:s}", "key", point->key, "point", point->params, "build",
				 options->build);

	if (line && run(point, options, line)) {
		json_decref(line);
		return NULL;
	}
	return line;
}
