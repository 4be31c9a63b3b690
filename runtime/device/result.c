// SPDX-License-Identifier: MIT
/* How a job ended, in words. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "rill_ndf.h"
#include "transport.h"

#define ARRAY_SIZE(array)	(sizeof(array) / sizeof((array)[0]))
#define TEXT_(x)		#x
#define TEXT(x)			TEXT_(x)

/* --- statuses --- */

static const struct {
	int error;
	const char *name;
} statuses[] = {
	[RILL_OK] = { 0, "ok" },
	[RILL_BAD_OPCODE] = { -EINVAL, "unknown opcode" },
	[RILL_BAD_FLAGS] = { -EINVAL, "unknown flags" },
	[RILL_BAD_FIELD] = { -EINVAL, "field out of range" },
	[RILL_BAD_RESERVED] = { -EINVAL, "reserved field not zero" },
	[RILL_FAULT_READ] = { -EFAULT, "read fault" },
	[RILL_FAULT_WRITE] = { -EFAULT, "write fault" },
	[RILL_BAD_PLACEMENT] = { -EINVAL, "weights not in one DDR channel" },
	[RILL_NO_PASS] = { -EINVAL, "no pass is open" },
	[RILL_PASS_OPEN] = { -EINVAL, "not allowed inside a pass" },
	[RILL_PASS_FAILED] = { -ECANCELED, "another job of the pass failed" },
	[RILL_SRAM_TOO_SMALL] = { -ENOSPC, "SRAM too small" },
	[RILL_UNREACHABLE] = { -ENETUNREACH, "links are down or not the context's" },
	[RILL_OVERFLOW] = { -EOVERFLOW, "gate weights too large" },
	[RILL_ABORTED] = { -ECANCELED, "aborted" },
	[RILL_DMA_ERROR] = { -EIO, "a page table or page is not memory" },
	[RILL_INTERNAL] = { -EIO, "the chip broke its own rules: a bug, please report" },
	[RILL_BAD_PROGRAM] = { -EINVAL, "the program is refused" },
	[RILL_BAD_RULES] = { -EPROTO, "the pass's own rules failed" },
	[RILL_DEADLOCK] = { -EDEADLK, "the program stands still" },
	[RILL_FIRING_LIMIT] = { -EDQUOT, "too many firings" },
	[RILL_PROGRAM_FAULT] = { -EPROTO, "the program faulted" },
};

int rill_status_errno(uint32_t status)
{
	return status < ARRAY_SIZE(statuses) ? statuses[status].error : -EIO;
}

const char *rill_status_name(uint32_t status)
{
	return status < ARRAY_SIZE(statuses) ? statuses[status].name : NULL;
}

/* --- fields --- */

struct field {
	uint16_t offset;
	bool array;			/* FIELD names an element of it */
	const char *name, *limit;
};

#define F(type, member, limit_)	{ offsetof(struct type, member), false, #member, limit_ }
#define A(type, member, limit_)	{ offsetof(struct type, member), true, #member, limit_ }
#define SHIFT_LIMIT		"0 to 62"
#define MULT_LIMIT		"0 to 2^31 - 1"
#define BYTES_LIMIT		"1 to 2^32"

static const struct field fill_fields[] = {
	F(rill_fill, flags, "only RILL_FILL_ZERO"),
	F(rill_fill, count, "1 to " TEXT(RILL_MAX_FILL_RANGES)),
	A(rill_fill, ranges, "dst and bytes multiples of 8, bytes at most 2^32"),
};

static const struct field copy_fields[] = {
	F(rill_copy, dst, "the ranges must not overlap"),
	F(rill_copy, src, "the ranges must not overlap"),
	F(rill_copy, bytes, BYTES_LIMIT),
	F(rill_copy, reserved, "zero"),
};

static const struct field pass_fields[] = {
	F(rill_pass, flags,
	  "flags of a pass; RULES_WEIGHTS with rules only; no ablation by which slices behind a BARRIER wait for good"),
	F(rill_pass, tokens, "1 to " TEXT(RILL_MAX_TOKENS)),
	F(rill_pass, hidden, "8 to " TEXT(RILL_MAX_HIDDEN) ", a multiple of 8"),
	F(rill_pass, slots, "at least 1, and one more to escape where slices move; 0: as many as fit"),
	A(rill_pass, homes, "chiplets of the context"),
	F(rill_pass, x, "0 if, and only if, timing only"),
	F(rill_pass, silu, "0 if, and only if, timing only"),
	F(rill_pass, out, "0 if, and only if, timing only"),
	F(rill_pass, report, "writable memory, or 0"),
	F(rill_pass, timeline, "writable memory, or 0"),
	F(rill_pass, timeline_entries, "at most 2^22; 0 if, and only if, timeline is 0"),
	F(rill_pass, out_shift, "0 to 47"),
	F(rill_pass, loads, "every slice once, without BARRIER streams and ONE_EXPERT"),
	F(rill_pass, rules, "a multiple of 8, or 0"),
};

/* What a STREAM may miss in its pass */
static const struct field pass_of_stream_fields[] = {
	{ RILL_FIELD_PASS | offsetof(struct rill_pass, hidden), false, "hidden of the pass",
	  "a multiple of " TEXT(RILL_INT4_GROUP) " for INT4" },
};

static const struct field stream_fields[] = {
	F(rill_stream, flags, "only PINNED, FIXED_RING, BARRIER, INT4 and KNOWN"),
	F(rill_stream, expert, "any"),
	F(rill_stream, width, "1 to " TEXT(RILL_MAX_WIDTH)),
	F(rill_stream, slice_count, "1 to " TEXT(RILL_MAX_SLICES) ", and the slices cover the width"),
	F(rill_stream, route_count, "1 to " TEXT(RILL_MAX_ROUTES)),
	F(rill_stream, reserved0, "zero"),
	A(rill_stream, slices,
	  "records of the width, in no other slice, in one DDR channel; pin: a chiplet with routes, or RILL_NO_PIN"),
	A(rill_stream, routes,
	  "token and chiplet of the pass, a token once (PINNED: once a chiplet that slices go to)"),
	F(rill_stream, gate_mult, MULT_LIMIT),
	F(rill_stream, up_mult, MULT_LIMIT),
	F(rill_stream, act_mult, MULT_LIMIT),
	F(rill_stream, gate_shift, SHIFT_LIMIT),
	F(rill_stream, up_shift, SHIFT_LIMIT),
	F(rill_stream, act_shift, SHIFT_LIMIT),
	F(rill_stream, reserved1, "zero"),
	F(rill_stream, reserved2, "zero"),
};

static const struct field ndf_fields[] = {
	F(rill_ndf_job, flags, "only LOAD_WEIGHTS and WAVES"),
	F(rill_ndf_job, capacity, "1 to " TEXT(RILL_NDF_MAX_CAPACITY) ", of all arcs at most 2^22; 0: their own"),
	F(rill_ndf_job, firing_limit, "1 to 2^32"),
	F(rill_ndf_job, program, "a multiple of 8"),
	F(rill_ndf_job, memory, "a multiple of 8; 0 if the program has no memory"),
	A(rill_ndf_job, inputs, "words a multiple of 8, 0 if, and only if, there are none; at most 2^22 words in all"),
	A(rill_ndf_job, outputs, "words a multiple of 8; no room without them; expected: of a COUNT sink, up to 2^24"),
	F(rill_ndf_job, input_count, "as many as SOURCEs; 0 if, and only if, inputs is 0"),
	F(rill_ndf_job, output_count, "as many as SINKs; 0 if, and only if, outputs is 0"),
	F(rill_ndf_job, weights, "a multiple of 8, or 0; not 0 with LOAD_WEIGHTS"),
	F(rill_ndf_job, weights_bytes, "what the program's weights take; 0 if weights is 0"),
	F(rill_ndf_job, report, "a multiple of 8, or 0"),
	F(rill_ndf_job, reserved, "zero"),
};

static const struct block {
	const char *name;
	const struct field *fields;
	size_t count;
} blocks[] = {
	[RILL_OP_NOP] = { "NOP", NULL, 0 },
	[RILL_OP_FILL] = { "FILL", fill_fields, ARRAY_SIZE(fill_fields) },
	[RILL_OP_COPY] = { "COPY", copy_fields, ARRAY_SIZE(copy_fields) },
	[RILL_OP_PASS_BEGIN] = { "PASS_BEGIN", pass_fields, ARRAY_SIZE(pass_fields) },
	[RILL_OP_STREAM] = { "STREAM", stream_fields, ARRAY_SIZE(stream_fields) },
	[RILL_OP_PASS_END] = { "PASS_END", NULL, 0 },
	[RILL_OP_NDF] = { "NDF", ndf_fields, ARRAY_SIZE(ndf_fields) },
};

/* PASS_END checks what PASS_BEGIN's block left open: how many slots there are room for. */
static const struct block *block_of(const struct drm_rill_job *job)
{
	static const struct block pass_end = { "PASS_END", pass_fields, ARRAY_SIZE(pass_fields) };
	static const struct block unknown = { "job", NULL, 0 };

	if (!job || job->opcode >= ARRAY_SIZE(blocks))
		return &unknown;
	return job->opcode == RILL_OP_PASS_END ? &pass_end : &blocks[job->opcode];
}

static const struct field *search(const struct field *fields, size_t count, uint16_t offset)
{
	for (size_t i = 0; i < count; i++)
		if (fields[i].offset == offset)
			return &fields[i];
	return NULL;
}

static const struct field *find_field(const struct block *block, uint16_t offset)
{
	if (block == &blocks[RILL_OP_STREAM] && offset & RILL_FIELD_PASS)
		return search(pass_of_stream_fields, ARRAY_SIZE(pass_of_stream_fields), offset);
	return search(block->fields, block->count, offset);
}

/* "slices[3]", "tokens", "arg[0]" and so on, into name; the field's limit */
static const char *field_text(const struct block *block, uint64_t detail, char *name, size_t size)
{
	uint16_t offset = detail & 0xffff;
	unsigned long long index = detail >> 16;
	const struct field *field = find_field(block, offset);

	if (offset == RILL_FIELD_ADDR) {
		snprintf(name, size, "addr");
		return "a multiple of 8, or zero where there is no block";
	}
	if (offset == RILL_FIELD_ARG) {
		snprintf(name, size, "arg[%llu]", index);
		return "zero";
	}
	if (!field) {
		snprintf(name, size, "field at offset %u", offset);
		return NULL;
	}
	if (field->array)
		snprintf(name, size, "%s[%llu]", field->name, index);
	else
		snprintf(name, size, "%s", field->name);
	return field->limit;
}

static void write_field(const struct block *block, const struct drm_rill_job_result *result,
			char *buffer, size_t size)
{
	char name[48];
	const char *limit = field_text(block, result->detail, name, sizeof(name));

	snprintf(buffer, size, "%s: %s: %s%s%s%s", block->name, name,
		 rill_status_name(result->status), limit ? " (" : "", limit ? limit : "",
		 limit ? ")" : "");
}

/* --- sentences --- */

/* The chip did not say anything: the driver refused the job, or ended it. */
static void write_errno(const struct block *block, int error, char *buffer, size_t size)
{
	const char *why = strerror(-error);

	if (error == -EBUSY)
		why = "the queue is full";
	else if (error == -ENODEV)
		why = "the device is gone";
	else if (error == -ETIME)
		why = "it made no progress, so the driver aborted it";
	else if (error == -ECANCELED)
		why = "cancelled";
	else if (error == -EINVAL)
		why = "the driver refused it: flags, or more jobs than the queue's depth";
	else if (error == -EIO)
		why = "the chip was reset or failed (see dmesg)";
	snprintf(buffer, size, "%s: %s", block->name, why);
}

static void write_rules(const struct block *block, const char *name, unsigned long long detail,
			char *buffer, size_t size)
{
	static const char *const why[] = {
		[RILL_RULES_LIMIT] = "too many firings", [RILL_RULES_FAULTED] = "the program's fault",
		[RILL_RULES_BAD_ANSWER] = "no such answer", [RILL_RULES_REFUSED] = "cannot be done",
		[RILL_RULES_LOST] = "a slice gets nowhere", [RILL_RULES_STUCK] = "nothing moves",
	};
	static const char *const questions[] = { "admit", "arrived", "forward", "compute", "release" };
	unsigned int fault = detail & 0xff, question = detail >> 8 & 0xff;

	snprintf(buffer, size, "%s: %s: %s (%llu), at %s on chiplet %llu", block->name, name,
		 fault < ARRAY_SIZE(why) && why[fault] ? why[fault] : "unknown", detail >> 32,
		 question < ARRAY_SIZE(questions) ? questions[question] : "an unknown question",
		 detail >> 16 & 0xffff);
}

static void write_status(const struct block *block, const struct drm_rill_job_result *result,
			 char *buffer, size_t size)
{
	const char *name = rill_status_name(result->status);
	unsigned long long detail = result->detail;

	switch (result->status) {
	case RILL_BAD_FIELD:
	case RILL_BAD_RESERVED:
	case RILL_BAD_PLACEMENT:
		write_field(block, result, buffer, size);
		break;
	case RILL_BAD_OPCODE:
		snprintf(buffer, size, "%s: %s %llu%s", block->name, name, detail,
			 detail == RILL_OP_STREAM ?
			 " (a pass has at most " TEXT(RILL_MAX_STREAMS) " streams)" : "");
		break;
	case RILL_BAD_FLAGS:
		snprintf(buffer, size, "%s: %s %#llx: none is defined", block->name, name, detail);
		break;
	case RILL_FAULT_READ:
		snprintf(buffer, size, "%s: %s at %#llx: it is not mapped", block->name, name,
			 detail);
		break;
	case RILL_FAULT_WRITE:
		snprintf(buffer, size, "%s: %s at %#llx: it is not mapped, or read-only",
			 block->name, name, detail);
		break;
	case RILL_PASS_FAILED:
		snprintf(buffer, size, "%s: %s (tag %llu)", block->name, name, detail);
		break;
	case RILL_SRAM_TOO_SMALL:
		snprintf(buffer, size, "%s: %s: the pass needs at least %llu bytes a chiplet",
			 block->name, name, detail);
		break;
	case RILL_UNREACHABLE:
		snprintf(buffer, size, "%s: %s: no way from chiplet %llu to %llu", block->name,
			 name, detail >> 16, detail & 0xffff);
		break;
	case RILL_OVERFLOW:
		snprintf(buffer, size,
			 "%s: %s: sums of |weight| * records * 2^14 must stay below 2^47, token %llu's do not",
			 block->name, name, detail);
		break;
	case RILL_DMA_ERROR:
		snprintf(buffer, size, "%s: %s: DMA address %#llx", block->name, name, detail);
		break;
	case RILL_BAD_PROGRAM:
		snprintf(buffer, size, "%s: %s: code %llu at %llu (enum rill_ndf_code)", block->name, name,
			 detail >> 48, detail & 0xffffffffffffULL);
		break;
	case RILL_DEADLOCK:
		snprintf(buffer, size, "%s: %s: node %llu waits at arc %llu", block->name, name, detail >> 32,
			 detail & UINT32_MAX);
		break;
	case RILL_FIRING_LIMIT:
		snprintf(buffer, size, "%s: %s: it may make %llu", block->name, name, detail);
		break;
	case RILL_PROGRAM_FAULT:
		snprintf(buffer, size, "%s: %s: fault %llu at node %llu (enum rill_ndf_fault)", block->name, name,
			 detail & UINT32_MAX, detail >> 32);
		break;
	case RILL_BAD_RULES:
		write_rules(block, name, detail, buffer, size);
		break;
	default:
		if (name)
			snprintf(buffer, size, "%s: %s", block->name, name);
		else
			snprintf(buffer, size, "%s: unknown status %u, detail %#llx", block->name,
				 result->status, detail);
	}
}

const char *rill_result_text(const struct drm_rill_job *job, const struct drm_rill_job_result *result,
			     char *buffer, size_t size)
{
	const struct block *block = block_of(job);

	if (result->status && result->error != -ETIME)
		write_status(block, result, buffer, size);
	else if (result->error)
		write_errno(block, result->error, buffer, size);
	else
		snprintf(buffer, size, "%s: %s", block->name, rill_status_name(RILL_OK));
	return buffer;
}
