// SPDX-License-Identifier: MIT
/* Operations and their names in text. */
#include "graph.h"

#include <string.h>

#define ONE(name, op)		{ name, RILL_NDF_##op, 1, false }
#define TWO(name, op)		{ name, RILL_NDF_##op, 2, false }

static const struct rill_op_info ops[] = {
	ONE("copy", COPY), ONE("not", NOT), ONE("neg", NEG), ONE("abs", ABS), ONE("popcnt", POPCNT),
	ONE("clz", CLZ), ONE("ctz", CTZ), ONE("fneg", FNEG), ONE("fabs", FABS), ONE("fsqrt", FSQRT),
	ONE("i2f", I2F), ONE("u2f", U2F), ONE("f2i", F2I),
	TWO("then", THEN), TWO("add", ADD), TWO("sub", SUB), TWO("mul", MUL), TWO("div", DIV), TWO("rem", REM),
	TWO("divu", DIVU), TWO("remu", REMU), TWO("and", AND), TWO("or", OR), TWO("xor", XOR), TWO("shl", SHL),
	TWO("shr", SHR), TWO("sar", SAR), TWO("min", MIN), TWO("max", MAX), TWO("minu", MINU),
	TWO("maxu", MAXU), TWO("mulh", MULH),
	TWO("eq", EQ), TWO("ne", NE), TWO("lt", LT), TWO("le", LE), TWO("gt", GT), TWO("ge", GE),
	TWO("ltu", LTU), TWO("leu", LEU), TWO("gtu", GTU), TWO("geu", GEU),
	TWO("fadd", FADD), TWO("fsub", FSUB), TWO("fmul", FMUL), TWO("fdiv", FDIV), TWO("fmin", FMIN),
	TWO("fmax", FMAX), TWO("feq", FEQ), TWO("fne", FNE), TWO("flt", FLT), TWO("fle", FLE),
	TWO("fgt", FGT), TWO("fge", FGE),
	{ "select", RILL_NDF_SELECT, 3, false },
	{ "load", RILL_NDF_LOAD, 1, true },
	{ "store", RILL_NDF_STORE, 2, true },
	{ "atomic_add", RILL_NDF_ATOMIC_ADD, 2, true },
	{ "stream", RILL_NDF_STREAM, 0, false },
};

const struct rill_op_info *rill_op_named(const char *name, size_t length)
{
	size_t i;

	for (i = 0; i < sizeof(ops) / sizeof(ops[0]); i++) {
		if (strlen(ops[i].name) == length && !memcmp(ops[i].name, name, length))
			return &ops[i];
	}
	return NULL;
}

const struct rill_op_info *rill_op_info(unsigned int op)
{
	size_t i;

	for (i = 0; i < sizeof(ops) / sizeof(ops[0]); i++) {
		if (ops[i].op == op)
			return &ops[i];
	}
	return NULL;
}

bool rill_op_fold(unsigned int op, uint64_t a, uint64_t b, uint64_t *word)
{
	switch (op) {
	case RILL_NDF_COPY:
		*word = a;
		return true;
	case RILL_NDF_NOT:
		*word = ~a;
		return true;
	case RILL_NDF_NEG:
		*word = 0 - a;
		return true;
	case RILL_NDF_ADD:
		*word = a + b;
		return true;
	case RILL_NDF_SUB:
		*word = a - b;
		return true;
	case RILL_NDF_MUL:
		*word = a * b;
		return true;
	case RILL_NDF_AND:
		*word = a & b;
		return true;
	case RILL_NDF_OR:
		*word = a | b;
		return true;
	case RILL_NDF_XOR:
		*word = a ^ b;
		return true;
	case RILL_NDF_SHL:
		*word = b < 64 ? a << b : 0;
		return true;
	default:
		return false;
	}
}
