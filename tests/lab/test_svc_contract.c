/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The contract of an ATM network, kept by AF_ATMSVC on a real kernel with
 * signalling, with its pt-mpt calls and without.  Runs inside the lab kernel.
 */
#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "atm_contract.h"
#include "failmem.h"
#include "marsh/svc/svc.h"

struct ctx {
	struct failmem mem;
	struct svc_cfg cfg;
};

static struct atm_net *
make(void *p)
{
	struct ctx *ctx = p;
	char why[200] = "";
	struct svc *s = svc_new(&ctx->cfg, &ctx->mem.mem, why, sizeof(why));

	if (s == NULL)
		fail_msg("%s", why);
	return svc_net(s);
}

static void
run(bool fan_out)
{
	struct ctx ctx;
	struct atm_contract c = {
		.make = make,
		.ctx = &ctx,
		.mem = &ctx.mem.mem,
		.patience = MSPAN_SEC(10),
		.silence = MSPAN_MS(100),
	};

	failmem_init(&ctx.mem);
	svc_defaults(&ctx.cfg);
	ctx.cfg.fan_out = fan_out;
	atm_contract_run(&c);
	assert_int_equal(ctx.mem.live, 0);
	assert_int_equal(ctx.mem.live_octets, 0);
}

static void
test_available(void **state)
{
	char why[400] = "";

	(void)state;
	if (!svc_available(why, sizeof(why)))
		fail_msg("%s", why);
}

static void
test_contract(void **state)
{
	(void)state;
	run(false);
}

static void
test_fan_out(void **state)
{
	(void)state;
	run(true);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_available),
		cmocka_unit_test(test_contract),
		cmocka_unit_test(test_fan_out),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
