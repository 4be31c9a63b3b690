// SPDX-License-Identifier: MIT
/* Published shapes of mixture-of-experts models: what matters to a layer. */
#include <string.h>

#include "rill_moe.h"

static const struct rill_model models[] = {
	{
		.name = "qwen3-30b-a3b",
		.hidden = 2048, .width = 768, .experts = 128, .top_k = 8, .layers = 48,
	},
	{
		.name = "deepseek-v2-lite",
		.hidden = 2048, .width = 1408, .experts = 64, .top_k = 6, .layers = 26,
		.shared = 2, .shared_width = 1408, .first_layer = 1,
	},
	{
		.name = "gpt-oss-20b",
		.hidden = 2880, .width = 2880, .experts = 32, .top_k = 4, .layers = 24,
	},
	{
		.name = "deepseek-moe-16b",
		.hidden = 2048, .width = 1408, .experts = 64, .top_k = 6, .layers = 27,
		.shared = 2, .shared_width = 1408, .first_layer = 1,
	},
	{
		.name = "qwen1.5-moe-a2.7b",
		.hidden = 2048, .width = 1408, .experts = 60, .top_k = 4, .layers = 24,
		.shared = 1, .shared_width = 5632,
	},
	{
		.name = "olmoe-1b-7b",
		.hidden = 2048, .width = 1024, .experts = 64, .top_k = 8, .layers = 16,
	},
	{
		.name = "phi-3.5-moe",
		.hidden = 4096, .width = 6400, .experts = 16, .top_k = 2, .layers = 32,
	},
	{
		.name = "yuan2.0-m32",
		.hidden = 2048, .width = 8192, .experts = 32, .top_k = 2, .layers = 24,
	},
	{
		.name = "mixtral-8x7b",
		.hidden = 4096, .width = 14336, .experts = 8, .top_k = 2, .layers = 32,
	},
};

const struct rill_model *rill_model_at(size_t index)
{
	return index < sizeof(models) / sizeof(models[0]) ? &models[index] : NULL;
}

const struct rill_model *rill_model_find(const char *name)
{
	const struct rill_model *model;

	for (size_t i = 0; (model = rill_model_at(i)); i++)
		if (!strcmp(model->name, name))
			return model;
	return NULL;
}
