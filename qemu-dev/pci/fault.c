// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Faults on purpose, from outside the guest:
 *
 *   { "execute": "qom-set", "arguments": { "path": "/machine/peripheral/rill0",
 *     "property": "fault-hung-jobs", "value": 1 } }
 *
 * enum rill_injection says what they do. "fault-link" takes "LINK=RATE", the rate in permille
 * and 0 for down.
 */
#include "qemu/osdep.h"
#include "qapi/error.h"
#include "qapi/visitor.h"

#include "rill.h"
#include "rill_hw.h"
#include "trace.h"

static const char *const rill_faults[RILL_INJECTIONS] = {
	[RILL_INJECT_HUNG_JOBS] = "fault-hung-jobs",
	[RILL_INJECT_HUNG_CHIP] = "fault-hung-chip",
	[RILL_INJECT_LOST_INTERRUPTS] = "fault-lost-interrupts",
	[RILL_INJECT_BAD_COMPLETIONS] = "fault-bad-completions",
};

static bool rill_fault_is_possible(RillState *s, Error **errp)
{
	if (!s->chip || s->stopping)
		error_setg(errp, "rill: there is no chip to inject a fault into");
	return s->chip && !s->stopping;
}

static void rill_fault_get(Object *obj, Visitor *v, const char *name, void *opaque, Error **errp)
{
	RillState *s = RILL(obj);
	uint32_t value = 0;

	rill_lock(s);
	if (s->chip)
		value = rill_chip_injected(s->chip, GPOINTER_TO_INT(opaque));
	rill_unlock(s);
	visit_type_uint32(v, name, &value, errp);
}

static void rill_fault_set(Object *obj, Visitor *v, const char *name, void *opaque, Error **errp)
{
	RillState *s = RILL(obj);
	uint32_t value;

	if (!visit_type_uint32(v, name, &value, errp) || !rill_fault_is_possible(s, errp))
		return;
	trace_rill_fault(name, value);
	rill_lock(s);
	rill_chip_inject(s->chip, GPOINTER_TO_INT(opaque), value);
	rill_unlock(s);
}

static void rill_fault_set_link(Object *obj, const char *text, Error **errp)
{
	RillState *s = RILL(obj);
	unsigned int link, rate;
	uint64_t base;
	char end;

	if (!rill_fault_is_possible(s, errp))
		return;
	if (sscanf(text, "%u=%u%c", &link, &rate, &end) != 2 || rate > 1000 ||
	    link >= rill_chip_read(s->chip, RILL_REG_LINKS, 4)) {
		error_setg(errp, "rill: fault-link: a link's number = its rate, 0 to 1000");
		return;
	}
	trace_rill_fault("fault-link", link << 16 | rate);
	base = RILL_LINK_BASE + link * RILL_LINK_STRIDE;
	rill_lock(s);
	if (rate)
		rill_chip_write(s->chip, base + RILL_LINK_RATE, rate, 4);
	rill_chip_write(s->chip, base + RILL_LINK_CTRL, rate ? RILL_LINK_UP : 0, 4);
	rill_unlock(s);
	rill_deliver(s);
}

void rill_fault_class_init(ObjectClass *class)
{
	int i;

	for (i = 0; i < RILL_INJECTIONS; i++)
		object_class_property_add(class, rill_faults[i], "uint32", rill_fault_get,
					  rill_fault_set, NULL, GINT_TO_POINTER(i));
	object_class_property_add_str(class, "fault-link", NULL, rill_fault_set_link);
}
