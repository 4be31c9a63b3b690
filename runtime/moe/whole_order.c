// SPDX-License-Identifier: MIT
/*
 * Load order of plans that keep whole experts, each at its chiplet, in a double buffer: the next one is loaded
 * into one slot while the other's computes. What matters then is which load meets which computation.
 * Experts of one size may come in any order but for the last, which should compute shortly, so they
 * go from hot to cold. Others (shares of shared experts) go where the chiplet is through soonest. Where several
 * chiplets load from one channel, the one that has a slot first comes next.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "pinned.h"

#define BUFFERS 2

struct job {
	uint32_t slice;			/* in the pass */
	uint16_t channel;
	bool shared;
	double load, travel, compute;	/* seconds: from DDR, over links, on the MAC array */
};

struct job_queue {
	struct job *job;		/* in load order */
	uint32_t count, next;
	double left;			/* work that is still to come */
	double done[BUFFERS];		/* when the last jobs will be computed, by number modulo BUFFERS */
};

struct whole {
	const struct rill_pinned *p;
	const struct rill_plan *plan;
	struct job_queue queue[RILL_MAX_CHIPLETS];
	double free[RILL_MAX_CHANNELS];	/* when the channel has loaded what it took */
};

/* The next job of the chiplet, loaded not before `from`. Returns when it will be loaded. */
static double follow(struct job_queue *queue, const struct job *job, double from)
{
	double *done = &queue->done[queue->next % BUFFERS];
	double last = queue->done[(queue->next + BUFFERS - 1) % BUFFERS];
	double loaded = (from > *done ? from : *done) + job->load;

	*done = (loaded + job->travel > last ? loaded + job->travel : last) + job->compute;
	queue->next++;
	return loaded;
}

static double finish(const struct job *job, uint32_t count)
{
	struct job_queue queue = { 0 };
	double loaded = 0;

	for (uint32_t i = 0; i < count; i++)
		loaded = follow(&queue, &job[i], loaded);
	return queue.done[(count - 1) % BUFFERS];
}

/* The last job of the queue to where the chiplet is through soonest, early rather than late. */
static void insert(struct job_queue *queue)
{
	struct job *job = queue->job, last = job[queue->count - 1];
	uint32_t best = queue->count - 1;
	double least = finish(job, queue->count);

	for (uint32_t i = queue->count - 1; i--;) {
		double time;

		job[i + 1] = job[i];
		job[i] = last;
		time = finish(job, queue->count);
		if (time <= least) {
			least = time;
			best = i;
		}
	}
	memmove(job, job + 1, best * sizeof(*job));
	job[best] = last;
}

static void add_job(struct whole *w, const struct rill_plan_stream *stream, uint32_t s, uint32_t first)
{
	const struct rill_plan_slice *slice = &stream->slices[s];
	const struct rill_layer *layer = w->p->layer;
	double macs = (double)slice->records * rill_record_macs(layer) * w->p->counts.n[stream->expert];
	double bytes = (double)slice->records * rill_record_bytes(layer);
	uint32_t entry = w->p->chip->channel_chiplet[slice->channel];
	struct job_queue *queue = &w->queue[slice->pin];

	queue->job[queue->count++] = (struct job){
		.slice = first + s,
		.channel = slice->channel,
		.load = bytes / w->p->chip->ddr_bytes_per_second,
		.travel = bytes * rill_plan_hops(w->p->chip, entry, slice->pin) /
			  w->p->chip->link_bytes_per_second,
		.compute = macs / w->p->chip->mac_per_second,
	};
	if (stream->expert >= layer->model->experts)
		insert(queue);
}

/* Streams come with the hottest expert first: routed ones in their order, then the shared ones where they fit. */
static void add_jobs(struct whole *w, bool shared)
{
	uint32_t first = 0;

	for (uint32_t i = 0; i < w->plan->stream_count; i++) {
		const struct rill_plan_stream *stream = &w->plan->streams[i];

		if (shared == (stream->expert >= w->p->layer->model->experts))
			for (uint32_t s = 0; s < stream->slice_count; s++)
				add_job(w, stream, s, first);
		first += stream->slice_count;
	}
}

static double longer(const struct job *job)
{
	return job->load > job->compute ? job->load : job->compute;
}

/* From the moment the chiplet's next job may start to load */
static double to_go(const struct job_queue *queue)
{
	return queue->left + queue->job[queue->next].travel;
}

/* When the chiplet's next job may start to load */
static double may_load(const struct whole *w, const struct job_queue *queue)
{
	double slot = queue->done[queue->next % BUFFERS], channel = w->free[queue->job[queue->next].channel];

	return slot > channel ? slot : channel;
}

/* The chiplet that may load first; of several, the one with most left to do. */
static struct job_queue *soonest(struct whole *w)
{
	struct job_queue *best = NULL;

	for (uint32_t c = 0; c < RILL_MAX_CHIPLETS; c++) {
		struct job_queue *queue = &w->queue[c];
		double ahead;

		if (queue->next == queue->count)
			continue;
		ahead = best ? may_load(w, best) - may_load(w, queue) : 1;
		if (ahead > 0 || (ahead == 0 && to_go(queue) > to_go(best)))
			best = queue;
	}
	return best;
}

static void merge(struct whole *w, uint32_t *loads)
{
	struct job_queue *queue;

	for (uint32_t c = 0; c < RILL_MAX_CHIPLETS; c++)
		for (uint32_t i = 0; i < w->queue[c].count; i++)
			w->queue[c].left += longer(&w->queue[c].job[i]);
	while ((queue = soonest(w))) {
		const struct job *job = &queue->job[queue->next];

		queue->left -= longer(job);
		*loads++ = job->slice;
		w->free[job->channel] = follow(queue, job, w->free[job->channel]);
	}
}

int rill_whole_loads(const struct rill_pinned *p, struct rill_plan *plan)
{
	struct whole *w = calloc(1, sizeof(*w));
	bool ready = w;

	plan->loads = calloc(rill_plan_slices(plan) + 1, sizeof(*plan->loads));
	for (uint32_t c = 0; ready && c < RILL_MAX_CHIPLETS; c++) {
		w->queue[c].job = calloc(plan->stream_count + 1, sizeof(*w->queue[c].job));
		ready = w->queue[c].job;
	}
	ready = ready && plan->loads;
	if (ready) {
		w->p = p;
		w->plan = plan;
		add_jobs(w, false);
		add_jobs(w, true);
		merge(w, plan->loads);
	}
	for (uint32_t c = 0; w && c < RILL_MAX_CHIPLETS; c++)
		free(w->queue[c].job);
	free(w);
	return ready ? 0 : -ENOMEM;
}
