// SPDX-License-Identifier: MIT
#include <dlfcn.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>

#include "dnnl_product.h"
#include "library.h"

#define ARENA_BYTES	(192ul << 20)	/* weights to take in turn: more than caches hold */
#define HUGE_PAGE	(2ul << 20)
#define ROUNDS		3
#define ROUND_SECONDS	0.008
#define LEAST_CALLS	8
#define PROBE		96
#define FLOAT_DEPTH	1024		/* products of int8 that a float adds up exactly: to 2^24 */

enum routine { MATMUL_S8, GEMM_S8, MATMUL_F32, ROUTINES };

static const char *const routine_names[ROUTINES] = {
	"int8 matmul", "gemm_s8s8s32", "float matmul in parts of the depth",
};

struct library {
	dnnl_engine_t engine;
	dnnl_stream_t stream;
	int8_t *arena;
	bool exact[ROUTINES];
	char name[256];
};

struct call {
	enum routine routine;
	size_t m, n, k;
	unsigned int parts;		/* of the depth */
	size_t next, count;		/* weights to take, of so many */
	struct dnnl_product product;
	int8_t *a;			/* GEMM_S8 */
	int32_t *c;
};

double processor_seconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
	return now.tv_sec + now.tv_nsec / 1e9;
}

/* As OMP_NUM_THREADS=1 does, which is too late to set here; oneDNN may be built without OpenMP. */
static void one_thread(void)
{
	void (*set)(int threads);

	*(void **)&set = dlsym(RTLD_DEFAULT, "omp_set_num_threads");
	if (set)
		set(1);
}

static void gemm(size_t m, size_t n, size_t k, const int8_t *a, const int8_t *b, int32_t *c)
{
	const int32_t zero = 0;

	dnnl_gemm_s8s8s32('N', 'N', 'F', m, n, k, 1, a, k, 0, b, n, 0, 0, c, n, &zero);
}

/* --- which routines are exact --- */

static void extremes(int8_t *a, int8_t *b)
{
	static const int8_t values[] = { -128, 127, -128, -128, 127, 127, 0, 1 };

	for (size_t i = 0; i < PROBE * PROBE; i++) {
		a[i] = values[i * 7 / 3 % 8];
		b[i] = values[i * 5 / 2 % 8];
	}
}

static bool is_product(const int8_t *a, const int8_t *b, const int32_t *got)
{
	for (size_t t = 0; t < PROBE; t++)
		for (size_t j = 0; j < PROBE; j++) {
			int32_t want = 0;

			for (size_t i = 0; i < PROBE; i++)
				want += a[t * PROBE + i] * b[i * PROBE + j];
			if (got[t * PROBE + j] != want)
				return false;
		}
	return true;
}

static bool matmul_is_exact(struct library *l)
{
	int8_t a[PROBE * PROBE], b[PROBE * PROBE];
	struct dnnl_product p;
	void *src, *dst;
	bool exact;

	if (!dnnl_product_create(&p, l->engine, true, PROBE, PROBE, PROBE, l->arena,
				 ARENA_BYTES))
		return false;
	extremes(a, b);
	dnnl_memory_get_data_handle(p.src, &src);
	dnnl_memory_get_data_handle(p.dst, &dst);
	memcpy(src, a, sizeof(a));
	exact = dnnl_product_reorder(&p, l->engine, l->stream, true, PROBE, PROBE, b);
	dnnl_product_run(&p, l->stream, 0);
	exact = exact && is_product(a, b, dst);
	dnnl_product_destroy(&p);
	return exact;
}

static bool gemm_is_exact(void)
{
	int8_t a[PROBE * PROBE], b[PROBE * PROBE];
	int32_t c[PROBE * PROBE];

	extremes(a, b);
	gemm(PROBE, PROBE, PROBE, a, b, c);
	return is_product(a, b, c);
}

static void write_name(struct library *l)
{
	const dnnl_version_t *v = dnnl_version();
	size_t at = snprintf(l->name, sizeof(l->name), "oneDNN %d.%d.%d:", v->major, v->minor,
			     v->patch);

	for (int r = 0; r < ROUTINES; r++)
		if (l->exact[r])
			at += snprintf(l->name + at, sizeof(l->name) - at, " %s;", routine_names[r]);
	l->name[at - 1] = '\0';
}

struct library *library_open(void)
{
	struct library *l = calloc(1, sizeof(*l));

	if (!l)
		return NULL;
	one_thread();
	l->arena = aligned_alloc(HUGE_PAGE, ARENA_BYTES);
	if (!l->arena || dnnl_engine_create(&l->engine, dnnl_cpu, 0) ||
	    dnnl_stream_create(&l->stream, l->engine, dnnl_stream_default_flags)) {
		library_close(l);
		return NULL;
	}
	madvise(l->arena, ARENA_BYTES, MADV_HUGEPAGE);	/* as the chip's DDR is */
	for (size_t i = 0; i < ARENA_BYTES / sizeof(float); i++)
		((float *)l->arena)[i] = (int)(i % 255) - 127;
	l->exact[MATMUL_S8] = matmul_is_exact(l);
	l->exact[GEMM_S8] = gemm_is_exact();
	l->exact[MATMUL_F32] = true;
	write_name(l);
	return l;
}

void library_close(struct library *l)
{
	if (!l)
		return;
	dnnl_stream_destroy(l->stream);
	dnnl_engine_destroy(l->engine);
	free(l->arena);
	free(l);
}

const char *library_name(const struct library *l)
{
	return l->name;
}

/* --- how long they take --- */

static bool make_call(struct library *l, struct call *call)
{
	bool s8 = call->routine == MATMUL_S8;

	call->parts = call->routine == MATMUL_F32 ? (call->k + FLOAT_DEPTH - 1) / FLOAT_DEPTH : 1;
	if (call->routine == GEMM_S8) {
		call->count = ARENA_BYTES / (call->n * call->k);
		call->a = calloc(call->m, call->k);
		call->c = calloc(call->m * call->n, sizeof(*call->c));
		return call->a && call->c;
	}
	if (!dnnl_product_create(&call->product, l->engine, s8, call->m, call->n,
				 (call->k + call->parts - 1) / call->parts, l->arena, ARENA_BYTES))
		return false;
	call->count = call->product.weights_count;
	return true;
}

static void free_call(struct call *call)
{
	if (call->product.primitive)
		dnnl_product_destroy(&call->product);
	free(call->a);
	free(call->c);
}

static void run_call(const struct library *l, struct call *call)
{
	unsigned int part;

	for (part = 0; part < call->parts; part++) {
		if (call->routine == GEMM_S8)
			gemm(call->m, call->n, call->k, call->a,
			     l->arena + call->next * call->n * call->k, call->c);
		else
			dnnl_product_run(&call->product, l->stream, call->next);
		call->next = (call->next + 1) % call->count;
	}
}

/* The best of some rounds: what disturbs only makes it longer. */
static double time_call(const struct library *l, struct call *call)
{
	double best = 0;

	run_call(l, call);
	for (int round = 0; round < ROUNDS; round++) {
		double start = processor_seconds(), seconds = 0;
		unsigned int calls = 0;

		while (calls < LEAST_CALLS || seconds < ROUND_SECONDS) {
			run_call(l, call);
			calls++;
			seconds = processor_seconds() - start;
		}
		if (!round || seconds / calls < best)
			best = seconds / calls;
	}
	return best;
}

double library_seconds(struct library *l, size_t m, size_t n, size_t k)
{
	double best = 0;

	for (int r = 0; r < ROUTINES; r++) {
		struct call call = { .routine = r, .m = m, .n = n, .k = k };
		double seconds;

		if (!l->exact[r])
			continue;
		if (make_call(l, &call) && call.count) {
			seconds = time_call(l, &call);
			if (best == 0 || seconds < best)
				best = seconds;
		}
		free_call(&call);
	}
	return best;
}
