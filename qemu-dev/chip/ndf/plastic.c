// SPDX-License-Identifier: GPL-2.0-or-later
/* Plasticity: surrogate gradient, reward-modulated STDP, homeostasis. Fixed point, see uapi/rill_ndf.h. */
#include "when.h"

/* words of a sample's x, then its psi two a word */
size_t ndf_history_words(const struct ndf_when *when)
{
	size_t psi = when->plastic->rule == RILL_NDF_RULE_SURROGATE ? (when->dims + 1u) / 2 : 0;

	return sizeof(struct ndf_sample) / 8 + when->inputs + psi;
}

/* x / 2^shift, to nearest, half up */
static ndf_wide_int rounded(ndf_wide_int x, unsigned int shift)
{
	return shift ? (x + ((ndf_wide_int)1 << (shift - 1))) >> shift : x;
}

static int64_t clamped(ndf_wide_int x, int64_t min, int64_t max)
{
	if (x < min)
		return min;
	return x > max ? max : (int64_t)x;
}

static bool in_window(const struct ndf_plastic *plastic, uint64_t sample)
{
	if (sample < plastic->first)
		return false;
	sample -= plastic->first;
	if (plastic->period)
		sample %= plastic->period;
	return !plastic->length || sample < plastic->length;
}

/* 1 - |v - theta|, at least psi_min */
static int32_t surrogate(const struct ndf_when *when, int64_t v, int64_t theta)
{
	ndf_wide_int off = (ndf_wide_int)v - theta, one = (ndf_wide_int)1 << when->frac;
	ndf_wide_int psi = one - (off < 0 ? -off : off);

	return (int32_t)(psi < when->plastic->psi_min ? when->plastic->psi_min : psi);
}

static void homeostasis(const struct ndf_when *when, struct ndf_when_run *run, uint64_t fired, bool learning)
{
	const struct ndf_plastic *plastic = when->plastic;
	unsigned int k;

	if (!plastic->theta_eta)
		return;
	for (k = 0; k < when->dims; k++) {
		int32_t spike = fired >> k & 1 ? 65536 : 0;

		run->rate[k] += (spike - run->rate[k]) >> plastic->rate;
		if (learning)
			run->theta[k] = clamped(run->theta[k] +
						rounded((ndf_wide_int)plastic->theta_eta *
							(run->rate[k] - plastic->target), 16),
						plastic->theta_min, plastic->theta_max);
	}
}

static struct ndf_sample *sample_at(const struct ndf_when *when, struct ndf_when_run *run, unsigned int i)
{
	i = (run->oldest + i) % when->plastic->history;
	return (struct ndf_sample *)(run->history + (size_t)i * run->history_words);
}

/* After a prediction, before the reset */
void ndf_record(const struct ndf_when *when, struct ndf_when_run *run, const int64_t *x, uint64_t fired)
{
	const struct ndf_plastic *plastic = when->plastic;
	struct ndf_sample *sample;
	int64_t *inputs;
	unsigned int i;

	if (plastic->rule == RILL_NDF_RULE_NONE) {
		homeostasis(when, run, fired, in_window(plastic, run->samples++));
		return;
	}
	if (run->waiting == plastic->history) {
		run->oldest = (uint8_t)((run->oldest + 1) % plastic->history);
		run->waiting--;
	}
	sample = sample_at(when, run, run->waiting++);
	*sample = (struct ndf_sample){ .number = run->samples, .spikes = fired };
	inputs = (int64_t *)(sample + 1);
	for (i = 0; i < when->inputs; i++) {
		if (plastic->rule == RILL_NDF_RULE_RSTDP)
			run->trace[i] = ndf_saturate((ndf_wide_int)run->trace[i] -
						     (run->trace[i] >> plastic->trace) + x[i], 64);
		inputs[i] = plastic->rule == RILL_NDF_RULE_RSTDP ? run->trace[i] : x[i];
	}
	if (plastic->rule == RILL_NDF_RULE_SURROGATE) {
		for (i = 0; i < when->dims; i++)
			((int32_t *)(inputs + when->inputs))[i] = surrogate(when, run->v[i], run->theta[i]);
	}
	homeostasis(when, run, fired, in_window(plastic, run->samples++));
}

/* W_ik += scale x_i >> shift, b_k += bias */
static void adapt(const struct ndf_when *when, struct ndf_when_run *run, unsigned int k, const int64_t *x,
		  ndf_wide_int scale, unsigned int shift, ndf_wide_int bias)
{
	const struct ndf_plastic *plastic = when->plastic;
	unsigned int i;

	for (i = 0; i < when->inputs; i++) {
		int32_t *weight = &run->weights[i * when->dims + k];

		*weight = (int32_t)clamped(*weight + rounded(scale * x[i], shift), plastic->weight_min,
					   plastic->weight_max);
	}
	run->bias[k] = clamped(run->bias[k] + bias, plastic->bias_min, plastic->bias_max);
}

static void learn_surrogate(const struct ndf_when *when, struct ndf_when_run *run,
			    const struct ndf_sample *sample, uint64_t lesson)
{
	const int64_t *x = (const int64_t *)(sample + 1);
	const int32_t *psi = (const int32_t *)(x + when->inputs);
	unsigned int k;

	for (k = 0; k < when->dims; k++) {
		int error = (int)(lesson >> k & 1) - (int)(sample->spikes >> k & 1);
		ndf_wide_int scale = (ndf_wide_int)when->plastic->eta * psi[k] * error;

		if (error)
			adapt(when, run, k, x, scale, when->frac + when->x_frac, rounded(scale, when->frac));
	}
}

static void learn_rstdp(const struct ndf_when *when, struct ndf_when_run *run, const struct ndf_sample *sample,
			uint64_t lesson)
{
	int64_t reward = clamped(ndf_signed(lesson), INT32_MIN, INT32_MAX);
	unsigned int k;

	for (k = 0; k < when->dims; k++) {
		int64_t post = sample->spikes >> k & 1 ? 1LL << when->frac : when->plastic->miss;
		int64_t g = clamped(rounded((ndf_wide_int)when->plastic->eta * reward * post, 2 * when->frac),
				    INT32_MIN, INT32_MAX);

		adapt(when, run, k, (const int64_t *)(sample + 1), g, when->x_frac, g);
	}
}

void ndf_learn(const struct ndf_when *when, struct ndf_when_run *run, uint64_t lesson)
{
	const struct ndf_sample *sample = sample_at(when, run, 0);

	run->oldest = (uint8_t)((run->oldest + 1) % when->plastic->history);
	run->waiting--;
	if (lesson == RILL_NDF_NO_LESSON || !in_window(when->plastic, sample->number))
		return;
	run->lessons++;
	if (when->plastic->rule == RILL_NDF_RULE_SURROGATE)
		learn_surrogate(when, run, sample, lesson);
	else
		learn_rstdp(when, run, sample, lesson);
}
