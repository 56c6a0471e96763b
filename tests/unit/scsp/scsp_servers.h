/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef TESTS_SCSP_SERVERS_H
#define TESTS_SCSP_SERVERS_H

/* Servers in such a network: who is whose DCS, and what happens to them. */
#include "scsp_net.h"

static inline void
net_start(struct net *n, int i)
{
	uint8_t id[4] = { 10, 0, 0, (uint8_t)(i + 1) };

	n->cfg.addr = net_addr(i);
	n->cfg.id = oct(id, 4);
	n->cfg.seed = (uint64_t)i + 1;
	n->s[i] = scsp_new(&n->cfg, &n->fm.mem, NULL);
	assert_non_null(n->s[i]);
	n->life[i]++;
	assert_int_equal(scsp_add_group(n->s[i], n->now, &n->group), 0);
	for (int k = 0; k < n->n; k++) {
		struct atm_addr a = net_addr(k);

		if (n->dcs[i][k])
			assert_int_equal(scsp_add_dcs(n->s[i], n->now, 0, &a), 0);
	}
}

static inline struct net *
net_new(int nodes)
{
	struct net *n = calloc(1, sizeof(*n));

	assert_non_null(n);
	failmem_init(&n->fm);
	n->n = nodes;
	n->now = (struct mtime){ INT64_C(10000000000) };
	n->delay = MSPAN_MS(1);
	rng_seed(&n->rng, 1);
	scsp_defaults(&n->cfg);
	scsp_group_defaults(&n->group);
	n->group.pid = 3;
	n->group.sgid = 1;
	return n;
}

static inline void
net_pair(struct net *n, int i, int k)
{
	n->dcs[i][k] = n->dcs[k][i] = true;
}

static inline void
net_mesh(struct net *n)
{
	for (int i = 0; i < n->n; i++)
		for (int k = 0; k < i; k++)
			net_pair(n, i, k);
}

static inline void
net_line(struct net *n)
{
	for (int i = 1; i < n->n; i++)
		net_pair(n, i, i - 1);
}

static inline void
net_all(struct net *n)
{
	for (int i = 0; i < n->n; i++)
		net_start(n, i);
}

/* net_crash stops |i|: its VCs end, its memory is lost. */
static inline void
net_crash(struct net *n, int i)
{
	scsp_free(n->s[i]);
	n->s[i] = NULL;
	n->life[i]++;
	for (struct net_vc *v = n->vc; v < n->vc + NET_VCS; v++) {
		if (!v->live)
			continue;
		if (v->root == i || !v->multi) {
			bool mine = v->root == i;

			for (int k = 0; k < v->leaves; k++)
				mine |= v->leaf[k].up && v->leaf[k].node == i;
			if (mine)
				net_hang_up(n, v, i);
			continue;
		}
		for (int k = 0; k < v->leaves; k++)
			if (v->leaf[k].up && v->leaf[k].node == i)
				net_drop(n, v, k, true);
	}
}

/* net_cut loses everything between |i| and |k|; with |tell| VCs end, too. */
static inline void
net_cut(struct net *n, int i, int k, bool tell)
{
	n->cut[i][k] = n->cut[k][i] = true;
	for (struct net_vc *v = n->vc; tell && v < n->vc + NET_VCS; v++)
		for (int j = 0; v->live && j < v->leaves; j++)
			if (v->leaf[j].up
			    && ((v->root == i && v->leaf[j].node == k)
				|| (v->root == k && v->leaf[j].node == i))) {
				if (!v->multi) {
					net_hang_up(n, v, -1);
					break;
				}
				net_released(n, v->leaf[j].node,
				    v->leaf[j].ref, &v->leaf[j].last);
				net_drop(n, v, j, true);
			}
}

static inline void
net_heal(struct net *n, int i, int k)
{
	n->cut[i][k] = n->cut[k][i] = false;
}

static inline bool
net_aligned(const struct net *n)
{
	for (int i = 0; i < n->n; i++) {
		struct scsp_dcs_info d;

		for (unsigned k = 0; n->s[i] != NULL
		     && scsp_dcs(n->s[i], 0, k, &d); k++) {
			int to = net_node(n, &d.addr);

			if (n->s[to] != NULL && !n->cut[i][to]
			    && d.cafsm != SCSP_CA_ALIGNED)
				return false;
		}
	}
	return true;
}

/* net_align runs until all are aligned, then until nothing is on its way. */
static inline void
net_align(struct net *n)
{
	for (int i = 0; i < 600 && !net_aligned(n); i++)
		net_run(n, MSPAN_MS(100));
	assert_true(net_aligned(n));
	net_run(n, MSPAN_SEC(1));
}

static inline void
net_put(struct net *n, int i, const char *key, const char *body)
{
	assert_int_equal(scsp_put(n->s[i], n->now, 0, text(key), text(body)),
	    0);
}

/* net_has tells whether |i| has |body| under |key| of |orig|; NULL: nothing. */
static inline bool
net_has(const struct net *n, int i, const char *key, int orig,
    const char *body)
{
	uint8_t id[4] = { 10, 0, 0, (uint8_t)(orig + 1) };
	struct scsp_entry_info e;

	if (!scsp_find(n->s[i], 0, text(key), oct(id, 4), &e) || e.tombstone)
		return body == NULL;
	return body != NULL && scsp_oct_equal(e.rec.body, text(body));
}

static inline bool
net_equal(const struct net *n)
{
	uint64_t d = 0;
	bool first = true;

	for (int i = 0; i < n->n; i++) {
		if (n->s[i] == NULL)
			continue;
		if (!first && scsp_digest(n->s[i], 0, true) != d)
			return false;
		d = scsp_digest(n->s[i], 0, true);
		first = false;
	}
	return true;
}

static inline void
net_free(struct net *n)
{
	for (int i = 0; i < n->n; i++)
		scsp_free(n->s[i]);
	while (n->evs != 0)
		frame_unref(n->ev[--n->evs].ind.frame);
	free(n->ev);
	assert_int_equal(n->fm.live, 0);
	free(n);
}

#endif
