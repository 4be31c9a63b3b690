// SPDX-License-Identifier: MIT
#include <stdlib.h>

#include "ndf_timed.h"

enum event_kind { READY, SENT, TAKEN };

struct event {
	uint64_t at;
	enum event_kind kind;
	uint32_t what;
};

struct timed {
	struct event *events;
	size_t count, room;
	uint64_t now, random;
};

static unsigned int delay(struct timed *t)
{
	t->random = t->random * 6364136223846793005ULL + 1442695040888963407ULL;
	return (unsigned int)(t->random >> 33) % 20;
}

static void add(struct timed *t, enum event_kind kind, uint32_t what)
{
	if (t->count == t->room) {
		t->room = t->room ? 2 * t->room : 64;
		t->events = realloc(t->events, t->room * sizeof(*t->events));
		if (!t->events)
			abort();
	}
	t->events[t->count++] = (struct event){ t->now + delay(t), kind, what };
}

static void on_ready(void *opaque, uint32_t node)
{
	add(opaque, READY, node);
}

static void on_sent(void *opaque, uint32_t arc)
{
	add(opaque, SENT, arc);
}

static void on_taken(void *opaque, uint32_t arc)
{
	add(opaque, TAKEN, arc);
}

/* The earliest; events of one arc may overtake each other, which is the same for all. */
static struct event next_event(struct timed *t)
{
	struct event event;
	size_t best = 0, i;

	for (i = 1; i < t->count; i++)
		best = t->events[i].at < t->events[best].at ? i : best;
	event = t->events[best];
	t->events[best] = t->events[--t->count];
	t->now = event.at;
	return event;
}

static void handle(struct rill_ndf_engine *engine, const struct event *event)
{
	if (event->kind == READY)
		rill_ndf_fire(engine, event->what);
	else if (event->kind == SENT)
		rill_ndf_deliver(engine, event->what);
	else
		rill_ndf_credit(engine, event->what);
}

enum rill_ndf_end timed_run(struct rill_ndf_engine **engine, const struct rill_ndf_program *program,
			    const struct rill_ndf_options *options, uint64_t seed, unsigned int events)
{
	struct timed t = { .random = seed };
	const struct rill_ndf_hooks hooks = { &t, on_ready, on_sent, on_taken };
	struct rill_ndf_options with_hooks = *options;
	enum rill_ndf_end end;

	with_hooks.hooks = &hooks;
	rill_ndf_engine_free(*engine);
	*engine = rill_ndf_engine_new(program, &with_hooks);
	if (!*engine)
		return RILL_NDF_FAULT;
	rill_ndf_wake(*engine);
	for (; t.count && events && rill_ndf_end(*engine, false) == RILL_NDF_LIMIT; events--) {
		const struct event event = next_event(&t);

		handle(*engine, &event);
	}
	end = rill_ndf_end(*engine, !t.count);
	free(t.events);
	return end;
}
