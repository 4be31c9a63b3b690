// SPDX-License-Identifier: MIT
#include "words.h"

#include <stddef.h>

const char *const rill_ndf_where_modes[] = { "static", "table", "index", "mask", NULL };
const char *const rill_ndf_when_modes[] = { "pred", "event", NULL };
const char *const rill_ndf_sink_modes[] = { "count", "until", "quiet", "ignore", NULL };
const char *const rill_ndf_decodes[] = { "table", "wta", "topk", NULL };
const char *const rill_ndf_resets[] = { "all", "hard", "subtract", "none", NULL };
const char *const rill_ndf_rules[] = { "none", "surrogate", "rstdp", NULL };
