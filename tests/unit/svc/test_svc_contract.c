/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The AF_ATMSVC backend keeps the contract of an ATM network on a kernel made
 * of socket pairs, with pt-mpt, without, and when it finds out only then.  The
 * same runs on a real kernel in tests/lab.
 */
#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "atm_contract.h"
#include "failmem.h"
#include "svc_fake.h"

struct ctx {
	struct failmem mem;
	struct svc_cfg cfg;
};

static struct atm_net *
make(void *p)
{
	struct ctx *ctx = p;
	char why[200];
	struct svc *s = svc_new_on(&ctx->cfg, &ctx->mem.mem, &fake_sys, why,
	    sizeof(why));

	assert_non_null(s);
	return svc_net(s);
}

static void
run(const struct svc_cfg *cfg)
{
	struct ctx ctx = { .cfg = *cfg };
	struct atm_contract c = {
		.make = make,
		.ctx = &ctx,
		.mem = &ctx.mem.mem,
		.patience = MSPAN_SEC(10),
		.silence = MSPAN_MS(30),
	};

	failmem_init(&ctx.mem);
	atm_contract_run(&c);
	assert_int_equal(ctx.mem.live, 0);
	assert_int_equal(ctx.mem.live_octets, 0);
	assert_int_equal(fake_count(), 0);
}

static void
test_contract(void **state)
{
	struct svc_cfg cfg;

	(void)state;
	svc_defaults(&cfg);
	run(&cfg);
}

static void
test_fan_out(void **state)
{
	struct svc_cfg cfg;

	(void)state;
	svc_defaults(&cfg);
	cfg.fan_out = true;
	run(&cfg);
}

/* ADD PARTY is refused: the first leaf keeps its VC, the others get theirs. */
static void
test_no_add_party(void **state)
{
	struct svc_cfg cfg;

	(void)state;
	svc_defaults(&cfg);
	fake.no_mpt = true;
	run(&cfg);
	fake.no_mpt = false;
}

static void
test_no_multipoint(void **state)
{
	struct svc_cfg cfg;

	(void)state;
	svc_defaults(&cfg);
	fake.no_session = true;
	run(&cfg);
	fake.no_session = false;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_contract),
		cmocka_unit_test(test_fan_out),
		cmocka_unit_test(test_no_add_party),
		cmocka_unit_test(test_no_multipoint),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
