/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Multicast packets: RFC 2022 sections 5.1, 5.1.5 and 5.5.  Sent in Type #1
 * with the CMI of the moment; received in Type #1, where our own CMI means a
 * reflection, and in Type #2.  Packets for groups not joined here may come over
 * a shared VC and are discarded (5.1.3).
 */
#include "mars_client_int.h"

#include "marsh/base/cur.h"

static struct frame *
wrap(struct mars_client *c, const struct mars_client_ev *ev)
{
	size_t hdr = snap_type1_len(&c->pro);
	struct frame *f = frame_new(c->mem, hdr + ev->len);

	if (f == NULL)
		return NULL;
	snap_type1(f->bytes, &c->pro, c->cmi);
	if (ev->len > 0)
		memcpy(f->bytes + hdr, ev->packet, ev->len);
	f->len = (uint32_t)(hdr + ev->len);
	return f;
}

static void
emit(struct mars_client *c, struct mtime now, struct path *p,
    struct frame *f, struct atm_out *out)
{
	atm_out_push(out, ATM_SEND, p->vc)->frame = f;
	p->used = now;
	p->packets++;
	c->stats.data_tx++;
}

/* client_data_flush sends what waited for the VC of |p|. */
void
client_data_flush(struct mars_client *c, struct mtime now, struct path *p,
    struct atm_out *out)
{
	if (p->state != MARS_PATH_UP)
		return;
	while (p->pend_n > 0 && atm_out_room(out) > 0) {
		struct frame *f = p->pend[p->pend_head];

		p->pend_head = (p->pend_head + 1) % c->cfg.pending_max;
		p->pend_n--;
		snap_type1(f->bytes, &c->pro, c->cmi); /* it may be new */
		emit(c, now, p, f, out);
	}
	if (p->pend_n == 0)
		client_path_drop_pending(c, now, p, MARS_CLIENT_DROP_COUNT);
}

static int
keep(struct mars_client *c, struct mtime now, struct path *p,
    const struct mars_client_ev *ev)
{
	struct frame *f;

	if (p->pend_n == c->cfg.pending_max) {
		client_drop(c, now, 0, MARS_CLIENT_DROP_QUEUE);
		return 0;
	}
	if (p->pend == NULL)
		p->pend = mem_alloc(c->mem,
		    c->cfg.pending_max * sizeof(*p->pend));
	if (p->pend == NULL || (f = wrap(c, ev)) == NULL)
		return MARSH_ENOMEM;
	p->pend[(p->pend_head + p->pend_n++) % c->cfg.pending_max] = f;
	return 0;
}

/* No path yet: the packet waits, and asks (5.1). */
static int
first(struct mars_client *c, struct mtime now, const struct mars_client_ev *ev)
{
	struct path *p;
	int rc = client_path_new(c, &ev->range.min, &p);

	if (rc != 0)
		return rc;
	if ((rc = keep(c, now, p, ev)) != 0) {
		client_path_free(c, p);
		return rc;
	}
	client_path_go(c, now, p, MARS_PATH_ASKING);
	client_ask_start(c, p);
	return 0;
}

static void
revalidate(struct mars_client *c, struct path *p)
{
	if (p->reval && p->ask.st == XACT_OFF
	    && c->state == MARS_CLIENT_REGISTERED)
		client_ask_start(c, p);
}

/* The packet goes first, then the question whether its leaves are right. */
static int
direct(struct mars_client *c, struct mtime now, struct path *p,
    const struct mars_client_ev *ev, struct atm_out *out)
{
	struct frame *f = wrap(c, ev);

	if (f == NULL)
		return MARSH_ENOMEM;
	emit(c, now, p, f, out);
	revalidate(c, p);
	return 0;
}

/* client_send sends one packet to a group, joined here or not. */
int
client_send(struct mars_client *c, struct mtime now,
    const struct mars_client_ev *ev, struct atm_out *out)
{
	struct l3_range r = { ev->range.min, ev->range.min };
	struct path *p;

	if (client_range_ok(c, &r) != 0 || ev->len > c->cfg.mtu)
		return MARSH_EINVAL;
	if (!client_active(c))
		return MARSH_ESTATE;
	p = client_path_find(c, &ev->range.min);
	if (p == NULL)
		return first(c, now, ev);
	if (p->state == MARS_PATH_UP && p->pend_n == 0)
		return direct(c, now, p, ev, out);
	if (p->state == MARS_PATH_HELD) {
		client_drop(c, now, 0, MARS_CLIENT_DROP_HOLD_DOWN);
	} else if (p->state == MARS_PATH_OPENING && p->vcst == VC_NONE
	    && p->count[LEAF_WANT] == 0) {
		client_drop(c, now, 0, MARS_CLIENT_DROP_NO_PATH);
		revalidate(c, p);
	} else {
		return keep(c, now, p, ev);
	}
	return 0;
}

/* 00-00-00-tt-tt in long form is EtherType tt-tt (5.5.1, MARS-156). */
static struct l3_proto
plain(const struct l3_proto *pro)
{
	static const uint8_t oui[3];

	if (pro->type != L3_PROTO_LONG || memcmp(pro->snap, oui, 3) != 0)
		return *pro;
	return (struct l3_proto){
	    .type = (uint16_t)(pro->snap[3] << 8 | pro->snap[4]) };
}

/* The group a packet is for, where its header is one we know. */
static bool
group_of(const struct mars_client *c, const struct snap *s, struct l3_addr *g)
{
	const uint8_t *b = s->body;

	if (c->pro.type == 0x0800 && s->len >= 20 && b[0] >> 4 == 4)
		return l3_addr_set(g, b + 16, 4) == 0 && g->b[0] >> 4 == 14;
	if (c->pro.type == 0x86dd && s->len >= 40 && b[0] >> 4 == 6)
		return l3_addr_set(g, b + 24, 16) == 0 && g->b[0] == 0xff;
	return false;
}

static void
data(struct mars_client *c, struct mtime now, const struct snap *s,
    struct mars_client_up *up)
{
	struct l3_proto pro = plain(&s->pro);
	struct l3_addr g;

	if (!l3_proto_equal(&pro, &c->pro)) {
		client_drop(c, now, 0, MARS_CLIENT_DROP_PROTOCOL);
		return;
	}
	up->packet = s->body;
	up->len = s->len;
	if (s->kind == SNAP_TYPE1 && s->cmi == c->cmi && c->cmi != 0) {
		up->reflected = true;
		client_drop(c, now, 0, MARS_CLIENT_DROP_REFLECTED);
	} else if (group_of(c, s, &g) && !client_joined(c, &g)) {
		up->unjoined = true;
		client_drop(c, now, 0, MARS_CLIENT_DROP_UNJOINED);
	} else {
		c->stats.data_rx++;
	}
}

/* client_receive takes one AAL5 SDU apart. */
int
client_receive(struct mars_client *c, struct mtime now,
    const struct atm_ind *ind, struct mars_client_up *up)
{
	const struct frame *f = ind->frame;
	struct mars_decode_err err;
	struct mars_msg m;
	struct snap s;

	if (snap_decode(f->bytes, f->len, &s, NULL, NULL) != 0) {
		client_drop(c, now, 0, MARS_CLIENT_DROP_MALFORMED);
		return 0;
	}
	if (s.kind == SNAP_TYPE1 || s.kind == SNAP_TYPE2) {
		data(c, now, &s, up);
		return 0;
	}
	if (s.kind != SNAP_MARS) {
		client_drop(c, now, 0, MARS_CLIENT_DROP_NOT_MARS);
		return 0;
	}
	if (mars_decode(s.body, s.len, c->cfg.verify, &m, &err) != 0) {
		c->stats.bad[err.bad]++;
		client_drop(c, now, snap_peek_op(f->bytes, f->len),
		    MARS_CLIENT_DROP_MALFORMED);
		return 0;
	}
	return client_msg(c, now, ind->ref, &m);
}
