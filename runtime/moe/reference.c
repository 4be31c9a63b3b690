// SPDX-License-Identifier: MIT
/*
 * The dense reference. Work is cut into (expert, block of columns): a thread generates the block's
 * weights and computes it for all tokens of the expert, in groups as large as the kernel takes.
 * Sums are integers, so the order in which blocks end does not matter.
 */
#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "int4.h"
#include "internal.h"
#include "kernel.h"
#include "quant.h"

#define BLOCK		64	/* columns of a block: its weights stay in a core's cache */
#define LOCKS		64
#define MAX_THREADS	256

/* A requested token that selects an expert */
struct entry {
	uint32_t row;			/* of the output */
	int32_t weight;
};

struct expert_work {
	uint32_t expert, count;
	struct entry *entries;
};

struct task {
	uint32_t work, first;		/* first column */
};

struct reference {
	const struct rill_layer *layer;
	const uint32_t *tokens;
	uint32_t hidden, rows;
	int64_t *acc;			/* [rows][hidden] */
	uint32_t work_count, task_count;
	struct expert_work *work;
	struct task *tasks;
	struct entry *entries;
	const struct rill_kernel *kernel;
	atomic_uint next;
	pthread_mutex_t lock[LOCKS];	/* of acc's row r: lock[r % LOCKS] */
};

static uint32_t row_token(const struct reference *ref, uint32_t row)
{
	return ref->tokens ? ref->tokens[row] : row;
}

/* A thread's own memory */
struct scratch {
	uint8_t *w;			/* [BLOCK][gate, up, down][hidden], as the kernel lays them out */
	void *x;			/* of a group of tokens */
	int32_t *p;			/* [group][hidden] */
	uint64_t *words;		/* a record with INT4 */
	int8_t *unpacked;		/* [gate, up, down][hidden]: and what it means */
};

static void scratch_free(struct scratch *s)
{
	free(s->w);
	free(s->x);
	free(s->p);
	free(s->words);
	free(s->unpacked);
}

static int scratch_alloc(struct scratch *s, const struct reference *ref)
{
	size_t d = ref->hidden;

	s->w = malloc(BLOCK * RILL_MATRICES * d * ref->kernel->weight_bytes);
	s->x = malloc(d * ref->kernel->x_bytes);
	s->p = malloc(RILL_KERNEL_TOKENS * d * sizeof(*s->p));
	s->words = malloc(rill_int4_record_bytes(d));
	s->unpacked = malloc(RILL_MATRICES * d);
	if (s->w && s->x && s->p && s->words && s->unpacked)
		return 0;
	scratch_free(s);
	return -ENOMEM;
}

/* Where matrix m (gate, up, down) of a block's column j starts */
static void *column(const struct reference *ref, const struct scratch *s, uint32_t j, uint32_t m)
{
	return s->w + ((size_t)j * RILL_MATRICES + m) * ref->hidden * ref->kernel->weight_bytes;
}

static void load_weights(const struct reference *ref, const struct scratch *s, uint64_t seed,
			 uint32_t first, uint32_t columns)
{
	uint32_t count = RILL_MATRICES * ref->hidden;

	for (uint32_t j = 0; j < columns; j++) {
		void *to = column(ref, s, j, 0);

		if (ref->layer->weights == RILL_WEIGHTS_INT4) {
			rill_int4_record(seed, first + j, ref->hidden, s->words, s->unpacked);
			ref->kernel->take(to, s->unpacked, count);
		} else {
			ref->kernel->weights(to, seed, (uint64_t)(first + j) * (count / 8), count);
		}
	}
}

static void load_x(const struct reference *ref, const struct scratch *s,
		   const struct entry *entries, uint32_t count)
{
	const int8_t *x[RILL_KERNEL_TOKENS];

	for (uint32_t i = 0; i < count; i++)
		x[i] = ref->layer->x + (size_t)row_token(ref, entries[i].row) * ref->hidden;
	ref->kernel->pack(s->x, x, count, ref->hidden);
}

static int8_t make_h(const struct reference *ref, const struct rill_requant *q, int32_t dot_g,
		     int32_t dot_u)
{
	int8_t g = rill_requantise(dot_g, q->gate_mult, q->gate_shift);
	int8_t u = rill_requantise(dot_u, q->up_mult, q->up_shift);

	return rill_requantise(ref->layer->silu[g + 128] * u, q->act_mult, q->act_shift);
}

/* Two columns at once; the last of an odd number stands in for the one that is not there. */
static void compute_h(const struct reference *ref, const struct scratch *s,
		      const struct rill_requant *q, uint32_t columns, uint32_t count, struct rill_hs *h)
{
	for (uint32_t j = 0; j < columns; j += 2) {
		uint32_t next = j + 1 < columns ? j + 1 : j;
		const void *w[RILL_KERNEL_DOTS] = {
			column(ref, s, j, 0), column(ref, s, j, 1),
			column(ref, s, next, 0), column(ref, s, next, 1),
		};
		struct rill_sums sums[RILL_KERNEL_DOTS];

		ref->kernel->dot(sums, s->x, w, ref->hidden);
		for (uint32_t t = 0; t < count; t++) {
			h[j].token[t] = make_h(ref, q, sums[0].token[t], sums[1].token[t]);
			h[next].token[t] = make_h(ref, q, sums[2].token[t], sums[3].token[t]);
		}
	}
}

static void accumulate(struct reference *ref, const int32_t *p, const struct entry *entry)
{
	pthread_mutex_t *lock = &ref->lock[entry->row % LOCKS];
	int64_t *acc = ref->acc + (size_t)entry->row * ref->hidden;

	pthread_mutex_lock(lock);
	for (uint32_t n = 0; n < ref->hidden; n++)
		acc[n] += (int64_t)p[n] * entry->weight;
	pthread_mutex_unlock(lock);
}

static void run_group(struct reference *ref, const struct scratch *s, const struct rill_requant *q,
		      uint32_t columns, const struct entry *entries, uint32_t count)
{
	struct rill_hs h[BLOCK] = { 0 };

	load_x(ref, s, entries, count);
	compute_h(ref, s, q, columns, count, h);
	ref->kernel->down(s->p, h, column(ref, s, 0, 2),
			  (size_t)RILL_MATRICES * ref->hidden, columns, ref->hidden);
	for (uint32_t t = 0; t < count; t++)
		accumulate(ref, s->p + (size_t)t * ref->hidden, &entries[t]);
}

static void run_task(struct reference *ref, const struct scratch *s, const struct task *task)
{
	const struct expert_work *work = &ref->work[task->work];
	uint32_t width = rill_layer_width(ref->layer, work->expert), group = ref->kernel->tokens;
	uint32_t columns = width - task->first < BLOCK ? width - task->first : BLOCK;

	load_weights(ref, s, rill_layer_expert_seed(ref->layer, work->expert), task->first,
		     columns);
	for (uint32_t i = 0; i < work->count; i += group)
		run_group(ref, s, &ref->layer->requant[work->expert], columns, work->entries + i,
			  work->count - i < group ? work->count - i : group);
}

/* Returns NULL, or something else if out of memory. */
static void *worker(void *arg)
{
	struct reference *ref = arg;
	struct scratch s;
	uint32_t i;

	if (scratch_alloc(&s, ref))
		return ref;
	while ((i = atomic_fetch_add(&ref->next, 1)) < ref->task_count)
		run_task(ref, &s, &ref->tasks[i]);
	scratch_free(&s);
	return NULL;
}

/* The caller works too, so one thread that has memory is enough. */
static int run_all(struct reference *ref, unsigned int threads)
{
	pthread_t thread[MAX_THREADS];
	unsigned int started = 0;
	bool done;

	if (threads > MAX_THREADS)
		threads = MAX_THREADS;
	while (started + 1 < threads && !pthread_create(&thread[started], NULL, worker, ref))
		started++;
	done = !worker(ref);
	while (started) {
		void *failed;

		pthread_join(thread[--started], &failed);
		done = done || !failed;
	}
	return done ? 0 : -ENOMEM;
}

/* --- what is to be done --- */

static void count_entries(const struct reference *ref, uint32_t *count)
{
	for (uint32_t row = 0; row < ref->rows; row++)
		for (uint32_t i = 0; i < rill_layer_picks(ref->layer, row_token(ref, row)); i++) {
			uint32_t expert;
			int32_t weight;

			rill_layer_select(ref->layer, row_token(ref, row), i, &expert, &weight);
			count[expert]++;
		}
}

static uint32_t blocks(const struct reference *ref, uint32_t expert)
{
	return (rill_layer_width(ref->layer, expert) + BLOCK - 1) / BLOCK;
}

/* One expert_work for each expert that is selected; index[expert] finds it. */
static int make_work(struct reference *ref, const uint32_t *count, uint32_t *index)
{
	uint32_t experts = rill_layer_experts(ref->layer);
	struct entry *entries;

	ref->entries = calloc((size_t)ref->rows * rill_layer_most_picks(ref->layer),
			      sizeof(*ref->entries));
	ref->work = calloc(experts, sizeof(*ref->work));
	if (!ref->entries || !ref->work)
		return -ENOMEM;
	entries = ref->entries;
	for (uint32_t e = 0; e < experts; e++) {
		if (!count[e])
			continue;
		index[e] = ref->work_count;
		ref->work[ref->work_count].expert = e;
		ref->work[ref->work_count++].entries = entries;
		ref->task_count += blocks(ref, e);
		entries += count[e];
	}
	return 0;
}

static void fill_work(struct reference *ref, const uint32_t *index)
{
	for (uint32_t row = 0; row < ref->rows; row++)
		for (uint32_t i = 0; i < rill_layer_picks(ref->layer, row_token(ref, row)); i++) {
			struct expert_work *work;
			uint32_t expert;
			int32_t weight;

			rill_layer_select(ref->layer, row_token(ref, row), i, &expert, &weight);
			work = &ref->work[index[expert]];
			work->entries[work->count++] = (struct entry){ row, weight };
		}
}

static int make_tasks(struct reference *ref)
{
	uint32_t at = 0;

	ref->tasks = calloc(ref->task_count, sizeof(*ref->tasks));
	if (!ref->tasks)
		return -ENOMEM;
	for (uint32_t w = 0; w < ref->work_count; w++)
		for (uint32_t b = 0; b < blocks(ref, ref->work[w].expert); b++)
			ref->tasks[at++] = (struct task){ w, b * BLOCK };
	return 0;
}

static int make_plan(struct reference *ref)
{
	uint32_t count[RILL_MAX_EXPERTS] = { 0 }, index[RILL_MAX_EXPERTS] = { 0 };
	int err;

	count_entries(ref, count);
	err = make_work(ref, count, index);
	if (err)
		return err;
	fill_work(ref, index);
	return make_tasks(ref);
}

static int compute(struct reference *ref, unsigned int threads)
{
	size_t elements = (size_t)ref->rows * ref->hidden;
	int err = make_plan(ref);

	if (err)
		return err;
	memset(ref->acc, 0, elements * sizeof(*ref->acc));
	for (int i = 0; i < LOCKS; i++)
		pthread_mutex_init(&ref->lock[i], NULL);
	err = run_all(ref, threads);
	for (int i = 0; i < LOCKS; i++)
		pthread_mutex_destroy(&ref->lock[i]);
	for (size_t i = 0; i < elements; i++)
		ref->acc[i] = rill_round_shift(ref->acc[i], ref->layer->out_shift);
	return err;
}

int rill_reference(const struct rill_layer *layer, const uint32_t *tokens, uint32_t n,
		   unsigned int threads, int64_t *out)
{
	struct reference ref = {
		.layer = layer, .tokens = tokens, .rows = tokens ? n : layer->tokens,
		.hidden = layer->model->hidden, .acc = out, .kernel = rill_kernel_best(),
	};
	int err;

	for (uint32_t i = 0; tokens && i < n; i++)
		if (tokens[i] >= layer->tokens)
			return -EINVAL;
	if (!ref.rows)
		return 0;
	err = compute(&ref, threads);
	free(ref.work);
	free(ref.tasks);
	free(ref.entries);
	return err;
}
