// SPDX-License-Identifier: MIT
/*
 * Rules of a pass that are hostile: mutants of the programs that come with librill, their CRC made right.
 * A pass ends well, with what it has to compute computed, or with a clear status; and the built-in rules find
 * the chip as it was. Usage: rules_fuzz [COUNT [SEED]]
 */
#include <endian.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "rill_ndf.h"
#include "rules_programs.h"
#include "rules_rig.h"

#define RUNS_A_RIG	200

struct tally {
	uint64_t ran, same, by_program, refused[7];
};

static uint64_t random_word(uint64_t *state)
{
	return rill_pattern(4242, (*state)++);
}

/* Anywhere; or where a mutant stays valid: in the parameters, or a node's immediate. */
static void mutate(uint8_t *binary, size_t bytes, uint64_t *state)
{
	static const uint8_t words[] = { 0, 1, 2, 3, 4, 5, 0x7f, 0x80, 0xff };
	struct rill_ndf_header header;
	uint64_t count = 1 + random_word(state) % 4, at, i;

	memcpy(&header, binary, sizeof(header));
	for (i = 0; i < count; i++) {
		switch (random_word(state) % 4) {
		case 0:
			at = random_word(state) % bytes;
			break;
		case 1:
			at = header.nodes + random_word(state) % header.node_count * sizeof(struct rill_ndf_node) +
			     offsetof(struct rill_ndf_node, imm);
			break;
		case 2:
			at = header.arcs + random_word(state) % header.arc_count * sizeof(struct rill_ndf_arc) +
			     random_word(state) % 12;
			break;
		default:
			at = header.params + random_word(state) % header.params_bytes;
		}
		if (random_word(state) % 2)
			binary[at] ^= 1u << random_word(state) % 8;
		else
			binary[at] = words[random_word(state) % sizeof(words)];
	}
	rules_program_seal(binary, bytes);
}

static bool all_computed(const struct rules_outcome *want, const struct rules_outcome *got)
{
	unsigned int c;

	for (c = 0; c < RILL_MAX_CHIPLETS; c++)
		if (want->report.chiplet[c].macs != got->report.chiplet[c].macs)
			return false;
	return want->report.slices_computed == got->report.slices_computed &&
	       want->report.slices_loaded == got->report.slices_loaded;
}

/* It says that it goes on behind what there is of it, where nothing may be mapped. */
static bool too_long(const uint8_t *binary, size_t bytes)
{
	struct rill_ndf_header header;

	memcpy(&header, binary, sizeof(header));
	return le32toh(header.bytes) > bytes;
}

static const char *judge(const struct rules_outcome *want, const struct rules_outcome *got, bool longer,
			 struct tally *tally)
{
	uint64_t fault = got->detail & 0xff;

	switch (got->status) {
	case RILL_OK:
		tally->ran++;
		tally->same += rules_outcome_same(want, got);
		return all_computed(want, got) ? NULL : "it ended well, but not all was computed";
	case RILL_BAD_PROGRAM:
		tally->by_program++;
		return NULL;
	case RILL_FAULT_READ:
		tally->by_program++;
		return longer ? NULL : "read where it has not to";
	case RILL_BAD_RULES:
		if (!fault || fault > RILL_RULES_STUCK)
			return "no such fault";
		tally->refused[fault]++;
		return NULL;
	}
	return "neither RILL_OK nor a status of rules";
}

static struct rules_trial draw_trial(uint64_t number, struct rules_rig *rig, struct rules_outcome *want)
{
	struct rules_trial trial;

	for (;; number += 1000003) {
		trial = rules_trial_draw(number);
		if (trial.tokens > 60)
			continue;
		rules_rig_open(rig, &trial);
		rules_rig_run(rig, NULL, 0, want);
		if (!want->status)
			return trial;
		rules_outcome_free(want);
		rules_rig_close(rig);
	}
}

/* The mutants of one schedule; false: something is wrong. */
static bool fuzz_some(const uint8_t *rules, size_t bytes, uint64_t first, uint64_t count, struct tally *tally)
{
	struct rules_outcome want, got;
	uint8_t *mutant = malloc(bytes);
	const char *wrong = NULL;
	struct rules_rig rig;
	uint64_t i, state;

	draw_trial(first, &rig, &want);
	for (i = 0; mutant && !wrong && i < count; i++) {
		state = (first + i) << 16;
		memcpy(mutant, rules, bytes);
		mutate(mutant, bytes, &state);
		rules_rig_run(&rig, mutant, bytes, &got);
		wrong = judge(&want, &got, too_long(mutant, bytes), tally);
		if (wrong)
			fprintf(stderr, "number %" PRIu64 ": status %u, detail %#" PRIx64 ": %s\n", first + i,
				got.status, got.detail, wrong);
		rules_outcome_free(&got);
	}
	rules_rig_run(&rig, NULL, 0, &got);
	if (!wrong && !rules_outcome_same(&want, &got)) {
		wrong = "the built-in rules find another chip";
		fprintf(stderr, "after number %" PRIu64 ": %s\n", first + i - 1, wrong);
	}
	rules_outcome_free(&got);
	rules_outcome_free(&want);
	rules_rig_close(&rig);
	free(mutant);
	return !wrong;
}

int main(int argc, char **argv)
{
	uint64_t count = argc > 1 ? strtoull(argv[1], NULL, 0) : 2000;
	uint64_t first = argc > 2 ? strtoull(argv[2], NULL, 0) : 1, done, piece;
	struct tally tally = { 0 };
	bool ok;
	size_t bytes[2];
	uint8_t *rules[2] = { rules_program_built_in(&bytes[0]), rules_program_learned(4, &bytes[1]) };
	unsigned int i;

	ok = rules[0] && rules[1];
	for (done = 0; ok && done < count; done += piece) {
		piece = count - done < RUNS_A_RIG ? count - done : RUNS_A_RIG;
		i = done / RUNS_A_RIG % 2;
		ok = fuzz_some(rules[i], bytes[i], first + done, piece, &tally);
	}
	free(rules[0]);
	free(rules[1]);
	printf("%" PRIu64 " mutants: %" PRIu64 " programs refused; %" PRIu64 " ran to the end (%" PRIu64
	       " with the same events); failed: %" PRIu64 " limit, %" PRIu64 " fault, %" PRIu64 " no such answer, %"
	       PRIu64 " cannot be done, %" PRIu64 " lost, %" PRIu64 " stuck\n", done, tally.by_program, tally.ran,
	       tally.same, tally.refused[1], tally.refused[2], tally.refused[3], tally.refused[4],
	       tally.refused[5], tally.refused[6]);
	return ok ? 0 : 1;
}
