// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The chip's thread. It steps the chip while there is something to do, with the
 * chip's lock held and without the big lock, so that the guest runs on meanwhile. What
 * the chip raises is noted, and delivered under the big lock after the step.
 */
#include "qemu/osdep.h"
#include "qemu/atomic.h"
#include "qemu/host-utils.h"
#include "qemu/main-loop.h"
#include "qemu/rcu.h"
#include "hw/pci/msix.h"

#include "rill.h"
#include "trace.h"

#define PS_PER_NS 1000

/* --- the lock --- */

void rill_lock(RillState *s)
{
	qatomic_inc(&s->accesses);
	qemu_mutex_lock(&s->lock);
}

void rill_unlock(RillState *s)
{
	if (qatomic_fetch_dec(&s->accesses) == 1 && (!s->idle || s->stopping))
		qemu_cond_signal(&s->work);
	qemu_mutex_unlock(&s->lock);
}

/* With the lock held; the chip calls it too. */
void rill_wake(void *opaque)
{
	RillState *s = opaque;

	s->idle = false;
}

/* --- interrupts --- */

void rill_raise(void *opaque, unsigned int vector)
{
	RillState *s = opaque;

	qatomic_or(&s->raised, 1ULL << vector);
}

void rill_deliver(RillState *s)
{
	uint64_t raised = qatomic_xchg(&s->raised, 0);

	if (s->stopping)
		return;
	for (; raised; raised &= raised - 1) {
		unsigned int vector = ctz64(raised);

		trace_rill_interrupt(vector);
		msix_notify(&s->pdev, vector);
	}
}

/* --- time --- */

static uint64_t rill_until(RillState *s)
{
	if (!s->virtual_pace)
		return UINT64_MAX;
	return (uint64_t)qemu_clock_get_ns(QEMU_CLOCK_VIRTUAL) * PS_PER_NS;
}

static void rill_set_timer(RillState *s)
{
	uint64_t next = rill_chip_next(s->chip);

	trace_rill_sleep(rill_chip_time(s->chip), next);
	if (s->virtual_pace && next != UINT64_MAX)
		timer_mod(s->timer, DIV_ROUND_UP(next, PS_PER_NS));
}

static void rill_timer(void *opaque)
{
	RillState *s = opaque;

	rill_lock(s);
	rill_wake(s);
	rill_unlock(s);
}

/* --- the thread --- */

/*
 * A thread that waits for the lock holds the big lock, so all of the guest
 * waits with it; and a mutex goes to whoever runs. So the worker stands aside.
 */
static bool rill_may_step(RillState *s)
{
	return !s->idle && s->vm_running && !qatomic_read(&s->accesses);
}

static void rill_step(RillState *s)
{
	if (rill_may_step(s) && !rill_chip_step(s->chip, rill_until(s))) {
		s->idle = true;
		rill_set_timer(s);
	}
}

/* Entered and left with the lock held. */
static void rill_deliver_from_worker(RillState *s)
{
	qemu_mutex_unlock(&s->lock);
	bql_lock();
	rill_deliver(s);
	bql_unlock();
	qemu_mutex_lock(&s->lock);
}

/* Likewise, but may not step if others came first. */
static void rill_step_with_bql(RillState *s)
{
	qemu_mutex_unlock(&s->lock);
	bql_lock();
	qemu_mutex_lock(&s->lock);
	if (!s->stopping)
		rill_step(s);
	qemu_mutex_unlock(&s->lock);
	rill_deliver(s);
	bql_unlock();
	qemu_mutex_lock(&s->lock);
}

static void *rill_worker(void *opaque)
{
	RillState *s = opaque;

	rcu_register_thread();
	qemu_mutex_lock(&s->lock);
	while (!s->stopping) {
		if (!rill_may_step(s)) {
			qemu_cond_wait(&s->work, &s->lock);
		} else if (s->step_with_bql) {
			rill_step_with_bql(s);
		} else {
			rill_step(s);
			if (qatomic_read(&s->raised))
				rill_deliver_from_worker(s);
		}
	}
	qemu_mutex_unlock(&s->lock);
	rcu_unregister_thread();
	return NULL;
}

static void rill_vm_change(void *opaque, bool running, RunState state)
{
	RillState *s = opaque;

	/* With the lock the chip is between two steps. */
	rill_lock(s);
	s->vm_running = running;
	rill_unlock(s);
}

void rill_worker_start(RillState *s)
{
	s->idle = true;
	s->vm_running = runstate_is_running();
	s->vm_change = qemu_add_vm_change_state_handler(rill_vm_change, s);
	s->timer = timer_new_ns(QEMU_CLOCK_VIRTUAL, rill_timer, s);
	qemu_thread_create(&s->thread, "rill", rill_worker, s, QEMU_THREAD_JOINABLE);
}

void rill_worker_stop(RillState *s)
{
	qemu_del_vm_change_state_handler(s->vm_change);
	rill_lock(s);
	s->stopping = true;
	rill_unlock(s);
	/* It may be on its way to the big lock. */
	bql_unlock();
	qemu_thread_join(&s->thread);
	bql_lock();
	timer_free(s->timer);
}
