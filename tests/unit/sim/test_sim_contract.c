/* SPDX-License-Identifier: BSD-2-Clause */
/* The simulator keeps the contract of an ATM network, jitter or not. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "atm_contract.h"
#include "failmem.h"
#include "marsh/sim/sim.h"

struct ctx {
	struct failmem mem;
	struct sim_cfg cfg;
};

static struct atm_net *
make(void *p)
{
	struct ctx *ctx = p;
	struct sim *s = sim_new(&ctx->cfg, &ctx->mem.mem);

	return s != NULL ? sim_net(s) : NULL;
}

static void
run(struct ctx *ctx)
{
	struct atm_contract c = {
		.make = make,
		.ctx = ctx,
		.mem = &ctx->mem.mem,
		.patience = MSPAN_SEC(5),
		.silence = MSPAN_SEC(1),
	};

	atm_contract_run(&c);
	assert_int_equal(ctx->mem.live, 0);
	assert_int_equal(ctx->mem.live_octets, 0);
}

/* MARS-005 */
static void
test_contract(void **state)
{
	struct ctx ctx;

	(void)state;
	failmem_init(&ctx.mem);
	sim_defaults(&ctx.cfg);
	run(&ctx);
}

static void
test_contract_jitter(void **state)
{
	struct ctx ctx;

	(void)state;
	failmem_init(&ctx.mem);
	sim_defaults(&ctx.cfg);
	ctx.cfg.jitter = MSPAN_MS(20);
	run(&ctx);
}

static void
test_contract_no_delay(void **state)
{
	struct ctx ctx;

	(void)state;
	failmem_init(&ctx.mem);
	sim_defaults(&ctx.cfg);
	ctx.cfg.delay = MSPAN_US(0);
	run(&ctx);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_contract),
		cmocka_unit_test(test_contract_jitter),
		cmocka_unit_test(test_contract_no_delay),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
