/* SPDX-License-Identifier: MIT */
/* Which records belong to which table or chart: by the parameters they give. */
#ifndef RILL_PLOT_SELECT_H
#define RILL_PLOT_SELECT_H

#include "plot/records.h"

/* These, and FSE-DP's plans with as little SRAM as 3 % of finish time give: for select_trade_apart */
#define SELECT_LEAN	"fse-dp trade=3"
extern const char *const select_trade_apart[];
bool select_lean(const struct record *record);
bool select_main(const struct record *record);		/* 2x2, nothing else given */
bool select_arrays(const struct record *record);	/* any array, nothing else given; sample 1 */
bool select_heatmap(const struct record *record);	/* with link-mbps and ddr-mbps */
bool select_slots(const struct record *record);		/* with slots; slices or not */
bool select_profile(const struct record *record);	/* with a profile */
bool select_weights(const struct record *record);	/* 2x2; with a weight format, or as the main ones */
bool select_buffering(const struct record *record);	/* with passes; with buffer or not */
bool select_whole(const struct record *record);		/* with layers */
bool select_ablation(const struct record *record);	/* 2x2; with what is none of the above, or as the main ones */

#endif
