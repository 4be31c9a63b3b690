// SPDX-License-Identifier: MIT
#include "plot/chart.h"
#include "plot/claims.h"
#include "plot/select.h"
#include "plot/tables.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define NEAR		1.05	/* times the bound */
#define LONG_MS		1.0
#define SLOWER		0.99	/* times as fast as a baseline, at least */
#define WON		95.0	/* % of the head-room, */
#define HEADROOM	1.01	/* where the baseline takes more than that, times the bound */
#define TRADED		1.03	/* times as long, for less SRAM */
#define BALANCED	1.5	/* MAC over DDR time, or its inverse */

/* Room for one more. Claims are added by begin(), points, verdict_end(). NULL: no memory */
static struct verdict *add(struct claims *claims)
{
	struct verdict *grown = claims->verdict;

	if (claims->count == claims->capacity) {
		claims->capacity = claims->capacity ? 2 * claims->capacity : 32;
		grown = realloc(grown, claims->capacity * sizeof(*grown));
	}
	if (!grown)
		return NULL;
	claims->verdict = grown;
	return &grown[claims->count++];
}

static int claim_near(struct claims *claims, const struct cells *cells)
{
	struct verdict *v = add(claims);
	size_t c;

	if (!v || verdict_begin(v, "Within 1.05 of the bound where a pass takes over 1 ms"))
		return -ENOMEM;
	for (c = 0; c < cells->count; c++) {
		const struct cell *cell = &cells->cell[c];
		struct spread x = cell_spread(cell, "fse-dp", metric_distance);
		struct spread ms = cell_spread(cell, "fse-dp", metric_finish);
		const char *unit;
		double full = fullest_unit(cell, "fse-dp", &unit);

		if (x.count && ms.median > LONG_MS)
			verdict_point(v, cell, x.median <= NEAR, -x.median,
				      "%.3f of the bound; its fullest unit, %s, is busy for %.3f", x.median, unit,
				      full);
	}
	verdict_end(v);
	return 0;
}

static int claim_not_slower(struct claims *claims, const struct cells *cells, const char *base)
{
	struct verdict *v = add(claims);
	size_t c;

	if (!v || verdict_begin(v, "Not more than 1 %% slower than %s", strategy_label(base)))
		return -ENOMEM;
	for (c = 0; c < cells->count; c++) {
		const struct cell *cell = &cells->cell[c];
		struct spread s = cell_ratio(cell, base, "fse-dp", metric_finish);

		if (s.count)
			verdict_point(v, cell, s.median >= SLOWER, s.median,
				      "%.3f times as fast; FSE-DP takes %.3f of the bound, %s %.3f", s.median,
				      cell_spread(cell, "fse-dp", metric_distance).median, strategy_label(base),
				      cell_spread(cell, base, metric_distance).median);
	}
	verdict_end(v);
	return 0;
}

/* Below the paper's least there is no more to win, or it is not won. */
static void against_least(struct verdict *v, const struct cell *cell, const char *base, struct spread s)
{
	struct spread d = cell_spread(cell, base, metric_distance);
	const char *unit;
	double full = fullest_unit(cell, base, &unit);

	if (d.median < PAPER_LEAST)
		verdict_point(v, cell, s.median >= PAPER_LEAST, s.median,
			      "%.2f times as fast; the baseline takes %.2f of the bound, so more is not to be won",
			      s.median, d.median);
	else
		verdict_point(v, cell, s.median >= PAPER_LEAST, s.median,
			      "%.2f times as fast of possible %.2f; the baseline's fullest unit, %s, is busy for %.2f",
			      s.median, d.median, unit, full);
}

static int claim_paper(struct claims *claims, const struct cells *cells, const char *base)
{
	struct verdict *v = add(claims);
	size_t c;

	if (!v || verdict_begin(v, "At least 1.22 times as fast wherever %s leaves that much to win",
				strategy_label(base)))
		return -ENOMEM;
	for (c = 0; c < cells->count; c++) {
		struct spread s = cell_ratio(&cells->cell[c], base, "fse-dp", metric_finish);

		if (s.count && cell_spread(&cells->cell[c], base, metric_distance).median >= PAPER_LEAST)
			against_least(v, &cells->cell[c], base, s);
	}
	verdict_end(v);
	return 0;
}

static int claim_balanced(struct claims *claims, const struct cells *cells, const char *base)
{
	struct verdict *v = add(claims);
	size_t c;

	if (!v || verdict_begin(v, "Real routing, MAC and DDR times within a factor of 1.5: %s %s",
				"at least 1.22 times as fast as", strategy_label(base)))
		return -ENOMEM;
	for (c = 0; c < cells->count; c++) {
		const struct cell *cell = &cells->cell[c];
		struct spread s = cell_ratio(cell, base, "fse-dp", metric_finish);
		double balance = cell_spread(cell, "fse-dp", metric_mac_over_ddr).median;

		if (s.count && cell->any->trace && balance <= BALANCED && balance >= 1 / BALANCED)
			against_least(v, cell, base, s);
	}
	verdict_end(v);
	return 0;
}

static int claim_won(struct claims *claims, const struct cells *cells, const char *base)
{
	struct verdict *v = add(claims);
	size_t c;

	if (!v || verdict_begin(v, "Wins 95 %% or more of what %s loses against the bound, where that is over 1 %%",
				strategy_label(base)))
		return -ENOMEM;
	for (c = 0; c < cells->count; c++) {
		struct spread won = cell_won(&cells->cell[c], base, "fse-dp");
		double distance = cell_spread(&cells->cell[c], base, metric_distance).median;

		if (won.count && distance > HEADROOM)
			verdict_point(v, &cells->cell[c], won.median >= WON, won.median,
				      "%.1f %%; %s takes %.3f of the bound", won.median, strategy_label(base),
				      distance);
	}
	verdict_end(v);
	return 0;
}

static int claim_sram(struct claims *claims, const struct cells *cells, const char *strategy, metric value,
		      const char *what)
{
	struct verdict *v = add(claims);
	size_t c;

	if (!v || verdict_begin(v, "Peak SRAM, %s 78.8 %% or more below EP's", what))
		return -ENOMEM;
	for (c = 0; c < cells->count; c++) {
		struct spread s = cell_ratio(&cells->cell[c], "ep", strategy, value);
		double less = s.count ? 100 * (1 - 1 / s.median) : 0;

		if (s.count)
			verdict_point(v, &cells->cell[c], less >= PAPER_SRAM, less, "%.1f %% less", less);
	}
	verdict_end(v);
	return 0;
}

static int claim_traded(struct claims *claims, const struct cells *lean)
{
	struct verdict *v = add(claims);
	size_t c;

	if (!v || verdict_begin(v, "Lean plans (`--trade 3`) take at most 1.03 times as long"))
		return -ENOMEM;
	for (c = 0; c < lean->count; c++) {
		struct spread s = cell_ratio(&lean->cell[c], SELECT_LEAN, "fse-dp", metric_finish);

		if (s.count)
			verdict_point(v, &lean->cell[c], s.median <= TRADED, -s.median, "%.3f times as long", s.median);
	}
	verdict_end(v);
	return 0;
}

static int against(struct claims *claims, const struct cells *cells, const char *base)
{
	int ret = 0;

	if (!strcmp(base, "ep") || !strcmp(base, "hydra"))
		ret = claim_paper(claims, cells, base);
	if (!ret && !strcmp(base, "ep"))
		ret = claim_balanced(claims, cells, base);
	if (!ret)
		ret = claim_not_slower(claims, cells, base);
	return ret ?: claim_won(claims, cells, base);
}

int claims_make(const struct cells *cells, const struct cells *lean, struct claims *claims)
{
	const char *names[CELL_MAX_STRATEGIES];
	unsigned int count = chart_strategies(cells, names, CELL_MAX_STRATEGIES), i;
	int ret;

	*claims = (struct claims){ 0 };
	ret = claim_near(claims, cells);
	for (i = 0; !ret && i < count; i++)
		if (strcmp(names[i], "fse-dp"))
			ret = against(claims, cells, names[i]);
	if (!ret)
		ret = claim_sram(claims, lean, SELECT_LEAN, metric_sram, "weights and tokens, lean plans,");
	if (!ret)
		ret = claim_traded(claims, lean);
	if (!ret)
		ret = claim_sram(claims, cells, "fse-dp", metric_sram, "weights and tokens,");
	if (!ret)
		ret = claim_sram(claims, cells, "fse-dp", metric_sram_all, "accumulators too,");
	if (ret)
		claims_free(claims);
	return ret;
}

void claims_free(struct claims *claims)
{
	unsigned int i;

	for (i = 0; i < claims->count; i++)
		verdict_free(&claims->verdict[i]);
	free(claims->verdict);
	*claims = (struct claims){ 0 };
}
