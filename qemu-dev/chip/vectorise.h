/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * For files with loops that the compiler is to vectorise, whatever else it was told:
 * included first. RILL_CLONES makes a copy for each level of processor and
 * picks at run time.
 */
#ifndef RILL_CHIP_VECTORISE_H
#define RILL_CHIP_VECTORISE_H

#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC optimize("O3")
#define RILL_CLONES __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#else
#define RILL_CLONES
#endif

#endif
