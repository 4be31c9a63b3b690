// SPDX-License-Identifier: MIT
/* The sentences for jobs that failed name the field and its limit. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <string.h>

#include "rill_device.h"
#include "rill_ndf.h"

#define ELEMENT(index, offset)	((uint64_t)(index) << 16 | (offset))

struct sentence {
	uint16_t opcode;
	int error;
	uint32_t status;
	uint64_t detail;
	const char *parts[4];
};

static const struct sentence sentences[] = {
	{ RILL_OP_NOP, 0, RILL_OK, 0, { "NOP: ok" } },
	{ RILL_OP_PASS_BEGIN, -EINVAL, RILL_BAD_FIELD, offsetof(struct rill_pass, tokens),
	  { "PASS_BEGIN", "tokens", "out of range", "1 to 4096" } },
	{ RILL_OP_PASS_BEGIN, -EINVAL, RILL_BAD_FIELD, offsetof(struct rill_pass, hidden),
	  { "hidden", "8 to 8192, a multiple of 8" } },
	{ RILL_OP_PASS_BEGIN, -EINVAL, RILL_BAD_FIELD,
	  ELEMENT(17, offsetof(struct rill_pass, homes)), { "homes[17]", "chiplets" } },
	{ RILL_OP_PASS_END, -EINVAL, RILL_BAD_FIELD, offsetof(struct rill_pass, slots),
	  { "PASS_END", "slots", "at least 1" } },
	{ RILL_OP_STREAM, -EINVAL, RILL_BAD_FIELD,
	  ELEMENT(3, offsetof(struct rill_stream, slices)), { "STREAM", "slices[3]", "pin" } },
	{ RILL_OP_STREAM, -EINVAL, RILL_BAD_FIELD,
	  ELEMENT(70000, offsetof(struct rill_stream, routes)), { "routes[70000]" } },
	{ RILL_OP_STREAM, -EINVAL, RILL_BAD_PLACEMENT,
	  ELEMENT(3, offsetof(struct rill_stream, slices)),
	  { "slices[3]", "weights not in one DDR channel" } },
	{ RILL_OP_STREAM, -EINVAL, RILL_BAD_RESERVED, offsetof(struct rill_stream, reserved2),
	  { "reserved2", "not zero" } },
	{ RILL_OP_STREAM, -EINVAL, RILL_BAD_FIELD,
	  RILL_FIELD_PASS | offsetof(struct rill_pass, hidden),
	  { "STREAM", "hidden of the pass", "a multiple of 64 for INT4" } },
	{ RILL_OP_STREAM, -EINVAL, RILL_BAD_FIELD, RILL_FIELD_PASS | 4, { "field at offset 32772" } },
	{ RILL_OP_STREAM, -EINVAL, RILL_BAD_OPCODE, RILL_OP_STREAM, { "at most 1024 streams" } },
	{ RILL_OP_COPY, -EINVAL, RILL_BAD_FIELD, offsetof(struct rill_copy, bytes),
	  { "COPY", "bytes", "1 to 2^32" } },
	{ RILL_OP_FILL, -EINVAL, RILL_BAD_FIELD, ELEMENT(2, offsetof(struct rill_fill, ranges)),
	  { "FILL", "ranges[2]", "multiples of 8" } },
	{ RILL_OP_FILL, -EINVAL, RILL_BAD_FIELD, RILL_FIELD_ADDR,
	  { "FILL", "addr", "multiple of 8" } },
	{ RILL_OP_NOP, -EINVAL, RILL_BAD_RESERVED, ELEMENT(4, RILL_FIELD_ARG), { "arg[4]" } },
	{ RILL_OP_NOP, -EINVAL, RILL_BAD_FIELD, 12, { "field at offset 12" } },
	{ RILL_OP_NOP, -EINVAL, RILL_BAD_FLAGS, 0x80, { "flags 0x80" } },
	{ 77, -EINVAL, RILL_BAD_OPCODE, 77, { "unknown opcode 77" } },
	{ RILL_OP_COPY, -EFAULT, RILL_FAULT_READ, 0x123456000, { "read", "0x123456000" } },
	{ RILL_OP_COPY, -EFAULT, RILL_FAULT_WRITE, 0x123456000, { "write", "read-only" } },
	{ RILL_OP_PASS_END, -ENOSPC, RILL_SRAM_TOO_SMALL, 770048, { "SRAM", "770048 bytes" } },
	{ RILL_OP_PASS_END, -ENETUNREACH, RILL_UNREACHABLE, 3 << 16 | 1,
	  { "links", "from chiplet 3 to 1" } },
	{ RILL_OP_STREAM, -EOVERFLOW, RILL_OVERFLOW, 9, { "2^47", "token 9" } },
	{ RILL_OP_STREAM, -ECANCELED, RILL_PASS_FAILED, 5, { "another job", "tag 5" } },
	{ RILL_OP_STREAM, -ECANCELED, RILL_ABORTED, 0, { "aborted" } },
	{ RILL_OP_STREAM, -ETIME, RILL_ABORTED, 0, { "no progress" } },
	{ RILL_OP_STREAM, -EINVAL, RILL_NO_PASS, 0, { "no pass" } },
	{ RILL_OP_FILL, -EINVAL, RILL_PASS_OPEN, 0, { "inside a pass" } },
	{ RILL_OP_FILL, -EIO, RILL_INTERNAL, 0, { "bug" } },
	{ RILL_OP_PASS_BEGIN, -EINVAL, RILL_BAD_PROGRAM, 5ULL << 48 | 12, { "program", "code 5 at 12" } },
	{ RILL_OP_PASS_BEGIN, -EINVAL, RILL_BAD_FIELD, offsetof(struct rill_pass, rules),
	  { "rules", "a multiple of 8" } },
	{ RILL_OP_PASS_END, -EPROTO, RILL_BAD_RULES,
	  3ULL << 32 | 9 << 16 | RILL_RULES_FORWARD << 8 | RILL_RULES_REFUSED,
	  { "cannot be done (3)", "forward on chiplet 9" } },
	{ RILL_OP_NDF, -EINVAL, RILL_BAD_FIELD, ELEMENT(5, offsetof(struct rill_ndf_job, outputs)),
	  { "NDF", "outputs[5]", "COUNT sink" } },
	{ RILL_OP_NDF, -EDEADLK, RILL_DEADLOCK, 7ULL << 32 | 9, { "node 7 waits at arc 9" } },
	{ RILL_OP_NDF, -EDQUOT, RILL_FIRING_LIMIT, 1000, { "too many firings", "1000" } },
	{ RILL_OP_NDF, -EPROTO, RILL_PROGRAM_FAULT, 7ULL << 32 | RILL_NDF_FAULT_ALIGN, { "fault 2 at node 7" } },
	{ RILL_OP_FILL, -EIO, 99, 7, { "status 99", "0x7" } },
	{ RILL_OP_FILL, -EBUSY, 0, 0, { "queue is full" } },
	{ RILL_OP_FILL, -ENODEV, 0, 0, { "device is gone" } },
	{ RILL_OP_FILL, -EINTR, 0, 0, { "Interrupted" } },
};

static void all_sentences(void **state)
{
	for (size_t i = 0; i < sizeof(sentences) / sizeof(sentences[0]); i++) {
		const struct sentence *s = &sentences[i];
		const struct drm_rill_job job = { .opcode = s->opcode };
		const struct drm_rill_job_result result = {
			.error = s->error, .status = s->status, .detail = s->detail,
		};
		char text[256];

		rill_result_text(&job, &result, text, sizeof(text));
		for (size_t p = 0; p < 4 && s->parts[p]; p++)
			if (!strstr(text, s->parts[p]))
				fail_msg("\"%s\" lacks \"%s\"", text, s->parts[p]);
	}
}

/* Every field that the chip could name has a name here. */
static void every_offset(void **state)
{
	static const size_t sizes[] = {
		[RILL_OP_FILL] = sizeof(struct rill_fill),
		[RILL_OP_COPY] = sizeof(struct rill_copy),
		[RILL_OP_PASS_BEGIN] = sizeof(struct rill_pass),
		[RILL_OP_STREAM] = sizeof(struct rill_stream),
		[RILL_OP_NDF] = sizeof(struct rill_ndf_job),
	};
	char text[256];

	for (uint16_t opcode = 0; opcode < sizeof(sizes) / sizeof(sizes[0]); opcode++) {
		for (size_t offset = 0; offset < sizes[opcode]; offset += 8) {
			const struct drm_rill_job job = { .opcode = opcode };
			const struct drm_rill_job_result result = {
				.error = -EINVAL, .status = RILL_BAD_FIELD, .detail = offset,
			};

			rill_result_text(&job, &result, text, sizeof(text));
			if (strstr(text, "offset"))
				fail_msg("opcode %u, offset %zu has no name", opcode, offset);
		}
	}
}

static void short_buffer(void **state)
{
	const struct drm_rill_job_result result = {
		.error = -EINVAL, .status = RILL_BAD_FIELD, .detail = RILL_FIELD_ADDR,
	};
	char text[8] = "ABCDEFG";

	assert_ptr_equal(rill_result_text(NULL, &result, text, 4), text);
	assert_string_equal(text, "job");
	assert_int_equal(text[4], 'E');
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_sentences),
		cmocka_unit_test(every_offset),
		cmocka_unit_test(short_buffer),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
