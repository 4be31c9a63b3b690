// SPDX-License-Identifier: MIT
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <xf86drm.h>

#include "discover.h"
#include "transport.h"

#define DRIVER_NAME	"rill"
#define DRIVER_MAJOR	1
#define MAX_PATH	(2 * NAME_MAX + 16)

const struct rill_discover_dirs rill_discover_system = {
	.accel = "/dev/accel",
	.pci = "/sys/bus/pci/devices",
};

/* --- one node --- */

static int explain_denied(const char *node, char *error)
{
	struct stat st;
	struct group *group = NULL;

	if (!stat(node, &st))
		group = getgrgid(st.st_gid);
	if (!group || !(st.st_mode & 0060))
		return rill_open_error(error, -EACCES,
				       "no permission to open %s: run as root, or let udev give it to a group",
				       node);
	return rill_open_error(error, -EACCES,
			       "no permission to open %s: it is for group %s (usermod -aG %s USER, then log in again)",
			       node, group->gr_name, group->gr_name);
}

static int check_driver(int fd, const char *node, char *error)
{
	drmVersionPtr version = drmGetVersion(fd);
	int err = 0;

	if (!version)
		return rill_open_error(error, -ENODEV, "%s is not a DRM device", node);
	if (strcmp(version->name, DRIVER_NAME))
		err = rill_open_error(error, -ENODEV, "%s belongs to driver %s", node,
				      version->name);
	else if (version->version_major != DRIVER_MAJOR)
		err = rill_open_error(error, -EPROTO,
				      "%s: driver interface %d.%d is not known, only %d.x", node,
				      version->version_major, version->version_minor, DRIVER_MAJOR);
	drmFreeVersion(version);
	return err;
}

static int open_node(const char *node, char *error)
{
	int fd = open(node, O_RDWR | O_CLOEXEC), err;

	if (fd < 0 && errno == EACCES)
		return explain_denied(node, error);
	if (fd < 0)
		return rill_open_error(error, -errno, "cannot open %s: %s", node, strerror(errno));
	err = check_driver(fd, node, error);
	if (!err)
		return fd;
	close(fd);
	return err;
}

/* --- the PCI device, when there is no node --- */

static bool read_id(const char *pci, const char *slot, const char *file, unsigned int *id)
{
	char path[MAX_PATH];
	FILE *stream;
	bool ok;

	snprintf(path, sizeof(path), "%s/%s/%s", pci, slot, file);
	stream = fopen(path, "re");
	if (!stream)
		return false;
	ok = fscanf(stream, "%x", id) == 1;
	fclose(stream);
	return ok;
}

static bool is_chip(const char *pci, const char *slot)
{
	unsigned int vendor, device;

	return read_id(pci, slot, "vendor", &vendor) && read_id(pci, slot, "device", &device) &&
	       vendor == RILL_PCI_VENDOR_ID && device == RILL_PCI_DEVICE_ID;
}

/* The slot of the first chip. */
static bool find_chip(const char *pci, char *slot, size_t size)
{
	DIR *dir = opendir(pci);
	struct dirent *entry;
	bool found = false;

	while (dir && !found && (entry = readdir(dir))) {
		if (entry->d_name[0] == '.' || !is_chip(pci, entry->d_name))
			continue;
		snprintf(slot, size, "%s", entry->d_name);
		found = true;
	}
	if (dir)
		closedir(dir);
	return found;
}

static const char *bound_driver(const char *pci, const char *slot, char *link, size_t size)
{
	char path[MAX_PATH];
	ssize_t length;
	char *name;

	snprintf(path, sizeof(path), "%s/%s/driver", pci, slot);
	length = readlink(path, link, size - 1);
	if (length < 0)
		return NULL;
	link[length] = '\0';
	name = strrchr(link, '/');
	return name ? name + 1 : link;
}

/* why: what was found among the nodes */
static int explain_missing(const struct rill_discover_dirs *dirs, const char *why, char *error)
{
	char slot[NAME_MAX + 1], link[MAX_PATH];
	const char *driver;

	if (!find_chip(dirs->pci, slot, sizeof(slot)))
		return rill_open_error(error, -ENODEV, "no Rill chip: %s, and no PCI device %04x:%04x",
				       why, RILL_PCI_VENDOR_ID, RILL_PCI_DEVICE_ID);
	driver = bound_driver(dirs->pci, slot, link, sizeof(link));
	if (!driver)
		return rill_open_error(error, -ENODEV,
				       "the Rill chip at PCI %s has no driver: load it (modprobe rill), or see dmesg; %s",
				       slot, why);
	if (strcmp(driver, DRIVER_NAME))
		return rill_open_error(error, -ENODEV,
				       "the Rill chip at PCI %s is bound to driver %s, not %s", slot,
				       driver, DRIVER_NAME);
	return rill_open_error(error, -ENODEV,
			       "the Rill chip at PCI %s has its driver but no usable node: %s", slot,
			       why);
}

/* --- all nodes --- */

static int is_node(const struct dirent *entry)
{
	unsigned int number;
	char rest;

	return sscanf(entry->d_name, "accel%u%c", &number, &rest) == 1;
}

/*
 * The first node of ours. Else why it cannot be used, or, if there is none that may be
 * ours, -ENODEV and what the last one is.
 */
static int try_nodes(const char *accel, struct dirent **nodes, int count, char *error)
{
	char reason[RILL_ERROR_MAX], node[MAX_PATH];
	int err = -ENODEV, fd;

	for (int i = 0; i < count; i++) {
		snprintf(node, sizeof(node), "%s/%s", accel, nodes[i]->d_name);
		fd = open_node(node, reason);
		if (fd >= 0)
			return fd;
		if (err != -ENODEV)
			continue;
		err = fd;
		snprintf(error, RILL_ERROR_MAX, "%s", reason);
	}
	return err;
}

static int scan(const struct rill_discover_dirs *dirs, char *error)
{
	struct dirent **nodes = NULL;
	char why[RILL_ERROR_MAX];
	int count = scandir(dirs->accel, &nodes, is_node, versionsort), fd = -ENODEV;

	if (count < 0)
		snprintf(why, sizeof(why), "%s: %s", dirs->accel, strerror(errno));
	else if (!count)
		snprintf(why, sizeof(why), "%s is empty", dirs->accel);
	else
		fd = try_nodes(dirs->accel, nodes, count, why);
	while (count > 0)
		free(nodes[--count]);
	free(nodes);
	if (fd == -ENODEV)
		return explain_missing(dirs, why, error);
	if (fd < 0)
		snprintf(error, RILL_ERROR_MAX, "%s", why);
	return fd;
}

int rill_discover(const struct rill_discover_dirs *dirs, const char *node, char *error)
{
	return node ? open_node(node, error) : scan(dirs, error);
}
