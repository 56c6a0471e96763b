/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A MARS as an engine (RFC 2022 section 6, Appendix F): one event in, requests
 * out.  This file dispatches; the tables are in mars_db.h.  Every handler first
 * reserves and builds what may fail, then changes tables, then emits, so that
 * an event is done whole or dropped whole.  Messages are handled strictly one
 * after another (MARS-183).
 *
 * MSERV and UNSERV (section 6.2) are refused in ops[]; their handlers belong
 * there, the server maps beside the groups, the SCVC beside the CCVC.
 */
#include <assert.h>
#include <string.h>

#include "marsh/base/err.h"
#include "mars_server_int.h"

void
mars_server_defaults(struct mars_server_cfg *cfg)
{
	*cfg = (struct mars_server_cfg){ .checksum = true,
		.verify = true, .cmi_lo = 1, .cmi_hi = UINT16_MAX,
		.mtu = MARS_MTU, .map_interval = MSPAN_SEC(60),
		.purge = MSPAN_SEC(30), .leaf_retry_lo = MSPAN_SEC(5),
		.leaf_retry_hi = MSPAN_SEC(10) };
}

/* Tables are allocated through here, so that their size is known. */
static void *
counted_resize(void *ctx, void *p, size_t old, size_t size)
{
	struct mars_server *s = ctx;
	void *q = mem_resize(s->mem, p, old, size);

	if (q != NULL || size == 0)
		s->stats.memory += size - (p != NULL ? old : 0);
	return q;
}

struct mars_server *
mars_server_new(const struct mars_server_cfg *cfg, const struct mem *mem,
    const struct trace *trace)
{
	struct mars_server *s = mem_alloc(mem, sizeof(*s));

	if (s == NULL)
		return NULL;
	assert(cfg->cmi_lo != 0 && cfg->cmi_lo <= cfg->cmi_hi);
	assert(cfg->map_interval.us > 0);
	s->cfg = *cfg;
	if (s->cfg.map_interval.us > SERVER_MAP_MAX.us)
		s->cfg.map_interval = SERVER_MAP_MAX;
	s->mem = mem;
	s->trace = trace;
	s->counted = (struct mem){ counted_resize, s };
	s->map_due = MTIME_NEVER;
	rng_seed(&s->rng, cfg->seed);
	server_set_list(s, cfg->list, cfg->list != NULL ? cfg->list_n : 0,
	    false);
	s->cfg.list = NULL;
	return s;
}

void
mars_server_free(struct mars_server *s)
{
	if (s == NULL)
		return;
	for (unsigned i = 0; i < s->protos; i++) {
		struct mars_proto *p = s->proto[i];

		db_fini(&p->db);
		mem_free(&s->counted, p->ghost,
		    p->ghost_cap * sizeof(*p->ghost));
		mem_free(&s->counted, p, sizeof(*p));
	}
	index_fini(&s->vcs, &s->counted);
	server_tx_fini(s);
	change_fini(s);
	assert(s->stats.memory == 0);
	mem_free(s->mem, s, sizeof(*s));
}

const char *
mars_server_drop_word(unsigned drop)
{
	static const char *const words[] = {
#define X(name, word) word,
		MARS_SERVER_DROPS(X)
#undef X
	};

	return drop < MARS_SERVER_DROP_COUNT ? words[drop] : "?";
}

static void
drop(struct mars_server *s, enum mars_server_drop why, uint8_t op,
    const struct atm_addr *who)
{
	s->stats.drops[why]++;
	trace_emit(s->trace, s->now,
	    &(struct trace_ev){ .kind = TRACE_DROP, .op = op, .who = who,
		.what = mars_server_drop_word(why) });
}

/* server_drop counts and traces a message that is not acted on. */
int
server_drop(struct mars_server *s, enum mars_server_drop why,
    const struct mars_msg *m)
{
	struct atm_addr who;

	drop(s, why, m->op, mars_src(m, &who) == 0 ? &who : NULL);
	return SERVER_DROPPED;
}

/* server_heard remembers where the member last spoke, and its own address. */
void
server_heard(struct mars_server *s, const struct server_rq *rq)
{
	struct db_member *m = db_member(&rq->p->db, rq->cmi);

	if (m->vc != rq->ref)
		vc_attach(s, rq->p, rq->cmi, rq->ref);
	if (rq->m->spln == 0 || rq->m->spln > L3_MAX
	    || (m->spa_len == rq->m->spln
		&& memcmp(m->spa, rq->m->spa, m->spa_len) == 0))
		return;
	m->spa_len = rq->m->spln;
	memcpy(m->spa, rq->m->spa, m->spa_len);
}

static struct mars_proto *
find_proto(const struct mars_server *s, const struct l3_proto *pro)
{
	for (unsigned i = 0; i < s->protos; i++) {
		struct mars_proto *p = s->proto[i];

		/* Outside the long form mar$pro.snap means nothing. */
		if (p->pro.type == pro->type
		    && (pro->type != L3_PROTO_LONG
			|| memcmp(p->pro.snap, pro->snap, sizeof(pro->snap))
			    == 0))
			return p;
	}
	return NULL;
}

/* find_source sets |rq->cmi|; false: no ATM endpoint has such an address. */
static bool
find_source(struct server_rq *rq)
{
	const struct mars_msg *m = rq->m;
	struct atm_addr a;

	if (rq->p != NULL && m->shtl == ATM_NSAP_LEN && m->sstl == 0) {
		rq->cmi = db_find_nsap(&rq->p->db, m->sha);
		return true;
	}
	if (mars_src(m, &a) != 0)
		return false;
	if (rq->p != NULL)
		rq->cmi = db_find(&rq->p->db, &a);
	return true;
}

static bool
has_flags(unsigned op)
{
	return op == MARS_JOIN || op == MARS_LEAVE
	    || op == MARS_GROUPLIST_REQUEST;
}

/* member_message handles what only a registered member may send (MARS-258). */
static int
member_message(struct mars_server *s, struct server_rq *rq,
    struct atm_out *out)
{
	if (rq->p == NULL)
		return server_drop(s, MARS_SERVER_DROP_PROTOCOL, rq->m);
	if (rq->cmi == 0 || db_member(&rq->p->db, rq->cmi)->leaf == LEAF_FAR)
		return server_drop(s, MARS_SERVER_DROP_NOT_MEMBER, rq->m);
	switch (rq->m->op) {
	case MARS_REQUEST:
		return server_request(s, rq, out);
	case MARS_GROUPLIST_REQUEST:
		return server_grouplist(s, rq, out);
	default:
		return server_join(s, rq, out);
	}
}

static int
message(struct mars_server *s, struct server_rq *rq, struct atm_out *out)
{
	const struct mars_msg *m = rq->m;

	if (m->op == MARS_MSERV || m->op == MARS_UNSERV)
		return server_drop(s, MARS_SERVER_DROP_NO_MCS, m);
	if (m->op != MARS_REQUEST && !has_flags(m->op))
		return server_drop(s, MARS_SERVER_DROP_UNEXPECTED, m);
	if (has_flags(m->op) && (m->flags & MARS_FLAG_COPY) != 0)
		return server_drop(s, MARS_SERVER_DROP_COPY, m);
	rq->p = find_proto(s, &m->pro);
	if (!find_source(rq))
		return server_drop(s, MARS_SERVER_DROP_ADDRESS, m);
	/* Known members on their known VC need no look-up. */
	if ((rq->cmi == 0 || db_member(&rq->p->db, rq->cmi)->vc != rq->ref)
	    && vc_is_leaf(s, rq->ref))
		return server_drop(s, MARS_SERVER_DROP_NO_VC, m);
	if (s->tx.n - s->tx.head >= SERVER_TX_MAX)
		return server_drop(s, MARS_SERVER_DROP_QUEUE, m);
	if ((m->op == MARS_JOIN || m->op == MARS_LEAVE)
	    && (m->flags & MARS_FLAG_REGISTER) != 0)
		return m->op == MARS_JOIN ? server_register(s, rq, out)
					  : server_deregister(s, rq, out);
	return member_message(s, rq, out);
}

static int
on_message(struct mars_server *s, const struct atm_ind *ind,
    const struct mars_msg *m, struct atm_out *out)
{
	struct server_rq rq = { .m = m, .sdu = ind->frame->bytes,
		.len = ind->frame->len, .ref = ind->ref };
	int err = message(s, &rq, out);

	if (err == 0)
		s->stats.rx[m->op]++;
	if (err == MARSH_ENOMEM)
		server_drop(s, MARS_SERVER_DROP_NO_MEMORY, m);
	return err < 0 ? err : 0;
}

static int
on_data(struct mars_server *s, const struct atm_ind *ind, struct atm_out *out)
{
	const struct frame *f = ind->frame;
	struct mars_decode_err err;
	struct mars_msg m;
	struct snap snap;

	if (snap_decode(f->bytes, f->len, &snap, NULL, NULL) != 0
	    || snap.kind != SNAP_MARS) {
		drop(s, MARS_SERVER_DROP_NOT_MARS, 0, NULL);
		return 0;
	}
	if (mars_decode(snap.body, snap.len, s->cfg.verify, &m, &err) != 0) {
		s->stats.bad[err.bad]++;
		drop(s, MARS_SERVER_DROP_MALFORMED,
		    snap_peek_op(f->bytes, f->len), NULL);
		return 0;
	}
	return on_message(s, ind, &m, out);
}

static int
on_ind(struct mars_server *s, const struct atm_ind *ind, struct atm_out *out)
{
	struct mars_proto *p = leaf_proto(s, ind->ref);

	switch (ind->kind) {
	case ATM_DATA:
		return on_data(s, ind, out);
	case ATM_REMOTE_CALL:
		vc_gone(s, ind->ref);
		return ind->leaf ? vc_leaf(s, ind->ref) : 0;
	case ATM_ACK:
		if (p != NULL)
			leaf_ack(s, p, ind, out);
		return 0;
	case ATM_RQFAILED:
		if (p != NULL)
			leaf_failed(s, p, ind);
		return 0;
	case ATM_DROPPED:
		if (p != NULL)
			leaf_dropped(s, p, ind);
		return 0;
	case ATM_RELEASED:
		if (p != NULL)
			leaf_released(s, p);
		else
			vc_gone(s, ind->ref);
		return 0;
	}
	return 0;
}

/* A warm restart: no VC survived, nor did what waited to be sent. */
static void
restart(struct mars_server *s)
{
	server_tx_fini(s);
	for (unsigned i = 0; i < s->protos; i++) {
		struct mars_proto *p = s->proto[i];

		for (int k = bits_next(p->db.used, 0); k >= 0;
		     k = bits_next(p->db.used, (unsigned)k + 1))
			vc_detach(s, p, (unsigned)k);
		leaf_restart(s, p);
	}
	index_fini(&s->vcs, &s->counted);
	s->map_due = mtime_add(s->now, s->cfg.map_interval);
}

/* run_timers does what the members' timers are for, to a bounded number. */
static void
run_timers(struct mars_server *s, struct mars_proto *p, struct atm_out *out)
{
	for (unsigned i = 0; i < SERVER_PURGE && atm_out_room(out) > 0
	     && mtime_reached(timer_due(p), s->now); i++) {
		switch (db_member(&p->db, p->timers)->leaf) {
		case LEAF_WAITING:
			leaf_want(s, p, p->timers);
			break;
		case LEAF_UP:
			if (!leaf_depart(s, p, p->timers, out))
				old_forget(s, p, p->timers, out);
			break;
		default:
			if (!old_lost(s, p, p->timers, out))
				server_purge(s, p, p->timers);
			break;
		}
	}
}

static int
event(struct mars_server *s, const struct mars_server_ev *ev,
    struct atm_out *out)
{
	switch (ev->kind) {
	case MARS_SERVER_IND:
		return on_ind(s, ev->ind, out);
	case MARS_SERVER_MSG:
		return on_message(s, ev->ind, ev->msg, out);
	case MARS_SERVER_TIMER:
		return 0;
	case MARS_SERVER_START:
		s->map_due = mtime_add(s->now, s->cfg.map_interval);
		return 0;
	case MARS_SERVER_RESTART:
		restart(s);
		return 0;
	case MARS_SERVER_REDIRECT:
		return server_redirect(s, ev, out);
	case MARS_SERVER_FAR:
		return server_far(s, ev->far, out);
	case MARS_SERVER_ROLE:
		s->role = ev->role;
		return 0;
	}
	return 0;
}

int
mars_server_step(struct mars_server *s, struct mtime now,
    const struct mars_server_ev *ev, struct atm_out *out)
{
	int err;

	assert(atm_out_room(out) >= MARS_SERVER_OUT_MIN);
	s->now = now;
	server_map_skip(s);
	err = event(s, ev, out);
	server_map_timer(s, out);
	server_flush(s, out);
	for (unsigned i = 0; i < s->protos; i++) {
		server_steer(s, s->proto[i], out);
		run_timers(s, s->proto[i], out);
		leaf_pump(s, s->proto[i], out);
	}
	return err;
}

struct mtime
mars_server_deadline(const struct mars_server *s)
{
	struct mtime t = s->tx.n != 0 ? s->now : MTIME_NEVER;

	for (unsigned i = 0; i < s->protos; i++) {
		const struct mars_proto *p = s->proto[i];

		if (p->up != 0)
			t = mtime_min(t, s->map_due);
		if (p->want_head != 0 && p->state != CCVC_OPENING)
			t = mtime_min(t, s->now);
		t = mtime_min(t, timer_due(p));
		if (p->steer.us != 0)
			t = mtime_min(t, p->steer);
	}
	return t;
}

const struct mars_server_stats *
mars_server_stats(const struct mars_server *s)
{
	return &s->stats;
}

int
mars_server_find_proto(const struct mars_server *s, const struct l3_proto *pro)
{
	const struct mars_proto *p = find_proto(s, pro);

	return p != NULL ? (int)p->index : -1;
}
