/* SPDX-License-Identifier: MIT */
/* Markdown tables, each from the records alone. */
#ifndef RILL_PLOT_TABLES_H
#define RILL_PLOT_TABLES_H

#include "plot/cells.h"

#include <stdio.h>

/* Each writes what the records have, or one line that says that there is nothing; a negative errno: no memory. */
int table_runs(FILE *out, const struct records *records, const char *arg);
int table_speedup(FILE *out, const struct records *records, const char *base);
int table_sram(FILE *out, const struct records *records, const char *base);
int table_arrays(FILE *out, const struct records *records, const char *arg);
int table_slots(FILE *out, const struct records *records, const char *arg);
/* group: "rules" of the engine off, "plan" otherwise, "homes" of tokens; -EINVAL if it is none */
int table_ablation(FILE *out, const struct records *records, const char *group);
/* Points that were to be compared with the dense reference, by model and weight format */
int table_exact(FILE *out, const struct records *records, const char *arg);
int table_buffering(FILE *out, const struct records *records, const char *arg);
int table_pace(FILE *out, const struct records *records, const char *arg);
int table_whole(FILE *out, const struct records *records, const char *arg);
int table_weights(FILE *out, const struct records *records, const char *arg);
int table_cost(FILE *out, const struct records *records, const char *arg);
int table_errors(FILE *out, const struct records *records, const char *arg);
/* How many times as fast FSE-DP is, a row for each baseline */
int table_ranges(FILE *out, const struct records *records, const char *arg);
/* A row for each claim: whether it holds, and the worst point. Then all points where one does not. */
int table_verdicts(FILE *out, const struct records *records, const char *arg);
int table_exceptions(FILE *out, const struct records *records, const char *arg);

/* "1.234", or "1.234 (1.1..1.4)" where the samples differ in the last place */
void table_spread(FILE *out, struct spread spread, int places);
/* "trace" or "synthetic" */
const char *table_routing(const struct record *record);

/* What a strategy's fullest unit took, over the bound of DDR and MAC; and which unit: "DDR", "MAC" or "link" */
double fullest_unit(const struct cell *cell, const char *strategy, const char **unit);

#endif
