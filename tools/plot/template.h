/* SPDX-License-Identifier: MIT */
/*
 * A Markdown page from a template: a line "@NAME ARGUMENT@" becomes what that table writes, and "@chart NAME TEXT@"
 * a picture of figures/NAME.svg, if the folder of charts has it.
 */
#ifndef RILL_PLOT_TEMPLATE_H
#define RILL_PLOT_TEMPLATE_H

#include "plot/records.h"

/*
 * page NULL: to standard output; a file appears as a whole or not at all. Prints what is wrong and
 * returns a negative errno.
 */
int template_fill(const char *template, const char *page, const char *charts,
		  const struct records *records);

#endif
