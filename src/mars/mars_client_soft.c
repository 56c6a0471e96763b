/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Soft redirect (RFC 2022 section 5.4.3): a second pt-pt VC and a registration
 * with the new MARS while the old one stays in use.  Success swaps them,
 * without re-join or revalidation; failure changes nothing, the next map tries
 * again.
 */
#include "mars_client_int.h"

/* client_soft_stop forgets a soft redirect under way. */
void
client_soft_stop(struct mars_client *c)
{
	if (c->soft.pp.st == PP_CALLING || c->soft.pp.st == PP_UP)
		client_release(c, c->soft.pp.ref);
	c->soft.pp = (struct pp){ 0 };
	client_xact_off(c, &c->soft.x);
	c->soft.on = false;
}

/* client_soft_start begins to move to |to|; again to the same: goes on. */
void
client_soft_start(struct mars_client *c, struct mtime now,
    const struct atm_addr *to)
{
	if (c->soft.on && atm_addr_equal(&c->soft.to, to))
		return;
	client_soft_stop(c);
	c->soft.on = true;
	c->soft.to = *to;
	c->soft.since = now;
	c->soft.pp.st = PP_WANT;
	c->stats.redirects++;
	trace_emit(c->trace, now, &(struct trace_ev){ .kind = TRACE_REDIRECT,
	    .what = "soft", .who = to });
}

/* client_soft_called: the VC to the new MARS is there; register. */
void
client_soft_called(struct mars_client *c, struct mtime now)
{
	(void)now;
	c->soft.pp.st = PP_UP;
	client_xact_start(c, &c->soft.x);
}

/* client_soft_failed stays with the current MARS, or notices its trouble. */
void
client_soft_failed(struct mars_client *c, struct mtime now)
{
	client_soft_stop(c);
	client_alarm(c, now, "soft redirect failed", &c->soft.to);
	client_untrouble(c, now);
}

/* client_soft_copy: the new MARS has registered us and is the current one. */
void
client_soft_copy(struct mars_client *c, struct mtime now, uint16_t cmi,
    uint32_t msn)
{
	client_xact_off(c, &c->soft.x);
	client_pp_close(c);
	c->pp = c->soft.pp;
	c->pp_used = now;
	c->soft.pp = (struct pp){ 0 };
	c->soft.on = false;
	c->mars = c->soft.to;
	client_tmr_off(c, &c->blind_t);
	c->failed_at = c->soft.since;
	c->attempts = 1;
	client_registered(c, now, cmi, msn);
}
