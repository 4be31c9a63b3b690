/* SPDX-License-Identifier: MIT */
/* Options that do not go together. */
#ifndef RILL_TOOLS_OPTIONS_CHECK_H
#define RILL_TOOLS_OPTIONS_CHECK_H

#include "options.h"

/* What is wrong with them, by its name; NULL: nothing. */
const char *options_check(const struct options *options);

#endif
