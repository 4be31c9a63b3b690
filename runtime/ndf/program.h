/* SPDX-License-Identifier: MIT */
#ifndef RILL_NDF_PROGRAM_H
#define RILL_NDF_PROGRAM_H

#include "ast.h"

/* The program's statements into the flow; errors are the flow's. */
bool rill_compile(struct program *program, struct rill_flow *flow, const struct rill_build_options *options);

#endif
