// SPDX-License-Identifier: MIT
#include "expectation.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void choose_tokens(const struct options *options, struct expectation *want)
{
	uint32_t tokens = want->layer->tokens;
	unsigned int i;

	want->count = tokens;
	if (options->verify != VERIFY_SAMPLE || tokens <= SAMPLE_TOKENS)
		return;
	want->count = SAMPLE_TOKENS;
	want->sampled = true;
	for (i = 0; i < SAMPLE_TOKENS; i++)
		want->sample[i] = (uint64_t)i * (tokens - 1) / (SAMPLE_TOKENS - 1);
}

static int read_reference(const struct options *options, struct expectation *want)
{
	int ret = reference_read(options->reference, want->layer, want->out);

	if (ret == -ESTALE)
		fprintf(stderr, "rill: reference: %s is of another layer, batch or seed\n",
			options->reference);
	else if (ret == -EBADMSG)
		fprintf(stderr, "rill: reference: %s is not a whole file of rill reference\n", options->reference);
	else if (ret)
		fprintf(stderr, "rill: reference: %s: %s\n", options->reference, strerror(-ret));
	want->sampled = false;
	want->count = want->layer->tokens;
	return ret;
}

int expectation_make(const struct options *options, const struct rill_layer *layer,
		     struct expectation *want)
{
	*want = (struct expectation){ .layer = layer };
	if (options->verify == VERIFY_NONE)
		return 0;
	choose_tokens(options, want);
	want->out = malloc((size_t)layer->tokens * layer->model->hidden * sizeof(*want->out));
	if (!want->out)
		return -ENOMEM;
	if (options->reference)
		return read_reference(options, want);
	return rill_reference(layer, want->sampled ? want->sample : NULL, want->count,
			      options->threads, want->out);
}

void expectation_free(struct expectation *want)
{
	free(want->out);
	*want = (struct expectation){ 0 };
}

/* The first element that differs is named. */
static bool token_matches(const struct expectation *want, unsigned int i, const int64_t *out,
			  const struct pass_result *result)
{
	uint32_t hidden = want->layer->model->hidden, token = want->sampled ? want->sample[i] : i, n;
	const int64_t *got = out + (size_t)token * hidden, *should = want->out + (size_t)i * hidden;

	for (n = 0; n < hidden && got[n] == should[n]; n++)
		;
	if (n < hidden && !result->verify_failed)
		fprintf(stderr, "rill: %s: layer %u, token %u, element %u: got %" PRId64 ", want %" PRId64
			"\n", result->strategy, want->layer->layer, token, n, got[n], should[n]);
	return n == hidden;
}

int expectation_check(const struct expectation *want, const int64_t *out, struct pass_result *result)
{
	unsigned int i;

	for (i = 0; want->out && i < want->count; i++) {
		if (token_matches(want, i, out, result))
			result->verified++;
		else
			result->verify_failed++;
	}
	return result->verify_failed ? -EBADMSG : 0;
}
