/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Which events a query wants, and the one pass over new records that feeds all
 * live queries of a net.  A record of a message names its VC but not the VC's
 * use, so the same pass learns uses from the VCs' own records; their numbers
 * are never used again.
 */
#include <stdlib.h>
#include <string.h>

#include "script/lua_log_int.h"

/* ---- uses of VCs: a record says the VC, the VC's own records its use ---------- */

static void
note_use(struct lnet *net, const struct log_rec *r)
{
	size_t cap;
	uint8_t *v;

	if (r->kind != TRACE_VC || r->vc == 0)
		return;
	if (r->vc >= net->uses_n) {
		cap = net->uses_n * 2 > r->vc ? net->uses_n * 2 : r->vc + 64;
		v = realloc(net->uses, cap);
		if (v == NULL)
			return;
		memset(v + net->uses_n, 0, cap - net->uses_n);
		net->uses = v;
		net->uses_n = cap;
	}
	net->uses[r->vc] = r->use;
}

unsigned
llog_use(struct lnet *net, const struct log_rec *r)
{
	struct atm_vc_info info;

	if (r->use != 0 || r->vc == 0)
		return r->use;
	if (r->vc < net->uses_n && net->uses[r->vc] != 0)
		return net->uses[r->vc];
	if (atm_net_next_vc(world_net(net->w), r->vc - 1, &info) &&
	    info.id == r->vc)
		return info.use;
	return 0;
}

/* ---- matching -------------------------------------------------------------------- */

static bool
in_list(const node_id *v, node_id n)
{
	for (; *v != 0; v++)
		if (*v == n)
			return true;
	return false;
}

static bool
flag_is(int8_t want, const struct log_rec *r, unsigned flag)
{
	return want < 0 || want == ((r->flags & flag) != 0);
}

static bool
match_on(const struct lquery *q, const struct log_rec *r, unsigned use)
{
	if (q->vc != 0)
		return r->vc == q->vc;
	if (q->on_of == 0)
		return true;
	if (use != q->on_use)
		return false;
	/* of the records on a CCVC, those of its root and those of its leaves */
	return r->kind == TRACE_RECV ? r->peer == q->on_of :
	    r->node == q->on_of;
}

/* To a leaf of a pt-mpt VC nothing is sent; it only receives. */
static bool
match_to(const struct lquery *q, const struct log_rec *r)
{
	if (r->kind == TRACE_SEND)
		return r->peer != 0 && in_list(q->to, r->peer);
	if (r->kind == TRACE_RECV)
		return in_list(q->to, r->node);
	return in_list(q->to, r->peer);
}

static bool
match_group(const struct lquery *q, const struct log_rec *r)
{
	const struct l3_range *g;

	g = log_group(world_log(q->net->w), r->group);
	return g != NULL && g->min.len == q->group.min.len &&
	    l3_range_overlap(g, &q->group);
}

/* "open|fail": is |what| one of them? */
static bool
one_of(const char *words, const char *what)
{
	size_t n;

	for (; *words != '\0'; words += n + (words[n] == '|')) {
		n = strcspn(words, "|");
		if (strncmp(words, what, n) == 0 && what[n] == '\0')
			return true;
	}
	return false;
}

static bool
match_details(const struct lquery *q, const struct log_rec *r)
{
	return flag_is(q->copy, r, LOG_COPY) &&
	    flag_is(q->reg, r, LOG_REGISTER) && flag_is(q->hard, r, LOG_HARD) &&
	    flag_is(q->punched, r, LOG_PUNCHED) &&
	    (q->msn < 0 || r->msn == q->msn) &&
	    (q->cmi < 0 || r->cmi == q->cmi) && (q->what[0] == '\0' ||
	    (r->what != NULL && one_of(q->what, r->what)));
}

static bool
match(const struct lquery *q, const struct log_rec *r)
{
	unsigned use = llog_use(q->net, r);

	return (q->kinds == 0 || q->kinds >> r->kind & 1) &&
	    (q->ops == 0 || (q->ops >> r->op & 1 &&
	    (r->op != 0 || r->flags & LOG_DATA))) &&
	    (q->uses == 0 || q->uses >> use & 1) &&
	    r->t.us >= q->since.us && r->t.us <= q->until.us &&
	    (q->node == NULL || in_list(q->node, r->node)) &&
	    (q->from == NULL || in_list(q->from, r->src) ||
	    in_list(q->from, r->kind == TRACE_RECV ? r->peer : r->node)) &&
	    match_on(q, r, use) && match_details(q, r) &&
	    (q->to == NULL || match_to(q, r)) &&
	    (!q->grouped || match_group(q, r));
}

static void
keep(struct lquery *q, const struct log_rec *r)
{
	size_t cap = q->cap ? q->cap * 2 : 16;
	struct log_rec *v;

	if (q->n == q->cap) {
		v = realloc(q->v, cap * sizeof(*v));
		if (v == NULL) {
			q->oom = true;
			return;
		}
		q->v = v;
		q->cap = cap;
	}
	q->v[q->n++] = *r;
}

static void
look(struct lquery *q, const struct log_rec *r)
{
	if (r->seq <= q->seq)
		return;
	q->seq = r->seq;
	if (match(q, r))
		keep(q, r);
}

void
llog_catch_up(struct lnet *net)
{
	struct log *log = world_log(net->w);
	const struct log_rec *r;
	struct lquery *q;

	while ((r = log_get(log, net->log_seq + 1)) != NULL) {
		net->log_seq = r->seq;
		note_use(net, r);
		for (q = net->queries; q != NULL; q = q->next)
			look(q, r);
	}
}

void
query_look_back(struct lquery *q)
{
	struct log *log = world_log(q->net->w);
	const struct log_rec *r;

	while ((r = log_get(log, q->seq + 1)) != NULL)
		look(q, r);
}
