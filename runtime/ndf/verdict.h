/* SPDX-License-Identifier: MIT */
#ifndef RILL_NDF_VERDICT_H
#define RILL_NDF_VERDICT_H

#include "graph.h"

/* Fail with what the validator says, and with the line of the node or arc at fault. */
void rill_graph_blame(struct rill_graph *graph, const struct rill_ndf_verdict *verdict, const uint32_t *order,
		      const uint8_t *binary);
/* "src:port -> dst:port" of an arc in the binary's order */
void rill_graph_arc_text(const struct rill_graph *graph, const struct graph_arc *arc, char *text, size_t size);

#endif
