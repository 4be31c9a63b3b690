/* SPDX-License-Identifier: MIT */
/* Programs of any size to measure the dataflow engine with. All run until stopped. */
#ifndef RILL_NDF_GRAPHS_H
#define RILL_NDF_GRAPHS_H

#include "ndf_build.h"

/* A stage of adders behind one another */
void graph_chain(struct build *b, uint32_t nodes);
/* Rows of two-input adders: each output goes to two of the next row; the last feeds the first */
void graph_grid(struct build *b, uint32_t nodes);
/* The same, with partners all over the row: no locality */
void graph_scatter(struct build *b, uint32_t nodes);
/* Fused loops side by side, each computing fibonacci(30) over and over: 1 WHEN, 1 WHERE, 4 OPs */
void graph_fibonacci(struct build *b, uint32_t nodes);
/* Likewise gcd(1071, 462) by subtraction: 1 WHEN, 1 WHERE, 3 OPs */
void graph_gcd(struct build *b, uint32_t nodes);

#endif
