/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What differs between kernels, and the one thing that io_uring does not offer.
 */
#ifndef RILL_COMPAT_H
#define RILL_COMPAT_H

#include <linux/blkdev.h>
#include <linux/io_uring/cmd.h>
#include <linux/io_uring_types.h>
#include <linux/version.h>

/* struct drm_driver lost its date in 6.14. */
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 14, 0)
#define RILL_COMPAT_DRIVER_DATE		.date = "20250101",
#else
#define RILL_COMPAT_DRIVER_DATE
#endif

/*
 * Complete a command with both extra words of a big CQE.
 *
 * io_uring_cmd_done() takes only the first and zeroes the second, so that is
 * stored afterwards. This is safe only with IO_URING_F_COMPLETE_DEFER, as in the
 * callback of io_uring_cmd_do_in_task_lazy(): the ring's uring_lock is held, and
 * io_uring_cmd_done() merely puts the request on the ring's list of deferred
 * completions (io_req_complete_defer()). The request cannot be freed, nor its
 * big_cqe read, until io_submit_flush_completions(), which whoever took the lock calls
 * after the callback has returned. A ring with IORING_SETUP_IOPOLL completes in
 * another way, but is refused before it gets here: there is no uring_cmd_iopoll.
 * Without CQE32 nobody ever reads big_cqe, and in kernels where it
 * shares its place with other state, writing it would be wrong.
 */
static inline void rill_compat_uring_done(struct io_uring_cmd *cmd, s32 res, u64 extra1,
					  u64 extra2, unsigned int issue_flags)
{
	struct io_kiocb *req = cmd_to_io_kiocb(cmd);
	bool both = (req->ctx->flags & IORING_SETUP_CQE32) &&
		    (issue_flags & IO_URING_F_COMPLETE_DEFER);

	io_uring_cmd_done(cmd, res, extra1, issue_flags);
	if (both)
		req->big_cqe.extra2 = extra2;
}

/*
 * The task's plug, for work to be done once for a batch: a callback that is
 * registered now and runs when the plug is flushed. NULL if there is no plug.
 */
static inline struct blk_plug_cb *rill_compat_plug(blk_plug_cb_fn unplug, void *data, int size)
{
#ifdef CONFIG_BLOCK
	return blk_check_plugged(unplug, data, size);
#else
	return NULL;
#endif
}

#endif
