/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Large programs repeat themselves. WHENs and WHEREs with equal blocks and arcs share one decoded form, which
 * then stays in the caches.
 */
#ifndef RILL_CHIP_NDF_SHARE_H
#define RILL_CHIP_NDF_SHARE_H

#include "internal.h"

struct ndf_sharing {
	uint32_t *slots;		/* node + 1; open addressing */
	uint32_t mask;
};

bool ndf_sharing_init(struct ndf_sharing *sharing, uint32_t nodes);
void ndf_sharing_fini(struct ndf_sharing *sharing);

/* A node seen before that is alike, or this one. */
uint32_t ndf_share(struct ndf_sharing *sharing, const struct rill_ndf_program *program,
		   const struct ndf_view *view, uint32_t node);

#endif
