// SPDX-License-Identifier: MIT
#include "layer_input.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define MAGIC 0x3146455249524c4cULL

struct reference_header {
	uint64_t magic, digest;
	uint32_t tokens, hidden;
};

struct rill_routing_source source_input(const struct options *options)
{
	return (struct rill_routing_source){
		.trace = options->trace, .zipf = options->zipf, .exponent = options->exponent,
		.seed = options->seed,
	};
}

int routing_input(const struct options *options, const struct rill_model *model, unsigned int layer,
		  unsigned int batch, struct rill_routing *routing, char *error)
{
	const struct rill_routing_source source = source_input(options);
	uint64_t first = options->first + (uint64_t)batch * options->tokens;

	if (first > UINT32_MAX) {
		snprintf(error, RILL_ERROR_BYTES, "first: %" PRIu64 " is over %u", first, UINT32_MAX);
		return -EINVAL;
	}
	return rill_routing_from(&source, model, layer, first, options->tokens, routing, error);
}

static void list_models(void)
{
	size_t i;

	for (i = 0; rill_model_at(i); i++)
		fprintf(stderr, "%s%s", i ? ", " : "rill: models: ", rill_model_at(i)->name);
	fputc('\n', stderr);
}

int model_input(const struct options *options, const struct rill_model **model)
{
	*model = rill_model_find(options->model);
	if (*model)
		return 0;
	fprintf(stderr, "rill: model: there is no '%s'\n", options->model);
	list_models();
	return -EINVAL;
}

/* Batch `batch` of the sequence. */
static int make_layer(const struct options *options, const struct rill_model *model, unsigned int number,
		      unsigned int batch, struct rill_layer **layer)
{
	char error[RILL_ERROR_BYTES] = "";
	struct rill_routing routing;
	int ret;

	if (number < model->first_layer || number - model->first_layer >= model->layers) {
		fprintf(stderr, "rill: layer: %u is not an MoE layer of %s (%u..%u)\n", number,
			model->name, model->first_layer, model->first_layer + model->layers - 1);
		return -EINVAL;
	}
	ret = routing_input(options, model, number, batch, &routing, error);
	if (!ret)
		ret = rill_layer_create_with(model, number, &routing, options->seed,
					     options->weights, layer, error);
	if (ret)
		fprintf(stderr, "rill: %s\n", error);
	else if (batch)
		ret = rill_layer_renumber(*layer, batch * options->tokens);
	return ret;
}

int layer_input(const struct options *options, struct rill_layer **layer)
{
	const struct rill_model *model;
	int ret = model_input(options, &model);

	if (ret)
		return ret;
	return make_layer(options, model, options->layer_given ? options->layer : model->first_layer,
			  0, layer);
}

static int add_layers(const struct options *options, const struct rill_model *model,
		      struct layer_list *list)
{
	struct layer_numbers numbers;
	int ret = layer_numbers_parse(options->layers, model, &numbers);

	for (; !ret && list->count < numbers.count; list->count += !ret)
		ret = make_layer(options, model, numbers.number[list->count], 0,
				 &list->layer[list->count]);
	return ret;
}

static int add_batches(const struct options *options, const struct rill_model *model,
		       struct layer_list *list)
{
	unsigned int number = options->layer_given ? options->layer : model->first_layer;
	int ret = 0;

	for (; !ret && list->count < options->passes; list->count += !ret)
		ret = make_layer(options, model, number, list->count, &list->layer[list->count]);
	return ret;
}

int layers_input(const struct options *options, struct layer_list *list)
{
	const struct rill_model *model;
	int ret = model_input(options, &model);

	*list = (struct layer_list){ 0 };
	if (ret)
		return ret;
	if (options->layers)
		ret = add_layers(options, model, list);
	else
		ret = add_batches(options, model, list);
	if (ret)
		layer_list_free(list);
	return ret;
}

void layer_list_free(struct layer_list *list)
{
	unsigned int i;

	for (i = 0; i < list->count; i++)
		rill_layer_free(list->layer[i]);
	list->count = 0;
}

static uint64_t hash(uint64_t digest, const void *data, size_t bytes)
{
	const uint8_t *byte = data;
	size_t i;

	for (i = 0; i < bytes; i++)
		digest = (digest ^ byte[i]) * 0x100000001b3ULL;
	return digest;
}

uint64_t layer_digest(const struct rill_layer *layer)
{
	uint32_t t, i, expert, selections = layer->model->top_k + layer->model->shared;
	uint64_t digest = 0xcbf29ce484222325ULL, seed;
	int32_t weight;

	digest = hash(digest, &layer->weights, sizeof(layer->weights));
	digest = hash(digest, &layer->tokens, sizeof(layer->tokens));
	digest = hash(digest, &layer->out_shift, sizeof(layer->out_shift));
	digest = hash(digest, layer->silu, sizeof(layer->silu));
	digest = hash(digest, layer->x, (size_t)layer->tokens * layer->model->hidden);
	for (t = 0; t < layer->tokens; t++) {
		for (i = 0; i < selections; i++) {
			rill_layer_select(layer, t, i, &expert, &weight);
			seed = rill_layer_expert_seed(layer, expert);
			digest = hash(digest, &expert, sizeof(expert));
			digest = hash(digest, &weight, sizeof(weight));
			digest = hash(digest, &seed, sizeof(seed));
		}
	}
	for (i = 0; i < rill_layer_experts(layer); i++) {
		const struct rill_requant *r = &layer->requant[i];

		digest = hash(digest, &r->gate_mult, 3 * sizeof(r->gate_mult));
		digest = hash(digest, &r->gate_shift, 3);
	}
	return digest;
}

static size_t output_count(const struct rill_layer *layer)
{
	return (size_t)layer->tokens * layer->model->hidden;
}

int reference_save(const char *path, const struct rill_layer *layer, const int64_t *out)
{
	struct reference_header header = {
		.magic = MAGIC, .digest = layer_digest(layer), .tokens = layer->tokens,
		.hidden = layer->model->hidden,
	};
	FILE *file = fopen(path, "wb");
	bool written;
	int ret;

	if (!file)
		return -errno;
	written = fwrite(&header, sizeof(header), 1, file) == 1 &&
		  fwrite(out, sizeof(*out), output_count(layer), file) == output_count(layer);
	ret = written ? 0 : -errno;
	if (fclose(file) && !ret)
		ret = -errno;
	return ret;
}

int reference_read(const char *path, const struct rill_layer *layer, int64_t *out)
{
	struct reference_header header;
	FILE *file = fopen(path, "rb");
	int ret = 0;

	if (!file)
		return -errno;
	if (fread(&header, sizeof(header), 1, file) != 1 || header.magic != MAGIC)
		ret = -EBADMSG;
	else if (header.digest != layer_digest(layer) || header.tokens != layer->tokens ||
		 header.hidden != layer->model->hidden)
		ret = -ESTALE;
	else if (fread(out, sizeof(*out), output_count(layer), file) != output_count(layer))
		ret = -EBADMSG;
	fclose(file);
	return ret;
}
