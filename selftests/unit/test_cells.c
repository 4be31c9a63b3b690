// SPDX-License-Identifier: MIT
/* Ratios and head-room from records that are small enough to do by hand. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "plot/cells.h"

static void near(double value, double want)
{
	const double tiny = 1.0 / (1 << 30);

	if (value < want - tiny || value > want + tiny)
		fail_msg("%g is not %g", value, want);
}

struct fixture {
	char path[32];
	FILE *file;
	struct records records;
	struct cells cells;
};

/* Times in ms */
static void line(struct fixture *f, const char *strategy, int sample, double finish, double ddr, double mac,
		 const char *more)
{
	fprintf(f->file, "{\"key\":\"%s %d\",\"build\":\"b\",\"point\":{\"model\":\"olmoe-1b-7b\",", strategy, sample);
	fputs("\"tokens\":\"64\",", f->file);
	fprintf(f->file, "\"array\":\"2x2\",\"strategy\":\"%s\",\"sample\":\"%d\"},", strategy, sample);
	fprintf(f->file, "\"result\":{\"finish_ps\":%.0f,\"bound_ps\":%.0f,", finish * 1e9,
		(ddr > mac ? ddr : mac) * 1e9);
	fprintf(f->file, "\"bound_ddr_ps\":%.0f,\"bound_mac_ps\":%.0f}%s}\n", ddr * 1e9, mac * 1e9, more);
}

static void begin(struct fixture *f)
{
	*f = (struct fixture){ .path = "/tmp/rill-cells-XXXXXX" };
	f->file = fdopen(mkstemp(f->path), "w");
	assert_non_null(f->file);
}

static bool all(const struct record *record)
{
	return true;
}

static const struct cell *load(struct fixture *f)
{
	fclose(f->file);
	assert_int_equal(records_load(f->path, &f->records), 0);
	assert_int_equal(cells_make(&f->records, all, NULL, &f->cells), 0);
	assert_int_equal(f->cells.count, 1);
	return &f->cells.cell[0];
}

static void end(struct fixture *f)
{
	cells_free(&f->cells);
	records_free(&f->records);
	unlink(f->path);
}

static void test_ratio(void **state)
{
	struct fixture f;
	const struct cell *cell;
	struct spread s;

	begin(&f);
	line(&f, "fse-dp", 1, 10, 10, 4, "");
	line(&f, "fse-dp", 2, 5, 5, 4, "");
	line(&f, "fse-dp", 3, 8, 8, 4, "");
	line(&f, "ep", 3, 24, 8, 4, "");
	line(&f, "ep", 1, 12, 10, 4, "");
	line(&f, "ep", 2, 10, 5, 4, ",\"sram_enlarged\":5");
	cell = load(&f);
	s = cell_ratio(cell, "ep", "fse-dp", metric_finish);
	assert_int_equal(s.count, 3);
	near(s.min, 1.2);
	near(s.median, 2.0);
	near(s.max, 3.0);
	near(cell_spread(cell, "ep", metric_distance).min, 1.2);
	assert_true(cell_enlarged(cell, "ep"));
	assert_false(cell_enlarged(cell, "fse-dp"));
	assert_int_equal(cell_ratio(cell, "tp", "fse-dp", metric_finish).count, 0);
	end(&f);
}

static void test_won(void **state)
{
	struct fixture f;
	const struct cell *cell;

	begin(&f);
	line(&f, "ep", 1, 20, 10, 4, "");
	line(&f, "fse-dp", 1, 11, 10, 4, "");
	line(&f, "ep", 2, 10.05, 10, 4, "");	/* nothing to win */
	line(&f, "fse-dp", 2, 10, 10, 4, "");
	cell = load(&f);
	assert_int_equal(cell_won(cell, "ep", "fse-dp").count, 1);
	near(cell_won(cell, "ep", "fse-dp").median, 90);
	end(&f);
}

static void test_later_lines_win(void **state)
{
	struct fixture f;
	const struct cell *cell;

	begin(&f);
	line(&f, "ep", 1, 20, 10, 4, "");
	fputs("not json\n{\"key\":\"x\"}\n", f.file);
	line(&f, "ep", 1, 15, 10, 4, "");
	fputs("{\"key\":\"torn", f.file);
	cell = load(&f);
	assert_int_equal(f.records.count, 1);
	assert_int_equal(f.records.broken, 3);
	near(cell_spread(cell, "ep", metric_finish).median, 15);
	end(&f);
}

static void test_builds(void **state)
{
	struct fixture f;

	begin(&f);
	fputs("{\"key\":\"old\",\"build\":\"a\",\"point\":{\"model\":\"m\"}}\n", f.file);
	line(&f, "ep", 1, 15, 10, 4, "");
	fclose(f.file);
	assert_int_equal(records_load(f.path, &f.records), 0);
	assert_int_equal(f.records.count, 2);
	assert_int_equal(records_keep_build(&f.records), 0);
	assert_int_equal(f.records.count, 1);
	assert_int_equal(f.records.other_build, 1);
	assert_string_equal(f.records.record[0].strategy, "ep");
	end(&f);
}

static void test_spread(void **state)
{
	double odd[] = { 3, 1, 2 }, even[] = { 4, 1, 2, 3 };

	near(spread_of(odd, 3).median, 2);
	near(spread_of(even, 4).median, 2.5);
	near(spread_of(even, 4).max, 4);
	assert_int_equal(spread_of(NULL, 0).count, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_ratio), cmocka_unit_test(test_won),
		cmocka_unit_test(test_later_lines_win), cmocka_unit_test(test_builds),
		cmocka_unit_test(test_spread),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
