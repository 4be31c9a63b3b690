// SPDX-License-Identifier: MIT
#include "plot/chart.h"
#include "plot/select.h"
#include "plot/tables.h"
#include "plot/verdict.h"

#include <stdlib.h>
#include <string.h>

#define NEAR		1.05	/* times the bound */
#define LONG_MS		1.0
#define SLOWER		0.99	/* times as fast as a baseline, at least */
#define PAPER_LEAST	1.22
#define PAPER_MOST	2.00
#define PAPER_SRAM	78.8	/* % */
#define WON		95.0	/* % of the head-room */
#define BALANCED	1.5	/* MAC over DDR time, or its inverse */

static int claim_near(FILE *out, const struct cells *cells)
{
	struct verdict v;
	size_t c;
	int ret = verdict_begin(&v);

	for (c = 0; !ret && c < cells->count; c++) {
		const struct cell *cell = &cells->cell[c];
		struct spread x = cell_spread(cell, "fse-dp", metric_distance);
		struct spread ms = cell_spread(cell, "fse-dp", metric_finish);
		const char *unit;
		double full = fullest_unit(cell, "fse-dp", &unit);

		if (x.count && ms.median > LONG_MS)
			verdict_point(&v, cell, x.median <= NEAR, "%.3f, its fullest unit (%s) is busy for %.3f",
				      x.median, unit, full);
	}
	if (!ret)
		verdict_end(&v, out, "FSE-DP finishes within 1.05 of the bound where a pass takes over 1 ms (median)");
	return ret;
}

static int claim_not_slower(FILE *out, const struct cells *cells, const char *base)
{
	struct verdict v;
	char claim[160];
	size_t c;
	int ret = verdict_begin(&v);

	for (c = 0; !ret && c < cells->count; c++) {
		const struct cell *cell = &cells->cell[c];
		struct spread s = cell_ratio(cell, base, "fse-dp", metric_finish);
		const char *unit;
		double full = fullest_unit(cell, "fse-dp", &unit);

		if (s.count)
			verdict_point(&v, cell, s.median >= SLOWER,
				      "%.3f times as fast; FSE-DP's fullest unit (%s) is busy for %.3f of the bound",
				      s.median, unit, full);
	}
	snprintf(claim, sizeof(claim), "FSE-DP is never more than 1 %% slower than %s (median)", strategy_label(base));
	if (!ret)
		verdict_end(&v, out, claim);
	return ret;
}

/* Why a point is below the paper's least: there is no more to win, or it is not won. */
static void below_least(struct verdict *v, const struct cell *cell, const char *base, struct spread s)
{
	struct spread d = cell_spread(cell, base, metric_distance);
	const char *unit;
	double full = fullest_unit(cell, base, &unit);

	if (d.median < PAPER_LEAST)
		verdict_point(v, cell, s.median >= PAPER_LEAST,
			      "%.2f; the baseline itself is at %.2f of the bound, more is not to be won", s.median,
			      d.median);
	else
		verdict_point(v, cell, s.median >= PAPER_LEAST,
			      "%.2f of possible %.2f (the baseline's fullest unit, %s, is busy for %.2f)", s.median,
			      d.median, unit, full);
}

static void say_range(FILE *out, const struct cells *cells, const char *base)
{
	double least = 1e9, most = 0;
	unsigned int points = 0, capped = 0, reached = 0;
	size_t c;

	for (c = 0; c < cells->count; c++) {
		struct spread s = cell_ratio(&cells->cell[c], base, "fse-dp", metric_finish);

		if (!s.count)
			continue;
		points++;
		least = s.median < least ? s.median : least;
		most = s.median > most ? s.median : most;
		reached += s.median >= PAPER_LEAST;
		capped += cell_spread(&cells->cell[c], base, metric_distance).median < PAPER_LEAST;
	}
	if (!points)
		return;
	fprintf(out, "* Over %s: %.3f to %.3f times as fast (the paper: 1.22 to 2.00).", strategy_label(base), least,
		most);
	fprintf(out, " 1.22 in every point: **%s**, in %u of %u; in %u %s is within 1.22 of the bound, ",
		reached == points ? "holds" : "does not hold", reached, points, capped, strategy_label(base));
	fprintf(out, "so that no schedule could. 2.00 somewhere: **%s**.\n",
		most >= PAPER_MOST ? "holds" : "does not hold");
}

static int claim_paper(FILE *out, const struct cells *cells, const char *base)
{
	struct verdict v;
	char claim[160];
	size_t c;
	int ret = verdict_begin(&v);

	for (c = 0; !ret && c < cells->count; c++) {
		struct spread s = cell_ratio(&cells->cell[c], base, "fse-dp", metric_finish);

		if (s.count && cell_spread(&cells->cell[c], base, metric_distance).median >= PAPER_LEAST)
			below_least(&v, &cells->cell[c], base, s);
	}
	snprintf(claim, sizeof(claim), "At least 1.22 times as fast wherever %s leaves that much to win",
		 strategy_label(base));
	if (!ret)
		verdict_end(&v, out, claim);
	return ret;
}

static int claim_balanced(FILE *out, const struct cells *cells, const char *base)
{
	struct verdict v;
	char claim[200];
	size_t c;
	int ret = verdict_begin(&v);

	for (c = 0; !ret && c < cells->count; c++) {
		const struct cell *cell = &cells->cell[c];
		struct spread s = cell_ratio(cell, base, "fse-dp", metric_finish);
		double balance = cell_spread(cell, "fse-dp", metric_mac_over_ddr).median;

		if (s.count && cell->any->trace && balance <= BALANCED && balance >= 1 / BALANCED)
			below_least(&v, cell, base, s);
	}
	snprintf(claim, sizeof(claim), "With real routing, and MAC and DDR times within a factor of 1.5: %s %s",
		 "at least 1.22 times as fast as", strategy_label(base));
	if (!ret)
		verdict_end(&v, out, claim);
	return ret;
}

static int claim_won(FILE *out, const struct cells *cells, const char *base)
{
	struct verdict v;
	char claim[160];
	size_t c;
	int ret = verdict_begin(&v);

	for (c = 0; !ret && c < cells->count; c++) {
		struct spread won = cell_won(&cells->cell[c], base, "fse-dp");

		if (won.count)
			verdict_point(&v, &cells->cell[c], won.median >= WON, "%.0f %% of %.3f times the bound",
				      won.median, cell_spread(&cells->cell[c], base, metric_distance).median);
	}
	snprintf(claim, sizeof(claim), "FSE-DP wins at least 95 %% of what %s loses against the bound, %s",
		 strategy_label(base), "where that is 1 % or more");
	if (!ret)
		verdict_end(&v, out, claim);
	return ret;
}

static int claim_sram(FILE *out, const struct cells *cells, metric value, const char *what)
{
	struct verdict v;
	char claim[160];
	size_t c;
	int ret = verdict_begin(&v);

	for (c = 0; !ret && c < cells->count; c++) {
		struct spread s = cell_ratio(&cells->cell[c], "ep", "fse-dp", value);
		double less = s.count ? 100 * (1 - 1 / s.median) : 0;

		if (s.count)
			verdict_point(&v, &cells->cell[c], less >= PAPER_SRAM, "%.1f %% less", less);
	}
	snprintf(claim, sizeof(claim), "Peak SRAM (%s) at least 78.8 %% below EP's", what);
	if (!ret)
		verdict_end(&v, out, claim);
	return ret;
}

static int against(FILE *out, const struct cells *cells, const char *base)
{
	int ret = claim_not_slower(out, cells, base);

	if (!ret)
		say_range(out, cells, base);
	if (!ret && (!strcmp(base, "ep") || !strcmp(base, "hydra")))
		ret = claim_paper(out, cells, base);
	if (!ret && !strcmp(base, "ep"))
		ret = claim_balanced(out, cells, base);
	if (!ret)
		ret = claim_won(out, cells, base);
	return ret;
}

int table_verdicts(FILE *out, const struct records *records, const char *arg)
{
	const char *names[CELL_MAX_STRATEGIES];
	unsigned int count, i;
	struct cells cells;
	int ret = cells_make(records, select_main, NULL, &cells);

	(void)arg;
	if (ret)
		return ret;
	count = chart_strategies(&cells, names, CELL_MAX_STRATEGIES);
	ret = claim_near(out, &cells);
	for (i = 0; !ret && i < count; i++)
		if (strcmp(names[i], "fse-dp"))
			ret = against(out, &cells, names[i]);
	if (!ret)
		ret = claim_sram(out, &cells, metric_sram, "weights and tokens, the paper's kind of figure");
	if (!ret)
		ret = claim_sram(out, &cells, metric_sram_all, "with accumulators");
	cells_free(&cells);
	return ret;
}
