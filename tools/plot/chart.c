// SPDX-License-Identifier: MIT
#include "plot/chart.h"
#include "plot/select.h"

#include "rill_moe.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static const struct {
	const char *name, *label, *colour;
} strategies[] = {
	{ "fse-dp", "FSE-DP", "#b2182b" },
	{ "ep", "EP", "#2b7bba" },
	{ "ep-sliced", "sliced EP", "#8ab8dc" },
	{ "hydra", "Hydra-like", "#2a9d8f" },
	{ "hydra-sliced", "sliced Hydra-like", "#8fd0c6" },
	{ "tp", "TP", "#f2a33a" },
	{ "fsdp", "naive FSDP", "#8c8c8c" },
};

#define KNOWN (sizeof(strategies) / sizeof(strategies[0]))

const char *strategy_colour(const char *strategy)
{
	size_t i;

	for (i = 0; i < KNOWN; i++)
		if (!strcmp(strategies[i].name, strategy))
			return strategies[i].colour;
	return "#5e3c99";
}

const char *strategy_label(const char *strategy)
{
	size_t i;

	for (i = 0; i < KNOWN; i++)
		if (!strcmp(strategies[i].name, strategy))
			return strategies[i].label;
	return strategy;
}

const char *chart_text(const char *text)
{
	static char clean[128];
	size_t i;

	for (i = 0; text[i] && i < sizeof(clean) - 1; i++)
		clean[i] = strchr("'\"\\\n{}^", text[i]) ? ' ' : text[i];
	clean[i] = '\0';
	return clean;
}

static bool present(const struct cells *cells, const char *name)
{
	size_t i;

	for (i = 0; i < cells->count; i++)
		if (cell_find(&cells->cell[i], name))
			return true;
	return false;
}

static bool listed(const char *const *names, unsigned int count, const char *name)
{
	while (count--)
		if (!strcmp(names[count], name))
			return true;
	return false;
}

unsigned int chart_strategies(const struct cells *cells, const char **names, unsigned int most)
{
	unsigned int count = 0, j;
	size_t i;

	for (i = 0; i < KNOWN && count < most; i++)
		if (present(cells, strategies[i].name))
			names[count++] = strategies[i].name;
	for (i = 0; i < cells->count; i++)
		for (j = 0; j < cells->cell[i].count && count < most; j++)
			if (!listed(names, count, cells->cell[i].strategy[j].name))
				names[count++] = cells->cell[i].strategy[j].name;
	return count;
}

static const char prelude[] =
	"set encoding utf8\n"
	"set border 3 lc rgb '#444444'\n"
	"set tics nomirror out textcolor rgb '#333333'\n"
	"set grid ytics lc rgb '#dddddd' lt 1 lw 0.5\n"
	"set key top left horizontal Left reverse samplen 1.5 textcolor rgb '#222222'\n"
	"set title font ',14' textcolor rgb '#111111'\n"
	"set style fill solid 0.95 noborder\n";

int chart_open(const char *dir, const char *name, unsigned int width, unsigned int height,
	       struct chart *chart)
{
	char path[4096];

	*chart = (struct chart){ .dir = dir, .width = width, .height = height };
	snprintf(chart->name, sizeof(chart->name), "%s", name);
	snprintf(path, sizeof(path), "%s/%s.gp", dir, chart->name);
	chart->script = fopen(path, "w");
	if (!chart->script) {
		int ret = -errno;

		fprintf(stderr, "rill plot: cannot write %s: %s\n", path, strerror(-ret));
		return ret;
	}
	fputs(prelude, chart->script);
	return 0;
}

static void gnuplot(const struct chart *chart, const char *terminal, const char *ending)
{
	char setup[512], script[80];

	snprintf(setup, sizeof(setup), "set terminal %s size %u,%u font 'DejaVu Sans,11'; set output '%s.%s'",
		 terminal, chart->width, chart->height, chart->name, ending);
	snprintf(script, sizeof(script), "%s.gp", chart->name);
	if (!chdir(chart->dir))
		execlp("gnuplot", "gnuplot", "-e", setup, script, (char *)NULL);
	fprintf(stderr, "rill plot: cannot run gnuplot (package gnuplot-nox): %s\n", strerror(errno));
	_exit(127);
}

static int draw(const struct chart *chart, const char *terminal, const char *ending)
{
	int status = 0;
	pid_t pid;

	fflush(NULL);
	pid = fork();
	if (!pid)
		gnuplot(chart, terminal, ending);
	if (pid < 0 || waitpid(pid, &status, 0) != pid)
		return -errno;
	if (WIFEXITED(status) && !WEXITSTATUS(status))
		return 0;
	fprintf(stderr, "rill plot: gnuplot failed on %s/%s.gp\n", chart->dir, chart->name);
	return -EIO;
}

int chart_close(struct chart *chart)
{
	int ret = fclose(chart->script) ? -EIO : 0;

	if (!ret)
		ret = draw(chart, "svg background rgb 'white'", "svg");
	if (!ret)
		ret = draw(chart, "pngcairo", "png");
	return ret;
}

int chart_over_baselines(const struct records *records, const char *dir,
			 int (*draw)(const struct cells *cells, const char *base, const char *dir))
{
	const char *names[CELL_MAX_STRATEGIES];
	unsigned int count, i;
	struct cells cells;
	int ret = cells_make(records, select_main, NULL, &cells);

	if (ret)
		return ret;
	count = chart_strategies(&cells, names, CELL_MAX_STRATEGIES);
	for (i = 0; !ret && i < count; i++) {
		if (strcmp(names[i], "fse-dp"))
			ret = draw(&cells, names[i], dir);
	}
	cells_free(&cells);
	return ret;
}
