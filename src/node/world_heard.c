/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What clients hear of flows that other programs on the same network send.
 * Here nobody knows who was meant to hear which packet, as world_flow.c does
 * for its own; but packets are numbered, so a gap is a loss.  What comes from
 * outside is never believed to be a flow of this world: packets of a world that
 * shares its network carry its mark, 0 on a fabric, where there is only one.
 */
#include <string.h>

#include "marsh/base/cur.h"
#include "node/world_int.h"

#define WINDOW 1024u   /* numbers in which a duplicate is known */
#define ACCOUNTS 4096u /* beyond: strangers are not counted */

struct heard {
	node_id to;
	uint32_t mark, flow;
	struct l3_addr from, group;
	uint64_t received, dup;
	uint32_t first, last; /* numbers */
	uint64_t got[WINDOW / 64];
};

uint32_t
heard_mark(const struct world *w)
{
	uint64_t h = 0xcbf29ce484222325u ^ (uint64_t)w->start.us;

	if (w->sim != NULL)
		return 0;
	for (size_t i = 0; i < WORLD_PREFIX; i++)
		h = (h ^ w->cfg.prefix[i]) * 0x100000001b3u;
	return (uint32_t)(h >> 32) | 1;
}

/* ends reads who sends to which group from an IP header; others stay unknown. */
static void
ends(struct heard *h, const uint8_t *b, size_t len)
{
	if (len >= 20 && b[0] >> 4 == 4) {
		h->from.len = h->group.len = 4;
		memcpy(h->from.b, b + 12, 4);
		memcpy(h->group.b, b + 16, 4);
	} else if (len >= 40 && b[0] >> 4 == 6) {
		h->from.len = h->group.len = 16;
		memcpy(h->from.b, b + 8, 16);
		memcpy(h->group.b, b + 24, 16);
	}
}

static struct heard *
account(struct world *w, node_id to, uint32_t mark, uint32_t flow, bool *fresh)
{
	void *vec = w->heard;
	struct heard *h;

	for (size_t i = 0; i < w->heards; i++)
		if (w->heard[i].to == to && w->heard[i].mark == mark
		    && w->heard[i].flow == flow)
			return &w->heard[i];
	if (w->heards == ACCOUNTS || mem_grow(w->mem, &vec, &w->heard_cap,
		w->heards + 1, sizeof(*w->heard)) != 0)
		return NULL;
	w->heard = vec;
	h = &w->heard[w->heards++];
	memset(h, 0, sizeof(*h));
	h->to = to;
	h->mark = mark;
	h->flow = flow;
	*fresh = true;
	return h;
}

/* advance makes |seq| the newest number. */
static void
advance(struct heard *h, uint32_t seq)
{
	if (seq - h->last >= WINDOW)
		memset(h->got, 0, sizeof(h->got));
	else
		for (uint32_t s = h->last + 1; s != seq; s++)
			h->got[s % WINDOW / 64] &=
			    ~(UINT64_C(1) << (s % 64));
	h->got[seq % WINDOW / 64] &= ~(UINT64_C(1) << (seq % 64));
	h->last = seq;
}

void
heard_packet(struct world *w, struct node *n, uint32_t mark, uint32_t flow,
    uint32_t seq, const struct mars_client_up *up)
{
	bool fresh = false;
	struct heard *h = account(w, n->id, mark, flow, &fresh);
	uint64_t bit = UINT64_C(1) << (seq % 64);

	if (h == NULL)
		return;
	if (fresh) {
		h->first = h->last = seq;
		ends(h, up->packet, up->len);
	} else if (seq > h->last)
		advance(h, seq);
	else if (seq < h->first)
		h->first = seq;
	if (h->last - seq < WINDOW) {
		if ((h->got[seq % WINDOW / 64] & bit) != 0) {
			h->dup++;
			return;
		}
		h->got[seq % WINDOW / 64] |= bit;
	}
	h->received++;
}

bool
world_heard(const struct world *w, size_t i, struct heard_info *info)
{
	const struct heard *h;
	uint64_t numbers;

	if (i >= w->heards)
		return false;
	h = &w->heard[i];
	numbers = (uint64_t)h->last - h->first + 1;
	*info = (struct heard_info){ .to = h->to, .from = h->from,
		.group = h->group, .received = h->received, .dup = h->dup,
		.lost = numbers > h->received ? numbers - h->received : 0 };
	return true;
}

void
heard_free(struct world *w)
{
	mem_free(w->mem, w->heard, w->heard_cap * sizeof(*w->heard));
	w->heard = NULL;
	w->heards = w->heard_cap = 0;
}
