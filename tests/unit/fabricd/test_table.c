/* SPDX-License-Identifier: BSD-2-Clause */
/* What SIGUSR1 shows of routes, listeners and calls: columns under heads. */
#include "call_rig.h"

#define ADDR "47.0005.00000000000000000000."

/* table wants exactly |text|. */
static void
table(struct rig *r, const char *text)
{
	char *got = NULL;
	size_t n = 0;
	FILE *f = open_memstream(&got, &n);

	assert_non_null(f);
	fab_call_summary(r->c, f);
	fab_routes_dump(&r->routes, f);
	fab_call_dump(r->c, f);
	fclose(f);
	assert_string_equal(got, text);
	free(got);
}

static void
test_empty(void **state)
{
	struct fab_call_cfg cfg;
	struct rig r;

	(void)state;
	rig_cfg(&cfg);
	rig_open(&r, &cfg);
	table(&r, "0 listeners, 0 calls, 0 parties, 0 sockets, 0 VCIs; "
		  "0 connected, 0 failed, 0 bad messages\n");
	rig_close(&r);
}

static void
test_rows(void **state)
{
	struct fab_call_cfg cfg;
	struct fab_prefix p;
	struct rig r;

	(void)state;
	rig_cfg(&cfg);
	rig_open(&r, &cfg);
	assert_int_equal(fab_prefix_parse("47.0005", &p), 0);
	assert_int_equal(fab_routes_add(&r.routes, &p, FAB_HERE, 0), 0);
	assert_int_equal(fab_prefix_parse("47.0005.00000000000000000001", &p),
	    0);
	assert_int_equal(fab_routes_add(&r.routes, &p, 1, 2), 0);
	rig_listen(&r, 'a', 1);
	rig_listen(&r, 'b', 2);
	rig_connect(&r, 'r', 9, 1, true);
	rig_accept(&r, 'a', 'A');
	rig_add(&r, 'r', 0x102); /* behind the trunk */
	rig_add(&r, 'r', 2);
	rig_connect(&r, 'c', 9, 2, false);
	rig_hangup(&r, 'A');
	table(&r, "2 listeners, 2 calls, 4 parties, 4 sockets, 4 VCIs; "
		  "1 connected, 0 failed, 0 bad messages\n"
		  "\nHOPS  BEHIND    ADDRESS\n"
		  "   -  here      470005\n"
		  "   2  trunk 1   47000500000000000000000001\n"
		  "\nWAITING  OFFERED  LISTENER\n"
		  "      1  yes      " ADDR "000000000002.00\n"
		  "      0  no       " ADDR "000000000001.00\n"
		  "\n    CALL  PARTY  STATE        VCI  TRUNK  LABEL  ADDRESS\n"
		  "       1  root   pt-mpt       100      -      -  "
		  ADDR "000000000009.00\n"
		  "       1      0  left           -      -      -  "
		  ADDR "000000000001.00\n"
		  "       1      1  calling        -      1      1  "
		  "47.0005.00000000000000000001.000000000002.00\n"
		  "       1      2  offered      102      -      -  "
		  ADDR "000000000002.00\n"
		  "       2  root   pt-pt        103      -      -  "
		  ADDR "000000000009.00\n"
		  "       2      0  calling      104      -      -  "
		  ADDR "000000000002.00\n");
	rig_close(&r);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_empty),
		cmocka_unit_test(test_rows),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
