// SPDX-License-Identifier: MIT
#include "ndf_curve.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "ndf_curve_test.h"
#include "ndf_run.h"

#define EACH_TESTED	256u		/* so few are tested after every change */
#define FIRINGS		100000000u

static int add_point(struct curve_seed *seed, uint64_t samples, uint32_t right)
{
	if (seed->count == seed->room) {
		uint32_t room = seed->room ? 2 * seed->room : 64;
		struct curve_point *points = realloc(seed->points, room * sizeof(*points));

		if (!points) {
			fputs("rill: learn: out of memory\n", stderr);
			return 1;
		}
		seed->points = points;
		seed->room = room;
	}
	seed->points[seed->count++] = (struct curve_point){ samples, right };
	return 0;
}

static bool same_weights(const struct rill_weights *a, const struct rill_weights *b)
{
	for (; a && b; a = a->next, b = b->next) {
		if (memcmp(a->weights, b->weights, a->inputs * a->dims * sizeof(*a->weights)) ||
		    memcmp(a->bias, b->bias, a->dims * sizeof(*a->bias)) ||
		    memcmp(a->theta, b->theta, a->dims * sizeof(*a->theta)))
			return false;
	}
	return !a && !b;
}

/* Where many words are tested: after so many samples next, a quarter more each time */
static uint64_t next_sample(uint64_t samples)
{
	return samples + 1 + samples / 4;
}

/* One seed being learned */
struct lesson {
	const struct curve_test *test;
	struct rill_graph *graph;
	struct rill_run *run;
	struct rill_weights *tested;	/* the last that were */
	uint32_t right;
	bool each;
};

static int test_now(struct lesson *l, struct curve_seed *seed, uint64_t samples)
{
	struct rill_weights *weights = ndf_tool_weights(l->test->file, l->graph, l->run);

	if (!weights) {
		fprintf(stderr, "rill: learn: %s: there is no plastic when, or no memory\n", l->test->file->path);
		return 1;
	}
	if (l->tested && same_weights(weights, l->tested)) {
		rill_weights_free(weights);
		return l->each ? 0 : add_point(seed, samples, l->right);
	}
	rill_weights_free(l->tested);
	l->tested = weights;
	return curve_test_weights(l->test, weights, &l->right, NULL) || add_point(seed, samples, l->right);
}

static int learn(struct lesson *l, struct curve_seed *seed)
{
	struct rill_run_counts counts = { 0 };
	uint64_t next = l->each ? 1 : next_sample(0);
	int end = RILL_NDF_LIMIT, ret = test_now(l, seed, 0);

	while (!ret && end == RILL_NDF_LIMIT && counts.firings < FIRINGS) {
		end = rill_run_go(l->run, FIRINGS, 1);
		rill_run_count(l->run, &counts);
		if (counts.lessons < next)
			continue;
		ret = test_now(l, seed, counts.lessons);
		next = l->each ? counts.lessons + 1 : next_sample(counts.lessons);
	}
	seed->samples = counts.lessons;
	if (!ret && end != RILL_NDF_FINISHED && end != RILL_NDF_QUIESCENT) {
		fprintf(stderr, "rill: learn: %s: no good end\n", l->test->file->path);
		rill_run_explain(l->run, end, stderr);
		ret = 1;
	}
	return ret || test_now(l, seed, counts.lessons);
}

static int measure_seed(const struct curve_test *test, struct curve *curve, struct curve_seed *seed)
{
	struct lesson l = { .test = test, .each = curve->each };
	uint32_t right;
	int ret;

	l.run = curve_run_begin(test->file, RILL_LEARN, NULL, seed->seed, &l.graph);
	ret = l.run ? learn(&l, seed) : 1;
	if (!ret && seed == curve->seeds)
		ret = curve_test_weights(test, l.tested, &right, &curve->frozen);
	rill_weights_free(l.tested);
	curve_run_end(l.run, l.graph);
	return ret;
}

int curve_measure(const struct ndf_file *file, uint32_t seeds, struct curve *curve)
{
	struct curve_test test;
	uint32_t i;
	int ret = curve_test_begin(file, &test);

	*curve = (struct curve){ .tested = test.grid.count, .each = test.grid.count <= EACH_TESTED };
	if (!ret) {
		curve->name = strdup(rill_graph_name(test.exact_graph));
		curve->seeds = calloc(seeds, sizeof(*curve->seeds));
		rill_run_count(test.exact, &curve->exact);
		ret = curve->name && curve->seeds ? 0 : 1;
		if (ret)
			fputs("rill: learn: out of memory\n", stderr);
	}
	for (i = 0; !ret && i < seeds; i++) {
		curve->seeds[i].seed = i + 1;
		curve->seed_count++;
		ret = measure_seed(&test, curve, &curve->seeds[i]);
	}
	curve_test_end(&test);
	return ret;
}

void curve_free(struct curve *curve)
{
	uint32_t i;

	for (i = 0; i < curve->seed_count; i++)
		free(curve->seeds[i].points);
	free(curve->seeds);
	free(curve->name);
}

uint32_t curve_right(const struct curve_seed *seed, uint64_t samples)
{
	uint32_t i;

	for (i = 0; i + 1 < seed->count && seed->points[i + 1].samples <= samples; i++)
		;
	return seed->points[i].right;
}

uint64_t curve_reached(const struct curve *curve, const struct curve_seed *seed)
{
	uint64_t reached = UINT64_MAX;
	uint32_t i;

	for (i = seed->count; i-- && seed->points[i].right == curve->tested;)
		reached = seed->points[i].samples;
	return reached;
}

static int compare(const void *a, const void *b)
{
	const double *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

struct curve_range curve_range(double *values, uint32_t count)
{
	qsort(values, count, sizeof(*values), compare);
	return (struct curve_range){
		.least = values[0], .most = values[count - 1],
		.median = (values[count / 2] + values[(count - 1) / 2]) / 2,
	};
}

struct curve_range curve_range_at(const struct curve *curve, uint64_t samples)
{
	double values[CURVE_MAX_SEEDS];
	uint32_t i;

	for (i = 0; i < curve->seed_count; i++)
		values[i] = (double)curve_right(&curve->seeds[i], samples) / curve->tested;
	return curve_range(values, curve->seed_count);
}
