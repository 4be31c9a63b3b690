// SPDX-License-Identifier: MIT
/* Text: round trips through binary and text, and what wrong text is told. */
#include "dataflow_rig.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void encode(struct rill_graph *graph, void **binary, size_t *bytes)
{
	if (rill_graph_encode(graph, binary, bytes))
		fail_msg("%s", rill_graph_error(graph));
}

/* Binary -> graph -> text -> graph -> binary */
static void round_trip(struct rill_graph *graph)
{
	const struct rill_build_options as_is = { 0 };
	struct rill_graph *decoded, *assembled;
	size_t bytes, again, length;
	char error[RILL_GRAPH_ERROR_BYTES], *text;
	struct rill_program *program;
	void *binary, *other;
	FILE *file;

	encode(graph, &binary, &bytes);
	decoded = rill_graph_decode(binary, bytes, error);
	assert_non_null(decoded);
	file = open_memstream(&text, &length);
	assert_int_equal(rill_graph_print(decoded, file), 0);
	fclose(file);
	program = rill_program_parse("printed", text, length, error);
	if (!program)
		fail_msg("%s\n%s", error, text);
	assert_true(rill_program_is_graph(program));
	assembled = rill_program_build(program, &as_is, NULL, error);
	assert_non_null(assembled);
	encode(assembled, &other, &again);
	assert_int_equal(again, bytes);
	assert_memory_equal(other, binary, bytes);
	free(other);
	free(binary);
	free(text);
	rill_graph_free(decoded);
	rill_graph_free(assembled);
	rill_program_free(program);
}

static void programs(void **state)
{
	struct rig rig;
	int i, form;

	for (i = 0; i < RIG_PROGRAMS; i++) {
		rig_parse_file(&rig, rig_programs[i]);
		for (form = 0; form < RIG_FORMS; form++) {
			rig_build(&rig, form, 0, 0);
			round_trip(rig.graph);
			rig_unbuild(&rig);
		}
		rig_free(&rig);
	}
}

static void learned(void **state)
{
	static const char *const names[] = {
		"learned_branch", "learned_route", "learned_threshold", "learned_example_gradient",
		"learned_example_reward",
	};
	struct rig rig;
	size_t i;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		rig_parse_file(&rig, names[i]);
		rig_build(&rig, RILL_FUSED, 0, 0);
		round_trip(rig.graph);
		rig_free(&rig);
	}
}

/* Everything that a graph's text can say, if not a program that does anything. */
static const char everything[] =
	"graph \"odd \\\"name\\\" \\x01\"\nmemory 27 { 1, -2 } bytes { 1, 2, 255 }\n"
	"source a { 1, 2.5, 0xffffffffffffffff }\nsource @ { }\nsource \"two words\" { 3 }\n"
	"op ld load 2 -> 2 size 4 signed scaled param 16\nop st store 2 -> 1 imm b -7 size 1\n"
	"op at atomic_add 2 -> 0 size 8 param 8\nop sel select 2 -> 1 imm c 9\nop s stream 2 -> 3 imm a 4 param 77\n"
	"when topk pred 2 { dims 3 decode topk 2 reset subtract frac 8 x_frac 4 leak 3 width 40 need { 3 }\n"
	" bias { 1, 2, 3 } theta { 4, 5, 6 } weights { 1, 2, 3, -4, -5, -6 } }\n"
	"when ev event 1 { decode table reset hard states 2 from 1 bias { 0 } theta { 1 } weights { 1 }\n"
	" table { none -> 1, 1 -> 0, 0 -> 1, none -> 0 } }\n"
	"when pl pred 1 { decode wta dims 2 reset none weights { 1, 1 } plastic { rule surrogate history 3 eta 5 psi_min 1\n"
	" weight_min -9 weight_max 9 bias_min -8 bias_max 8 theta_min -7 theta_max 7 theta_eta 3 rate 2 target 100\n"
	" first 1 length 2 period 3 } }\n"
	"where one index 1 -> 3 { 0, 0, 0 }\nwhere some mask 2 -> 2 { 1, 0 }\n"
	"where packed mask 2 -> 1 packed { 0, 1, 1 }\n"
	"where st.x static 2 -> 2 { { keep 0 -> 0, 1 -> 1 } }\n"
	"sink u until -5\nsink q quiet\nsink i ignore\nsink @ count 3\nsink i1 ignore\nsink i2 ignore\nsink i3 ignore\n"
	"sink i4 ignore\nsink i5 ignore\nsink i6 ignore\nsink i7 ignore\nsink i8 ignore\nsink i9 ignore\nsink i10 ignore\n"
	"sink i11 ignore\nsink i12 ignore\nsink i13 ignore\nplace ld 5\nplace @1 63\n"
	"arc a:0 -> ld:0 capacity 7 { 1, 2 }\narc a:0 -> st:0\narc a:0 -> at:0\narc a:0 -> at:1\narc a:0 -> sel:0\n"
	"arc a:0 -> sel:1\narc a:0 -> s:0\narc a:0 -> s:1\narc @1:0 -> ld:1\narc \"two words\":0 -> st:1\narc ld:0 -> u:0\n"
	"arc ld:1 -> q:0\narc st:0 -> i:0\narc sel:0 -> @18:0\narc s:0 -> topk:0\narc s:1 -> topk:1\narc s:2 -> ev:0\n"
	"arc topk:0 -> i1:0\narc ev:0 -> pl:0\narc a:0 -> pl:teacher\narc pl:0 -> one:switch\narc a:0 -> one:0\n"
	"arc one:0 -> i2:0\narc one:1 -> i3:0\narc one:2 -> i4:0\narc a:0 -> some:0\narc a:0 -> some:1\n"
	"arc a:0 -> some:switch\narc some:0 -> i5:0\narc some:1 -> i6:0\narc a:0 -> packed:0\narc a:0 -> packed:1\n"
	"arc a:0 -> packed:2\narc packed:0 -> i7:0\narc a:0 -> st.x:0\narc a:0 -> st.x:1\narc st.x:0 -> i8:0\n"
	"arc st.x:1 -> i9:0\narc a:0 -> i10:0\narc a:0 -> i11:0\narc a:0 -> i12:0\narc a:0 -> i13:0\n";

static void every_feature(void **state)
{
	const struct rill_build_options as_is = { 0 };
	struct rill_graph *graph;
	struct rig rig;

	if (!rig_parse(&rig, everything))
		fail_msg("%s", rig.error);
	graph = rill_program_build(rig.program, &as_is, NULL, rig.error);
	assert_non_null(graph);
	round_trip(graph);
	rill_graph_free(graph);
	rig_free(&rig);
}

/* Names that are no names, the same name twice, and none at all */
static void odd_names(void **state)
{
	struct rill_graph *graph = rill_graph_new(NULL);
	uint32_t source = rill_graph_source(graph, "9 lives\"", (const uint64_t[]){ 1 }, 1);
	uint32_t first = rill_graph_sink(graph, "same", RILL_NDF_SINK_COUNT, 1);
	uint32_t second = rill_graph_sink(graph, "same", RILL_NDF_SINK_COUNT, 1);
	uint32_t third = rill_graph_sink(graph, NULL, RILL_NDF_SINK_COUNT, 1);

	assert_string_equal(rill_graph_node_name(graph, first), "same");
	assert_string_equal(rill_graph_node_name(graph, second), "same.2");
	assert_string_equal(rill_graph_node_name(graph, third), "");
	rill_graph_arc(graph, source, 0, first, 0, 0);
	rill_graph_arc(graph, source, 0, second, 0, 0);
	rill_graph_arc(graph, source, 0, third, 0, 0);
	round_trip(graph);
	rill_graph_free(graph);
}

/* ---- wrong text ---- */

static const struct {
	const char *text, *error;
} wrong[] = {
	{ "", "t:1:1: expected program or graph, not the end of the text" },
	{ "program", "t:1:8: expected the program's name, not the end of the text" },
	{ "program if", "t:1:9: expected the program's name, not the keyword 'if'" },
	{ "program t\n  x = ", "t:2:7: expected a value, not the end of the text" },
	{ "program t\nx = y", "t:2:5: 'y' is not declared above" },
	{ "program t\nx = (1 + 2", "t:2:11: expected ')', not the end of the text" },
	{ "program t\nx = 1 $ 2", "t:2:7: a character 0x24 that has no meaning here" },
	{ "program t\nx = 99999999999999999999",
	  "t:2:5: '99999999999999999999' is over the limit of 18446744073709551615" },
	{ "program t\nx = 0x1g", "t:2:5: '0x1g' is not a number" },
	{ "program t\nx = 1 < 2 < 3", "t:2:11: a second comparison; write `and` between two" },
	{ "program t\ninput a = b", "t:2:11: 'b' is not declared above" },
	{ "program t\ninput a = 1\ninput a = 2", "t:3:7: 'a' is declared on line 2 already" },
	{ "program t\ninput min = 1", "t:2:7: 'min' is the name of an operation" },
	{ "program t\narray a[0]",
	  "t:2:9: the array's size: 0 is not in 1..1048576, or all arrays are over 2147483647 bytes" },
	{ "program t\narray a[2] = { 1, 2, 3 }", "t:2:22: words of the array: more than the limit of 2" },
	{ "program t\nconst N = 4\nN = 5", "t:3:1: 'N' cannot be assigned to" },
	{ "program t\nwhile 1 { x = 1", "t:2:16: expected a statement, not the end of the text" },
	{ "program t\nx, y = 1", "t:2:1: 1 values for 2 names" },
	{ "program t\nfunc f(a) -> (b) { b = a }\nx, y = f(1)", "t:3:1: 'f' gives 1 values, not 2" },
	{ "program t\nfunc f(a) -> (b) { b = a }\nx = f(1, 2)", "t:3:5: f: 2 arguments, not 1" },
	{ "program t\nfunc f(a) -> (b) { b = f(a) }", "t:2:24: 'f' calls itself" },
	{ "program t\nfunc f(a, a) -> (b) { b = a }", "t:2:11: 'a' is declared on line 2 already" },
	{ "program t\ninput g = 1\nfunc f(a) -> (b) { b = g }", "t:3:24: 'g' is not declared above" },
	{ "program t\nx = min(1)", "t:2:5: min: 1 arguments, not 2" },
	{ "program t\ncase 1 { 1: { } 1: { } }", "t:2:17: a second arm 1" },
	{ "program t\nroute 1 { 1: { } }", "t:2:11: arms of a route are 0, 1, 2 and so on: expected 0, not 1" },
	{ "program t\nroute 1 { 0: { } }", "t:2:18: expected two arms of the route, or more, not '}'" },
	{ "program t\nif 1 { output x = 1 }", "t:2:8: output only at the top of the program, in no block" },
	{ "program t\nexpect x = 1", "t:2:8: there is no output or array 'x'" },
	{ "program t\ncapacity 5000", "t:2:10: capacity: 5000 is not in 1..4096" },
	{ "program t\nplastic p(x) { eta 0.5 frac 4 }",
	  "t:2:24: dims, frac and x_frac come before the numbers that depend on them" },
	{ "program t\nplastic p(x) { eta -1 }", "t:2:20: eta: -1 is not in 0..8.38861e+06" },
	{ "program t\nplastic p(x) { trace 2 }", "t:2:9: trace and miss belong to rule rstdp" },
	{ "program t\nplastic p(x) { }\ny = p(1)", "t:3:9: expected 'teach', not the end of the text" },
	{ "program t\nplastic p(x) { }\ny = p(1) teach 1\nz = p(1) teach 1",
	  "t:4:5: 'p' is used a second time; its weights belong to one place" },
	{ "graph", "t:1:6: expected the graph's name or '@', not the end of the text" },
	{ "graph g\nop a frob 1 -> 1", "t:2:6: expected an operation, not 'frob'" },
	{ "graph g\nsink a count 1\nsink a count 1", "t:3:6: a second node 'a'" },
	{ "graph g\nsink a many", "t:2:8: the sink's mode: expected one of count, until, quiet, ignore, not 'many'" },
	{ "graph g\nsink a count 1\narc a:0 -> a:0", "t:3:1: an arc from port 0 of 'a', which has 0 outputs" },
	{ "graph g\nsource a { 1 }\narc a:0 -> b:0", "t:3:12: there is no node 'b' above" },
	{ "graph g\nsource a { 1 }", "t:2:1: node 'a': port without an arc" },
	{ "graph g\nsource a { 1 }\nsink b count 1\narc a:0 -> b:0\narc a:0 -> b:0",
	  "t:5:1: arc a:0 -> b:0: a second arc ends at this input" },
	{ "graph g\nsource a { 1 }\nsink b count 99999999\narc a:0 -> b:0",
	  "t:3:1: node 'b': immediate where there is none, or out of range" },
	{ "graph g\nop a copy 1 -> 1\nop b copy 1 -> 1\narc a:0 -> b:0\narc b:0 -> a:0",
	  "on a cycle that waits for itself" },
	{ "graph g\nwhen w pred 1 { dims 2 bias { 1 } }", "t:2:35: bias: 1 numbers, not 2" },
	{ "graph g\nwhen w pred 1 { width 65 }", "t:2:23: width: 65 is not in 2..64" },
	{ "graph g\nwhen w pred 1 { }", "t:2:17: table: 0 entries, not 2" },
	{ "graph g\nwhere w table 1 -> 1 { { 0 -> 1 } }", "t:2:31: an output: 1 is not in 0..0" },
	{ "graph g\nwhere w table 2 -> 1 { { 0 -> 0, 1 -> 0 } }", "t:2:34: a second input for output 0" },
	{ "graph g\nsource a { 1 }\nsink b count 1\narc a:0 -> b:0 capacity 1 { 1, 2 }",
	  "t:4:1: more initial tokens on an arc than its capacity of 1" },
};

static void errors(void **state)
{
	struct rig rig;
	size_t i;

	for (i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		if (rig_parse(&rig, wrong[i].text))
			fail_msg("taken for right: %s", wrong[i].text);
		if (!strstr(rig.error, wrong[i].error))
			fail_msg("%s\n is told: %s\n not: %s", wrong[i].text, rig.error, wrong[i].error);
	}
}

/* What only building tells, with its place */
static const struct {
	const char *text, *error;
} unbuildable[] = {
	{ "program t\ninput a = 1\nif a { x = 1 }\noutput y = x", "a value that not every arm of 'if.1' gives" },
	{ "program t\ninput a = 1\nwhile a > 0 { if a == 1 { x = a } a = a - x }\noutput y = a",
	  "t:3:1: 'x' has no value where 'while.1' begins" },
	{ "program t\narray m[2]\nstream s = { 1, 2 }\noutput y = m[s]",
	  "t:4:12: a program with a stream cannot load or store" },
	{ "program t\nstream s = { 1, 2 }\ninput a = 1\noutput y = s + a",
	  "t:3:7: 'a': streams and inputs in one program: each run takes a word of all of them" },
	{ "program t\nstream s = { 1, 2 }\nstream a = { 1 }\noutput y = s + a",
	  "t:3:8: stream 'a' has 1 words, the one before it 2" },
	{ "program t\ninput a = 1\noutput a", "t:3:1: output 'a' has the name of an input: output another = a" },
	{ "program t\noutput a = 1\noutput a = 2", "t:3:1: a second output 'a'" },
	{ "program t\ninput a = 1\ncase a { 0: { } 10: { } 20: { } 30: { } 40: { } }",
	  "t:3:1: the arms' numbers have more than 8 edges; consecutive ones share theirs" },
	{ "program t\ninput a = 1\nif a != 1 and a != 2 and a != 3 and a != 4 and a != 5 { a = 2 }\noutput y = a",
	  "t:3:44: a condition of more than 8 comparisons or 16 operands" },
	{ "program t\nfunc f(a) -> (b, c) { b, c = a, a }\noutput y = 1 + f(2)", "t:3:16: 'f' gives 2 values, not 1" },
};

static void build_errors(void **state)
{
	const struct rill_build_options options = { .form = RILL_FUSED };
	struct rig rig;
	size_t i;

	for (i = 0; i < sizeof(unbuildable) / sizeof(unbuildable[0]); i++) {
		if (!rig_parse(&rig, unbuildable[i].text))
			fail_msg("%s", rig.error);
		if (rill_program_build(rig.program, &options, NULL, rig.error))
			fail_msg("built: %s", unbuildable[i].text);
		if (!strstr(rig.error, unbuildable[i].error))
			fail_msg("%s\n is told: %s\n not: %s", unbuildable[i].text, rig.error, unbuildable[i].error);
		rig_free(&rig);
	}
}

/* Nesting without end must end in a sentence. */
static void deep(void **state)
{
	static const char *const nests[] = { "(", "-", "not ", "~", "{", "if 1 {", "min(1," };
	char *text = malloc(1 << 20);
	struct rig rig;
	size_t i, k;

	for (i = 0; i < sizeof(nests) / sizeof(nests[0]); i++) {
		char *p = text + sprintf(text, "program t\n%s", strchr(nests[i], '{') ? "" : "x = ");

		for (k = 0; k < 50000; k++)
			p = stpcpy(p, nests[i]);
		assert_null(rig_parse(&rig, text));
	}
	/* A long chain of sums is as deep. */
	k = (size_t)sprintf(text, "program t\nx = 1");
	for (i = 0; i < 50000; i++)
		k += (size_t)sprintf(text + k, " + 1");
	assert_null(rig_parse(&rig, text));
	assert_non_null(strstr(rig.error, "an expression of more than 200 steps"));
	free(text);
}

/* A long straight line is not deep. */
static void straight(void **state)
{
	char *text = malloc(1 << 20);
	size_t i, k = (size_t)sprintf(text, "program t\ninput x = 1\ninput c = 1\n");

	for (i = 0; i < 5000; i++)
		k += (size_t)sprintf(text + k, "x = x * 3 + %zu\n", i);
	for (i = 0; i < 500; i++)
		k += (size_t)sprintf(text + k, "if c { x = x + 1 } else { x = x + 2 }\n");
	for (i = 0; i < 500; i++)
		k += (size_t)sprintf(text + k, "while c > 1 { x = x + c c = c - 1 }\n");
	sprintf(text + k, "output r = x * 0 + c");
	assert_int_equal(rig_value(text, "r"), 1);
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(programs),
		cmocka_unit_test(learned),
		cmocka_unit_test(every_feature),
		cmocka_unit_test(odd_names),
		cmocka_unit_test(errors),
		cmocka_unit_test(build_errors),
		cmocka_unit_test(deep),
		cmocka_unit_test(straight),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
