// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Tokens and accumulators that leave home: activations are scattered before
 * computing, partial accumulators reduced after it, both hop by hop over the links
 * that the slices use. On an idle link a packet goes before a slice: it is small.
 */
#include "rules.h"

#define COPIES_A_STEP	8192

static uint32_t packet_new(struct rill_pass_state *pass)
{
	uint32_t p = pass->free_packets;

	if (p != RILL_NONE) {
		pass->free_packets = pass->packets[p].next;
		return p;
	}
	if (!rill_array_grow((void **)&pass->packets, &pass->packet_capacity,
			     pass->packet_count + 1, sizeof(*pass->packets))) {
		pass->broken = true;
		return RILL_NONE;
	}
	return pass->packet_count++;
}

static uint64_t packet_bytes(const struct rill_pass_state *pass, const struct rill_packet *packet)
{
	uint64_t hidden = pass->block.hidden;

	return packet->kind == RILL_PACKET_SCATTER ? hidden : hidden * RILL_ACCUMULATOR_BYTES;
}

/*
 * Dimension order: on a shortest way along the row first, then along the column, as far as links are up. So two
 * that change places do not meet on the same links, as they would if both took the lowest link.
 */
static unsigned int route(const struct rill_pass_state *pass, unsigned int at, unsigned int dst)
{
	unsigned int cols = pass->chip->config.cols, best = RILL_MAX_LINKS, i;

	for (i = 0; i < pass->out_count[at]; i++) {
		unsigned int link = pass->out_links[at][i], next = pass->chip->links[link].dst;

		if (pass->distance[next][dst] + 1 != pass->distance[at][dst])
			continue;
		if (next / cols == at / cols)
			return link;
		if (best == RILL_MAX_LINKS)
			best = link;
	}
	return best;
}

bool rill_packet_send(struct rill_pass_state *pass, unsigned int link)
{
	struct rill_link_run *run = &pass->links[link];
	uint32_t p = run->packets.head;
	struct rill_packet *packet;
	uint64_t bytes, end;

	if (run->busy || p == RILL_NONE)
		return false;
	packet = &pass->packets[p];
	run->packets.head = packet->next;
	bytes = packet_bytes(pass, packet);
	end = rill_link_occupy(pass, link, bytes, packet->ready_ps);
	packet->at = pass->chip->links[link].dst;
	rill_timeline_add(pass, packet->kind == RILL_PACKET_SCATTER ? RILL_INTERVAL_SCATTER :
			  RILL_INTERVAL_REDUCE, link, pass->now, end,
			  pass->copies[packet->copy].token, 0, bytes);
	rill_clock_push(&pass->clock, end + pass->chip->config.link_hop_ps, RILL_EVENT_PACKET, p);
	return true;
}

static void enqueue(struct rill_pass_state *pass, uint32_t p)
{
	struct rill_packet *packet = &pass->packets[p];
	unsigned int link = route(pass, packet->at, packet->dst);

	packet->ready_ps = pass->now;
	rill_list_add(&pass->links[link].packets, pass->packets, p, next);
	rill_packet_send(pass, link);
}

static void start(struct rill_pass_state *pass, uint32_t copy, enum rill_packet_kind kind,
		  unsigned int from, unsigned int to)
{
	uint32_t p = packet_new(pass);

	if (p == RILL_NONE)
		return;
	pass->packets[p] = (struct rill_packet){
		.copy = copy, .next = RILL_NONE, .at = from, .dst = to, .kind = kind,
	};
	enqueue(pass, p);
}

/* Copies are numbered by first use, so those that are needed first travel first. */
bool rill_packet_scatter(struct rill_pass_state *pass)
{
	uint32_t end = pass->copy_count, c;

	if (end - pass->scattered > COPIES_A_STEP)
		end = pass->scattered + COPIES_A_STEP;
	for (c = pass->scattered; c < end; c++) {
		const struct rill_copy_state *copy = &pass->copies[c];

		if (!copy->remote)
			continue;
		rill_sram_hold(pass, copy->chiplet, RILL_SRAM_TOKENS, pass->block.hidden);
		start(pass, c, RILL_PACKET_SCATTER, pass->homes[copy->token], copy->chiplet);
		pass->scatters++;
	}
	pass->scattered = end;
	return end == pass->copy_count;
}

void rill_packet_reduce(struct rill_pass_state *pass, uint32_t copy)
{
	const struct rill_copy_state *state = &pass->copies[copy];

	pass->reduces_left++;
	pass->reduces++;
	start(pass, copy, RILL_PACKET_REDUCE, state->chiplet, pass->homes[state->token]);
}

static void scatter_arrived(struct rill_pass_state *pass, const struct rill_copy_state *copy)
{
	uint32_t i;

	pass->effort += copy->use_count;
	for (i = 0; i < copy->use_count; i++)
		rill_stream_token_arrived(pass, pass->uses[copy->use_first + i]);
}

static void reduce_arrived(struct rill_pass_state *pass, struct rill_copy_state *copy)
{
	rill_mac_reduce(pass, copy);
	rill_sram_drop(pass, copy->chiplet, RILL_SRAM_ACCUMULATORS,
		       (uint64_t)pass->block.hidden * RILL_ACCUMULATOR_BYTES);
	pass->reduces_left--;
}

void rill_packet_arrive(struct rill_pass_state *pass, uint32_t p)
{
	struct rill_packet packet = pass->packets[p];

	if (packet.at != packet.dst) {
		enqueue(pass, p);
		return;
	}
	pass->packets[p].next = pass->free_packets;
	pass->free_packets = p;
	if (packet.kind == RILL_PACKET_SCATTER)
		scatter_arrived(pass, &pass->copies[packet.copy]);
	else
		reduce_arrived(pass, &pass->copies[packet.copy]);
}
