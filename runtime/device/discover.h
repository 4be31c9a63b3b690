/* SPDX-License-Identifier: MIT */
/* Find the device node of a chip, or say why there is none. */
#ifndef RILL_DISCOVER_H
#define RILL_DISCOVER_H

/* Where to look: others than the system's are for tests. */
struct rill_discover_dirs {
	const char *accel;		/* /dev/accel */
	const char *pci;		/* /sys/bus/pci/devices */
};

extern const struct rill_discover_dirs rill_discover_system;

/*
 * A descriptor of the given node, or (NULL) of the first one that belongs to the driver;
 * else a negative errno and a sentence in error, a buffer of RILL_ERROR_MAX.
 */
int rill_discover(const struct rill_discover_dirs *dirs, const char *node, char *error);

#endif
