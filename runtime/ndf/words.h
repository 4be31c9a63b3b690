/* SPDX-License-Identifier: MIT */
/* Modes as text has them, in the order of their numbers; each table ends with NULL. */
#ifndef RILL_NDF_WORDS_H
#define RILL_NDF_WORDS_H

extern const char *const rill_ndf_where_modes[];
extern const char *const rill_ndf_when_modes[];
extern const char *const rill_ndf_sink_modes[];
extern const char *const rill_ndf_decodes[];
extern const char *const rill_ndf_resets[];
extern const char *const rill_ndf_rules[];

#endif
