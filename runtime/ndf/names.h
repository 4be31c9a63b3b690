/* SPDX-License-Identifier: MIT */
#ifndef RILL_NDF_NAMES_H
#define RILL_NDF_NAMES_H

#include "graph.h"

/* Not exact: with a suffix if the name is taken. */
bool rill_graph_name_node(struct rill_graph *graph, uint32_t node, const char *name, bool exact);
/* The node that has the name so far gets a suffix. */
bool rill_graph_name_first(struct rill_graph *graph, uint32_t node, const char *name);

#endif
