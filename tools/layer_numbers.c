// SPDX-License-Identifier: MIT
#include "layer_numbers.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* "N" or "N-M" */
static int parse_range(const char *item, unsigned int *first, unsigned int *last)
{
	char end;

	if (*item == '-')
		return -EINVAL;
	if (sscanf(item, "%9u-%9u%c", first, last, &end) == 2)
		return *first <= *last ? 0 : -EINVAL;
	if (sscanf(item, "%9u%c", first, &end) != 1)
		return -EINVAL;
	*last = *first;
	return 0;
}

static int add_number(const struct rill_model *model, unsigned int n, struct layer_numbers *numbers)
{
	if (n < model->first_layer || n - model->first_layer >= model->layers) {
		fprintf(stderr, "rill: layers: %u is not an MoE layer of %s (%u..%u)\n", n, model->name,
			model->first_layer, model->first_layer + model->layers - 1);
		return -EINVAL;
	}
	if (numbers->count == MAX_LAYERS) {
		fprintf(stderr, "rill: layers: more than %d\n", MAX_LAYERS);
		return -EINVAL;
	}
	numbers->number[numbers->count++] = n;
	return 0;
}

static int add_range(const struct rill_model *model, const char *item, struct layer_numbers *numbers)
{
	unsigned int n, last;
	int ret = parse_range(item, &n, &last);

	if (ret)
		fprintf(stderr, "rill: layers: '%s' is not a number or a range\n", item);
	for (; !ret && n <= last; n++)
		ret = add_number(model, n, numbers);
	return ret;
}

int layer_numbers_parse(const char *list, const struct rill_model *model, struct layer_numbers *numbers)
{
	char all[32], *text, *item, *rest;
	int ret = 0;

	numbers->count = 0;
	snprintf(all, sizeof(all), "%u-%u", model->first_layer, model->first_layer + model->layers - 1);
	text = strdup(strcmp(list, "all") ? list : all);
	if (!text)
		return -ENOMEM;
	for (item = strtok_r(text, ",", &rest); item && !ret; item = strtok_r(NULL, ",", &rest))
		ret = add_range(model, item, numbers);
	free(text);
	if (!ret && !numbers->count) {
		fputs("rill: layers: the list is empty\n", stderr);
		ret = -EINVAL;
	}
	return ret;
}
