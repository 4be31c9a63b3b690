/* SPDX-License-Identifier: GPL-2.0 */
#undef TRACE_SYSTEM
#define TRACE_SYSTEM rill

#if !defined(RILL_TRACE_H) || defined(TRACE_HEADER_MULTI_READ)
#define RILL_TRACE_H

#include <linux/tracepoint.h>

TRACE_EVENT(rill_submit,
	    TP_PROTO(u32 queue, u32 tag, u16 opcode, u64 addr),
	    TP_ARGS(queue, tag, opcode, addr),
	    TP_STRUCT__entry(__field(u64, addr)
			     __field(u32, queue)
			     __field(u32, tag)
			     __field(u16, opcode)),
	    TP_fast_assign(__entry->addr = addr;
			   __entry->queue = queue;
			   __entry->tag = tag;
			   __entry->opcode = opcode;),
	    TP_printk("queue=%u tag=%#x opcode=%u addr=%#llx", __entry->queue, __entry->tag,
		      __entry->opcode, __entry->addr)
);

TRACE_EVENT(rill_doorbell,
	    TP_PROTO(u32 queue, u32 tail),
	    TP_ARGS(queue, tail),
	    TP_STRUCT__entry(__field(u32, queue)
			     __field(u32, tail)),
	    TP_fast_assign(__entry->queue = queue;
			   __entry->tail = tail;),
	    TP_printk("queue=%u tail=%u", __entry->queue, __entry->tail)
);

TRACE_EVENT(rill_irq,
	    TP_PROTO(u32 vector, u32 completions),
	    TP_ARGS(vector, completions),
	    TP_STRUCT__entry(__field(u32, vector)
			     __field(u32, completions)),
	    TP_fast_assign(__entry->vector = vector;
			   __entry->completions = completions;),
	    TP_printk("vector=%u completions=%u", __entry->vector, __entry->completions)
);

TRACE_EVENT(rill_complete,
	    TP_PROTO(u32 queue, u32 tag, u32 status, int err, u64 detail, u64 start_ps,
		     u64 end_ps),
	    TP_ARGS(queue, tag, status, err, detail, start_ps, end_ps),
	    TP_STRUCT__entry(__field(u64, detail)
			     __field(u64, start_ps)
			     __field(u64, end_ps)
			     __field(u32, queue)
			     __field(u32, tag)
			     __field(u32, status)
			     __field(int, err)),
	    TP_fast_assign(__entry->detail = detail;
			   __entry->start_ps = start_ps;
			   __entry->end_ps = end_ps;
			   __entry->queue = queue;
			   __entry->tag = tag;
			   __entry->status = status;
			   __entry->err = err;),
	    TP_printk("queue=%u tag=%#x status=%u errno=%d detail=%#llx start_ps=%llu end_ps=%llu",
		      __entry->queue, __entry->tag, __entry->status, __entry->err,
		      __entry->detail, __entry->start_ps, __entry->end_ps)
);

TRACE_EVENT(rill_fault,
	    TP_PROTO(u32 ctx, u32 queue, u32 tag, u64 addr, bool write),
	    TP_ARGS(ctx, queue, tag, addr, write),
	    TP_STRUCT__entry(__field(u64, addr)
			     __field(u32, ctx)
			     __field(u32, queue)
			     __field(u32, tag)
			     __field(bool, write)),
	    TP_fast_assign(__entry->addr = addr;
			   __entry->ctx = ctx;
			   __entry->queue = queue;
			   __entry->tag = tag;
			   __entry->write = write;),
	    TP_printk("context=%u queue=%u tag=%#x addr=%#llx %s", __entry->ctx, __entry->queue,
		      __entry->tag, __entry->addr, __entry->write ? "write" : "read")
);

#endif

#undef TRACE_INCLUDE_PATH
#define TRACE_INCLUDE_PATH .
#undef TRACE_INCLUDE_FILE
#define TRACE_INCLUDE_FILE trace
#include <trace/define_trace.h>
