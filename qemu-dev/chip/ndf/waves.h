/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How an array of chiplets finds out that a program has ended: Mattern's four-counter method.
 *
 * Each chiplet counts the tokens and credits that it ever sent to others, and those that came from others.
 * Chiplet 0 starts a wave down a tree whose edges are links: along the first column, then along the rows. A chiplet
 * that was asked asks its children. Once they have answered and it has nothing to do, it answers with the sums of
 * its subtree.
 *
 * The program is quiescent if two waves, the second begun when the first was over, find all chiplets idle and
 * the same sum four times: sent == received == sent == received. Then nothing happened between a chiplet's two
 * answers, and nothing was on its way when the second wave began. One wave alone proves nothing.
 *
 * A sink that is satisfied stays so; so one wave without an open sink is enough for a program that ends with its sinks.
 */
#ifndef RILL_CHIP_NDF_WAVES_H
#define RILL_CHIP_NDF_WAVES_H

#include "ndf.h"

struct ndf_wave_sum {
	uint64_t sent, received;
	uint64_t open;			/* sinks that are to be satisfied and are not */
	bool idle;			/* all of them */
};

struct ndf_wave_chiplet {
	uint64_t sent, received;	/* from and to others, ever */
	uint32_t open;
	bool idle;			/* nothing waits, fires or is on its way from itself to itself */
	bool asked;			/* and has not answered */
	uint8_t awaited;		/* children that have not answered */
	struct ndf_wave_sum sum;	/* of those that have, then of itself, too */
};

struct ndf_waves {
	uint32_t rows, cols;
	bool early;			/* the program ends with its sinks */
	/* A message to a neighbour. Tell ndf_waves_asked(to) or ndf_waves_answered(from) when it is there. */
	void (*send)(void *opaque, uint32_t from, uint32_t to, bool answer);
	void *opaque;
	struct ndf_wave_chiplet chiplets[RILL_NDF_MAX_CHIPLETS];
	struct ndf_wave_sum last;
	bool compared;			/* there is a last one */
	bool running, ended;
	uint64_t count, messages;
};

/* The last one saw that it could not be the first of two. */
bool ndf_waves_in_vain(const struct ndf_waves *waves);
void ndf_waves_begin(struct ndf_waves *waves);
void ndf_waves_asked(struct ndf_waves *waves, uint32_t chiplet);
void ndf_waves_answered(struct ndf_waves *waves, uint32_t chiplet);
/* To be told whenever `idle` came to be true or `open` came to be 0. */
void ndf_waves_calm(struct ndf_waves *waves, uint32_t chiplet);
/* Work came from outside, perhaps to a chiplet that has answered: the running wave may only be the first of two. */
void ndf_waves_forget(struct ndf_waves *waves);

#endif
