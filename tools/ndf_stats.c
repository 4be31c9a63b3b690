// SPDX-License-Identifier: MIT
/* rill ndf stats */
#include "ndf.h"

#include <inttypes.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#define FORMS	3
#define FIRINGS	100000000

struct stats_options {
	struct rill_build_options build;
	const char *json;
	bool unfused;
	char **files;
	int file_count;
};

/* One program in one form: measured, all of it */
struct measure {
	struct rill_graph_counts graph;
	struct rill_run_counts run;
	uint32_t control_nodes;
};

struct row {
	char *name;
	bool structured;		/* it has other forms than its own */
	struct measure form[FORMS];
};

static const char *const form_names[FORMS] = { "fused", "unfused", "classic" };

const char *const ndf_tool_thirteen[NDF_TOOL_THIRTEEN] = {
	"gcd", "collatz", "fibonacci", "factorial", "isqrt", "binary_search", "sieve", "bubble_sort",
	"insertion_sort", "odd_even_sort", "matmul", "mod3", "minsky",
};

static const char doc[] =
	"Count nodes, firings and steps in fused and in classic form. Without a file: the thirteen of rill.";

enum key { KEY_JSON = 0x400, KEY_CAPACITY, KEY_UNFUSED };

static const struct argp_option table[] = {
	{ "json", KEY_JSON, "FILE", 0, "write the figures there; '-' is standard output", 0 },
	{ "capacity", KEY_CAPACITY, "N", 0, "tokens that an arc can hold [as the file says, else 4]", 0 },
	{ "unfused", KEY_UNFUSED, NULL, 0, "the form with loops of two wheres, too", 0 },
	{ 0 },
};

static int parse(int key, char *arg, struct argp_state *state)
{
	struct stats_options *options = state->input;

	switch (key) {
	case KEY_JSON:
		options->json = arg;
		return 0;
	case KEY_CAPACITY:
		options->build.capacity = (uint32_t)option_number(state, "capacity", arg, 1, RILL_NDF_MAX_CAPACITY);
		return 0;
	case KEY_UNFUSED:
		options->unfused = true;
		return 0;
	case ARGP_KEY_ARGS:
		options->files = state->argv + state->next;
		options->file_count = state->argc - state->next;
		return 0;
	}
	return ARGP_ERR_UNKNOWN;
}

/* ---- measuring ---- */

static int run(const struct ndf_file *file, struct rill_graph *graph, struct measure *m)
{
	char error[RILL_GRAPH_ERROR_BYTES];
	struct rill_run *run = rill_run_new(graph, 0, error);
	enum rill_ndf_end end;

	if (!run) {
		fprintf(stderr, "rill: %s: %s\n", file->path, error);
		return 1;
	}
	end = rill_run_go(run, FIRINGS, UINT64_MAX);
	rill_run_count(run, &m->run);
	if (end != RILL_NDF_FINISHED && end != RILL_NDF_QUIESCENT) {
		fprintf(stderr, "rill: %s does not finish within %d firings; `rill ndf run` tells more\n", file->path,
			FIRINGS);
		rill_run_explain(run, end, stderr);
	}
	rill_run_free(run);
	return end != RILL_NDF_FINISHED && end != RILL_NDF_QUIESCENT;
}

static int measure(const struct ndf_file *file, const struct rill_build_options *build, struct measure *m,
		   char **name)
{
	struct rill_graph *graph = ndf_tool_build(file, build, &m->control_nodes);
	int ret;

	if (!graph)
		return 1;
	rill_graph_count(graph, &m->graph);
	if (!*name)
		*name = strdup(rill_graph_name(graph));
	ret = run(file, graph, m);
	rill_graph_free(graph);
	return ret;
}

static int measure_file(const char *path, const struct stats_options *options, struct row *row)
{
	struct rill_build_options build = options->build;
	struct ndf_file file;
	int ret, form;

	if (ndf_tool_open(path, &file))
		return 1;
	row->structured = file.program && !rill_program_is_graph(file.program);
	ret = measure(&file, &build, &row->form[0], &row->name);
	for (form = 1; form < FORMS && row->structured && !ret; form++) {
		build.form = form;
		ret = measure(&file, &build, &row->form[form], &row->name);
	}
	ndf_tool_close(&file);
	return ret || !row->name;
}

/* ---- printing ---- */

static void print_measure(const char *name, const char *form, const struct measure *m)
{
	printf("%-15s %-8s %5u %4u %7u %5u %11" PRIu64 " %11" PRIu64 " %8" PRIu64 " %8" PRIu64 " %8" PRIu64 "\n", name,
	       form, m->graph.nodes, m->graph.ops, m->control_nodes, m->graph.arcs, m->graph.crosspoints,
	       m->graph.table_bytes, m->run.firings, m->run.when + m->run.where, m->run.steps);
}

static void add(struct measure *total, const struct measure *m)
{
	total->graph.nodes += m->graph.nodes;
	total->graph.ops += m->graph.ops;
	total->graph.arcs += m->graph.arcs;
	total->graph.crosspoints += m->graph.crosspoints;
	total->graph.table_bytes += m->graph.table_bytes;
	total->control_nodes += m->control_nodes;
	total->run.firings += m->run.firings;
	total->run.when += m->run.when;
	total->run.where += m->run.where;
	total->run.steps += m->run.steps;
}

static void print_rows(const struct row *rows, int count, const struct stats_options *options)
{
	struct measure total[FORMS] = { 0 };
	int i, form;

	printf("%-15s %-8s %5s %4s %7s %5s %11s %11s %8s %8s %8s\n", "program", "form", "nodes", "ops", "control",
	       "arcs", "crosspoints", "table bytes", "firings", "control", "steps");
	for (i = 0; i < count; i++) {
		for (form = 0; form < (rows[i].structured ? FORMS : 1); form++) {
			add(&total[form], &rows[i].form[form]);
			if (form != RILL_UNFUSED || options->unfused)
				print_measure(form ? "" : rows[i].name,
					      rows[i].structured ? form_names[form] : "as is", &rows[i].form[form]);
		}
	}
	for (form = 0; form < FORMS && count > 1; form++) {
		if ((form != RILL_UNFUSED || options->unfused) && total[form].graph.nodes)
			print_measure(form ? "" : "all", form_names[form], &total[form]);
	}
}

static json_t *figures(const struct row *row)
{
	const struct measure *m = &row->form[RILL_FUSED], *u = &row->form[RILL_UNFUSED];
	const struct measure *c = &row->form[RILL_CLASSIC];
	json_t *o = json_object();

#define FIGURE(key, value) json_object_set_new(o, key, json_integer((json_int_t)(value)))
	json_object_set_new(o, "name", json_string(row->name));
	FIGURE("nodes", m->graph.nodes);
	FIGURE("ops", m->graph.ops);
	FIGURE("control_nodes", m->control_nodes);
	FIGURE("arcs", m->graph.arcs);
	FIGURE("crosspoints", m->graph.crosspoints);
	FIGURE("table_bytes", m->graph.table_bytes);
	FIGURE("firings", m->run.firings);
	FIGURE("control_firings", m->run.when + m->run.where);
	FIGURE("steps", m->run.steps);
	if (!row->structured)
		return o;
	FIGURE("unfused_control_nodes", u->control_nodes);
	FIGURE("unfused_firings", u->run.firings);
	FIGURE("unfused_steps", u->run.steps);
	FIGURE("classic_nodes", c->graph.nodes);
	FIGURE("classic_ops", c->graph.ops);
	FIGURE("classic_control_nodes", c->control_nodes);
	FIGURE("classic_arcs", c->graph.arcs);
	FIGURE("classic_crosspoints", c->graph.crosspoints);
	FIGURE("classic_table_bytes", c->graph.table_bytes);
	FIGURE("classic_firings", c->run.firings);
	FIGURE("classic_control_firings", c->run.when + c->run.where);
	FIGURE("classic_steps", c->run.steps);
#undef FIGURE
	return o;
}

static int write_json(const struct row *rows, int count, const char *path)
{
	json_t *root = json_object(), *programs = json_array();
	int i, ret = 1;
	FILE *to;

	for (i = 0; i < count; i++)
		json_array_append_new(programs, figures(&rows[i]));
	json_object_set_new(root, "programs", programs);
	to = ndf_tool_create(path);
	if (to) {
		json_dumpf(root, to, JSON_INDENT(2));
		fputs("\n", to);
		ret = ndf_tool_finish(to, path);
	}
	json_decref(root);
	return ret;
}

int cmd_ndf_stats(int argc, char **argv)
{
	const struct argp argp = { .options = table, .parser = parse, .args_doc = "[FILE...]",
				   .doc = doc };
	struct stats_options options = { 0 };
	int i, count, ret = 0;
	struct row *rows;

	argp_parse(&argp, argc, argv, 0, NULL, &options);
	count = options.file_count ? options.file_count : NDF_TOOL_THIRTEEN;
	rows = calloc((size_t)count, sizeof(*rows));
	if (!rows) {
		fprintf(stderr, "rill: out of memory\n");
		return 1;
	}
	for (i = 0; i < count && !ret; i++)
		ret = measure_file(options.file_count ? options.files[i] : ndf_tool_thirteen[i], &options, &rows[i]);
	if (!ret && !(options.json && !strcmp(options.json, "-")))
		print_rows(rows, count, &options);
	if (!ret && options.json)
		ret = write_json(rows, count, options.json);
	for (i = 0; i < count; i++)
		free(rows[i].name);
	free(rows);
	return ret;
}
