/* SPDX-License-Identifier: BSD-2-Clause */
/* Where there is no AF_ATMSVC, one sentence says so and names the ways out. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include <atm.h>

#include "marsh/svc/svc.h"

static bool
kernel_has_it(void)
{
	int fd = socket(PF_ATMSVC, SOCK_DGRAM, 0);

	if (fd < 0)
		return false;
	close(fd);
	return true;
}

static void
test_sentence(void **state)
{
	char why[400] = "", small[8];

	(void)state;
	if (kernel_has_it())
		skip();
	assert_false(svc_available(why, sizeof(why)));
	assert_non_null(strstr(why, "AF_ATMSVC"));
	assert_non_null(strstr(why, "in-process fabric"));
	assert_non_null(strstr(why, "make lab"));
	assert_int_equal(why[strlen(why) - 1], '.');
	assert_ptr_equal(strchr(why, '.'), why + strlen(why) - 1);
	assert_null(strchr(why, '\n'));
	assert_false(svc_available(small, sizeof(small)));
	assert_int_equal(strlen(small), sizeof(small) - 1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_sentence),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
