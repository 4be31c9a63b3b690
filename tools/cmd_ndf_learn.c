// SPDX-License-Identifier: MIT
/* rill ndf learn */
#include "ndf_curve.h"

#include <inttypes.h>
#include <string.h>

#define MAX_FILES 16

static const char doc[] =
	"Teach plastic whens, and test them over all words that the random streams can have.\n"
	"\vTested after each change of what was learned if there are at most 256 words, else after some samples.\n"
	"Without a file: the worked example by both rules, the learned branch and the learned route.";

static const char *const shown[] = {
	"learned_example_gradient", "learned_example_reward", "learned_branch", "learned_route",
};

enum key { KEY_SEEDS = 0x700, KEY_CSV, KEY_CHART };

static const struct argp_option table[] = {
	{ "seeds", KEY_SEEDS, "N", 0, "of the random streams, from 1 [20]", 0 },
	{ "csv", KEY_CSV, "FILE", 0, "all points of all seeds; '-' is standard output, without a summary", 0 },
	{ "chart", KEY_CHART, "DIR", 0, "draw DIR/ndf-learning.svg, and .png", 0 },
	{ 0 },
};

struct learn_options {
	uint32_t seeds, file_count;
	const char *csv, *chart;
	const char *files[MAX_FILES];
};

static int parse(int key, char *arg, struct argp_state *state)
{
	struct learn_options *options = state->input;

	switch (key) {
	case KEY_SEEDS:
		options->seeds = (uint32_t)option_number(state, "seeds", arg, 1, CURVE_MAX_SEEDS);
		return 0;
	case KEY_CSV:
		options->csv = arg;
		return 0;
	case KEY_CHART:
		options->chart = arg;
		return 0;
	case ARGP_KEY_ARG:
		if (options->file_count == MAX_FILES)
			argp_error(state, "more than %d files", MAX_FILES);
		options->files[options->file_count++] = arg;
		return 0;
	}
	return ARGP_ERR_UNKNOWN;
}

static void print_reached(const struct curve *curve)
{
	double reached[CURVE_MAX_SEEDS];
	struct curve_range range;
	uint32_t i, count = 0;

	for (i = 0; i < curve->seed_count; i++) {
		uint64_t samples = curve_reached(curve, &curve->seeds[i]);

		if (samples != UINT64_MAX)
			reached[count++] = (double)samples;
	}
	printf("  all %u right to the end: %u seeds of %u", curve->tested, count, curve->seed_count);
	if (count) {
		range = curve_range(reached, count);
		printf(", from sample %.0f on (median; %.0f to %.0f)", range.median, range.least, range.most);
	}
	printf("\n");
}

static void print_curve(const struct curve *curve)
{
	uint64_t samples = 0, last = curve->seeds[0].samples;

	printf("%s: %u seeds, tested with %u words%s\n", curve->name, curve->seed_count, curve->tested,
	       curve->each ? " after each change" : "");
	for (;;) {
		struct curve_range range = curve_range_at(curve, samples);

		printf("  after %5" PRIu64 " samples %6.2f %% right (median; %.2f to %.2f)\n", samples,
		       100 * range.median, 100 * range.least, 100 * range.most);
		if (samples == last)
			break;
		samples = samples ? 10 * samples : 10;
		samples = samples < last ? samples : last;
	}
	print_reached(curve);
	printf("  firings a word %.1f with what was learned, %.1f exact; steps %" PRIu64 ", %" PRIu64 "\n",
	       (double)curve->frozen.firings / curve->tested, (double)curve->exact.firings / curve->tested,
	       curve->frozen.steps, curve->exact.steps);
}

static int learn_all(const struct learn_options *options, struct curve *curves, uint32_t *count)
{
	bool summary = !options->csv || strcmp(options->csv, "-");
	struct ndf_file file;
	int ret = 0;

	for (*count = 0; !ret && *count < options->file_count; ++*count) {
		ret = ndf_tool_open(options->files[*count], &file);
		if (ret)
			break;
		if (file.is_binary) {
			fprintf(stderr, "rill: learn: %s: a binary; the text tells what is taught\n", file.path);
			ndf_tool_close(&file);
			return 1;
		}
		ret = curve_measure(&file, options->seeds, &curves[*count]);
		ndf_tool_close(&file);
		if (!ret && summary)
			print_curve(&curves[*count]);
	}
	return ret;
}

int cmd_ndf_learn(int argc, char **argv)
{
	const struct argp argp = { .options = table, .parser = parse, .args_doc = "[FILE...]", .doc = doc };
	struct learn_options options = { .seeds = 20 };
	struct curve curves[MAX_FILES];
	uint32_t count, i;
	int ret;

	argp_parse(&argp, argc, argv, 0, NULL, &options);
	if (!options.file_count) {
		memcpy(options.files, shown, sizeof(shown));
		options.file_count = sizeof(shown) / sizeof(shown[0]);
	}
	ret = learn_all(&options, curves, &count);
	if (!ret && options.csv)
		ret = curve_write_csv(curves, count, options.csv);
	if (!ret && options.chart)
		ret = curve_draw(curves, count, options.chart);
	for (i = 0; i < count; i++)
		curve_free(&curves[i]);
	return ret;
}
