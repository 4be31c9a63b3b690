/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the parts of the validator share. Each part returns false with the verdict set. */
#ifndef RILL_CHIP_NDF_VALIDATE_H
#define RILL_CHIP_NDF_VALIDATE_H

#include "layout.h"

struct ndf_check {
	struct ndf_view view;
	struct rill_ndf_verdict *verdict;
	uint32_t at;			/* where in params the next block must stand */
	bool event, plastic;		/* seen */
	uint64_t *always;		/* per node: data inputs without which it never fires */
};

bool ndf_fail(struct ndf_check *check, enum rill_ndf_code code, enum rill_ndf_unit unit, uint64_t position);

/* validate.c: everything; `view` is good if it is true */
bool ndf_check_binary(struct ndf_check *check, const void *binary, size_t size,
		      struct rill_ndf_verdict *verdict);

/* validate_node.c: nodes and the blocks of SOURCEs */
bool ndf_check_nodes(struct ndf_check *check);
bool ndf_check_zero(struct ndf_check *check, const uint8_t *from, const uint8_t *to);
bool ndf_bad_byte(struct ndf_check *check, enum rill_ndf_code code, const uint8_t *at);

/* A node's block: checks it and moves check->at behind it */
bool ndf_check_where(struct ndf_check *check, uint32_t i, const struct ndf_node_desc *node);
bool ndf_check_when(struct ndf_check *check, uint32_t i, const struct ndf_node_desc *node);
bool ndf_take_block(struct ndf_check *check, uint32_t i, uint64_t bytes);

/* validate_graph.c: arcs, tokens, what hangs together */
bool ndf_check_graph(struct ndf_check *check);

#endif
