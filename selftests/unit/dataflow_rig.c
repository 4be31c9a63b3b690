// SPDX-License-Identifier: MIT
#include "dataflow_rig.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "rill_dataflow_map.h"

const char *const rig_programs[RIG_PROGRAMS] = {
	"gcd", "collatz", "fibonacci", "factorial", "isqrt", "binary_search", "sieve", "bubble_sort",
	"insertion_sort", "odd_even_sort", "matmul", "mod3", "minsky",
};

char *rig_read(const char *program, size_t *bytes)
{
	char path[256], *text = malloc(1 << 16);
	FILE *file;

	snprintf(path, sizeof(path), "runtime/ndf/programs/%s.ndf", program);
	file = fopen(path, "re");
	if (!file)
		fail_msg("%s: run from the top of the tree", path);
	*bytes = fread(text, 1, 1 << 16, file);
	fclose(file);
	return text;
}

struct rill_program *rig_parse(struct rig *rig, const char *text)
{
	memset(rig, 0, sizeof(*rig));
	rig->program = rill_program_parse("t", text, strlen(text), rig->error);
	return rig->program;
}

void rig_parse_file(struct rig *rig, const char *program)
{
	size_t bytes;
	char *text = rig_read(program, &bytes);

	memset(rig, 0, sizeof(*rig));
	rig->program = rill_program_parse(program, text, bytes, rig->error);
	free(text);
	if (!rig->program)
		fail_msg("%s", rig->error);
}

void rig_build(struct rig *rig, enum rill_form form, uint32_t capacity, uint64_t order)
{
	struct rill_build_options options = { .form = form, .capacity = capacity };

	rig->graph = rill_program_build(rig->program, &options, &rig->control_nodes, rig->error);
	rig->run = rig->graph ? rill_run_new(rig->graph, order, rig->error) : NULL;
	if (!rig->run)
		fail_msg("%s", rig->error);
}

void rig_build_on_array(struct rig *rig, enum rill_form form, uint32_t capacity, uint32_t rows, uint32_t cols)
{
	struct rill_build_options options = { .form = form, .capacity = capacity };
	struct rill_map_options map = { .chiplets = RILL_MAP_ALL };

	rill_array_default(&map.array, rows, cols);
	rig->graph = rill_program_build(rig->program, &options, &rig->control_nodes, rig->error);
	if (!rig->graph || rill_graph_map(rig->graph, &map, NULL, rig->error))
		fail_msg("%s", rig->error);
	rig->run = rill_run_new_on_array(rig->graph, &map.array, rig->error);
	if (!rig->run)
		fail_msg("%s", rig->error);
}

void rig_unbuild(struct rig *rig)
{
	rill_run_free(rig->run);
	rill_graph_free(rig->graph);
	rig->run = NULL;
	rig->graph = NULL;
}

void rig_free(struct rig *rig)
{
	rig_unbuild(rig);
	rill_program_free(rig->program);
	rig->program = NULL;
}

void rig_input(struct rig *rig, const char *name, uint64_t word)
{
	assert_int_equal(rill_run_input(rig->run, name, &word, 1), 0);
}

void rig_finish(struct rig *rig)
{
	enum rill_ndf_end end = rill_run_go(rig->run, RIG_FIRINGS, UINT64_MAX);

	if (end == RILL_NDF_FINISHED)
		return;
	rill_run_explain(rig->run, end, stderr);
	fail_msg("%s: ended with %d", rill_graph_name(rig->graph), end);
}

uint64_t rig_output(struct rig *rig, const char *name)
{
	const uint64_t *words;
	const char *found;
	uint32_t i, mode;
	size_t count;

	for (i = 0; (words = rill_run_sink(rig->run, i, &found, &mode, &count)); i++) {
		if (strcmp(found, name))
			continue;
		assert_int_equal(count, 1);
		return words[0];
	}
	fail_msg("%s has no output '%s'", rill_graph_name(rig->graph), name);
	return 0;
}

uint64_t *rig_array(struct rig *rig, const char *name, uint32_t *count)
{
	struct rill_program_array array;
	uint64_t bytes;
	uint32_t i;

	for (i = 0; rill_program_array(rig->program, i, &array); i++) {
		if (strcmp(array.name, name))
			continue;
		*count = array.size;
		return (uint64_t *)(rill_run_memory(rig->run, &bytes) + array.base);
	}
	fail_msg("there is no array '%s'", name);
	return NULL;
}

void rig_expected(struct rig *rig)
{
	struct rill_program_expectation e;
	uint32_t i, count;

	for (i = 0; rill_program_expectation(rig->program, i, &e); i++) {
		if (e.is_array)
			assert_memory_equal(rig_array(rig, e.name, &count), e.words, 8 * e.count);
		else
			assert_int_equal(rig_output(rig, e.name), e.words[0]);
	}
	/* A program without expectations would pass unseen. */
	assert_true(i > 0);
}

uint64_t rig_value(const char *text, const char *output)
{
	static const uint32_t capacities[] = { 1, 2, 4 };
	uint64_t value = 0, other;
	struct rig rig;
	int form, k;

	if (!rig_parse(&rig, text))
		fail_msg("%s", rig.error);
	for (form = 0; form < RIG_FORMS; form++) {
		for (k = 0; k < 3; k++) {
			rig_build(&rig, form, capacities[k], 0);
			rig_finish(&rig);
			other = rig_output(&rig, output);
			if (form || k)
				assert_int_equal(value, other);
			value = other;
			rig_unbuild(&rig);
		}
	}
	rig_free(&rig);
	return value;
}

uint64_t rig_random(uint64_t *state)
{
	uint64_t z = *state += 0x9e3779b97f4a7c15ULL;

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
	return z ^ (z >> 31);
}
