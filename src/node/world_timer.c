/* SPDX-License-Identifier: BSD-2-Clause */
/* The world's own timers: a heap by (time, order of making), on port 0. */
#include "node/world_int.h"

#include "marsh/base/err.h"

static bool
before(const struct timer *a, const struct timer *b)
{
	return a->t.us != b->t.us ? a->t.us < b->t.us : a->seq < b->seq;
}

void
world_timer_arm(struct world *w)
{
	atm_net_timer(w->net, 0, w->timers ? w->timer[0].t : MTIME_NEVER);
}

int
world_timer_push(struct world *w, struct mtime t, uint64_t token)
{
	struct mtime now = atm_net_now(w->net);
	struct timer x = { t.us < now.us ? now : t, ++w->timer_seq, token };
	void *vec = w->timer;
	size_t i = w->timers;

	if (mem_grow(w->mem, &vec, &w->timer_cap, i + 1, sizeof(x)) != 0)
		return MARSH_ENOMEM;
	w->timer = vec;
	w->timers++;
	for (; i > 0 && before(&x, &w->timer[(i - 1) / 2]); i = (i - 1) / 2)
		w->timer[i] = w->timer[(i - 1) / 2];
	w->timer[i] = x;
	world_timer_arm(w);
	return 0;
}

bool
world_timer_pop(struct world *w, struct mtime now, uint64_t *token)
{
	struct timer last;
	size_t i = 0, c;

	if (w->timers == 0 || w->timer[0].t.us > now.us)
		return false;
	*token = w->timer[0].token;
	last = w->timer[--w->timers];
	while ((c = 2 * i + 1) < w->timers) {
		if (c + 1 < w->timers && before(&w->timer[c + 1], &w->timer[c]))
			c++;
		if (!before(&w->timer[c], &last))
			break;
		w->timer[i] = w->timer[c];
		i = c;
	}
	w->timer[i] = last;
	return true;
}
