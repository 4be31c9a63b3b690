// SPDX-License-Identifier: MIT
#include "plot/spread.h"

#include <stdlib.h>

static int ascending(const void *pa, const void *pb)
{
	double a = *(const double *)pa, b = *(const double *)pb;

	return (a > b) - (a < b);
}

struct spread spread_of(double *values, unsigned int count)
{
	struct spread spread = { .count = count };

	if (!count)
		return spread;
	qsort(values, count, sizeof(*values), ascending);
	spread.min = values[0];
	spread.max = values[count - 1];
	spread.median = count % 2 ? values[count / 2] :
			(values[count / 2 - 1] + values[count / 2]) / 2;
	return spread;
}
