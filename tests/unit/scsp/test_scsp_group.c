/* SPDX-License-Identifier: BSD-2-Clause */
/* Servers against servers: alignment end to end, and what flooding costs. */
#include "scsp_net.h"

/* SCSP-001: Hello, summaries, solicits, flooding; equal caches at the end. */
static void
two_align(void **state)
{
	struct net *n = net_new(2);

	(void)state;
	net_mesh(n);
	net_all(n);
	net_put(n, 0, "a", "alpha");
	net_put(n, 1, "b", "beta");
	net_align(n);
	assert_true(net_has(n, 0, "b", 1, "beta"));
	assert_true(net_has(n, 1, "a", 0, "alpha"));
	assert_true(net_equal(n));
	net_put(n, 0, "a", "gamma");
	net_run(n, MSPAN_MS(10));
	assert_true(net_has(n, 1, "a", 0, "gamma"));
	net_free(n);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(two_align),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
