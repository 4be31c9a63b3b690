// SPDX-License-Identifier: GPL-2.0-or-later
/* The validator: header and sections, and the order of everything else. */
#include <stdlib.h>

#include "validate.h"

bool ndf_fail(struct ndf_check *check, enum rill_ndf_code code, enum rill_ndf_unit unit, uint64_t position)
{
	*check->verdict = (struct rill_ndf_verdict){ .code = code, .unit = unit, .position = position };
	return false;
}

bool ndf_bad_byte(struct ndf_check *check, enum rill_ndf_code code, const uint8_t *at)
{
	return ndf_fail(check, code, RILL_NDF_AT_BYTE, (uint64_t)(at - check->view.base));
}

#define BAD_HEADER(check, code, field) \
	ndf_fail(check, code, RILL_NDF_AT_BYTE, offsetof(struct rill_ndf_header, field))

bool ndf_check_zero(struct ndf_check *check, const uint8_t *from, const uint8_t *to)
{
	for (; from < to; from++) {
		if (*from)
			return ndf_bad_byte(check, RILL_NDF_BAD_RESERVED, from);
	}
	return true;
}

static bool check_identity(struct ndf_check *check, const uint8_t *p, size_t size)
{
	uint32_t bytes;

	if (size < sizeof(struct rill_ndf_header))
		return ndf_fail(check, RILL_NDF_TRUNCATED, RILL_NDF_AT_BYTE, size);
	if (NDF_LE32(p, rill_ndf_header, magic) != RILL_NDF_MAGIC)
		return BAD_HEADER(check, RILL_NDF_BAD_MAGIC, magic);
	if (NDF_LE16(p, rill_ndf_header, version) != RILL_NDF_VERSION)
		return BAD_HEADER(check, RILL_NDF_BAD_VERSION, version);
	if (NDF_LE16(p, rill_ndf_header, header_bytes) != sizeof(struct rill_ndf_header))
		return BAD_HEADER(check, RILL_NDF_BAD_VERSION, header_bytes);
	bytes = NDF_LE32(p, rill_ndf_header, bytes);
	if (bytes < sizeof(struct rill_ndf_header) || bytes > RILL_NDF_MAX_BYTES || bytes < size)
		return BAD_HEADER(check, RILL_NDF_BAD_BYTES, bytes);
	if (bytes > size)
		return ndf_fail(check, RILL_NDF_TRUNCATED, RILL_NDF_AT_BYTE, size);
	if (NDF_LE32(p, rill_ndf_header, crc) != rill_ndf_crc32(p, size))
		return BAD_HEADER(check, RILL_NDF_BAD_CRC, crc);
	return true;
}

static void read_header(struct ndf_view *view, const uint8_t *p)
{
	*view = (struct ndf_view){
		.base = p,
		.bytes = NDF_LE32(p, rill_ndf_header, bytes),
		.flags = NDF_LE32(p, rill_ndf_header, flags),
		.node_count = NDF_LE32(p, rill_ndf_header, node_count),
		.arc_count = NDF_LE32(p, rill_ndf_header, arc_count),
		.token_count = NDF_LE32(p, rill_ndf_header, token_count),
		.nodes = NDF_LE32(p, rill_ndf_header, nodes),
		.arcs = NDF_LE32(p, rill_ndf_header, arcs),
		.tokens = NDF_LE32(p, rill_ndf_header, tokens),
		.params = NDF_LE32(p, rill_ndf_header, params),
		.params_bytes = NDF_LE32(p, rill_ndf_header, params_bytes),
		.data = NDF_LE32(p, rill_ndf_header, data),
		.data_bytes = NDF_LE32(p, rill_ndf_header, data_bytes),
		.names = NDF_LE32(p, rill_ndf_header, names),
		.names_bytes = NDF_LE32(p, rill_ndf_header, names_bytes),
		.name = NDF_LE32(p, rill_ndf_header, name),
		.memory_bytes = NDF_LE64(p, rill_ndf_header, memory_bytes),
	};
}

static bool check_limits(struct ndf_check *check)
{
	const struct ndf_view *view = &check->view;

	if (view->flags & ~(uint32_t)(RILL_NDF_HAS_EVENT | RILL_NDF_HAS_PLASTIC))
		return BAD_HEADER(check, RILL_NDF_BAD_FLAGS, flags);
	if (!view->node_count || view->node_count > RILL_NDF_MAX_NODES)
		return BAD_HEADER(check, RILL_NDF_BAD_COUNT, node_count);
	if (view->arc_count > RILL_NDF_MAX_ARCS)
		return BAD_HEADER(check, RILL_NDF_BAD_COUNT, arc_count);
	if (view->token_count > RILL_NDF_MAX_TOKENS)
		return BAD_HEADER(check, RILL_NDF_BAD_COUNT, token_count);
	if (view->memory_bytes > RILL_NDF_MAX_MEMORY || view->memory_bytes < view->data_bytes)
		return BAD_HEADER(check, RILL_NDF_BAD_MEMORY, memory_bytes);
	return ndf_check_zero(check, view->base + offsetof(struct rill_ndf_header, reserved),
			      view->base + sizeof(struct rill_ndf_header));
}

/* Each section starts where the one before it ends, and the last one ends the binary. */
static bool check_sections(struct ndf_check *check)
{
	const struct ndf_view *view = &check->view;
	uint64_t at = sizeof(struct rill_ndf_header);

	if (view->nodes != at)
		return BAD_HEADER(check, RILL_NDF_BAD_SECTION, nodes);
	at += (uint64_t)view->node_count * sizeof(struct rill_ndf_node);
	if (view->arcs != at)
		return BAD_HEADER(check, RILL_NDF_BAD_SECTION, arcs);
	at += (uint64_t)view->arc_count * sizeof(struct rill_ndf_arc);
	if (view->tokens != at)
		return BAD_HEADER(check, RILL_NDF_BAD_SECTION, tokens);
	at += (uint64_t)view->token_count * sizeof(struct rill_ndf_token);
	if (view->params != at)
		return BAD_HEADER(check, RILL_NDF_BAD_SECTION, params);
	if (view->params_bytes % 8)
		return BAD_HEADER(check, RILL_NDF_BAD_SECTION, params_bytes);
	at += view->params_bytes;
	if (view->data != at)
		return BAD_HEADER(check, RILL_NDF_BAD_SECTION, data);
	at += ndf_pad8(view->data_bytes);
	if (view->names != at)
		return BAD_HEADER(check, RILL_NDF_BAD_SECTION, names);
	at += ndf_pad8(view->names_bytes);
	if (view->bytes != at)
		return BAD_HEADER(check, RILL_NDF_BAD_SECTION, bytes);
	return true;
}

static bool check_names(struct ndf_check *check)
{
	const struct ndf_view *view = &check->view;

	if (!ndf_check_zero(check, view->base + view->data + view->data_bytes, view->base + view->names) ||
	    !ndf_check_zero(check, view->base + view->names + view->names_bytes, view->base + view->bytes))
		return false;
	if (view->names_bytes && view->base[view->names + view->names_bytes - 1])
		return ndf_fail(check, RILL_NDF_BAD_NAMES, RILL_NDF_AT_BYTE,
				view->names + view->names_bytes - 1);
	if (view->name != RILL_NDF_NONE && view->name >= view->names_bytes)
		return BAD_HEADER(check, RILL_NDF_BAD_NAMES, name);
	return true;
}

static bool check_truth(struct ndf_check *check)
{
	uint32_t flags = (check->event ? RILL_NDF_HAS_EVENT : 0) | (check->plastic ? RILL_NDF_HAS_PLASTIC : 0);

	if (check->view.flags != flags)
		return BAD_HEADER(check, RILL_NDF_BAD_FLAGS, flags);
	if (check->at != check->view.params_bytes)
		return BAD_HEADER(check, RILL_NDF_BAD_SECTION, params_bytes);
	return true;
}

bool ndf_check_binary(struct ndf_check *check, const void *binary, size_t size,
		      struct rill_ndf_verdict *verdict)
{
	bool ok;

	*check = (struct ndf_check){ .verdict = verdict };
	*verdict = (struct rill_ndf_verdict){ .code = RILL_NDF_VALID };
	if (!check_identity(check, binary, size))
		return false;
	read_header(&check->view, binary);
	if (!check_limits(check) || !check_sections(check) || !check_names(check))
		return false;
	check->always = calloc(check->view.node_count, sizeof(*check->always));
	ok = check->always && ndf_check_nodes(check) && check_truth(check) && ndf_check_graph(check);
	free(check->always);
	check->always = NULL;
	return ok;
}

bool rill_ndf_validate(const void *binary, size_t size, struct rill_ndf_verdict *verdict)
{
	struct ndf_check check;

	return ndf_check_binary(&check, binary, size, verdict);
}
