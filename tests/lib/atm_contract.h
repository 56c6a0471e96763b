/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef TESTS_ATM_CONTRACT_H
#define TESTS_ATM_CONTRACT_H

/*
 * What marsh/atm/atm_net.h promises, as checks that any network must pass.
 * They wait for what must come and never look at the time it took, so they
 * hold for networks in virtual and in real time.
 */
#include <stddef.h>

#include "marsh/atm/atm_net.h"

struct atm_contract {
	/* returns an empty network; the checks close it */
	struct atm_net *(*make)(void *ctx);
	/* stores the address of endpoint |i|, or NULL: addresses of our own */
	void (*address)(void *ctx, unsigned i, struct atm_addr *out);
	void *ctx;
	const struct mem *mem;   /* for frames */
	struct mspan patience;   /* what must come comes within this */
	struct mspan silence;    /* what did not come by then will not */
};

struct atm_contract_check {
	const char *name;
	void (*run)(const struct atm_contract *c);
};

/* atm_contract_checks returns the checks and stores their number in |n|. */
const struct atm_contract_check *atm_contract_checks(size_t *n);

/* atm_contract_run runs them all; they assert through cmocka. */
void atm_contract_run(const struct atm_contract *c);

#endif
