// SPDX-License-Identifier: MIT
/* rill plot: charts and tables from the results of rill bench. */
#include "commands.h"
#include "plot/chart.h"
#include "plot/records.h"
#include "plot/template.h"

#include <argp.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum key { KEY_OUT = 0x100, KEY_NO_CHARTS, KEY_ANY_BUILD, KEY_TEMPLATE, KEY_PAGE };

static const struct argp_option table[] = {
	{ "out", KEY_OUT, "DIR", 0, "charts go there, SVG, PNG and gnuplot scripts [figures]", 0 },
	{ "template", KEY_TEMPLATE, "FILE", 0, "fill this page's tables in (lines @NAME@) ...", 0 },
	{ "page", KEY_PAGE, "FILE", 0, "... and write it there [standard output]", 0 },
	{ "any-build", KEY_ANY_BUILD, NULL, 0, "also what another build made than that of the last line", 0 },
	{ "no-charts", KEY_NO_CHARTS, NULL, 0, "tables only, without gnuplot", 0 },
	{ 0 },
};

struct plot {
	const char *out, *template, *page;
	bool no_charts, any_build;
	struct records records;
	unsigned int files;
	int ret;
};

static int parse_key(int key, char *arg, struct argp_state *state)
{
	struct plot *plot = state->input;

	switch (key) {
	case KEY_OUT:
		plot->out = arg;
		return 0;
	case KEY_TEMPLATE:
		plot->template = arg;
		return 0;
	case KEY_PAGE:
		plot->page = arg;
		return 0;
	case KEY_ANY_BUILD:
		plot->any_build = true;
		return 0;
	case KEY_NO_CHARTS:
		plot->no_charts = true;
		return 0;
	case ARGP_KEY_ARG:
		plot->files++;
		if (!plot->ret)
			plot->ret = records_load(arg, &plot->records);
		return 0;
	case ARGP_KEY_END:
		if (!plot->files)
			argp_error(state, "no file of results");
		if (!plot->template && plot->page)
			argp_error(state, "page: needs --template");
		if (!plot->template && plot->no_charts)
			argp_error(state, "no-charts: without --template there is nothing to make");
		return 0;
	}
	return ARGP_ERR_UNKNOWN;
}

static int draw_charts(const struct plot *plot)
{
	static int (*const charts[])(const struct records *records, const char *dir) = {
		chart_speedup, chart_distance, chart_sram, chart_profile, chart_heatmap,
		chart_arrays, chart_slots, chart_balance, chart_cost,
	};
	size_t i;
	int ret = 0;

	if (mkdir(plot->out, 0777) && errno != EEXIST) {
		fprintf(stderr, "rill plot: cannot make %s: %s\n", plot->out, strerror(errno));
		return -errno;
	}
	for (i = 0; !ret && i < sizeof(charts) / sizeof(charts[0]); i++)
		ret = charts[i](&plot->records, plot->out);
	return ret;
}

static int say_what_is_dropped(const struct records *records)
{
	if (records->broken)
		fprintf(stderr, "rill plot: %zu lines are no results, passed over\n", records->broken);
	if (records->other_build)
		fprintf(stderr, "rill plot: %zu points of another build left out; see --any-build\n",
			records->other_build);
	if (records->count)
		return 0;
	fputs("rill plot: no results\n", stderr);
	return -ENODATA;
}

int cmd_plot(int argc, char **argv)
{
	struct argp argp = { .options = table, .parser = parse_key, .args_doc = "RESULTS...", .doc =
			     "Make charts and tables from files of results. Of a point's lines the last counts." };
	struct plot plot = { .out = "figures" };
	char name[] = "rill plot";

	argv[0] = name;
	argp_err_exit_status = 2;
	argp_parse(&argp, argc, argv, 0, NULL, &plot);
	if (!plot.ret && !plot.any_build)
		plot.ret = records_keep_build(&plot.records);
	if (!plot.ret)
		plot.ret = say_what_is_dropped(&plot.records);
	if (!plot.ret && !plot.no_charts)
		plot.ret = draw_charts(&plot);
	if (!plot.ret && plot.template)
		plot.ret = template_fill(plot.template, plot.page, plot.out, &plot.records);
	records_free(&plot.records);
	return plot.ret ? 1 : 0;
}
