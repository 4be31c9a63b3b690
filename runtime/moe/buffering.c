// SPDX-License-Identifier: MIT
/*
 * Token buffering: which (token, expert) pairs wait for a later pass. A pass that leaves out all pairs of an
 * expert does not load it; what is won is a load, if a later pass loads the expert anyway. So as long as the
 * budget lasts, that expert is left out which promises most for each token that comes to wait.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "buffering.h"

/* Does the token's request have slack? */
static bool has_slack(const struct buffering *b, uint32_t batch, uint32_t token)
{
	uint64_t draw = rill_pattern(b->options->seed, (uint64_t)batch << 32 | token) >> 11;

	return (double)draw / (1ULL << 53) < b->options->slack;
}

/* --- pairs of a pass --- */

static int add_pair(struct buffering *b, const struct buffering_pair *pair)
{
	if (b->pair_count == b->pair_capacity) {
		uint32_t capacity = b->pair_capacity ? 2 * b->pair_capacity : 1024;
		struct buffering_pair *pairs = realloc(b->pairs, capacity * sizeof(*pairs));

		if (!pairs)
			return -ENOMEM;
		b->pairs = pairs;
		b->pair_capacity = capacity;
	}
	b->pairs[b->pair_count++] = *pair;
	return 0;
}

static int add_batch(struct buffering *b, uint32_t batch)
{
	const struct rill_layer *layer = b->batches[batch];
	int err = 0;

	for (uint32_t t = 0; t < layer->tokens; t++)
		for (uint32_t i = 0; i < rill_layer_picks(layer, t) && !err; i++) {
			struct buffering_pair pair = { .batch = batch, .token = t };

			rill_layer_select(layer, t, i, &pair.pick.expert, &pair.pick.weight);
			pair.slack = pair.pick.expert < layer->model->experts && has_slack(b, batch, t);
			err = add_pair(b, &pair);
		}
	return err;
}

/* --- what may be left out, and what that would be worth --- */

static void look_at_experts(struct buffering *b)
{
	memset(b->experts, 0, b->expert_count * sizeof(*b->experts));
	for (uint32_t i = 0; i < b->pair_count; i++) {
		const struct buffering_pair *pair = &b->pairs[i];
		struct buffering_expert *expert = &b->experts[pair->pick.expert];
		uint32_t left = b->options->age - (b->pass - pair->batch);

		if (!expert->pairs++ || left < expert->passes_left)
			expert->passes_left = left;
		expert->needed |= !pair->slack || !left;
		expert->fresh |= pair->batch == b->pass;
	}
	for (uint32_t e = 0; e < b->expert_count; e++)
		b->passes_with[e] += b->experts[e].fresh;
}

/* Tokens that would come to wait for this expert, beyond those that wait already. */
static uint32_t tokens_more(const struct buffering *b, uint32_t expert)
{
	uint32_t more = 0;

	for (uint32_t i = 0; i < b->pair_count; i++)
		if (b->pairs[i].pick.expert == expert)
			more += !b->waits[b->pairs[i].batch][b->pairs[i].token];
	return more;
}

/*
 * How likely is it that a pass within reach loads the expert anyway? As often as passes so far had
 * tokens of it.
 */
static double chance(const struct buffering *b, uint32_t expert)
{
	double share = (b->passes_with[expert] + 0.5) / (b->pass + 2), none = 1;

	for (uint32_t i = 0; i < b->experts[expert].passes_left && b->pass + 1 + i < b->count; i++)
		none *= 1 - share;
	return 1 - none;
}

/* The expert to leave out next, within so many more tokens; UINT32_MAX: none */
static uint32_t most_worth(const struct buffering *b, uint32_t tokens_left, uint32_t *more)
{
	uint32_t best = UINT32_MAX;
	double most = 0;

	for (uint32_t e = 0; e < b->expert_count; e++) {
		uint32_t tokens;
		double worth;

		if (!b->experts[e].pairs || b->experts[e].needed || b->experts[e].left_out)
			continue;
		tokens = tokens_more(b, e);
		worth = chance(b, e) / (tokens + 0.001);
		if (tokens > tokens_left || worth <= most)
			continue;
		best = e;
		most = worth;
		*more = tokens;
	}
	return best;
}

static void leave_out(struct buffering *b, uint32_t expert)
{
	b->experts[expert].left_out = true;
	for (uint32_t i = 0; i < b->pair_count; i++)
		if (b->pairs[i].pick.expert == expert)
			b->waits[b->pairs[i].batch][b->pairs[i].token] = true;
}

static void clear_waits(struct buffering *b)
{
	for (uint32_t i = 0; i < b->pair_count; i++)
		b->waits[b->pairs[i].batch][b->pairs[i].token] = false;
}

/* A pass has at least one expert; the last one has all that is left. */
static uint32_t choose(struct buffering *b)
{
	uint32_t budget = (uint64_t)b->batches[b->pass]->tokens * b->options->percent / 100;
	uint32_t loads = 0, waiting = 0, more = 0, e;

	clear_waits(b);
	look_at_experts(b);
	for (e = 0; e < b->expert_count; e++)
		loads += b->experts[e].pairs != 0;
	while (b->pass + 1 < b->count && loads > 1) {
		e = most_worth(b, budget - waiting, &more);
		if (e == UINT32_MAX)
			break;
		leave_out(b, e);
		waiting += more;
		loads--;
	}
	return waiting;
}

/* --- the pass's layer --- */

static struct rill_layer *make_part(const struct rill_layer *like, uint32_t tokens)
{
	struct rill_layer *part = calloc(1, sizeof(*part));
	size_t experts = rill_layer_experts(like), most = rill_layer_most_picks(like);

	if (!part)
		return NULL;
	*part = *like;
	part->tokens = tokens;
	part->routing.tokens = tokens;
	part->routing.expert = NULL;
	part->routing.weight = NULL;
	part->out_shift = 0;
	part->homes = like->homes ? calloc(tokens, sizeof(*part->homes)) : NULL;
	part->x = malloc((size_t)tokens * like->model->hidden);
	part->requant = malloc(experts * sizeof(*part->requant));
	part->pick_count = calloc(tokens, sizeof(*part->pick_count));
	part->picks = calloc(tokens * most, sizeof(*part->picks));
	if (part->x && part->requant && part->pick_count && part->picks && !part->homes == !like->homes) {
		memcpy(part->requant, like->requant, experts * sizeof(*part->requant));
		return part;
	}
	rill_layer_free(part);
	return NULL;
}

static bool is_computed(const struct buffering *b, const struct buffering_pair *pair)
{
	return !b->experts[pair->pick.expert].left_out;
}

/* Rows are numbered in the order in which pairs name their tokens: a token's pairs are neighbours. */
static uint32_t count_rows(const struct buffering *b)
{
	const struct buffering_pair *last = NULL;
	uint32_t rows = 0;

	for (uint32_t i = 0; i < b->pair_count; i++) {
		const struct buffering_pair *pair = &b->pairs[i];

		if (!is_computed(b, pair))
			continue;
		rows += !last || last->batch != pair->batch || last->token != pair->token;
		last = pair;
	}
	return rows;
}

static void add_row(const struct buffering *b, struct rill_buffering_pass *pass, uint32_t row,
		    const struct buffering_pair *pair)
{
	uint32_t hidden = pass->layer->model->hidden;

	pass->rows[row] = (struct rill_buffering_row){ pair->batch, pair->token };
	if (pass->layer->homes)
		pass->layer->homes[row] = b->batches[pair->batch]->homes[pair->token];
	memcpy(pass->layer->x + (size_t)row * hidden,
	       b->batches[pair->batch]->x + (size_t)pair->token * hidden, hidden);
}

static void fill_part(struct buffering *b, struct rill_buffering *out)
{
	struct rill_buffering_pass *pass = &out->passes[b->pass];
	const struct buffering_pair *last = NULL;
	uint32_t row = UINT32_MAX;

	for (uint32_t i = 0; i < b->pair_count; i++) {
		const struct buffering_pair *pair = &b->pairs[i];

		if (!is_computed(b, pair))
			continue;
		if (!last || last->batch != pair->batch || last->token != pair->token)
			add_row(b, pass, ++row, pair);
		last = pair;
		pass->layer->picks[row * rill_layer_most_picks(pass->layer) +
				   pass->layer->pick_count[row]++] = pair->pick;
		out->done[pair->batch][pair->token] = b->pass;
	}
}

/* What was left out stays for the next pass. */
static void keep_pairs(struct buffering *b, struct rill_buffering *out)
{
	uint32_t kept = 0;

	for (uint32_t i = 0; i < b->pair_count; i++) {
		if (is_computed(b, &b->pairs[i]))
			continue;
		out->deferred += b->pairs[i].batch == b->pass;
		b->pairs[kept++] = b->pairs[i];
	}
	b->pair_count = kept;
}

static int make_pass(struct buffering *b, struct rill_buffering *out, char *error)
{
	struct rill_buffering_pass *pass = &out->passes[b->pass];
	uint32_t rows;
	int err = add_batch(b, b->pass);

	if (err)
		return rill_moe_error(error, err, "out of memory for token buffering");
	pass->waiting = choose(b);
	rows = count_rows(b);
	if (rows > RILL_MAX_TOKENS)
		return rill_moe_error(error, -EINVAL, "tokens: %u of pass %u, with those that waited, are over %u",
				      rows, b->pass, RILL_MAX_TOKENS);
	pass->layer = make_part(b->batches[0], rows);
	pass->rows = calloc(rows, sizeof(*pass->rows));
	if (!pass->layer || !pass->rows)
		return rill_moe_error(error, -ENOMEM, "out of memory for token buffering");
	fill_part(b, out);
	keep_pairs(b, out);
	return 0;
}

static int check(struct rill_layer *const *batches, uint32_t count,
		 const struct rill_buffering_options *options, char *error)
{
	if (!count)
		return rill_moe_error(error, -EINVAL, "passes: there are none");
	if (options->percent > 100)
		return rill_moe_error(error, -EINVAL, "buffer: %u %% is over 100", options->percent);
	if (!options->age)
		return rill_moe_error(error, -EINVAL, "age: 0 passes, but nothing can wait for less than 1");
	if (!(options->slack >= 0 && options->slack <= 1))
		return rill_moe_error(error, -EINVAL, "slack: %g is not in 0..1", options->slack);
	for (uint32_t i = 1; i < count; i++)
		if (batches[i]->model != batches[0]->model || batches[i]->layer != batches[0]->layer ||
		    batches[i]->seed != batches[0]->seed || batches[i]->weights != batches[0]->weights ||
		    !batches[i]->homes != !batches[0]->homes)
			return rill_moe_error(error, -EINVAL, "batch %u is of another layer than batch 0", i);
	return 0;
}

/* --- all passes --- */

static bool allocate(struct buffering *b, struct rill_buffering *out)
{
	bool done;

	b->expert_count = rill_layer_experts(b->batches[0]);
	b->experts = calloc(b->expert_count, sizeof(*b->experts));
	b->passes_with = calloc(b->expert_count, sizeof(*b->passes_with));
	b->waits = calloc(b->count, sizeof(*b->waits));
	out->passes = calloc(b->count, sizeof(*out->passes));
	out->done = calloc(b->count, sizeof(*out->done));
	done = b->experts && b->passes_with && b->waits && out->passes && out->done;
	for (uint32_t i = 0; done && i < b->count; i++) {
		b->waits[i] = calloc(b->batches[i]->tokens, sizeof(*b->waits[i]));
		out->done[i] = calloc(b->batches[i]->tokens, sizeof(*out->done[i]));
		done = b->waits[i] && out->done[i];
	}
	return done;
}

static void release(struct buffering *b)
{
	for (uint32_t i = 0; b->waits && i < b->count; i++)
		free(b->waits[i]);
	free(b->waits);
	free(b->experts);
	free(b->passes_with);
	free(b->pairs);
}

int rill_buffering_create(struct rill_layer *const *batches, uint32_t count,
			  const struct rill_buffering_options *options, struct rill_buffering **out,
			  char *error)
{
	struct buffering b = { .batches = batches, .count = count, .options = options };
	struct rill_buffering *buffering;
	int err = check(batches, count, options, error);

	if (err)
		return err;
	buffering = calloc(1, sizeof(*buffering));
	if (!buffering)
		return rill_moe_error(error, -ENOMEM, "out of memory for token buffering");
	buffering->count = count;
	if (!allocate(&b, buffering))
		err = rill_moe_error(error, -ENOMEM, "out of memory for token buffering");
	for (; b.pass < count && !err; b.pass++)
		err = make_pass(&b, buffering, error);
	release(&b);
	if (err)
		rill_buffering_free(buffering);
	else
		*out = buffering;
	return err;
}

void rill_buffering_free(struct rill_buffering *buffering)
{
	for (uint32_t i = 0; buffering && i < buffering->count; i++) {
		if (buffering->passes)
			rill_layer_free(buffering->passes[i].layer);
		if (buffering->passes)
			free(buffering->passes[i].rows);
		if (buffering->done)
			free(buffering->done[i]);
	}
	if (!buffering)
		return;
	free(buffering->passes);
	free(buffering->done);
	free(buffering);
}
