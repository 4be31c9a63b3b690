// SPDX-License-Identifier: MIT
/* rill routing: how skewed routing is, beside what was measured of the model's real routing. */
#include "commands.h"
#include "layer_input.h"

#include <errno.h>
#include <stdio.h>

#define MOST_TOKENS	4096
#define LEAST_TOKENS	16
#define CHIPLETS	4		/* that the measured columns are for */

static const uint32_t sizes[] = { 16, 64, 256, 1024 };

#define SIZES (sizeof(sizes) / sizeof(sizes[0]))

struct columns {
	struct rill_routing_skew sum;
	uint32_t batches;
};

static void add_batch(const struct rill_model *model, const struct rill_routing *all, uint32_t first,
		      uint32_t tokens, struct columns *columns)
{
	struct rill_routing batch = *all;
	struct rill_routing_skew skew;

	batch.tokens = tokens;
	batch.expert += (size_t)first * all->top_k;
	rill_routing_skew(&batch, model->experts, CHIPLETS, &skew);
	columns->sum.distinct += skew.distinct;
	columns->sum.hottest += skew.hottest;
	columns->sum.tenth += skew.tenth;
	columns->sum.chiplet += skew.chiplet;
	columns->batches++;
}

/* A trace may have fewer tokens of the layer. */
static int load(const struct options *options, const struct rill_model *model, unsigned int layer,
		struct rill_routing *all)
{
	struct options wanted = *options;
	char error[RILL_ERROR_BYTES] = "";
	int ret = -ENODATA;

	for (wanted.tokens = MOST_TOKENS; ret == -ENODATA && wanted.tokens >= LEAST_TOKENS; wanted.tokens /= 2)
		ret = routing_input(&wanted, model, layer, 0, all, error);
	if (ret)
		fprintf(stderr, "rill: %s\n", error);
	return ret;
}

static int measure(const struct options *options, const struct rill_model *model, unsigned int layer,
		   struct columns *columns)
{
	struct rill_routing all;
	uint32_t first;
	size_t i;
	int ret = load(options, model, layer, &all);

	if (ret)
		return ret;
	if (!columns[0].batches)
		printf("%s: %s\n", model->name, all.source);
	for (i = 0; i < SIZES; i++)
		for (first = 0; first + sizes[i] <= all.tokens; first += sizes[i])
			add_batch(model, &all, first, sizes[i], &columns[i]);
	rill_routing_free(&all);
	return 0;
}

static void print_column(double sum, uint32_t batches, const double *target)
{
	char real[24] = "";

	if (target)
		snprintf(real, sizeof(real), "(%.2f)", *target);
	printf(" %8.2f %-8s", sum / batches, real);
}

static void print_table(const struct rill_model *model, const struct columns *columns)
{
	size_t i;

	printf("%-7s %8s  %-17s %-17s %-17s %s\n", "tokens", "batches", "experts used",
	       "hottest / mean", "share of a tenth", "chiplet / mean");
	for (i = 0; i < SIZES; i++) {
		const struct rill_routing_skew *real = rill_routing_target(model, sizes[i]);
		const struct columns *c = &columns[i];

		if (!c->batches)
			continue;
		printf("%-7u %8u", sizes[i], c->batches);
		print_column(c->sum.distinct, c->batches, real ? &real->distinct : NULL);
		print_column(c->sum.hottest, c->batches, real ? &real->hottest : NULL);
		print_column(c->sum.tenth, c->batches, real ? &real->tenth : NULL);
		print_column(c->sum.chiplet, c->batches, real ? &real->chiplet : NULL);
		putchar('\n');
	}
	puts("(means over batches and layers; in brackets: of the model's real routing, where it was measured)");
}

/* --layers or --layer; else all */
static int choose_layers(const struct options *options, const struct rill_model *model,
			 struct layer_numbers *numbers)
{
	char one[16];

	snprintf(one, sizeof(one), "%u", options->layer);
	return layer_numbers_parse(options->layer_given ? one : options->layers ?: "all", model, numbers);
}

int cmd_routing(int argc, char **argv)
{
	static const char *const only[] = {
		"model", "layer", "layers", "first", "trace", "routing", "zipf", "seed", NULL,
	};
	static const struct options_of command = {
		"routing",
		"How skewed routing is, beside what was measured of the model's real routing. Of all layers if none is said.",
		RILL_TRANSPORT_MODEL, only,
	};
	struct columns columns[SIZES] = { 0 };
	struct layer_numbers numbers;
	const struct rill_model *model;
	struct options options;
	unsigned int i;

	options_parse(argc, argv, &command, &options);
	if (model_input(&options, &model) || choose_layers(&options, model, &numbers))
		return 1;
	for (i = 0; i < numbers.count; i++)
		if (measure(&options, model, numbers.number[i], columns))
			return 1;
	print_table(model, columns);
	return 0;
}
