/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What OPs compute. Every operation is total and gives the same bits on every host. */
#ifndef RILL_CHIP_NDF_ALU_H
#define RILL_CHIP_NDF_ALU_H

#include <math.h>
#include <string.h>

#include "internal.h"

NDF_INLINE double ndf_double(uint64_t word)
{
	double x;

	memcpy(&x, &word, sizeof(x));
	return x;
}

/* A NaN's bits depend on the host; here there is only one. */
NDF_INLINE uint64_t ndf_word(double x)
{
	uint64_t word;

	memcpy(&word, &x, sizeof(word));
	return x == x ? word : RILL_NDF_NAN;
}

/* Sign extension without what C leaves to the host */
NDF_INLINE int64_t ndf_signed(uint64_t word)
{
	int64_t x;

	memcpy(&x, &word, sizeof(x));
	return x;
}

static inline uint64_t ndf_divide(uint64_t a, uint64_t b)
{
	if (!b)
		return UINT64_MAX;
	if (b == UINT64_MAX)
		return -a;
	return (uint64_t)(ndf_signed(a) / ndf_signed(b));
}

static inline uint64_t ndf_remainder(uint64_t a, uint64_t b)
{
	if (!b)
		return a;
	if (b == UINT64_MAX)
		return 0;
	return (uint64_t)(ndf_signed(a) % ndf_signed(b));
}

static inline uint64_t ndf_shift_signed(uint64_t a, uint64_t b)
{
	uint64_t sign = a >> 63 ? UINT64_MAX : 0;

	if (b > 63)
		return sign;
	return b ? a >> b | sign << (64 - b) : a;
}

static inline uint64_t ndf_to_integer(double x)
{
	if (x != x)
		return 0;
	if (x >= 9223372036854775808.0)
		return INT64_MAX;
	if (x < -9223372036854775808.0)
		return (uint64_t)INT64_MIN;
	return (uint64_t)(int64_t)x;
}

static inline uint64_t ndf_multiply_high(uint64_t a, uint64_t b)
{
	return (uint64_t)(((__int128)ndf_signed(a) * ndf_signed(b)) >> 64);
}

static inline uint64_t ndf_float_pick(uint64_t a, uint64_t b, bool least)
{
	double x = ndf_double(a), y = ndf_double(b);

	if (x != x || y != y)
		return RILL_NDF_NAN;
	return (least ? x < y : x > y) ? a : b;
}

NDF_INLINE uint64_t ndf_alu_float(unsigned int op, uint64_t a, uint64_t b)
{
	double x = ndf_double(a), y = ndf_double(b);

	switch (op) {
	case RILL_NDF_FADD:
		return ndf_word(x + y);
	case RILL_NDF_FSUB:
		return ndf_word(x - y);
	case RILL_NDF_FMUL:
		return ndf_word(x * y);
	case RILL_NDF_FDIV:
		return ndf_word(x / y);
	case RILL_NDF_FMIN:
		return ndf_float_pick(a, b, true);
	case RILL_NDF_FMAX:
		return ndf_float_pick(a, b, false);
	case RILL_NDF_FEQ:
		return x == y;
	case RILL_NDF_FNE:
		return x != y;
	case RILL_NDF_FLT:
		return x < y;
	case RILL_NDF_FLE:
		return x <= y;
	case RILL_NDF_FGT:
		return x > y;
	case RILL_NDF_FGE:
		return x >= y;
	case RILL_NDF_FSQRT:
		return ndf_word(sqrt(x));
	case RILL_NDF_I2F:
		return ndf_word((double)ndf_signed(a));
	case RILL_NDF_U2F:
		return ndf_word((double)a);
	default:
		return ndf_to_integer(x);	/* F2I */
	}
}

NDF_INLINE uint64_t ndf_alu_unary(unsigned int op, uint64_t a)
{
	switch (op) {
	case RILL_NDF_COPY:
		return a;
	case RILL_NDF_NOT:
		return ~a;
	case RILL_NDF_NEG:
		return -a;
	case RILL_NDF_ABS:
		return a >> 63 ? -a : a;
	case RILL_NDF_POPCNT:
		return (uint64_t)__builtin_popcountll(a);
	case RILL_NDF_CLZ:
		return a ? (uint64_t)__builtin_clzll(a) : 64;
	case RILL_NDF_CTZ:
		return a ? (uint64_t)__builtin_ctzll(a) : 64;
	case RILL_NDF_FNEG:
		return ndf_word(-ndf_double(a));
	case RILL_NDF_FABS:
		return ndf_word(fabs(ndf_double(a)));
	default:
		return ndf_alu_float(op, a, 0);
	}
}

NDF_INLINE uint64_t ndf_alu_compare(unsigned int op, uint64_t a, uint64_t b)
{
	switch (op) {
	case RILL_NDF_EQ:
		return a == b;
	case RILL_NDF_NE:
		return a != b;
	case RILL_NDF_LT:
		return ndf_signed(a) < ndf_signed(b);
	case RILL_NDF_LE:
		return ndf_signed(a) <= ndf_signed(b);
	case RILL_NDF_GT:
		return ndf_signed(a) > ndf_signed(b);
	case RILL_NDF_GE:
		return ndf_signed(a) >= ndf_signed(b);
	case RILL_NDF_LTU:
		return a < b;
	case RILL_NDF_LEU:
		return a <= b;
	case RILL_NDF_GTU:
		return a > b;
	default:
		return a >= b;	/* GEU */
	}
}

NDF_INLINE uint64_t ndf_alu_integer(unsigned int op, uint64_t a, uint64_t b)
{
	switch (op) {
	case RILL_NDF_THEN:
		return b;
	case RILL_NDF_ADD:
		return a + b;
	case RILL_NDF_SUB:
		return a - b;
	case RILL_NDF_MUL:
		return a * b;
	case RILL_NDF_DIV:
		return ndf_divide(a, b);
	case RILL_NDF_REM:
		return ndf_remainder(a, b);
	case RILL_NDF_DIVU:
		return b ? a / b : UINT64_MAX;
	case RILL_NDF_REMU:
		return b ? a % b : a;
	case RILL_NDF_AND:
		return a & b;
	case RILL_NDF_OR:
		return a | b;
	case RILL_NDF_XOR:
		return a ^ b;
	case RILL_NDF_SHL:
		return b > 63 ? 0 : a << b;
	case RILL_NDF_SHR:
		return b > 63 ? 0 : a >> b;
	case RILL_NDF_SAR:
		return ndf_shift_signed(a, b);
	case RILL_NDF_MIN:
		return ndf_signed(a) < ndf_signed(b) ? a : b;
	case RILL_NDF_MAX:
		return ndf_signed(a) > ndf_signed(b) ? a : b;
	case RILL_NDF_MINU:
		return a < b ? a : b;
	case RILL_NDF_MAXU:
		return a > b ? a : b;
	default:
		return ndf_multiply_high(a, b);	/* MULH */
	}
}

enum ndf_class {
	NDF_UNARY,			/* of floats, too */
	NDF_INTEGER,
	NDF_COMPARE,
	NDF_FLOAT,
};

static inline enum ndf_class ndf_class_of(unsigned int op)
{
	if (op < RILL_NDF_THEN)
		return NDF_UNARY;
	if (op < RILL_NDF_EQ)
		return NDF_INTEGER;
	return op < RILL_NDF_FADD ? NDF_COMPARE : NDF_FLOAT;
}

/* Operations of one or two operands */
NDF_INLINE uint64_t ndf_alu(enum ndf_class class, unsigned int op, uint64_t a, uint64_t b)
{
	switch (class) {
	case NDF_UNARY:
		return ndf_alu_unary(op, a);
	case NDF_INTEGER:
		return ndf_alu_integer(op, a, b);
	case NDF_COMPARE:
		return ndf_alu_compare(op, a, b);
	default:
		return ndf_alu_float(op, a, b);
	}
}

#endif
