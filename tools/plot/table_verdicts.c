// SPDX-License-Identifier: MIT
/* The verdicts: speed in one row a baseline, claims in one row each, and apart all points that do not hold. */
#include "plot/chart.h"
#include "plot/claims.h"
#include "plot/select.h"
#include "plot/tables.h"

#include <string.h>

struct range {
	double ratio[SPREAD_MAX];	/* medians, for theirs */
	double least, most;
	unsigned int points, reached, possible, won;
};

static void take(struct range *range, const struct cell *cell, const char *base)
{
	struct spread s = cell_ratio(cell, base, "fse-dp", metric_finish);
	bool possible = cell_spread(cell, base, metric_distance).median >= PAPER_LEAST;

	if (!s.count)
		return;
	if (range->points < SPREAD_MAX)
		range->ratio[range->points] = s.median;
	range->least = !range->points || s.median < range->least ? s.median : range->least;
	range->most = s.median > range->most ? s.median : range->most;
	range->points++;
	range->reached += s.median >= PAPER_LEAST;
	range->possible += possible;
	range->won += possible && s.median >= PAPER_LEAST;
}

static void write_range(FILE *out, const struct cells *cells, const char *base)
{
	struct range range = { 0 };
	size_t c;

	for (c = 0; c < cells->count; c++)
		take(&range, &cells->cell[c], base);
	if (!range.points)
		return;
	fprintf(out, "| %s | %.3f | %.3f | %.3f | %u of %u | %u | %u |\n", strategy_label(base), range.least,
		spread_of(range.ratio, range.points < SPREAD_MAX ? range.points : SPREAD_MAX).median, range.most,
		range.reached, range.points, range.possible, range.won);
}

int table_ranges(FILE *out, const struct records *records, const char *arg)
{
	const char *names[CELL_MAX_STRATEGIES];
	unsigned int count, i;
	struct cells cells;
	int ret = cells_make(records, select_main, NULL, &cells);

	(void)arg;
	if (ret)
		return ret;
	count = chart_strategies(&cells, names, CELL_MAX_STRATEGIES);
	fputs("| baseline | least | median | most | 1.22 or more | possible in | of these reached |\n", out);
	fputs("| --- | ---: | ---: | ---: | ---: | ---: | ---: |\n", out);
	for (i = 0; i < count; i++)
		if (strcmp(names[i], "fse-dp"))
			write_range(out, &cells, names[i]);
	cells_free(&cells);
	return 0;
}

static int write_claims(FILE *out, const struct records *records,
			void (*write)(const struct verdict *verdict, FILE *out))
{
	struct cells cells, lean;
	struct claims claims;
	unsigned int i;
	int ret = cells_make(records, select_main, NULL, &cells);

	if (ret)
		return ret;
	ret = cells_make(records, select_lean, select_trade_apart, &lean);
	if (!ret)
		ret = claims_make(&cells, &lean, &claims);
	for (i = 0; !ret && i < claims.count; i++)
		write(&claims.verdict[i], out);
	if (!ret)
		claims_free(&claims);
	cells_free(&lean);
	cells_free(&cells);
	return ret;
}

int table_verdicts(FILE *out, const struct records *records, const char *arg)
{
	(void)arg;
	fputs("| FSE-DP, medians of the samples | verdict | holds in | worst point | there |\n", out);
	fputs("| --- | --- | ---: | --- | --- |\n", out);
	return write_claims(out, records, verdict_row);
}

int table_exceptions(FILE *out, const struct records *records, const char *arg)
{
	(void)arg;
	return write_claims(out, records, verdict_details);
}
