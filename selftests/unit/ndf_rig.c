// SPDX-License-Identifier: MIT
#include <stdlib.h>
#include <string.h>

#include "ndf_rig.h"

void rig_begin(struct rig *rig)
{
	memset(rig, 0, sizeof(*rig));
	build_begin(&rig->b);
	rig->options.host.memory = rig->memory;
}

struct rill_ndf_verdict rig_verdict(struct rig *rig)
{
	struct rill_ndf_verdict verdict;
	size_t size;
	uint8_t *binary = build_binary(&rig->b, &size);

	bool ok = rill_ndf_validate(binary, size, &verdict);

	free(binary);
	assert_int_equal(ok, verdict.code == RILL_NDF_VALID);
	return verdict;
}

void rig_load(struct rig *rig)
{
	struct rill_ndf_verdict verdict;

	rig->binary = build_binary(&rig->b, &rig->size);
	rig->program = rill_ndf_program_new(rig->binary, rig->size, &verdict);
	if (!rig->program)
		fail_msg("%s: %s %u", rill_ndf_code_text(verdict.code), rill_ndf_unit_text(verdict.unit),
			 (unsigned int)verdict.position);
	rig_again(rig);
}

void rig_again(struct rig *rig)
{
	rill_ndf_engine_free(rig->engine);
	rig->engine = rill_ndf_engine_new(rig->program, &rig->options);
	assert_non_null(rig->engine);
}

void rig_end(struct rig *rig)
{
	rill_ndf_engine_free(rig->engine);
	rill_ndf_program_free(rig->program);
	free(rig->binary);
	build_end(&rig->b);
}

enum rill_ndf_end rig_run(struct rig *rig)
{
	if (!rig->engine)
		rig_load(rig);
	return rill_ndf_run(rig->engine, 1000000, UINT64_MAX);
}

void rig_expect(struct rig *rig, uint32_t sink, const uint64_t *words, size_t count)
{
	size_t got, i;
	const uint64_t *kept = rill_ndf_sink_words(rig->engine, sink, &got);

	for (i = 0; i < count && i < got; i++)
		assert_int_equal(kept[i], words[i]);
	assert_int_equal(got, count);
}

uint32_t rig_feed(struct rig *rig, uint32_t node, unsigned int port, const uint64_t *words, uint32_t count)
{
	return build_arc(&rig->b, build_source(&rig->b, words, count), 0, node, port);
}

uint32_t rig_drain(struct rig *rig, uint32_t node, unsigned int port)
{
	return build_arc(&rig->b, node, port, build_sink(&rig->b, RILL_NDF_SINK_QUIET, 0), 0);
}

uint64_t rig_random(uint64_t *state)
{
	uint64_t z = *state += 0x9e3779b97f4a7c15ULL;

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
	return z ^ (z >> 31);
}
