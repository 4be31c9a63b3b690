// SPDX-License-Identifier: MIT
/* rill bench: sweeps over the chip's model, on all processors. */
#include "bench/build_digest.h"
#include "bench/pool.h"
#include "commands.h"
#include "option_value.h"

#include <argp.h>
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define MAX_TRACES 64

enum key {
	KEY_SWEEP = 0x100, KEY_FILE, KEY_OUTPUT, KEY_SHARD, KEY_JOBS, KEY_TRACE, KEY_TRACE_DIR,
	KEY_VERIFY, KEY_QUICK, KEY_ANY_BUILD, KEY_LIST, KEY_TIMEOUT, KEY_DESCRIBE,
};

static const struct argp_option table[] = {
	{ "sweep", KEY_SWEEP, "LIST", 0, "comma-separated names of sweeps, or all [main]", 0 },
	{ "file", KEY_FILE, "FILE", 0, "sweeps from there, not the built-in ones", 0 },
	{ "quick", KEY_QUICK, NULL, 0, "only the values before a '|'", 0 },
	{ "output", KEY_OUTPUT, "FILE", 0, "JSON lines; what is there is not run again [bench.jsonl]", 0 },
	{ "any-build", KEY_ANY_BUILD, NULL, 0, "nor what another build of this command made", 0 },
	{ "shard", KEY_SHARD, "I/N", 0, "only part I of N, 1/N..N/N", 0 },
	{ "jobs", KEY_JOBS, "N", 0, "points at a time, 1..256 [processors]", 0 },
	{ "trace", KEY_TRACE, "MODEL=FILE", 0, "a routing trace for a model; may be repeated", 0 },
	{ "trace-dir", KEY_TRACE_DIR, "DIR", 0, "traces there, MODEL.csv or MODEL.jsonl", 0 },
	{ "verify-every", KEY_VERIFY, "K", 0,
	  "run every K-th point with arithmetic and compare with the dense reference; 0: none [50]", 0 },
	{ "timeout", KEY_TIMEOUT, "SECONDS", 0, "for each run, 1..86400 [900]", 0 },
	{ "list", KEY_LIST, NULL, 0, "print the points' keys, run nothing", 0 },
	{ "describe", KEY_DESCRIBE, NULL, 0, "print the built-in sweeps", 0 },
	{ 0 },
};

struct bench {
	const char *sweeps, *file, *output;
	bool quick, any_build, list;
	unsigned int shard, shards, jobs, trace_count;
	char *traces[MAX_TRACES];
	const char *trace_dir;
	struct point_options options;
};

static void parse_shard(struct argp_state *state, const char *text, struct bench *bench)
{
	char end;

	if (sscanf(text, "%9u/%9u%c", &bench->shard, &bench->shards, &end) != 2 || !bench->shard ||
	    bench->shard > bench->shards)
		argp_error(state, "shard: '%s' is not I/N with I in 1..N", text);
}

static void parse_trace(struct argp_state *state, char *text, struct bench *bench)
{
	if (!strchr(text, '=') || bench->trace_count == MAX_TRACES)
		argp_error(state, "trace: '%s' is not MODEL=FILE, or more than %d of them", text,
			   MAX_TRACES);
	bench->traces[bench->trace_count++] = text;
}

static int parse_way(int key, char *arg, struct argp_state *state)
{
	struct bench *bench = state->input;

	switch (key) {
	case KEY_JOBS:
		bench->jobs = option_number(state, "jobs", arg, 1, 256);
		return 0;
	case KEY_TRACE:
		parse_trace(state, arg, bench);
		return 0;
	case KEY_TRACE_DIR:
		bench->trace_dir = arg;
		return 0;
	case KEY_VERIFY:
		bench->options.verify_every = option_number(state, "verify-every", arg, 0, 1000000);
		return 0;
	case KEY_TIMEOUT:
		bench->options.timeout = option_number(state, "timeout", arg, 1, 86400);
		return 0;
	case ARGP_KEY_ARG:
		argp_error(state, "'%s': no argument was expected", arg);
	}
	return ARGP_ERR_UNKNOWN;
}

static void describe(void)
{
	const char *const *line;

	for (line = sweep_builtin; *line; line++)
		puts(*line);
}

static int parse_key(int key, char *arg, struct argp_state *state)
{
	struct bench *bench = state->input;

	switch (key) {
	case KEY_SWEEP:
		bench->sweeps = arg;
		return 0;
	case KEY_FILE:
		bench->file = arg;
		return 0;
	case KEY_OUTPUT:
		bench->output = arg;
		return 0;
	case KEY_QUICK:
		bench->quick = true;
		return 0;
	case KEY_ANY_BUILD:
		bench->any_build = true;
		return 0;
	case KEY_LIST:
		bench->list = true;
		return 0;
	case KEY_SHARD:
		parse_shard(state, arg, bench);
		return 0;
	case KEY_DESCRIBE:
		describe();
		exit(0);
	}
	return parse_way(key, arg, state);
}

static char *read_file(const char *path)
{
	FILE *file = fopen(path, "r");
	char *text = NULL;
	size_t room = 0;

	if (!file || getdelim(&text, &room, '\0', file) < 0) {
		fprintf(stderr, "rill bench: file: cannot read %s: %s\n", path,
			file && feof(file) ? "it is empty" : strerror(errno));
		free(text);
		text = NULL;
	}
	if (file)
		fclose(file);
	return text;
}

/* Is `name` among the comma-separated ones? */
static bool listed(const char *list, const char *name)
{
	size_t length = strlen(name);

	for (; list; list = strchr(list, ',') ? strchr(list, ',') + 1 : NULL)
		if (!strncmp(list, name, length) && (!list[length] || list[length] == ','))
			return true;
	return false;
}

static bool wanted(const struct bench *bench, const char *name)
{
	if (!bench->sweeps)
		return bench->file || !strcmp(name, "main");
	return !strcmp(bench->sweeps, "all") || listed(bench->sweeps, name);
}

/* There must be names, and every one must be a sweep. */
static int check_names(const struct bench *bench, const struct sweep *sweep)
{
	char *list, *name, *rest;
	unsigned int i;
	int ret = 0;

	if (!bench->sweeps || !strcmp(bench->sweeps, "all"))
		return 0;
	if (!bench->sweeps[strspn(bench->sweeps, ",")]) {
		fputs("rill bench: sweep: the list is empty\n", stderr);
		return -EINVAL;
	}
	list = strdup(bench->sweeps);
	if (!list)
		return -ENOMEM;
	for (name = strtok_r(list, ",", &rest); name; name = strtok_r(NULL, ",", &rest)) {
		for (i = 0; i < sweep->count && strcmp(sweep->blocks[i].name, name); i++)
			;
		if (i < sweep->count)
			continue;
		fprintf(stderr, "rill bench: sweep: there is no '%s'\n", name);
		ret = -EINVAL;
	}
	free(list);
	return ret;
}

static int check_trace_dir(const char *path)
{
	DIR *dir = path ? opendir(path) : NULL;
	int ret = path && !dir ? -errno : 0;

	if (ret)
		fprintf(stderr, "rill bench: trace-dir: %s: %s\n", path, strerror(-ret));
	if (dir)
		closedir(dir);
	return ret;
}

static int add_traces(struct bench *bench, struct points *points)
{
	unsigned int i;
	int ret = check_trace_dir(bench->trace_dir);

	points->trace_dir = bench->trace_dir;
	for (i = 0; !ret && i < bench->trace_count; i++) {
		char *equals = strchr(bench->traces[i], '=');

		*equals = '\0';
		ret = points_trace(points, bench->traces[i], equals + 1);
	}
	return ret;
}

static int make_points(struct bench *bench, struct points *points)
{
	char *text = bench->file ? read_file(bench->file) : sweep_builtin_text();
	char error[SWEEP_ERROR_BYTES];
	struct sweep sweep;
	unsigned int i;
	int ret = text ? sweep_parse(text, bench->quick, &sweep, error) : -EIO;

	if (text && ret)
		fprintf(stderr, "rill bench: %s: %s\n", bench->file ?: "built-in sweeps", error);
	free(text);
	if (ret)
		return ret;
	ret = check_names(bench, &sweep);
	if (!ret)
		ret = add_traces(bench, points);
	for (i = 0; !ret && i < sweep.count; i++)
		if (wanted(bench, sweep.blocks[i].name))
			ret = points_add(points, &sweep.blocks[i]);
	sweep_free(&sweep);
	if (!ret)
		points_shard(points, bench->shard, bench->shards);
	return ret;
}

static void summary(const struct bench *bench, const struct points *points,
		    const struct results *results, const struct pool_totals *totals, int ret)
{
	fprintf(stderr, "rill bench: %zu points, %zu were there, %zu run", points->count,
		totals->there, totals->run);
	if (totals->enlarged)
		fprintf(stderr, ", %zu of them with enlarged SRAM", totals->enlarged);
	if (totals->errors)
		fprintf(stderr, ", %zu with errors", totals->errors);
	fprintf(stderr, "; %zu compared with the dense reference, %zu differ\n",
		totals->verified + totals->verify_failed, totals->verify_failed);
	if (results->other_build)
		fprintf(stderr, "rill bench: %s has %zu lines of another build; see --any-build\n",
			bench->output, results->other_build);
	if (ret == -EINTR)
		fputs("rill bench: stopped; the same command goes on from here\n", stderr);
}

static int run(struct bench *bench, const struct points *points)
{
	struct pool_totals totals = { 0 };
	struct results results;
	char digest[BUILD_DIGEST_BYTES];
	int ret = build_digest(digest);

	if (ret)
		return ret;
	bench->options.build = digest;
	ret = results_open(bench->output, bench->any_build ? NULL : digest, &results);
	if (ret)
		return ret;
	ret = pool_run(points, &bench->options, bench->jobs, &results, &totals);
	summary(bench, points, &results, &totals, ret);
	results_close(&results);
	return ret ?: totals.verify_failed ? -EBADMSG : 0;
}

int cmd_bench(int argc, char **argv)
{
	struct argp argp = { .options = table, .parser = parse_key,
			     .doc = "Run sweeps of points on the chip's model and keep the results." };
	long processors = sysconf(_SC_NPROCESSORS_ONLN);
	struct bench bench = {
		.output = "bench.jsonl", .shard = 1, .shards = 1,
		.jobs = processors > 0 ? processors < 256 ? processors : 256 : 1,
		.options = { .verify_every = 50, .timeout = 900 },
	};
	struct points points = { 0 };
	char name[] = "rill bench";
	size_t i;
	int ret;

	argv[0] = name;
	argp_err_exit_status = 2;
	argp_parse(&argp, argc, argv, 0, NULL, &bench);
	ret = make_points(&bench, &points);
	for (i = 0; !ret && bench.list && i < points.count; i++)
		puts(points.point[i].key);
	if (!ret && !bench.list)
		ret = run(&bench, &points);
	points_free(&points);
	return ret ? 1 : 0;
}
