// SPDX-License-Identifier: GPL-2.0-or-later
/* A program's tokens go along rows first, then along columns, and the credits for them likewise. */
#include "ndf_job.h"
#include "pass.h"

#include <string.h>

#define PS_PER_US	1000000ULL

static void find_links(struct rill_ndf_task *task)
{
	const struct rill_chip *chip = task->chip;
	uint32_t cols = chip->config.cols, i;

	for (i = 0; i < chip->link_count; i++) {
		unsigned int src = chip->links[i].src, dst = chip->links[i].dst;
		unsigned int way = src / cols == dst / cols ? (dst > src ? 0 : 1) : (dst > src ? 2 : 3);

		task->links[src][way] = i;
	}
}

static unsigned int way_to(uint32_t cols, uint32_t at, uint32_t to)
{
	if (at % cols != to % cols)
		return at % cols < to % cols ? 0 : 1;
	return at < to ? 2 : 3;
}

static bool check_link(struct rill_ndf_task *task, const struct rill_link_state *link)
{
	uint64_t both = rill_bit(link->src) | rill_bit(link->dst);

	if (!link->up || (rill_ndf_job_context(task)->chiplets & both) != both)
		return false;
	if (link->rate_permille < task->rate_permille)
		task->rate_permille = link->rate_permille;
	return true;
}

static bool check_way(struct rill_ndf_task *task, uint32_t src, uint32_t dst)
{
	const struct rill_chip *chip = task->chip;
	const struct rill_link_state *link;
	uint32_t at;

	for (at = src; at != dst; at = link->dst) {
		link = &chip->links[task->links[at][way_to(chip->config.cols, at, dst)]];
		if (!check_link(task, link))
			return false;
	}
	return true;
}

/* Waves go along the first column and along the rows. */
static bool check_tree(struct rill_ndf_task *task, uint64_t *detail)
{
	const struct rill_chip *chip = task->chip;
	uint32_t cols = chip->config.cols, i;

	for (i = 0; i < chip->link_count; i++) {
		const struct rill_link_state *link = &chip->links[i];

		if (link->src / cols != link->dst / cols && link->src % cols)
			continue;
		*detail = (uint64_t)link->src << 16 | link->dst;
		if (!check_link(task, link))
			return false;
	}
	return true;
}

static uint32_t chiplet_of(const struct rill_ndf_task *task, const struct rill_ndf_header *header, uint32_t i)
{
	struct rill_ndf_node node;

	memcpy(&node, task->binary + header->nodes + i * sizeof(node), sizeof(node));
	return node.chiplet;
}

/* Tokens there, credits back. */
static void find_pairs(const struct rill_ndf_task *task, uint64_t to[RILL_MAX_CHIPLETS])
{
	struct rill_ndf_header header;
	struct rill_ndf_arc arc;
	uint32_t i, src, dst;

	memcpy(&header, task->binary, sizeof(header));
	for (i = 0; i < header.arc_count; i++) {
		memcpy(&arc, task->binary + header.arcs + i * sizeof(arc), sizeof(arc));
		src = chiplet_of(task, &header, arc.src);
		dst = chiplet_of(task, &header, arc.dst);
		to[src] |= rill_bit(dst);
		to[dst] |= rill_bit(src);
	}
}

bool rill_ndf_job_check_links(struct rill_ndf_task *task, uint64_t *detail)
{
	uint64_t to[RILL_MAX_CHIPLETS] = { 0 }, left;
	uint32_t src, rate;

	find_links(task);
	find_pairs(task, to);
	task->rate_permille = 1000;
	for (src = 0; src < RILL_MAX_CHIPLETS; src++) {
		for (left = to[src]; left; left &= left - 1) {
			*detail = (uint64_t)src << 16 | rill_lowest(left);
			if (!check_way(task, src, rill_lowest(left)))
				return false;
		}
	}
	if (task->block.flags & RILL_NDF_JOB_WAVES && !check_tree(task, detail))
		return false;
	rate = task->chip->config.link_mbps;
	task->token_ps = (RILL_NDF_TOKEN_BYTES * PS_PER_US * 1000 + (uint64_t)rate * task->rate_permille - 1) /
			 ((uint64_t)rate * task->rate_permille);
	return true;
}

void rill_ndf_job_count_links(struct rill_ndf_task *task)
{
	struct rill_chip *chip = task->chip;
	uint32_t c, way;

	for (c = 0; task->mapped && c < chip->chiplet_count; c++) {
		for (way = 0; way < 4; way++) {
			uint64_t now = rill_ndf_mapped_link(task->mapped, c, way), more = now - task->moved[c][way];
			struct rill_link_state *link = &chip->links[task->links[c][way]];

			if (!more)
				continue;
			task->moved[c][way] = now;
			link->transfers += more;
			link->bytes += more * RILL_NDF_TOKEN_BYTES;
			link->busy_ps += more * task->token_ps;
		}
	}
}
