// SPDX-License-Identifier: MIT
/*
 * What tokens other than a pass's select: for planners that place experts by how popular they are, which
 * must not look at the pass itself.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "internal.h"

#define MOST_TOKENS	4096	/* counted: enough to know popularity to a few percent */

int rill_popularity_create(uint32_t experts, struct rill_popularity *popularity)
{
	*popularity = (struct rill_popularity){
		.experts = experts,
		.picks = calloc(experts + 1, sizeof(*popularity->picks)),
		.home = calloc(experts + 1, sizeof(*popularity->home)),
	};
	if (popularity->picks && popularity->home)
		return 0;
	rill_popularity_free(popularity);
	return -ENOMEM;
}

void rill_popularity_free(struct rill_popularity *popularity)
{
	free(popularity->picks);
	free(popularity->home);
	memset(popularity, 0, sizeof(*popularity));
}

void rill_popularity_add(struct rill_popularity *popularity, const struct rill_routing *routing,
			 const uint16_t *homes, uint32_t batch)
{
	for (uint32_t t = 0; t < routing->tokens; t++)
		for (uint32_t i = 0; i < routing->top_k; i++) {
			uint16_t expert = routing->expert[(size_t)t * routing->top_k + i];

			popularity->picks[expert]++;
			popularity->home[expert][homes[t % batch]]++;
		}
	popularity->tokens += routing->tokens;
}

struct measure {
	const struct rill_layer *layer;
	const struct rill_routing_source *source;
	const uint16_t *homes;
	struct rill_popularity *popularity;
	char *error;
};

static int add_tokens(const struct measure *m, uint32_t first, uint32_t tokens)
{
	struct rill_routing routing;
	int err;

	if (!tokens)
		return 0;
	err = rill_routing_from(m->source, m->layer->model, m->layer->layer, first, tokens, &routing,
				m->error);
	if (err)
		return err;
	rill_popularity_add(m->popularity, &routing, m->homes, m->layer->tokens);
	rill_routing_free(&routing);
	return 0;
}

/* Tokens first .. end - 1 are not to be looked at: those after them, then the nearest before them. */
static int add_others(const struct measure *m, uint32_t first, uint64_t end)
{
	uint32_t length = UINT32_MAX, after, before;
	int err = 0;

	if (m->source->trace)
		err = rill_routing_length(m->source->trace, m->layer->model, m->layer->layer, &length,
					  m->error);
	if (err)
		return err;
	after = end < length ? length - end : 0;
	after = after < MOST_TOKENS ? after : MOST_TOKENS;
	before = first < MOST_TOKENS - after ? first : MOST_TOKENS - after;
	if (!after && !before)
		return rill_moe_error(m->error, -ENODATA, "trace: no token of layer %u is left to measure popularity",
				      m->layer->layer);
	err = add_tokens(m, first - before, before);
	return err ? err : add_tokens(m, end, after);
}

int rill_popularity_measure(const struct rill_layer *layer, const struct rill_plan_chip *chip,
			    const struct rill_routing_source *source, uint32_t first, uint64_t end,
			    struct rill_popularity *popularity, char *error)
{
	struct measure m = { .layer = layer, .source = source, .popularity = popularity, .error = error };
	struct rill_plan_array array;
	struct rill_plan plan = { 0 };
	int err = rill_plan_array(chip, &array, error);

	memset(popularity, 0, sizeof(*popularity));
	if (!err)
		err = rill_plan_homes(layer, &array, &plan, error);
	if (!err && rill_popularity_create(layer->model->experts, popularity))
		err = rill_moe_error(error, -ENOMEM, "out of memory for popularity");
	m.homes = plan.homes;
	if (!err)
		err = add_others(&m, first, end);
	if (err)
		rill_popularity_free(popularity);
	rill_plan_free(&plan);
	return err;
}
