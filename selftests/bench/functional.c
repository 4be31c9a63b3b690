// SPDX-License-Identifier: MIT
/*
 * How fast the model of the chip does its arithmetic: passes against oneDNN doing nothing but the same
 * products. A pass also moves slices, requantises, adds up, and expands int4. Only bits can fail.
 */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "chip_pass.h"
#include "gemm.h"
#include "library.h"

#define MAX_SHAPES	4096

/* What a product of a shape takes, once measured */
struct shape {
	uint32_t tokens, records, hidden;
	double seconds;			/* gate, up and down */
};

struct bench {
	struct library *library;
	struct shape shapes[MAX_SHAPES];
	unsigned int shape_count;
	double worst;
	char where[128];
};

static double shape_seconds(struct bench *b, uint32_t tokens, uint32_t records, uint32_t hidden)
{
	struct shape *s = b->shapes;

	for (; s < b->shapes + b->shape_count; s++)
		if (s->tokens == tokens && s->records == records && s->hidden == hidden)
			return s->seconds;
	if (b->shape_count == MAX_SHAPES)
		s--;
	else
		b->shape_count++;
	*s = (struct shape){
		.tokens = tokens, .records = records, .hidden = hidden,
		.seconds = 2 * library_seconds(b->library, tokens, records, hidden) +
			   library_seconds(b->library, tokens, hidden, records),
	};
	return s->seconds;
}

static void note(struct bench *b, double ratio, const char *what, uint32_t tokens)
{
	if (ratio <= b->worst)
		return;
	b->worst = ratio;
	snprintf(b->where, sizeof(b->where), "%s, %u tokens", what, tokens);
}

static struct rill_layer *make_layer(const struct rill_model *model, uint32_t tokens,
				     enum rill_weight_format weights)
{
	char error[RILL_ERROR_BYTES] = "";
	struct rill_routing routing;
	struct rill_layer *layer;

	if (!rill_routing_zipf(model, model->first_layer, tokens, 0.6, 1, &routing, error) &&
	    !rill_layer_create_with(model, model->first_layer, &routing, 1, weights, &layer, error))
		return layer;
	fprintf(stderr, "%s\n", error);
	return NULL;
}

/* --- one shape: all slices alike, all tokens on one chiplet --- */

static double chip_seconds(const struct rill_model *model, uint32_t tokens, uint32_t slices,
			   enum rill_weight_format weights)
{
	struct chip_pass pass = {
		.layer = make_layer(model, tokens, weights), .rows = 1, .cols = 1,
		.strategy = "fse-dp", .slices = slices,
	};

	if (!pass.layer || !chip_pass_run(&pass))
		exit(1);
	chip_pass_free(&pass);
	rill_layer_free((struct rill_layer *)pass.layer);
	return pass.seconds / slices;
}

static void one_shape(struct bench *b, uint32_t hidden, uint32_t records, uint32_t tokens)
{
	uint32_t slices = RILL_MAX_WIDTH / records;
	const struct rill_model model = {
		.name = "one expert", .hidden = hidden, .width = slices * records, .experts = 1,
		.top_k = 1, .layers = 1,
	};
	double library = shape_seconds(b, tokens, records, hidden), chip[RILL_WEIGHTS];
	char what[64];

	for (int w = 0; w < RILL_WEIGHTS; w++) {
		chip[w] = chip_seconds(&model, tokens, slices, w);
		snprintf(what, sizeof(what), "%u x %u, %s", hidden, records, rill_weights_name(w));
		note(b, chip[w] / library, what, tokens);
	}
	printf("%7u %8u %7u %12.1f %10.1f %6.2f %10.1f %6.2f\n", hidden, records, tokens,
	       library * 1e6, chip[0] * 1e6, chip[0] / library, chip[1] * 1e6, chip[1] / library);
	fflush(stdout);
}

static void all_shapes(struct bench *b)
{
	static const uint32_t sizes[][2] = { { 2048, 22 }, { 2048, 44 }, { 2048, 352 }, { 2880, 30 } };
	static const uint32_t tokens[] = { 1, 2, 3, 4, 6, 8, 12, 16, 32, 64, 128, 256 };

	puts("A slice and the tokens that it passes: microseconds\n");
	puts(" hidden  records  tokens       oneDNN  chip int8  ratio  chip int4  ratio");
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++)
		for (size_t t = 0; t < sizeof(tokens) / sizeof(tokens[0]); t++)
			one_shape(b, sizes[i][0], sizes[i][1], tokens[t]);
}

/* --- whole passes --- */

static uint32_t routes_at(const struct rill_plan_stream *stream, uint32_t chiplet)
{
	uint32_t count = 0;

	for (uint32_t i = 0; i < stream->route_count; i++)
		count += stream->routes[i].chiplet == chiplet;
	return count;
}

/*
 * The products of a pass by the library: of each slice on each chiplet that it visits; or of each
 * slice with all of its tokens at once, which is less work for the same sums.
 */
static void library_pass(struct bench *b, const struct rill_layer *layer,
			 const struct rill_plan *plan, double *visits, double *at_once)
{
	uint32_t hidden = layer->model->hidden;

	*visits = *at_once = 0;
	for (uint32_t i = 0; i < plan->stream_count; i++) {
		const struct rill_plan_stream *stream = &plan->streams[i];
		uint32_t tokens[RILL_MAX_CHIPLETS];

		for (uint32_t c = 0; c < RILL_MAX_CHIPLETS; c++)
			tokens[c] = routes_at(stream, c);
		for (uint32_t s = 0; s < stream->slice_count; s++) {
			const struct rill_plan_slice *slice = &stream->slices[s];
			bool pinned = stream->flags & RILL_STREAM_PINNED;
			uint32_t all = pinned ? tokens[slice->pin] : stream->route_count;

			*at_once += shape_seconds(b, all, slice->records, hidden);
			for (uint32_t c = 0; c < RILL_MAX_CHIPLETS; c++)
				if (tokens[c] && (!pinned || slice->pin == c))
					*visits += shape_seconds(b, tokens[c], slice->records,
								 hidden);
		}
	}
}

static void one_pass(struct bench *b, const char *model, uint32_t tokens, const char *strategy,
		     enum rill_weight_format weights)
{
	struct chip_pass pass = {
		.layer = make_layer(rill_model_find(model), tokens, weights), .rows = 2, .cols = 2,
		.strategy = strategy,
	};
	double visits, at_once;
	char what[64];

	if (!pass.layer || !chip_pass_run(&pass))
		exit(1);
	library_pass(b, pass.layer, &pass.plan, &visits, &at_once);
	snprintf(what, sizeof(what), "a pass of %s, %s, %s", model, strategy,
		 rill_weights_name(weights));
	note(b, pass.seconds / at_once, what, tokens);
	printf("%-17s %6u %-7s %-7s %8.1f %8.1f %6.2f %8.1f %6.2f\n", model, tokens, strategy,
	       rill_weights_name(weights), pass.seconds * 1e3, visits * 1e3, pass.seconds / visits,
	       at_once * 1e3, pass.seconds / at_once);
	fflush(stdout);
	chip_pass_free(&pass);
	rill_layer_free((struct rill_layer *)pass.layer);
}

static void all_passes(struct bench *b)
{
	static const struct {
		const char *model;
		uint32_t tokens;
	} cases[] = {
		{ "deepseek-v2-lite", 16 }, { "deepseek-v2-lite", 64 }, { "deepseek-v2-lite", 256 },
		{ "qwen3-30b-a3b", 64 },
	};

	puts("\nWhole passes on 2x2: milliseconds");
	puts("(oneDNN with the tokens of each visit of a slice, and with all of its tokens at once)\n");
	puts("model             tokens strategy weights    chip   visits  ratio  at once  ratio");
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		for (int w = 0; w < RILL_WEIGHTS; w++) {
			one_pass(b, cases[i].model, cases[i].tokens, "fse-dp", w);
			one_pass(b, cases[i].model, cases[i].tokens, "ep", w);
		}
}

int main(void)
{
	struct bench *b = calloc(1, sizeof(*b));
	struct rill_gemm *gemm = rill_gemm_new();

	if (b)
		b->library = library_open();
	if (!b || !b->library || !gemm) {
		fputs("oneDNN cannot be used here\n", stderr);
		return 1;
	}
	printf("chip: %s; %s. One thread each, processor time, weights from memory.\n\n",
	       rill_gemm_name(gemm), library_name(b->library));
	all_shapes(b);
	all_passes(b);
	printf("\nlargest ratio %.2f: %s\n", b->worst, b->where);
	library_close(b->library);
	rill_gemm_free(gemm);
	free(b);
	return 0;
}
