/* SPDX-License-Identifier: MIT */
/* Dataflow programs for tests: read, build in a form, run, look at the results. */
#ifndef DATAFLOW_RIG_H
#define DATAFLOW_RIG_H

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdbool.h>

#include "rill_dataflow.h"

#define RIG_PROGRAMS	13
#define RIG_FORMS	3
#define RIG_FIRINGS	10000000

extern const char *const rig_programs[RIG_PROGRAMS];

struct rig {
	struct rill_program *program;
	struct rill_graph *graph;
	struct rill_run *run;
	uint32_t control_nodes;
	char error[RILL_GRAPH_ERROR_BYTES];
};

/* The text, from malloc(); the test fails if there is none. */
char *rig_read(const char *program, size_t *bytes);
/* A text; NULL and rig->error if it is wrong. */
struct rill_program *rig_parse(struct rig *rig, const char *text);
void rig_parse_file(struct rig *rig, const char *program);
/* The graph and a run of it, which has not begun. The test fails if there is none. */
void rig_build(struct rig *rig, enum rill_form form, uint32_t capacity, uint64_t order);
/* The same, mapped to an array of chiplets */
void rig_build_on_array(struct rig *rig, enum rill_form form, uint32_t capacity, uint32_t rows, uint32_t cols);
void rig_unbuild(struct rig *rig);	/* the program stays */
void rig_free(struct rig *rig);

void rig_input(struct rig *rig, const char *name, uint64_t word);
void rig_finish(struct rig *rig);	/* runs it; it must finish */
uint64_t rig_output(struct rig *rig, const char *name);
uint64_t *rig_array(struct rig *rig, const char *name, uint32_t *count);
/* What the text expects is there. */
void rig_expected(struct rig *rig);

/* The text's one output, of a program that must be right in every form and capacity */
uint64_t rig_value(const char *text, const char *output);

/* splitmix64 */
uint64_t rig_random(uint64_t *state);

#endif
