/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Where a decoded control message goes, after the two questions asked of each:
 * is it of this interface's protocol (RFC 2022 sections 6.3 and 9), and did it
 * come over a VC between us and the current MARS (5.2, 5.4.3)?
 */
#include "mars_client_int.h"

static bool
from_us(const struct mars_client *c, const struct mars_msg *m)
{
	struct atm_addr a;

	return mars_src(m, &a) == 0 && atm_addr_equal(&a, &c->cfg.addr);
}

/* A registration copy: ours, valid, and with a CMI unless we leave. */
static bool
reg_copy(const struct mars_client *c, const struct mars_msg *m, bool leaving)
{
	return m->op == (leaving ? MARS_LEAVE : MARS_JOIN)
	    && (m->flags & ~MARS_FLAG_LAYER3GRP)
	    == (MARS_FLAG_REGISTER | MARS_FLAG_COPY)
	    && m->pnum == 0 && (m->cmi != 0 || leaving) && from_us(c, m);
}

static void
join_leave(struct mars_client *c, struct mtime now, const struct mars_msg *m,
    bool priv)
{
	if (!(m->flags & MARS_FLAG_COPY)) {
		/* copy clear is for a MARS (5.2.1) */
		client_drop(c, now, m->op, MARS_CLIENT_DROP_UNEXPECTED);
	} else if (client_xact_open(&c->reg) && reg_copy(c, m, c->leaving)) {
		client_reg_copy(c, now, m->cmi, m->msn);
	} else {
		client_track(c, now, m, priv);
	}
}

static int
map(struct mars_client *c, struct mtime now, const struct mars_msg *m,
    bool priv)
{
	uint32_t hsn = c->hsn, heard = c->heard;
	bool jump = client_seq(c, m->msn, priv);
	int rc = client_map_msg(c, now, m);

	if (rc != 0) {
		c->hsn = hsn;
		c->heard = heard;
	} else if (jump)
		client_seq_jump(c, now, NULL);
	return rc;
}

/* Replies come over the VC we asked on, and to us (5.1.2). */
static int
reply(struct mars_client *c, struct mtime now, const struct mars_msg *m,
    bool priv)
{
	if (!priv || !from_us(c, m)) {
		client_drop(c, now, m->op, MARS_CLIENT_DROP_UNEXPECTED);
		return 0;
	}
	if (m->op == MARS_MULTI)
		return client_ask_multi(c, now, m);
	if (m->op == MARS_GROUPLIST_REPLY)
		return client_glist_reply(c, now, m);
	client_ask_nak(c, now, m);
	return 0;
}

/* Over the VC of a soft redirect only the registration copy counts. */
static void
soft(struct mars_client *c, struct mtime now, const struct mars_msg *m)
{
	if (client_xact_open(&c->soft.x) && reg_copy(c, m, false)) {
		c->stats.rx[m->op]++;
		client_soft_copy(c, now, m->cmi, m->msn);
	} else {
		client_drop(c, now, m->op, m->op == MARS_REDIRECT_MAP
		    ? MARS_CLIENT_DROP_UNTRUSTED
		    : MARS_CLIENT_DROP_UNEXPECTED);
	}
}

static int
dispatch(struct mars_client *c, struct mtime now, const struct mars_msg *m,
    bool priv)
{
	c->stats.rx[m->op]++;
	switch (m->op) {
	case MARS_JOIN:
	case MARS_LEAVE:
		join_leave(c, now, m, priv);
		return 0;
	case MARS_MULTI:
	case MARS_NAK:
	case MARS_GROUPLIST_REPLY:
		return reply(c, now, m, priv);
	case MARS_REDIRECT_MAP:
		return map(c, now, m, priv);
	case MARS_MIGRATE:
		return client_migrate(c, now, m);
	default:
		client_drop(c, now, m->op, MARS_CLIENT_DROP_UNEXPECTED);
		return 0;
	}
}

/* client_msg takes the message |m| that came on |ref|. */
int
client_msg(struct mars_client *c, struct mtime now, atm_ref ref,
    const struct mars_msg *m)
{
	bool priv = ref == c->pp.ref && c->pp.st == PP_UP;

	if (!l3_proto_equal(&m->pro, &c->pro)) {
		client_drop(c, now, m->op, MARS_CLIENT_DROP_PROTOCOL);
		return 0;
	}
	if (ref != 0 && ref == c->soft.pp.ref) {
		soft(c, now, m);
		return 0;
	}
	if (ref == 0 || (!priv && !client_ctl_trusted(c, ref))) {
		client_drop(c, now, m->op, m->op == MARS_REDIRECT_MAP
		    ? MARS_CLIENT_DROP_UNTRUSTED
		    : MARS_CLIENT_DROP_UNEXPECTED);
		return 0;
	}
	if (priv)
		c->pp_used = now;
	return dispatch(c, now, m, priv);
}

/*
 * client_msg_quick handles what every member of a large cluster hears all the
 * time and hardly any is concerned by; false: it takes the long way.
 */
bool
client_msg_quick(struct mars_client *c, struct mtime now,
    const struct mars_client_ev *ev)
{
	const struct mars_msg *m = ev->msg;

	if (ev->ind->ref != c->ccvc || c->waiting != 0 || c->backlog
	    || c->ccvc == 0 || m->pro.type != c->pro.type
	    || m->pro.type == L3_PROTO_LONG || m->msn - c->hsn > 1
	    || m->msn - c->heard > 1)
		return false;
	if (m->op == MARS_JOIN || m->op == MARS_LEAVE) {
		if (!(m->flags & MARS_FLAG_COPY) || client_track_touches(c, m))
			return false;
	} else if (m->op != MARS_REDIRECT_MAP || !client_map_same(c, m)) {
		return false;
	} else {
		c->map_seen = now;
	}
	c->hsn = c->heard = m->msn;
	c->stats.rx[m->op]++;
	return true;
}
