/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * MARS_REDIRECT_MAP (RFC 2022 sections 5.4.3 and 6.1.3): every map_interval on
 * each CCVC that has leaves, never without an entry (MARS-181).  Order is
 * preference, so a list is cut only where the address format changes or the
 * MTU is reached; on CCVC each part is a transmission of its own.
 *
 * A map to some members only steers those; the list that everyone else gets
 * stays installed.
 */
#include <assert.h>
#include <string.h>

#include "marsh/base/err.h"
#include "mars_server_int.h"

struct map {
	const struct atm_addr *list;
	size_t n;
	bool hard;
};

/* server_set_list installs a list; an empty one is this MARS alone. */
void
server_set_list(struct mars_server *s, const struct atm_addr *list, size_t n,
    bool hard)
{
	assert(n <= MARS_LIST_MAX);
	if (n == 0) {
		list = &s->cfg.addr;
		n = 1;
	}
	memmove(s->list, list, n * sizeof(*list));
	s->list_n = n;
	s->hard = hard;
}

/* put_run writes the entries from |i| on that fit one part; returns them. */
static size_t
put_run(const struct map *k, size_t i, size_t max, uint8_t *b)
{
	const struct atm_addr *first = &k->list[i];
	size_t n = 0;

	for (; i + n < k->n && n < max; n++) {
		const struct atm_addr *a = &k->list[i + n];
		size_t x = atm_tl_len(a->tl), y = atm_tl_len(a->stl);

		if (a->tl != first->tl || a->stl != first->stl)
			break;
		memcpy(b, a->num, x);
		memcpy(b + x, a->sub, y);
		b += x + y;
	}
	return n;
}

/* emit_map sends |k| to |ref|, advancing *|csn| by |step| each part. */
static int
emit_map(struct mars_server *s, const struct mars_proto *p, atm_ref ref,
    const struct map *k, uint32_t *csn, uint32_t step, struct atm_out *out)
{
	uint8_t src[2 * ATM_NSAP_LEN], list[MARS_LIST_MAX * 2 * ATM_NSAP_LEN];
	struct mars_msg m = { .pro = p->pro, .op = MARS_REDIRECT_MAP,
		.hard = k->hard, .list = list };
	size_t room, each, n;
	struct frame *f;

	mars_set_src(&m, &s->cfg.addr, src);
	for (size_t i = 0; i < k->n; i += n) {
		m.thtl = k->list[i].tl;
		m.tstl = k->list[i].stl;
		m.tnum = 0;
		each = atm_tl_len(m.thtl) + atm_tl_len(m.tstl);
		assert(each != 0);
		room = mars_size(&m) + each < s->cfg.mtu
		    ? (s->cfg.mtu - mars_size(&m)) / each
		    : 1;
		n = put_run(k, i, room, list);
		m.tnum = (uint16_t)n;
		m.part++;
		m.last = i + n == k->n;
		m.msn = *csn = seq_after(*csn, step);
		if (server_reserve(s, out, 1) != 0
		    || (f = mars_frame(s->mem, &m, s->cfg.checksum)) == NULL)
			return MARSH_ENOMEM;
		server_emit(s, out, ref, f);
	}
	return m.part;
}

static void
trace_map(const struct mars_server *s, const struct map *k, atm_ref ref,
    enum atm_use use)
{
	trace_emit(s->trace, s->now,
	    &(struct trace_ev){ .kind = TRACE_MAP, .op = MARS_REDIRECT_MAP,
		.n = (uint32_t)k->n, .what = k->hard ? "hard" : "soft",
		.ref = ref, .use = (uint8_t)use });
}

static int
map_ccvc(struct mars_server *s, const struct map *k, struct atm_out *out)
{
	struct server_mark mark = server_mark(s, out);
	uint32_t csn[SERVER_PROTOS];
	int parts[SERVER_PROTOS];

	for (unsigned i = 0; i < s->protos; i++) {
		struct mars_proto *p = s->proto[i];

		csn[i] = p->csn;
		parts[i] = 0;
		if (p->up != 0
		    && (parts[i] = emit_map(s, p, p->ccvc, k, &csn[i], 1, out))
			< 0)
			return server_undo(s, out, mark);
	}
	for (unsigned i = 0; i < s->protos; i++) {
		s->proto[i]->csn = csn[i];
		s->stats.ccvc[MARS_REDIRECT_MAP] += (unsigned)parts[i];
		if (parts[i] > 0)
			trace_map(s, k, s->proto[i]->ccvc, ATM_USE_CCVC);
	}
	return 0;
}

/* map_only sends to the named members' own VCs, for each of their protocols. */
static int
map_only(struct mars_server *s, const struct map *k,
    const struct atm_addr *only, size_t n, struct atm_out *out)
{
	struct server_mark mark = server_mark(s, out);
	uint64_t sent = 0;

	for (size_t i = 0; i < n * s->protos; i++) {
		struct mars_proto *p = s->proto[i % s->protos];
		unsigned cmi = db_find(&p->db, &only[i / s->protos]);
		uint32_t csn = p->csn;
		int parts;

		if (cmi == 0 || db_member(&p->db, cmi)->vc == 0)
			continue;
		parts = emit_map(s, p, db_member(&p->db, cmi)->vc, k, &csn, 0,
		    out);
		if (parts < 0)
			return server_undo(s, out, mark);
		sent += (unsigned)parts;
	}
	s->stats.priv[MARS_REDIRECT_MAP] += sent;
	if (sent != 0)
		trace_map(s, k, 0, ATM_USE_PP);
	return 0;
}

int
server_redirect(struct mars_server *s, const struct mars_server_ev *ev,
    struct atm_out *out)
{
	struct map k = { ev->redirect.list, ev->redirect.n,
		ev->redirect.hard };

	assert(k.n <= MARS_LIST_MAX);
	if (k.n == 0) {
		k.list = &s->cfg.addr;
		k.n = 1;
	}
	if (ev->redirect.only_n != 0)
		return map_only(s, &k, ev->redirect.only, ev->redirect.only_n,
		    out);
	if (map_ccvc(s, &k, out) != 0)
		return MARSH_ENOMEM;
	server_set_list(s, k.list, k.n, k.hard);
	return 0;
}

static bool
any_leaf(const struct mars_server *s)
{
	for (unsigned i = 0; i < s->protos; i++)
		if (s->proto[i]->up != 0)
			return true;
	return false;
}

static void
advance(struct mars_server *s)
{
	int64_t late = mtime_sub(s->now, s->map_due).us;
	int64_t step = s->cfg.map_interval.us;

	s->map_due = mtime_add(s->map_due,
	    MSPAN_US((late / step + 1) * step));
}

/* Times at which nobody listened are passed over, keeping the rhythm. */
void
server_map_skip(struct mars_server *s)
{
	if (mtime_is_never(s->map_due))
		s->map_due = mtime_add(s->now, s->cfg.map_interval);
	else if (mtime_reached(s->map_due, s->now) && !any_leaf(s))
		advance(s);
}

/* Called at the end of a step; short of memory it tries again in a second. */
void
server_map_timer(struct mars_server *s, struct atm_out *out)
{
	struct map k = { s->list, s->list_n, s->hard };

	if (!mtime_reached(s->map_due, s->now))
		return;
	if (map_ccvc(s, &k, out) == 0)
		advance(s);
	else
		s->map_due = mtime_add(s->now, MSPAN_SEC(1));
}

/*
 * server_steer sends the map, hard, to those who became leaves of a backup.  One
 * that begins with this MARS itself would lead nowhere.
 */
void
server_steer(struct mars_server *s, struct mars_proto *p, struct atm_out *out)
{
	struct server_mark mark = server_mark(s, out);
	struct map k = { s->list, s->list_n, true };
	uint32_t csn = p->csn;
	int parts;

	if (p->steer.us == 0 || !mtime_reached(p->steer, s->now))
		return;
	p->steer = (struct mtime){ 0 };
	if (p->up == 0 || s->role != MARS_SERVER_BACKUP
	    || atm_addr_equal(&s->list[0], &s->cfg.addr))
		return;
	parts = emit_map(s, p, p->ccvc, &k, &csn, 1, out);
	if (parts < 0) {
		(void)server_undo(s, out, mark);
		p->steer = mtime_add(s->now, MSPAN_SEC(1));
		return;
	}
	p->csn = csn;
	s->stats.ccvc[MARS_REDIRECT_MAP] += (unsigned)parts;
	trace_map(s, &k, p->ccvc, ATM_USE_CCVC);
}
