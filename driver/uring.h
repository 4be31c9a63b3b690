/* SPDX-License-Identifier: GPL-2.0 */
#ifndef RILL_URING_H
#define RILL_URING_H

struct io_uring_cmd;
struct rill_end;

int rill_uring_cmd(struct io_uring_cmd *cmd, unsigned int issue_flags);
void rill_uring_end(struct io_uring_cmd *cmd, const struct rill_end *end);

#endif
