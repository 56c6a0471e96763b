/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Revalidation: RFC 2022 sections 5.1.5, 5.1.5.1 and 5.1.5.2.  An event sets
 * VC_revalidate of each path concerned at a random time of its own; the next
 * packet after that is sent and starts a MARS_REQUEST (client_send).  While it
 * is in progress no second one starts.
 */
#include "mars_client_int.h"

/* client_reval_path lets VC_revalidate of |p| become true in 1 to 10 s. */
void
client_reval_path(struct mars_client *c, struct mtime now, struct path *p)
{
	if (p->reval_t.pos == 0)
		client_tmr_arm(c, &p->reval_t, mtime_add(now,
		    rng_span(&c->rng, c->cfg.reval_lo, c->cfg.reval_hi)));
}

/*
 * client_reval_all does so for every path with a VC, or with leaves that are
 * tried again until there is one; |but| excepted.
 */
void
client_reval_all(struct mars_client *c, struct mtime now,
    const struct path *but)
{
	for (size_t i = 0; i < c->paths_n; i++)
		if (c->paths[i] != but && c->paths[i]->n > 0)
			client_reval_path(c, now, c->paths[i]);
}

/* client_reval_due: the random time is over. */
void
client_reval_due(struct mars_client *c, struct mtime now, struct path *p)
{
	struct l3_range r = { p->group, p->group };

	p->reval = true;
	p->reval_new = true;
	trace_emit(c->trace, now, &(struct trace_ev){ .kind = TRACE_STATE,
	    .what = "revalidate", .group = &r, .ref = p->vc });
}

/*
 * client_reval_done ends a revalidation.  An event of its own time meanwhile is
 * not answered by it.
 */
void
client_reval_done(struct mars_client *c, struct path *p)
{
	p->reval = p->reval_new;
	p->reval_new = false;
	c->stats.revalidations++;
}
