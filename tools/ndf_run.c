// SPDX-License-Identifier: MIT
/* rill ndf run */
#include "ndf_array.h"
#include "ndf_run.h"

#include <endian.h>
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

static const char doc[] =
	"Run a program. Plastic whens learn first; then what they learned is compared with their teachers.";

enum key { KEY_INPUT = 0x300, KEY_MEMORY, KEY_FIRINGS, KEY_STEPS, KEY_ORDER, KEY_SAVE };

static const struct argp_option table[] = {
	{ "input", KEY_INPUT, "NAME=WORD,...", 0, "for an input, a stream or an array; can be given again", 0 },
	{ "memory", KEY_MEMORY, NULL, 0, "print memory at the end", 0 },
	{ "firings", KEY_FIRINGS, "N", 0, "firings at most [100000000]", 0 },
	{ "steps", KEY_STEPS, "N", 0, "steps at most [no limit]", 0 },
	{ "order", KEY_ORDER, "SEED", 0, "one firing at a time, in a random order", 0 },
	{ "save-weights", KEY_SAVE, "FILE", 0, "what plastic whens have learned", 0 },
	{ 0 },
};

static void parse_words(struct argp_state *state, const char *text, struct ndf_input *input)
{
	const char *p = text;
	char *end;

	for (;;) {
		errno = 0;
		input->words[input->count++] = *p == '-' ? (uint64_t)strtoll(p, &end, 0) : strtoull(p, &end, 0);
		if (errno || end == p || (*end && *end != ','))
			argp_error(state, "input: '%s' is not a list of words", text);
		if (!*end)
			return;
		p = end + 1;
	}
}

static void parse_input(struct argp_state *state, char *arg, struct ndf_run_options *options)
{
	struct ndf_input *input = &options->inputs[options->input_count];
	char *equals = strchr(arg, '=');
	size_t commas = 0, i;

	if (!equals || equals == arg)
		argp_error(state, "input: '%s' is not NAME=WORD,...", arg);
	if (options->input_count == NDF_MAX_INPUTS)
		argp_error(state, "input: more than %d", NDF_MAX_INPUTS);
	for (i = 0; equals[1 + i]; i++)
		commas += equals[1 + i] == ',';
	*equals = '\0';
	input->name = arg;
	input->words = calloc(commas + 1, sizeof(*input->words));
	if (!input->words)
		argp_failure(state, 1, ENOMEM, "input");
	parse_words(state, equals + 1, input);
	options->input_count++;
}

static int parse(int key, char *arg, struct argp_state *state)
{
	struct ndf_run_options *options = state->input;

	switch (key) {
	case ARGP_KEY_END:
		if ((options->device.given || options->device.array_given) &&
		    (options->order || options->steps != UINT64_MAX))
			argp_error(state, "order, steps: of runs on the host only");
		return 0;
	case ARGP_KEY_INIT:
		state->child_inputs[0] = &options->common;
		state->child_inputs[1] = &options->device;
		return 0;
	case KEY_INPUT:
		parse_input(state, arg, options);
		return 0;
	case KEY_MEMORY:
		options->memory = true;
		return 0;
	case KEY_FIRINGS:
		options->firings = option_number(state, "firings", arg, 1, UINT64_MAX);
		return 0;
	case KEY_STEPS:
		options->steps = option_number(state, "steps", arg, 1, UINT64_MAX);
		return 0;
	case KEY_ORDER:
		options->order = option_number(state, "order", arg, 1, UINT64_MAX);
		return 0;
	case KEY_SAVE:
		options->save_weights = arg;
		return 0;
	}
	return ARGP_ERR_UNKNOWN;
}

/* ---- start ---- */

static bool find_array(const struct ndf_file *file, const char *name, struct rill_program_array *array)
{
	uint32_t i;

	for (i = 0; file->program && rill_program_array(file->program, i, array); i++) {
		if (!strcmp(array->name, name))
			return true;
	}
	return false;
}

static int feed_array(struct rill_run *run, const struct rill_program_array *array, const struct ndf_input *input)
{
	uint64_t bytes, word;
	uint8_t *memory = rill_run_memory(run, &bytes);
	uint32_t i;

	if (input->count > array->size) {
		fprintf(stderr, "rill: input: array '%s' has %u words, not %u\n", array->name, array->size,
			input->count);
		return 1;
	}
	for (i = 0; i < input->count; i++) {
		word = htole64(input->words[i]);
		memcpy(memory + array->base + 8ULL * i, &word, sizeof(word));
	}
	return 0;
}

static int feed(const struct ndf_file *file, struct rill_run *run, const struct ndf_run_options *options)
{
	struct rill_program_array array;
	uint32_t i;
	int ret;

	for (i = 0; i < options->input_count; i++) {
		if (find_array(file, options->inputs[i].name, &array)) {
			if (feed_array(run, &array, &options->inputs[i]))
				return 1;
			continue;
		}
		if (file->program && options->inputs[i].count > 1 &&
		    rill_program_is_word(file->program, options->inputs[i].name)) {
			fprintf(stderr, "rill: input: '%s' is one word, not %u\n", options->inputs[i].name,
				options->inputs[i].count);
			return 1;
		}
		ret = rill_run_input(run, options->inputs[i].name, options->inputs[i].words,
				     options->inputs[i].count);
		if (ret == -ENOENT)
			fprintf(stderr, "rill: input: there is no input, stream or array '%s'\n",
				options->inputs[i].name);
		else if (ret)
			fprintf(stderr, "rill: input: '%s': %s%s\n", options->inputs[i].name, strerror(-ret),
				options->device.queue ? " (of a chip's: 1 to 4194304 words in all)" : "");
		if (ret)
			return 1;
	}
	return 0;
}

struct rill_run *ndf_tool_start(const struct ndf_file *file, const struct rill_build_options *build,
				const struct ndf_run_options *options, struct rill_graph **graph)
{
	const struct rill_chip_run_options chip = { .waves = options->device.waves };
	char error[RILL_GRAPH_ERROR_BYTES];
	struct rill_run *run;

	*graph = ndf_tool_build(file, build, NULL);
	if (!*graph)
		return NULL;
	if (options->device.queue)
		run = rill_run_new_on_chip(*graph, options->device.queue, &chip, error);
	else if (options->device.array_given)
		run = ndf_array_start(file, *graph, &options->device.options, error);
	else
		run = rill_run_new(*graph, options->order, error);
	if (!run)
		fprintf(stderr, "rill: %s: %s\n", file->path, error);
	if (run && feed(file, run, options)) {
		rill_run_free(run);
		run = NULL;
	}
	return run;
}

int ndf_tool_complete(struct rill_run *run, const struct ndf_run_options *options, const char *what)
{
	int end = rill_run_go(run, options->firings, options->steps);
	struct rill_run_counts counts;

	if (end == RILL_NDF_FINISHED || end == RILL_NDF_QUIESCENT)
		return 0;
	fflush(stdout);
	if (end < 0) {
		fprintf(stderr, "rill: %s: %s\n", what, rill_run_failure(run));
		return 1;
	}
	rill_run_count(run, &counts);
	switch (end) {
	case RILL_NDF_DEADLOCK:
		fprintf(stderr, "rill: %s: deadlock after %" PRIu64 " firings\n", what, counts.firings);
		break;
	case RILL_NDF_LIMIT:
		fprintf(stderr, "rill: %s: not finished after the limit of %" PRIu64 " firings", what, counts.firings);
		if (counts.steps)
			fprintf(stderr, ", %" PRIu64 " steps", counts.steps);
		fputc('\n', stderr);
		break;
	case RILL_NDF_BUSY:
		fprintf(stderr, "rill: %s: waits for the stream engine, which only the chip has\n", what);
		break;
	default:
		fprintf(stderr, "rill: %s: a fault after %" PRIu64 " firings: ", what, counts.firings);
	}
	rill_run_explain(run, end, stderr);
	return 1;
}

/* ---- what is printed ---- */

static void print_sinks(const struct rill_run *run)
{
	const uint64_t *words;
	const char *name;
	uint32_t i, mode;
	size_t count, k;

	for (i = 0; (words = rill_run_sink(run, i, &name, &mode, &count)); i++) {
		if (mode == RILL_NDF_SINK_IGNORE || !strcmp(name, "memory.done"))
			continue;
		printf("%s =", name);
		for (k = 0; k < count; k++)
			printf("%s %" PRId64, k ? "," : "", (int64_t)words[k]);
		printf("\n");
	}
}

static void print_words(const char *name, const uint8_t *from, uint64_t count)
{
	uint64_t k, word;

	printf("%s =", name);
	for (k = 0; k < count; k++) {
		memcpy(&word, from + 8 * k, sizeof(word));
		printf("%s%s%" PRId64, k ? "," : "", k && k % 16 == 0 ? "\n\t" : " ", (int64_t)le64toh(word));
	}
	printf("\n");
}

static void print_memory(const struct ndf_file *file, struct rill_run *run)
{
	struct rill_program_array array;
	uint64_t bytes;
	uint8_t *memory = rill_run_memory(run, &bytes);
	uint32_t i;

	for (i = 0; file->program && rill_program_array(file->program, i, &array); i++)
		print_words(array.name, memory + array.base, array.size);
	if (!i && bytes)
		print_words("memory", memory, bytes / 8);
}

static void print_counts(const struct rill_run *run, bool steps)
{
	struct rill_run_counts counts;

	rill_run_count(run, &counts);
	printf("%" PRIu64 " firings: %" PRIu64 " op, %" PRIu64 " when, %" PRIu64 " where, %" PRIu64 " source, %" PRIu64
	       " sink", counts.firings, counts.op, counts.when, counts.where, counts.source, counts.sink);
	if (counts.lessons)
		printf(", %" PRIu64 " lessons", counts.lessons);
	if (steps)
		printf("; %" PRIu64 " steps", counts.steps);
	printf("\n");
}

/* ---- what the text expects ---- */

static bool sink_is(const struct rill_run *run, const struct rill_program_expectation *e)
{
	const uint64_t *words;
	const char *name;
	uint32_t i, mode;
	size_t count;

	for (i = 0; (words = rill_run_sink(run, i, &name, &mode, &count)); i++) {
		if (!strcmp(name, e->name))
			return count == e->count && !memcmp(words, e->words, count * sizeof(*words));
	}
	return false;
}

static bool array_is(const struct ndf_file *file, struct rill_run *run, const struct rill_program_expectation *e)
{
	struct rill_program_array array;
	uint64_t bytes, word;
	uint8_t *memory = rill_run_memory(run, &bytes);
	uint32_t k;

	if (!find_array(file, e->name, &array))
		return false;
	for (k = 0; k < e->count; k++) {
		memcpy(&word, memory + array.base + 8ULL * k, sizeof(word));
		if (le64toh(word) != e->words[k])
			return false;
	}
	return true;
}

static int check(const struct ndf_file *file, struct rill_run *run)
{
	struct rill_program_expectation e;
	uint32_t i, wrong = 0;

	for (i = 0; file->program && rill_program_expectation(file->program, i, &e); i++) {
		if (e.is_array ? array_is(file, run, &e) : sink_is(run, &e))
			continue;
		fprintf(stderr, "rill: %s: '%s' is not what the text expects\n", file->path, e.name);
		wrong++;
	}
	if (i && !wrong)
		printf("as the text expects\n");
	return wrong ? 1 : 0;
}

static int run_once(const struct ndf_file *file, const struct ndf_run_options *options)
{
	struct rill_weights *weights = NULL;
	struct rill_graph *graph;
	struct rill_run *run = ndf_tool_start(file, &options->common.build, options, &graph);
	int ret = run ? ndf_tool_complete(run, options, file->path) : 1;

	/* What a chip refused has given nothing. */
	if (run && (!options->device.queue || rill_run_report(run))) {
		print_sinks(run);
		if (options->memory)
			print_memory(file, run);
		print_counts(run, !options->order && !options->device.queue && !options->device.array_given);
		ndf_device_print(run);
		ndf_array_print(run);
		weights = ndf_tool_weights(file, graph, run);
		if (!options->common.build.learning)
			ndf_tool_print_weights(weights);
	}
	if (run && !ret && !options->input_count)
		ret = check(file, run);
	if (run && !ret && options->device.compare)
		ret = ndf_device_compare(file, &options->common.build, options, run);
	if (run && !ret && options->save_weights)
		ret = ndf_tool_save_weights(weights, options->save_weights);
	rill_weights_free(weights);
	rill_run_free(run);
	rill_graph_free(graph);
	return ret;
}

static int run_file(const struct ndf_file *file, struct ndf_run_options *options)
{
	uint32_t frac;
	bool learns = file->program && rill_program_plastic(file->program, 0, &frac);
	int ret = ndf_device_open(&options->device);

	if (ret)
		return ret;
	ret = learns && !options->common.learning_given ? ndf_tool_learn(file, options) : run_once(file, options);
	ndf_device_close(&options->device);
	return ret;
}

int cmd_ndf_run(int argc, char **argv)
{
	static const struct argp_child children[] = {
		{ &ndf_tool_build_argp, 0, NULL, 0 }, { &ndf_device_argp, 0, NULL, 0 }, { 0 },
	};
	const struct argp argp = { .options = table, .parser = parse, .children = children, .args_doc = "FILE",
				   .doc = doc };
	struct ndf_run_options options = { .firings = 100000000, .steps = UINT64_MAX };
	struct ndf_file file;
	uint32_t i;
	int ret;

	argp_parse(&argp, argc, argv, 0, NULL, &options);
	ret = ndf_tool_open(options.common.file, &file);
	if (!ret) {
		ret = run_file(&file, &options);
		ndf_tool_close(&file);
	}
	for (i = 0; i < options.input_count; i++)
		free(options.inputs[i].words);
	rill_weights_free(options.common.weights);
	return ret;
}
