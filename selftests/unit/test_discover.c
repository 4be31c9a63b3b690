// SPDX-License-Identifier: MIT
/* When no device is found, the error says why: against folders made for the purpose. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "device/discover.h"
#include "device/transport.h"

struct place {
	char root[64], accel[128], pci[128];
	struct rill_discover_dirs dirs;
};

static char error[RILL_ERROR_MAX];

static int setup(void **state)
{
	struct place *place = calloc(1, sizeof(*place));

	strcpy(place->root, "/tmp/rill-discover-XXXXXX");
	if (!mkdtemp(place->root))
		return -1;
	snprintf(place->accel, sizeof(place->accel), "%s/accel", place->root);
	snprintf(place->pci, sizeof(place->pci), "%s/pci", place->root);
	place->dirs.accel = place->accel;
	place->dirs.pci = place->pci;
	*state = place;
	return 0;
}

static int teardown(void **state)
{
	struct place *place = *state;
	char command[128];

	snprintf(command, sizeof(command), "rm -r %s", place->root);
	free(place);
	return system(command);
}

static void put(const char *dir, const char *name, const char *content)
{
	char path[256];
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	file = fopen(path, "w");
	assert_non_null(file);
	fputs(content, file);
	fclose(file);
}

static void add_pci(const struct place *place, const char *driver)
{
	char slot[192], link[256];

	mkdir(place->pci, 0755);
	snprintf(slot, sizeof(slot), "%s/0000:00:04.0", place->pci);
	assert_int_equal(mkdir(slot, 0755), 0);
	put(slot, "vendor", "0x1234\n");
	put(slot, "device", "0x7211\n");
	snprintf(link, sizeof(link), "%s/driver", slot);
	if (driver)
		assert_int_equal(symlink(driver, link), 0);
}

static void expect(const struct place *place, int err, const char *one, const char *two)
{
	assert_int_equal(rill_discover(&place->dirs, NULL, error), err);
	if (!strstr(error, one) || !strstr(error, two))
		fail_msg("\"%s\" lacks \"%s\" or \"%s\"", error, one, two);
}

static void nothing_at_all(void **state)
{
	expect(*state, -ENODEV, "/accel: No such file", "no PCI device 1234:7211");
}

static void empty_folder(void **state)
{
	struct place *place = *state;

	mkdir(place->accel, 0755);
	put(place->accel, "README", "");
	expect(place, -ENODEV, "is empty", "no PCI device");
}

static void no_module(void **state)
{
	struct place *place = *state;

	add_pci(place, NULL);
	expect(place, -ENODEV, "0000:00:04.0 has no driver", "modprobe rill");
}

static void other_driver(void **state)
{
	struct place *place = *state;

	add_pci(place, "/sys/bus/pci/drivers/vfio-pci");
	expect(place, -ENODEV, "0000:00:04.0", "bound to driver vfio-pci");
}

static void driver_but_no_node(void **state)
{
	struct place *place = *state;

	add_pci(place, "/sys/bus/pci/drivers/rill");
	expect(place, -ENODEV, "no usable node", "accel");
}

static void not_drm(void **state)
{
	struct place *place = *state;

	mkdir(place->accel, 0755);
	put(place->accel, "accel0", "");
	expect(place, -ENODEV, "accel0 is not a DRM device", "no PCI device");
}

/* One that may be ours is worth more words than one that is not. */
static void unusable_node(void **state)
{
	struct place *place = *state;
	char path[192];

	mkdir(place->accel, 0755);
	snprintf(path, sizeof(path), "%s/accel0", place->accel);
	assert_int_equal(symlink("gone", path), 0);
	put(place->accel, "accel1", "");
	expect(place, -ENOENT, "cannot open", "accel0");
}

static void given_node(void **state)
{
	struct place *place = *state;

	assert_int_equal(rill_discover(&place->dirs, "/dev/null", error), -ENODEV);
	assert_string_equal(error, "/dev/null is not a DRM device");
	assert_int_equal(rill_discover(&place->dirs, "/nowhere/accel0", error), -ENOENT);
	assert_string_equal(error, "cannot open /nowhere/accel0: No such file or directory");
}

#define PLACE_TEST(test)	cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		PLACE_TEST(nothing_at_all),
		PLACE_TEST(empty_folder),
		PLACE_TEST(no_module),
		PLACE_TEST(other_driver),
		PLACE_TEST(driver_but_no_node),
		PLACE_TEST(not_drm),
		PLACE_TEST(unusable_node),
		PLACE_TEST(given_node),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
