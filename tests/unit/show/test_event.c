/* SPDX-License-Identifier: BSD-2-Clause */
/* The line and the JSON object of each kind of event, word for word. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "json_valid.h"
#include "show_world.h"

enum { NET, M1, M2, C1, C2 };

static const struct {
	struct log_rec r;
	const char *group; /* becomes r.group */
	const char *text, *json;
} cases[] = {
	{ { .kind = TRACE_SEND, .node = C1, .peer = M1, .src = C1, .op = 4,
	      .vc = 77, .use = ATM_USE_PP, .flags = LOG_REGISTER },
	    NULL, "C1   send  JOIN -> M1 register",
	    "\"node\":\"C1\",\"kind\":\"send\",\"op\":\"JOIN\","
	    "\"from\":\"C1\",\"peer\":\"M1\",\"use\":\"pp\",\"vc\":77,"
	    "\"register\":true" },
	{ { .kind = TRACE_SEND, .node = M1, .src = C1, .op = 4, .n = 1,
	      .vc = 78, .use = ATM_USE_CCVC, .flags = LOG_COPY, .msn = 43 },
	    "224.1.1.1", "M1   send  JOIN 224.1.1.1 -> ccvc msn 43 copy",
	    "\"node\":\"M1\",\"kind\":\"send\",\"op\":\"JOIN\","
	    "\"from\":\"C1\",\"group\":\"224.1.1.1\",\"use\":\"ccvc\","
	    "\"vc\":78,\"msn\":43,\"n\":1,\"copy\":true" },
	{ { .kind = TRACE_RECV, .node = C2, .peer = M1, .src = C1, .op = 4,
	      .n = 3, .vc = 78, .use = ATM_USE_CCVC,
	      .flags = LOG_COPY | LOG_PUNCHED, .msn = 44 },
	    "224.1.0.0/16",
	    "C2   recv  JOIN 224.1.0.0-224.1.255.255 +2 <- M1 ccvc of C1 "
	    "msn 44 copy punched",
	    NULL },
	{ { .kind = TRACE_RECV, .node = C1, .peer = M1, .src = C1,
	      .op = MARS_MULTI, .n = 2, .msn = 9 },
	    "224.1.1.1", "C1   recv  MULTI 224.1.1.1 (2 members) <- M1 msn 9",
	    NULL },
	{ { .kind = TRACE_SEND, .node = M1, .op = MARS_REDIRECT_MAP, .n = 1,
	      .use = ATM_USE_CCVC, .flags = LOG_HARD, .msn = 4294967295 },
	    NULL,
	    "M1   send  REDIRECT_MAP (1 MARS) -> ccvc msn 4294967295 hard",
	    "\"node\":\"M1\",\"kind\":\"send\",\"op\":\"REDIRECT_MAP\","
	    "\"use\":\"ccvc\",\"msn\":4294967295,\"n\":1,\"hard\":true" },
	{ { .kind = TRACE_RECV, .node = C2, .peer = C1, .flags = LOG_DATA,
	      .cmi = 1, .use = ATM_USE_DATA },
	    "224.1.1.1", "C2   recv  DATA 224.1.1.1 <- C1 data cmi 1",
	    "\"node\":\"C2\",\"kind\":\"recv\",\"op\":\"DATA\","
	    "\"peer\":\"C1\",\"group\":\"224.1.1.1\",\"use\":\"data\","
	    "\"cmi\":1,\"data\":true" },
	{ { .kind = TRACE_SEND, .node = M1, .peer = C1, .src = M1,
	      .op = LOG_SCSP + SCSP_CA, .n = 3, .msn = 5, .vc = 79,
	      .use = ATM_USE_SCSP, .flags = LOG_MASTER | LOG_MORE },
	    NULL, "M1   send  CA M-O seq 5 3 records -> C1",
	    "\"node\":\"M1\",\"kind\":\"send\",\"op\":\"CA\","
	    "\"from\":\"M1\",\"peer\":\"C1\",\"use\":\"scsp\","
	    "\"vc\":79,\"msn\":5,\"n\":3,\"master\":true,\"more\":true" },
	{ { .kind = TRACE_RECV, .node = C1, .peer = M1, .src = C2,
	      .op = LOG_SCSP + SCSP_HELLO, .n = 2 },
	    NULL, "C1   recv  HELLO hears 2 <- M1 of C2", NULL },
	{ { .kind = TRACE_DROP, .node = M1, .peer = C1,
	      .op = LOG_SCSP + SCSP_CSUS, .what = "auth" },
	    NULL, "M1   drop  CSUS from C1: auth",
	    "\"node\":\"M1\",\"kind\":\"drop\",\"op\":\"CSUS\","
	    "\"reason\":\"auth\",\"peer\":\"C1\"" },
	{ { .kind = TRACE_VC, .node = M1, .peer = C1, .what = "open",
	      .vc = 80, .use = ATM_USE_SCSP, .flags = LOG_MULTI },
	    NULL, "M1   vc    open scsp vc 80 leaf C1",
	    "\"node\":\"M1\",\"kind\":\"vc\",\"what\":\"open\","
	    "\"peer\":\"C1\",\"use\":\"scsp\",\"vc\":80,"
	    "\"multi\":true" },
	{ { .kind = TRACE_DROP, .node = M1, .peer = C1, .op = 1,
	      .what = "not_member" },
	    NULL, "M1   drop  REQUEST from C1: not_member",
	    "\"node\":\"M1\",\"kind\":\"drop\",\"op\":\"REQUEST\","
	    "\"reason\":\"not_member\",\"peer\":\"C1\"" },
	{ { .kind = TRACE_DROP, .node = C1, .what = "not_mars" }, NULL,
	    "C1   drop  not_mars", NULL },
	{ { .kind = TRACE_STATE, .node = C1, .peer = M1, .what = "mars",
	      .from = "Calling", .to = "Registering" },
	    NULL, "C1   state mars: Calling -> Registering M1",
	    "\"node\":\"C1\",\"kind\":\"state\",\"machine\":\"mars\","
	    "\"from\":\"Calling\",\"to\":\"Registering\",\"peer\":\"M1\"" },
	{ { .kind = TRACE_STATE, .node = C1, .what = "path", .to = "Up",
	      .n = 2 },
	    "224.1.1.1", "C1   state path: -> Up 224.1.1.1 (2 leaves)", NULL },
	{ { .kind = TRACE_VC, .node = M1, .peer = C1, .what = "drop",
	      .use = ATM_USE_CCVC, .vc = 79, .cause = 38 },
	    NULL,
	    "M1   vc    drop ccvc vc 79 leaf C1 cause 38 (network out of "
	    "order)",
	    "\"node\":\"M1\",\"kind\":\"vc\",\"what\":\"drop\","
	    "\"peer\":\"C1\",\"use\":\"ccvc\",\"vc\":79,\"cause\":38" },
	{ { .kind = TRACE_REGISTER, .node = M1, .peer = C1, .cmi = 65535 },
	    NULL, "M1   register C1 cmi 65535",
	    "\"node\":\"M1\",\"kind\":\"register\",\"peer\":\"C1\","
	    "\"cmi\":65535" },
	{ { .kind = TRACE_FAULT, .node = C1, .peer = M1, .what = "cut" }, NULL,
	    "C1   fault cut M1",
	    "\"node\":\"C1\",\"kind\":\"fault\",\"what\":\"cut\","
	    "\"peer\":\"M1\"" },
	{ { .kind = TRACE_FAULT, .node = NET, .what = "partition" }, NULL,
	    "net  fault partition",
	    "\"node\":\"net\",\"kind\":\"fault\",\"what\":\"partition\"" },
	/* nothing that a record may hold reaches the terminal as it is */
	{ { .kind = TRACE_ALARM, .node = C1, .what = "a\033[2J\n\"" }, NULL,
	    "C1   alarm a\\x1b[2J\\n\"",
	    "\"node\":\"C1\",\"kind\":\"alarm\","
	    "\"what\":\"a\\u001b[2J\\n\\\"\"" },
};

static void
each_case(void **state)
{
	struct world *w = sw_new(2);
	struct sbuf b = { 0 }, want = { 0 };
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct log_rec r = cases[i].r;
		struct l3_range g;

		r.seq = 7;
		r.t = mtime_add(world_start(w), MSPAN_MS(12500));
		if (cases[i].group != NULL) {
			g = sw_range(cases[i].group);
			r.group = log_range(world_log(w), &g);
		}
		show_event(w, &r, &b);
		sbuf_printf(&want, "[   12.500000] %s\n", cases[i].text);
		assert_string_equal(b.s, want.s);
		sbuf_free(&b);
		sbuf_free(&want);
		show_event_json(w, &r, &b);
		assert_true(json_valid(b.s, b.len));
		sbuf_printf(&want, "{\"seq\":7,\"t\":12.500000,%s}",
		    cases[i].json != NULL ? cases[i].json : "");
		if (cases[i].json != NULL)
			assert_string_equal(b.s, want.s);
		sbuf_free(&b);
		sbuf_free(&want);
	}
	world_free(w);
}

/* While a record is new its VC's leaves are counted. */
static void
leaves_of_a_new_send(void **state)
{
	struct world *w = sw_busy(3);
	struct l3_range y = sw_range("224.2.2.2");
	struct sbuf b = { 0 };
	const struct log_rec *r;
	uint64_t seq = log_last(world_log(w)) + 1;

	(void)state;
	assert_int_equal(node_join(w, 3, &y, false), 0);
	sw_run(w, 0.001);
	for (; (r = log_get(world_log(w), seq)) != NULL; seq = r->seq + 1)
		if (r->kind == TRACE_SEND && r->node == M1)
			break;
	assert_non_null(r);
	show_event(w, r, &b);
	assert_non_null(strstr(b.s, "JOIN 224.2.2.2 -> ccvc (3 leaves)"));
	sbuf_free(&b);
	sw_run(w, 1);
	show_event(w, r, &b);
	assert_non_null(strstr(b.s, "JOIN 224.2.2.2 -> ccvc msn"));
	sbuf_free(&b);
	world_free(w);
}

/* Every record of a run makes one line and one valid object. */
static void
a_whole_run(void **state)
{
	struct world *w = sw_busy(3);
	struct sbuf b = { 0 };
	const struct log_rec *r;
	uint64_t seq;
	size_t n = 0;

	(void)state;
	assert_int_equal(node_kill(w, M1), 0);
	sw_run(w, 100);
	for (seq = 1; (r = log_get(world_log(w), seq)) != NULL;
	    seq = r->seq + 1) {
		show_event(w, r, &b);
		assert_ptr_equal(strchr(b.s, '\n'), b.s + b.len - 1);
		sbuf_free(&b);
		show_event_json(w, r, &b);
		assert_true(json_valid(b.s, b.len));
		assert_null(strchr(b.s, '\n'));
		sbuf_free(&b);
		n++;
	}
	assert_true(n > 100);
	world_free(w);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_case),
		cmocka_unit_test(leaves_of_a_new_send),
		cmocka_unit_test(a_whole_run),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
