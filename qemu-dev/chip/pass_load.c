// SPDX-License-Identifier: GPL-2.0-or-later
/* What the jobs of a pass say: read once from the context's memory and checked field by field. */
#include "engine.h"
#include "rules.h"

#include <stdlib.h>
#include <string.h>

#define LOCATE_BYTES	(512u << 10)	/* looked up at once */
#define LOCATE_PAGES	4096		/* and in a step */

#define FIELD(type, member)		offsetof(struct type, member)
#define ELEMENT(type, member, index)	((uint64_t)(index) << 16 | FIELD(type, member))

bool rill_array_grow(void **array, size_t *capacity, size_t wanted, size_t element)
{
	size_t larger = *capacity ? *capacity : 64;
	void *grown;

	if (wanted <= *capacity)
		return true;
	while (larger < wanted)
		larger *= 2;
	grown = realloc(*array, larger * element);
	if (!grown)
		return false;
	*array = grown;
	*capacity = larger;
	return true;
}

static enum rill_status bad(uint64_t field, uint64_t *detail)
{
	*detail = field;
	return RILL_BAD_FIELD;
}

static enum rill_status faulted(const struct rill_fault *fault, uint64_t *detail)
{
	*detail = fault->detail;
	return fault->status;
}

/* The block at a job's address, which must be aligned. FIELD 0 names the address itself here. */
static enum rill_status read_block(struct rill_pass_state *pass, uint64_t va, void *block,
				   size_t bytes, uint64_t *detail)
{
	struct rill_fault fault;

	if (!rill_mmu_read(pass->chip, pass->ctx, va, block, bytes, &fault))
		return faulted(&fault, detail);
	return RILL_OK;
}

/* --- PASS_BEGIN --- */

static enum rill_status check_pass(const struct rill_pass *b, uint64_t *detail)
{
	bool timing_only = b->flags & RILL_PASS_TIMING_ONLY;

	if (b->flags & ~(RILL_PASS_TIMING_ONLY | RILL_PASS_ABLATIONS | RILL_PASS_RULES_WEIGHTS) ||
	    (b->flags & RILL_PASS_RULES_WEIGHTS && !b->rules))
		return bad(FIELD(rill_pass, flags), detail);
	if (!b->tokens || b->tokens > RILL_MAX_TOKENS)
		return bad(FIELD(rill_pass, tokens), detail);
	if (!b->hidden || b->hidden > RILL_MAX_HIDDEN || b->hidden % 8)
		return bad(FIELD(rill_pass, hidden), detail);
	if (b->slots > RILL_MAX_SLOTS)
		return bad(FIELD(rill_pass, slots), detail);
	if (!b->x != timing_only)
		return bad(FIELD(rill_pass, x), detail);
	if (!b->silu != timing_only)
		return bad(FIELD(rill_pass, silu), detail);
	if (!b->out != timing_only)
		return bad(FIELD(rill_pass, out), detail);
	if (!b->timeline != !b->timeline_entries || b->timeline_entries > RILL_MAX_TIMELINE)
		return bad(FIELD(rill_pass, timeline_entries), detail);
	if (b->out_shift > 47)
		return bad(FIELD(rill_pass, out_shift), detail);
	if (b->rules % 8)
		return bad(FIELD(rill_pass, rules), detail);
	return RILL_OK;
}

static enum rill_status load_homes(struct rill_pass_state *pass, uint64_t *detail)
{
	uint32_t tokens = pass->block.tokens, cells = tokens * pass->chip->chiplet_count, i;
	enum rill_status status;

	pass->homes = calloc(tokens, sizeof(*pass->homes));
	pass->token_bound = calloc(tokens, sizeof(*pass->token_bound));
	pass->copy_of = malloc(cells * sizeof(*pass->copy_of));
	pass->stamp = calloc(cells, sizeof(*pass->stamp));
	if (!pass->homes || !pass->token_bound || !pass->copy_of || !pass->stamp)
		return RILL_INTERNAL;
	memset(pass->copy_of, 0xff, cells * sizeof(*pass->copy_of));
	status = read_block(pass, pass->block.homes, pass->homes, tokens * sizeof(*pass->homes),
			    detail);
	if (status)
		return status;
	for (i = 0; i < tokens; i++)
		if (pass->homes[i] >= pass->chip->chiplet_count ||
		    !(pass->ctx->chiplets & rill_bit(pass->homes[i])))
			return bad(ELEMENT(rill_pass, homes, i), detail);
	return RILL_OK;
}

enum rill_status rill_pass_begin(struct rill_chip *chip, struct rill_pass_state *pass,
				 const struct rill_job *job, uint64_t *detail)
{
	enum rill_status status;

	rill_pass_clear(pass);
	pass->chip = chip;
	pass->ctx = rill_queue_context(chip, job->queue);
	pass->epoch = pass->ctx->epoch;
	pass->rules = &rill_rules_builtin;
	pass->queue = job->queue;
	status = read_block(pass, job->addr, &pass->block, sizeof(pass->block), detail);
	if (!status)
		status = check_pass(&pass->block, detail);
	if (!status)
		status = load_homes(pass, detail);
	if (!status && pass->block.rules)
		status = rill_rules_load(pass, detail);
	return status;
}

/* --- STREAM --- */

static enum rill_status check_stream(const struct rill_stream *b, uint64_t *detail)
{
	if (b->flags & ~(RILL_STREAM_PINNED | RILL_STREAM_FIXED_RING | RILL_STREAM_BARRIER |
			 RILL_STREAM_INT4 | RILL_STREAM_KNOWN))
		return bad(FIELD(rill_stream, flags), detail);
	if (!b->width || b->width > RILL_MAX_WIDTH)
		return bad(FIELD(rill_stream, width), detail);
	if (!b->slice_count || b->slice_count > RILL_MAX_SLICES)
		return bad(FIELD(rill_stream, slice_count), detail);
	if (!b->route_count || b->route_count > RILL_MAX_ROUTES)
		return bad(FIELD(rill_stream, route_count), detail);
	if (b->gate_mult > INT32_MAX)
		return bad(FIELD(rill_stream, gate_mult), detail);
	if (b->up_mult > INT32_MAX)
		return bad(FIELD(rill_stream, up_mult), detail);
	if (b->act_mult > INT32_MAX)
		return bad(FIELD(rill_stream, act_mult), detail);
	if (b->gate_shift > 62)
		return bad(FIELD(rill_stream, gate_shift), detail);
	if (b->up_shift > 62)
		return bad(FIELD(rill_stream, up_shift), detail);
	if (b->act_shift > 62)
		return bad(FIELD(rill_stream, act_shift), detail);
	*detail = b->reserved0 ? FIELD(rill_stream, reserved0) :
		  b->reserved1 ? FIELD(rill_stream, reserved1) : FIELD(rill_stream, reserved2);
	return b->reserved0 || b->reserved1 || b->reserved2 ? RILL_BAD_RESERVED : RILL_OK;
}

uint64_t rill_pass_record_bytes(const struct rill_pass_state *pass, const struct rill_stream *b)
{
	if (b->flags & RILL_STREAM_INT4)
		return rill_int4_record_bytes(pass->block.hidden);
	return 3ULL * pass->block.hidden;
}

static enum rill_status check_slice(struct rill_pass_state *pass, const struct rill_stream *b,
				    const struct rill_slice *slice, uint8_t *covered)
{
	bool pinned = b->flags & RILL_STREAM_PINNED;

	if (!slice->records || slice->first >= b->width || slice->records > b->width - slice->first)
		return RILL_BAD_FIELD;
	if (memchr(covered + slice->first, 1, slice->records))
		return RILL_BAD_FIELD;
	memset(covered + slice->first, 1, slice->records);
	if (!pinned)
		return slice->pin == RILL_NO_PIN ? RILL_OK : RILL_BAD_FIELD;
	if (slice->pin >= pass->chip->chiplet_count || !(pass->ctx->chiplets & rill_bit(slice->pin)))
		return RILL_BAD_FIELD;
	return RILL_OK;
}

static enum rill_status add_slice(struct rill_pass_state *pass, const struct rill_stream *b,
				  const struct rill_slice *from, uint32_t index, uint8_t *covered,
				  uint64_t *detail)
{
	struct rill_slice_state *slice = &pass->slices[pass->slice_count + index];
	enum rill_status status = check_slice(pass, b, from, covered);

	*detail = ELEMENT(rill_stream, slices, index);
	if (status)
		return status;
	*slice = (struct rill_slice_state){
		.va = from->weights, .bytes = from->records * rill_pass_record_bytes(pass, b),
		.stream = pass->stream_count, .first = from->first, .records = from->records,
		.index = index, .held = RILL_NONE,
		.need = b->flags & RILL_STREAM_PINNED ? rill_bit(from->pin) : 0,
	};
	return RILL_OK;
}

static enum rill_status add_slices(struct rill_pass_state *pass, const struct rill_stream *b,
				   const struct rill_slice *slices, uint64_t *detail)
{
	uint8_t *covered = calloc(b->width, 1);
	enum rill_status status = covered ? RILL_OK : RILL_INTERNAL;
	uint32_t i;

	for (i = 0; !status && i < b->slice_count; i++)
		status = add_slice(pass, b, &slices[i], i, covered, detail);
	if (!status && memchr(covered, 0, b->width))
		status = bad(FIELD(rill_stream, slice_count), detail);
	free(covered);
	return status;
}

/* Records that are computed on each chiplet; for a UNION stream, all of them everywhere. */
static void records_by_chiplet(const struct rill_pass_state *pass, const struct rill_stream *b,
			       uint32_t *records)
{
	uint32_t i, c;

	for (c = 0; c < pass->chip->chiplet_count; c++)
		records[c] = b->flags & RILL_STREAM_PINNED ? 0 : b->width;
	for (i = 0; b->flags & RILL_STREAM_PINNED && i < b->slice_count; i++)
		records[rill_lowest(pass->slices[pass->slice_count + i].need)] +=
			pass->slices[pass->slice_count + i].records;
}

/* A token must stand once for each chiplet, in a UNION stream once at all. */
static bool route_repeats(struct rill_pass_state *pass, const struct rill_stream *b,
			  const struct rill_route *route)
{
	uint32_t mark = pass->stream_count + 1, *row;

	row = &pass->stamp[(size_t)route->token * pass->chip->chiplet_count];
	if (!(b->flags & RILL_STREAM_PINNED)) {
		if (row[0] == mark)
			return true;
		row[0] = mark;
		return false;
	}
	if (row[route->chiplet] == mark)
		return true;
	row[route->chiplet] = mark;
	return false;
}

/* May the accumulator of the token overflow its 48 bits? */
static bool bound_exceeded(struct rill_pass_state *pass, const struct rill_route *route,
			   uint32_t records)
{
	int32_t weight = route->weight;
	uint64_t magnitude = weight < 0 ? -(int64_t)weight : weight;
	uint64_t *bound = &pass->token_bound[route->token];

	*bound += magnitude * records << 14;
	return *bound >= 1ULL << 47;
}

uint32_t rill_pass_copy(struct rill_pass_state *pass, unsigned int token, unsigned int chiplet)
{
	uint32_t *copy = &pass->copy_of[(size_t)token * pass->chip->chiplet_count + chiplet];

	if (*copy != RILL_NONE)
		return *copy;
	if (!rill_array_grow((void **)&pass->copies, &pass->copy_capacity, pass->copy_count + 1,
			     sizeof(*pass->copies)))
		return RILL_NONE;
	pass->copies[pass->copy_count] = (struct rill_copy_state){
		.token = token, .chiplet = chiplet, .remote = pass->homes[token] != chiplet,
	};
	return *copy = pass->copy_count++;
}

static enum rill_status check_routes(struct rill_pass_state *pass, const struct rill_stream *b,
				     const struct rill_route *routes, uint64_t *need,
				     uint64_t *detail)
{
	uint32_t records[RILL_MAX_CHIPLETS], i;

	records_by_chiplet(pass, b, records);
	for (i = 0; i < b->route_count; i++) {
		const struct rill_route *route = &routes[i];

		*detail = ELEMENT(rill_stream, routes, i);
		if (route->token >= pass->block.tokens ||
		    route->chiplet >= pass->chip->chiplet_count ||
		    !(pass->ctx->chiplets & rill_bit(route->chiplet)) ||
		    !records[route->chiplet] || route_repeats(pass, b, route))
			return RILL_BAD_FIELD;
		*detail = route->token;
		if (bound_exceeded(pass, route, records[route->chiplet]))
			return RILL_OVERFLOW;
		*need |= rill_bit(route->chiplet);
	}
	for (i = 0; b->flags & RILL_STREAM_PINNED && i < b->slice_count; i++)
		if (pass->slices[pass->slice_count + i].need & ~*need)
			return bad(ELEMENT(rill_stream, slices, i), detail);
	return RILL_OK;
}

/* Routes sorted by chiplet (counting sort, stable), a group for each chiplet. */
static enum rill_status add_groups(struct rill_pass_state *pass, const struct rill_stream *b,
				   const struct rill_route *routes, uint64_t need)
{
	uint32_t first[RILL_MAX_CHIPLETS] = { 0 }, i, next = pass->route_count;
	uint64_t rest;

	for (i = 0; i < b->route_count; i++)
		first[routes[i].chiplet]++;
	for (rest = need; rest; rest &= rest - 1) {
		unsigned int c = rill_lowest(rest);

		pass->groups[pass->group_count++] = (struct rill_group){
			.stream = pass->stream_count, .chiplet = c, .waiting = RILL_NONE,
			.route_first = next, .route_count = first[c],
		};
		next += first[c];
		first[c] = next - first[c];
	}
	for (i = 0; i < b->route_count; i++) {
		uint32_t copy = rill_pass_copy(pass, routes[i].token, routes[i].chiplet);

		if (copy == RILL_NONE)
			return RILL_INTERNAL;
		pass->routes[first[routes[i].chiplet]++] = (struct rill_route_state){
			.copy = copy, .weight = routes[i].weight,
		};
	}
	pass->route_count = next;
	return RILL_OK;
}

static void add_stream(struct rill_pass_state *pass, const struct rill_stream *b, uint64_t need,
		       uint32_t tag, size_t route_first, size_t group_first)
{
	uint32_t i;

	for (i = 0; i < b->slice_count; i++) {
		struct rill_slice_state *slice = &pass->slices[pass->slice_count + i];

		if (!(b->flags & RILL_STREAM_PINNED))
			slice->need = need;
		slice->computes_left = __builtin_popcountll(slice->need);
	}
	pass->streams[pass->stream_count++] = (struct rill_stream_state){
		.block = *b, .need = need, .tag = tag, .slice_first = pass->slice_count,
		.route_first = route_first, .group_first = group_first,
		.slices_left = b->slice_count,
	};
	pass->slice_count += b->slice_count;
}

static bool make_room(struct rill_pass_state *pass, const struct rill_stream *b)
{
	return rill_array_grow((void **)&pass->streams, &pass->stream_capacity,
			       pass->stream_count + 1, sizeof(*pass->streams)) &&
	       rill_array_grow((void **)&pass->slices, &pass->slice_capacity,
			       pass->slice_count + b->slice_count, sizeof(*pass->slices)) &&
	       rill_array_grow((void **)&pass->routes, &pass->route_capacity,
			       pass->route_count + b->route_count, sizeof(*pass->routes)) &&
	       rill_array_grow((void **)&pass->groups, &pass->group_capacity,
			       pass->group_count + RILL_MAX_CHIPLETS, sizeof(*pass->groups));
}

enum rill_status rill_pass_add_end(struct rill_pass_state *pass, uint64_t *detail)
{
	size_t route_first = pass->route_count, group_first = pass->group_count;
	struct rill_adding *adding = &pass->adding;
	enum rill_status status;
	uint64_t need = 0;

	status = check_routes(pass, &adding->block, adding->routes, &need, detail);
	if (!status)
		status = add_groups(pass, &adding->block, adding->routes, need);
	if (!status)
		add_stream(pass, &adding->block, need, adding->tag, route_first, group_first);
	free(adding->routes);
	adding->routes = NULL;
	return status;
}

static enum rill_status load_parts(struct rill_pass_state *pass, const struct rill_stream *b,
				   struct rill_route *routes, uint64_t *detail)
{
	struct rill_slice *slices = calloc(b->slice_count, sizeof(*slices));
	enum rill_status status = RILL_INTERNAL;

	if (slices && routes && make_room(pass, b))
		status = read_block(pass, b->slices, slices, b->slice_count * sizeof(*slices),
				    detail);
	if (!status)
		status = read_block(pass, b->routes, routes, b->route_count * sizeof(*routes),
				    detail);
	if (!status)
		status = add_slices(pass, b, slices, detail);
	free(slices);
	return status;
}

/* A pass's limits, and those of all that queues hold at a time: the host has to have memory for them. */
static enum rill_status check_room(const struct rill_pass_state *pass, const struct rill_stream *b, uint64_t *detail)
{
	size_t slices = b->slice_count, routes = b->route_count;
	unsigned int q;

	for (q = 0; q < RILL_MAX_QUEUES; q++) {
		const struct rill_pass_state *other = pass->chip->engine->passes[q];

		slices += other ? other->slice_count : 0;
		routes += other ? other->route_count : 0;
	}
	if (slices > RILL_MAX_OPEN_SLICES || pass->slice_count + b->slice_count > RILL_MAX_PASS_SLICES)
		return bad(FIELD(rill_stream, slice_count), detail);
	if (routes > RILL_MAX_OPEN_ROUTES || pass->route_count + b->route_count > RILL_MAX_PASS_ROUTES)
		return bad(FIELD(rill_stream, route_count), detail);
	return RILL_OK;
}

enum rill_status rill_pass_add(struct rill_pass_state *pass, const struct rill_job *job,
			       uint64_t *detail)
{
	struct rill_route *routes;
	struct rill_stream block;
	enum rill_status status = read_block(pass, job->addr, &block, sizeof(block), detail);

	if (!status)
		status = check_stream(&block, detail);
	if (status)
		return status;
	if (block.flags & RILL_STREAM_INT4 && pass->block.hidden % RILL_INT4_GROUP)
		return bad(RILL_FIELD_PASS | FIELD(rill_pass, hidden), detail);
	status = check_room(pass, &block, detail);
	if (status)
		return status;
	if (pass->stream_count == RILL_MAX_STREAMS) {
		*detail = RILL_OP_STREAM;
		return RILL_BAD_OPCODE;
	}
	routes = calloc(block.route_count, sizeof(*routes));
	status = load_parts(pass, &block, routes, detail);
	if (status)
		free(routes);
	else
		pass->adding = (struct rill_adding){ .block = block, .routes = routes, .tag = job->tag };
	return status;
}

/* --- where weights lie --- */

/* Its weights are not, or not any more, one run in one DDR channel, the same as before, at a chiplet of the context. */
static enum rill_status misplaced(const struct rill_slice_state *slice, uint64_t *detail)
{
	*detail = slice->weights ? slice->va : ELEMENT(rill_stream, slices, slice->index);
	return slice->weights ? RILL_FAULT_READ : RILL_BAD_PLACEMENT;
}

static enum rill_status locate_end(struct rill_pass_state *pass, struct rill_slice_state *slice, uint64_t *detail)
{
	uint64_t channel_bytes = pass->chip->config.channel_bytes, at = pass->locating - pass->chip->ddr;
	uint16_t channel = at / channel_bytes;

	if (channel != (at + slice->bytes - 1) / channel_bytes || (slice->weights && channel != slice->channel) ||
	    !(pass->ctx->chiplets & rill_bit(pass->chip->channels[channel].chiplet)))
		return misplaced(slice, detail);
	slice->channel = channel;
	slice->weights = pass->locating;
	pass->located++;
	pass->located_bytes = 0;
	return RILL_OK;
}

/* The next run of a slice's weights */
static enum rill_status locate_run(struct rill_pass_state *pass, struct rill_slice_state *slice, uint64_t *detail)
{
	uint64_t left = slice->bytes - pass->located_bytes, length, dma;
	struct rill_fault fault = { 0 };
	uint8_t *ddr;

	length = rill_mmu_run(pass->chip, pass->ctx, slice->va + pass->located_bytes,
			      left < LOCATE_BYTES ? left : LOCATE_BYTES, RILL_ACCESS_READ, &ddr, &dma, &fault);
	if (!length)
		return faulted(&fault, detail);
	if (!pass->located_bytes)
		pass->locating = ddr;
	if (!ddr || ddr != pass->locating + pass->located_bytes)
		return misplaced(slice, detail);
	pass->located_bytes += length;
	return length < left ? RILL_OK : locate_end(pass, slice, detail);
}

bool rill_pass_is_located(const struct rill_pass_state *pass)
{
	return pass->located == pass->slice_count + (pass->adding.routes ? pass->adding.block.slice_count : 0);
}

enum rill_status rill_pass_locate(struct rill_pass_state *pass, uint64_t *detail)
{
	enum rill_status status = RILL_OK;
	uint64_t pages = 0;

	while (!status && pages < LOCATE_PAGES && !rill_pass_is_located(pass)) {
		struct rill_slice_state *slice = &pass->slices[pass->located];
		uint64_t left = slice->bytes - pass->located_bytes;

		pages += 1 + ((left < LOCATE_BYTES ? left : LOCATE_BYTES) >> RILL_PAGE_SHIFT);
		status = locate_run(pass, slice, detail);
	}
	return status;
}

/* --- PASS_END --- */

/* The order of loading, once all slices are known: pass->order[slice_count]. */
enum rill_status rill_pass_load_order(struct rill_pass_state *pass, uint64_t *detail)
{
	size_t count = pass->slice_count, i;
	enum rill_status status = RILL_OK;
	bool *seen;

	pass->order = calloc(count + 1, sizeof(*pass->order));
	seen = calloc(count + 1, sizeof(*seen));
	if (!pass->order || !seen)
		status = RILL_INTERNAL;
	else if (pass->block.loads)
		status = read_block(pass, pass->block.loads, pass->order,
				    count * sizeof(*pass->order), detail);
	for (i = 0; !status && i < count; i++) {
		if (!pass->block.loads)
			pass->order[i] = i;
		if (pass->order[i] >= count || seen[pass->order[i]])
			status = bad(ELEMENT(rill_pass, loads, i), detail);
		else
			seen[pass->order[i]] = true;
	}
	free(seen);
	return status;
}

void rill_pass_clear(struct rill_pass_state *pass)
{
	unsigned int i;

	rill_mac_clear(pass);
	rill_clock_free(&pass->clock);
	for (i = 0; i < RILL_MAX_CHIPLETS; i++)
		free(pass->chiplets[i].tail.steps);
	rill_rules_free(pass->program);
	free(pass->homes);
	free(pass->copy_of);
	free(pass->token_bound);
	free(pass->stamp);
	free(pass->streams);
	free(pass->slices);
	free(pass->routes);
	free(pass->groups);
	free(pass->copies);
	free(pass->uses);
	free(pass->loads);
	free(pass->order);
	free(pass->residents);
	free(pass->packets);
	free(pass->intervals);
	free(pass->x);
	free(pass->adding.routes);
	memset(pass, 0, sizeof(*pass));
}
