// SPDX-License-Identifier: GPL-2.0-or-later
/* WHEN: decoding by rank, resets, and the firing of an EVENT. */
#include "when.h"

static bool better(const int64_t *v, const int64_t *theta, unsigned int k, unsigned int than)
{
	return (ndf_wide_int)v[k] - theta[k] > (ndf_wide_int)v[than] - theta[than];
}

/* The greatest v - theta among `left`, the lowest of equals */
static unsigned int winner(const int64_t *v, const int64_t *theta, uint64_t left)
{
	unsigned int best = (unsigned int)__builtin_ctzll(left);

	for (left &= left - 1; left; left &= left - 1) {
		unsigned int k = (unsigned int)__builtin_ctzll(left);

		if (better(v, theta, k, best))
			best = k;
	}
	return best;
}

void ndf_decode_ranked(const struct ndf_when *when, const int64_t *v, const int64_t *theta,
		       struct ndf_spikes *spikes)
{
	unsigned int rounds = when->decode == RILL_NDF_DECODE_WTA ? 1 : when->top, k = 0;
	uint64_t left = ndf_low_bits(when->dims), chosen = 0;

	for (; rounds; rounds--) {
		k = winner(v, theta, left);
		left &= ~(1ULL << k);
		if (!when->event || v[k] >= theta[k])
			chosen |= 1ULL << k;
	}
	spikes->fired = chosen;
	spikes->emit = chosen != 0;
	spikes->id = when->decode == RILL_NDF_DECODE_WTA ? k : chosen;
}

void ndf_reset(const struct ndf_when *when, int64_t *v, const int64_t *theta, uint64_t fired)
{
	if (when->reset == RILL_NDF_RESET_NONE)
		return;
	if (when->reset == RILL_NDF_RESET_ALL) {
		memset(v, 0, when->dims * sizeof(*v));
		return;
	}
	for (; fired; fired &= fired - 1) {
		unsigned int k = (unsigned int)__builtin_ctzll(fired);

		v[k] = when->reset == RILL_NDF_RESET_HARD ? 0 :
		       ndf_saturate((ndf_wide_int)v[k] - theta[k], when->width);
	}
}

void ndf_sum_exactly(const struct ndf_when *when, uint64_t taken, const int64_t *x, int64_t *v)
{
	unsigned int k;
	uint64_t rest;

	for (k = 0; k < when->dims; k++) {
		ndf_wide_int sum = when->bias[k];

		for (rest = taken; rest; rest &= rest - 1) {
			unsigned int i = (unsigned int)__builtin_ctzll(rest);

			sum += (ndf_wide_int)x[i] * when->weights[i * when->dims + k];
		}
		v[k] = ndf_saturate(sum, 64);
	}
}

/* v = sat(v - (v >> leak) + (x^T W >> x_frac) + b), the rows of W that count being those of `taken` */
static void integrate(const struct ndf_when *when, const struct ndf_when_run *run, uint64_t taken,
		      const int64_t *x, int64_t *v)
{
	const int32_t *weights = run ? run->weights : when->weights;
	const int64_t *bias = run ? run->bias : when->bias;
	unsigned int k;
	uint64_t rest;

	for (k = 0; k < when->dims; k++) {
		ndf_wide_int sum = 0;

		for (rest = taken; rest; rest &= rest - 1) {
			unsigned int i = (unsigned int)__builtin_ctzll(rest);

			sum += (ndf_wide_int)x[i] * weights[i * when->dims + k];
		}
		sum = (sum >> when->x_frac) + bias[k];
		if (run)
			sum += (ndf_wide_int)run->v[k] - (when->leak ? run->v[k] >> when->leak : 0);
		v[k] = ndf_saturate(sum, when->width);
	}
}

/* One token of each input in `taken`; the others' x stay 0. */
static void take_inputs(struct rill_ndf_engine *engine, uint32_t node, uint64_t taken, int64_t *x)
{
	const struct ndf_node *n = &engine->nodes[node];

	for (; taken; taken &= taken - 1) {
		unsigned int i = (unsigned int)__builtin_ctzll(taken);

		x[i] = ndf_signed(ndf_pop(engine, node, ndf_input(engine, n, i), engine->hooked));
	}
}

uint32_t ndf_when_want(struct rill_ndf_engine *engine, uint32_t node)
{
	const struct ndf_when *when = ndf_when_of(engine, node);
	struct ndf_node *n = &engine->nodes[node];
	bool lesson = ndf_code_of(n) == NDF_CODE_LESSON;

	if (n->code == NDF_CODE_WIDE) {
		struct ndf_wide *wide = &engine->wide[engine->wide_at[node]];

		wide->want = lesson ? 0 : when->need[n->op];
		wide->want_extra = lesson;
		wide->want_out = !lesson;
		wide->want_own = lesson ? 0 : ndf_own_inputs(engine->program, node, 1) & ~wide->want;
		return 0;
	}
	return lesson ? 1u << when->inputs : when->wants[n->op];
}

/* Its only output port's */
static void emit(struct rill_ndf_engine *engine, uint32_t node, uint64_t id)
{
	ndf_push_port(engine, node, 0, id, engine->hooked);
}

void ndf_fire_pred(struct rill_ndf_engine *engine, uint32_t node)
{
	const struct ndf_when *when = ndf_when_of(engine, node);
	struct ndf_when_run *run = when->plain ? NULL : ndf_state_of(engine, node);
	int64_t x[RILL_NDF_MAX_PORTS] = { 0 }, v[RILL_NDF_MAX_DIMS];
	struct ndf_node *n = &engine->nodes[node];
	uint64_t taken = when->need[n->op];
	struct ndf_spikes spikes;

	engine->when++;
	ndf_begin(n);
	take_inputs(engine, node, taken, x);
	integrate(when, run, taken, x, v);
	ndf_decode(when, n->op, v, run ? run->theta : when->theta, &spikes);
	n->op = spikes.q;
	if (run) {
		memcpy(run->v, v, when->dims * sizeof(*v));
		if (when->plastic)
			ndf_record(when, run, x, spikes.fired);
		ndf_reset(when, run->v, run->theta, spikes.fired);
		if (when->plastic && when->plastic->rule && run->samples >= when->plastic->history)
			ndf_set_code(n, NDF_CODE_LESSON);
	}
	emit(engine, node, spikes.id);
	ndf_finish(engine, node, ndf_when_want(engine, node), engine->hooked);
}

void ndf_fire_lesson(struct rill_ndf_engine *engine, uint32_t node)
{
	const struct ndf_when *when = ndf_when_of(engine, node);
	struct ndf_node *n = &engine->nodes[node];

	ndf_begin(n);
	engine->lessons++;
	ndf_learn(when, ndf_state_of(engine, node),
		  ndf_pop(engine, node, ndf_input(engine, n, when->inputs), engine->hooked));
	ndf_set_code(n, NDF_CODE_WHEN);
	ndf_finish(engine, node, ndf_when_want(engine, node), engine->hooked);
}

/* In a step, what an EVENT takes is what was there when it began. */
void ndf_event_snapshot(struct rill_ndf_engine *engine, uint32_t node)
{
	struct ndf_wide *wide = &engine->wide[engine->wide_at[node]];

	wide->taken = wide->have;
	wide->want_extra = wide->have_extra && ndf_state_of(engine, node)->waiting;
}

static void fire_prediction(struct rill_ndf_engine *engine, uint32_t node, struct ndf_wide *wide)
{
	struct ndf_node *n = &engine->nodes[node];
	const struct ndf_when *when = ndf_when_of(engine, node);
	struct ndf_when_run *run = ndf_state_of(engine, node);
	int64_t x[RILL_NDF_MAX_PORTS] = { 0 };
	struct ndf_spikes spikes, again;

	engine->when++;
	take_inputs(engine, node, wide->taken, x);
	integrate(when, run, wide->taken, x, run->v);
	ndf_decode(when, n->op, run->v, run->theta, &spikes);
	n->op = spikes.q;
	if (when->plastic)
		ndf_record(when, run, x, spikes.fired);
	wide->ripe = false;
	if (!spikes.emit)
		return;
	ndf_reset(when, run->v, run->theta, spikes.fired);
	emit(engine, node, spikes.id);
	ndf_decode(when, n->op, run->v, run->theta, &again);
	wide->ripe = again.emit && again.fired && when->reset != RILL_NDF_RESET_NONE;
}

void ndf_fire_event(struct rill_ndf_engine *engine, uint32_t node)
{
	struct ndf_wide *wide = &engine->wide[engine->wide_at[node]];
	struct ndf_node *n = &engine->nodes[node];

	if (wide->want_extra) {
		const struct ndf_when *when = ndf_when_of(engine, node);
		struct ndf_arc *teacher = ndf_input(engine, n, when->inputs);

		engine->lessons++;
		ndf_learn(when, ndf_state_of(engine, node), ndf_pop(engine, node, teacher, engine->hooked));
	} else {
		fire_prediction(engine, node, wide);
	}
	ndf_finish(engine, node, 0, engine->hooked);
}
