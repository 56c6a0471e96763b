/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Flows: numbered packets, and what became of each at each receiver.  A packet
 * is expected by every client that was a confirmed member of the group when it
 * was sent; what was expected and has not come within GRACE is lost.  A window
 * of the newest WINDOW packets tells duplicates and what is still on its way.
 */
#include <assert.h>
#include <string.h>

#include "marsh/base/cur.h"
#include "marsh/base/err.h"
#include "node/world_int.h"

#define WINDOW 8192
#define GRACE MSPAN_SEC(1)
#define MAGIC 0x4d415253u /* "MARS" */

struct flow_rx {
	node_id to;
	bool intended;
	uint64_t expected, hit, received, dup, refl;
	uint64_t *exp, *got; /* bits by packet number modulo WINDOW */
};

struct flow {
	flow_id id;
	node_id from;
	struct l3_addr group;
	double pps;
	struct mtime base; /* packet k of this rate goes out at base + k/pps */
	uint64_t k;
	uint32_t generation; /* of the rate; older ticks are stale */
	uint64_t sent;       /* number of the newest packet */
	struct mtime *when;  /* WINDOW of them: when packets were sent */
	uint64_t counted;    /* packets up to this number no longer count */
	uint64_t version;    /* of the set of intended receivers */
	struct flow_rx *rx;  /* by node number */
	size_t rx_n, rx_cap;
};

void
flow_free_all(struct world *w)
{
	for (size_t i = 0; i < w->flows; i++) {
		struct flow *f = w->flow[i];

		for (size_t j = 0; j < f->rx_n; j++)
			mem_free(w->mem, f->rx[j].exp, WINDOW / 4);
		mem_free(w->mem, f->rx, f->rx_cap * sizeof(*f->rx));
		mem_free(w->mem, f->when, WINDOW * sizeof(*f->when));
		mem_free(w->mem, f, sizeof(*f));
	}
	mem_free(w->mem, w->flow, w->flow_cap * sizeof(*w->flow));
	w->flow = NULL;
	w->flows = w->flow_cap = 0;
}

/* Both windows are one allocation of WINDOW / 4 octets. */
static struct flow_rx *
rx_find(struct world *w, struct flow *f, node_id to, bool make)
{
	size_t lo = 0, hi = f->rx_n;
	void *vec = f->rx;
	uint64_t *bits;

	while (lo < hi) {
		size_t mid = (lo + hi) / 2;

		if (f->rx[mid].to < to)
			lo = mid + 1;
		else
			hi = mid;
	}
	if (lo < f->rx_n && f->rx[lo].to == to)
		return &f->rx[lo];
	if (!make
	    || mem_grow(w->mem, &vec, &f->rx_cap, f->rx_n + 1, sizeof(*f->rx))
		!= 0)
		return NULL;
	f->rx = vec;
	bits = mem_alloc(w->mem, WINDOW / 4);
	if (bits == NULL)
		return NULL;
	memmove(&f->rx[lo + 1], &f->rx[lo], (f->rx_n - lo) * sizeof(*f->rx));
	f->rx_n++;
	f->rx[lo] = (struct flow_rx){ .to = to, .exp = bits,
		.got = bits + WINDOW / 64 };
	return &f->rx[lo];
}

static void
bit_put(uint64_t *bits, uint64_t seq, bool on)
{
	uint64_t mask = UINT64_C(1) << (seq % 64);

	if (on)
		bits[seq % WINDOW / 64] |= mask;
	else
		bits[seq % WINDOW / 64] &= ~mask;
}

static bool
bit_get(const uint64_t *bits, uint64_t seq)
{
	return bits[seq % WINDOW / 64] >> (seq % 64) & 1;
}

/* ---- rate -------------------------------------------------------------- */

static uint64_t
tick_token(const struct flow *f)
{
	return TOKEN_FLOW | (uint64_t)(f->generation & 0x7fffffff) << 32 | f->id;
}

static int
tick_next(struct world *w, struct flow *f)
{
	struct mspan d = { (int64_t)((double)f->k * 1e6 / f->pps) };

	return world_timer_push(w, mtime_add(f->base, d), tick_token(f));
}

void
flow_tick(struct world *w, uint64_t token)
{
	flow_id id = (flow_id)(token & 0xffffffffu);
	struct flow *f = w->flow[id - 1];

	if (token >> 32 != (f->generation & 0x7fffffff) || f->pps <= 0)
		return;
	f->k++;
	(void)tick_next(w, f);
	(void)node_send(w, f->from, &f->group, NULL, 0);
}

static struct flow *
flow_make(struct world *w, node_id n, const struct l3_addr *g)
{
	void *vec = w->flow;
	struct flow *f;

	if (mem_grow(w->mem, &vec, &w->flow_cap, w->flows + 1,
		sizeof(*w->flow)) != 0)
		return NULL;
	w->flow = vec;
	f = mem_alloc(w->mem, sizeof(*f));
	if (f == NULL)
		return NULL;
	f->when = mem_alloc(w->mem, WINDOW * sizeof(*f->when));
	if (f->when == NULL) {
		mem_free(w->mem, f, sizeof(*f));
		return NULL;
	}
	f->from = n;
	f->group = *g;
	w->flow[w->flows++] = f;
	f->id = (flow_id)w->flows;
	f->version = UINT64_MAX;
	return f;
}

int
world_flow(struct world *w, node_id n, const struct l3_addr *g, double pps)
{
	struct flow *f = NULL;

	if (!world_valid(w, n) || world_node(w, n)->kind != NODE_CLIENT)
		return MARSH_EINVAL;
	for (size_t i = 0; i < w->flows && f == NULL; i++)
		if (w->flow[i]->from == n
		    && l3_addr_cmp(&w->flow[i]->group, g) == 0)
			f = w->flow[i];
	if (f == NULL && (f = flow_make(w, n, g)) == NULL)
		return MARSH_ENOMEM;
	if (pps >= 0 && pps != f->pps) {
		f->pps = pps;
		f->generation++;
		f->base = world_now(w);
		f->k = 0;
		if (pps > 0 && tick_next(w, f) != 0)
			return MARSH_ENOMEM;
	}
	return (int)f->id;
}

/* ---- packets ----------------------------------------------------------- */

static uint16_t
ip_sum(const uint8_t *b, size_t n, uint32_t s)
{
	for (size_t i = 0; i < n; i++)
		s += i % 2 ? b[i] : (uint32_t)b[i] << 8;
	while (s >> 16)
		s = (s & 0xffff) + (s >> 16);
	return (uint16_t)~s;
}

static void
put_udp(struct wr *o, size_t len)
{
	wr_u16(o, 2022);
	wr_u16(o, 2022);
	wr_u16(o, (uint16_t)(8 + len));
	wr_u16(o, 0); /* no checksum, or one that put_sum writes */
}

/* IP and UDP in front, so that any analyser can read a capture. */
static void
put_ipv4(struct wr *o, const struct node *n, const struct l3_addr *g,
    size_t len)
{
	uint8_t *ip = o->p;
	uint16_t sum;

	wr_u16(o, 0x4500);
	wr_u16(o, (uint16_t)(28 + len));
	wr_u32(o, 0);
	wr_u16(o, 0x1011); /* TTL 16, UDP */
	wr_u16(o, 0);
	wr_bytes(o, n->spa.b, 4);
	wr_bytes(o, g->b, 4);
	if (o->full)
		return;
	sum = ip_sum(ip, 20, 0);
	ip[10] = (uint8_t)(sum >> 8);
	ip[11] = (uint8_t)sum;
	put_udp(o, len);
}

static void
put_ipv6(struct wr *o, const struct node *n, const struct l3_addr *g,
    size_t len)
{
	wr_u32(o, 0x60000000);
	wr_u16(o, (uint16_t)(8 + len));
	wr_u16(o, 0x1110); /* UDP, hop limit 16 */
	wr_bytes(o, n->spa.b, 16);
	wr_bytes(o, g->b, 16);
	put_udp(o, len);
}

/* Over IPv6 a UDP checksum is a must; |b| is the packet of |len| octets. */
static void
put_sum(uint8_t *b, size_t len)
{
	uint16_t sum = ip_sum(b + 8, len - 8, (uint32_t)(len - 40) + 17);

	sum = sum != 0 ? sum : 0xffff;
	b[46] = (uint8_t)(sum >> 8);
	b[47] = (uint8_t)sum;
}

enum ip { IP_NONE, IP_4, IP_6 };

/* put_ip puts the headers that the node's protocol asks for in front. */
static enum ip
put_ip(struct wr *o, const struct node *n, const struct l3_addr *g, size_t len)
{
	unsigned type = n->ccfg.pro.type;

	if (type == 0x0800 && g->len == 4 && n->spa.len == 4) {
		put_ipv4(o, n, g, len);
		return IP_4;
	}
	if (type == 0x86dd && g->len == 16 && n->spa.len == 16) {
		put_ipv6(o, n, g, len);
		return IP_6;
	}
	return IP_NONE;
}

size_t
flow_packet(struct world *w, struct node *n, const struct l3_addr *g,
    const void *payload, size_t len, uint8_t *buf, size_t cap)
{
	struct wr o;
	enum ip ip;
	int id;

	wr_init(&o, buf, cap);
	ip = put_ip(&o, n, g, payload ? len : FLOW_PAYLOAD);
	if (payload != NULL)
		wr_bytes(&o, payload, len);
	else {
		id = world_flow(w, n->id, g, -1);
		if (id <= 0)
			return 0;
		wr_u32(&o, MAGIC);
		wr_u32(&o, (uint32_t)id);
		wr_u32(&o, heard_mark(w));
		wr_u32(&o, (uint32_t)(w->flow[id - 1]->sent + 1));
	}
	if (o.full)
		return 0;
	if (ip == IP_6)
		put_sum(buf, wr_len(&o));
	return wr_len(&o);
}

static bool
joined(const struct mars_client *c, const struct l3_addr *g)
{
	struct l3_range r;
	bool confirmed;

	for (size_t i = 0; mars_client_next_joined(c, i, &r, &confirmed); i++)
		if (confirmed && r.min.len == g->len && l3_range_has(&r, g))
			return true;
	return false;
}

static void
find_receivers(struct world *w, struct flow *f)
{
	if (f->version == w->joined_version)
		return;
	f->version = w->joined_version;
	for (size_t i = 0; i < f->rx_n; i++)
		f->rx[i].intended = false;
	for (size_t i = 0; i < w->nodes; i++) {
		struct node *n = w->node[i];
		struct flow_rx *rx;

		if (n->id != f->from && n->state == NODE_UP
		    && n->client != NULL && joined(n->client, &f->group)
		    && (rx = rx_find(w, f, n->id, true)) != NULL)
			rx->intended = true;
	}
}

void
flow_sent(struct world *w, flow_id id)
{
	struct flow *f = w->flow[id - 1];

	find_receivers(w, f);
	f->sent++;
	f->when[f->sent % WINDOW] = world_now(w);
	for (size_t i = 0; i < f->rx_n; i++) {
		struct flow_rx *rx = &f->rx[i];

		bit_put(rx->got, f->sent, false);
		bit_put(rx->exp, f->sent, rx->intended);
		rx->expected += rx->intended;
	}
}

void
flow_receive(struct world *w, struct node *n, const struct mars_client_up *up)
{
	struct flow_rx *rx;
	struct flow *f;
	struct rd r;
	uint32_t id, mark;
	uint64_t seq;

	if (up->len < FLOW_PAYLOAD || up->unjoined)
		return;
	rd_init(&r, up->packet + up->len - FLOW_PAYLOAD, FLOW_PAYLOAD);
	if (rd_u32(&r, "magic") != MAGIC)
		return;
	id = rd_u32(&r, "flow");
	mark = rd_u32(&r, "mark");
	seq = rd_u32(&r, "number");
	if (mark != heard_mark(w)) {
		if (!up->reflected)
			heard_packet(w, n, mark, id, (uint32_t)seq, up);
		return;
	}
	if (id == 0 || id > w->flows)
		return;
	f = w->flow[id - 1];
	if (seq <= f->counted || seq > f->sent || f->sent - seq >= WINDOW
	    || (rx = rx_find(w, f, n->id, true)) == NULL)
		return;
	if (up->reflected)
		rx->refl++;
	else if (bit_get(rx->got, seq))
		rx->dup++;
	else {
		bit_put(rx->got, seq, true);
		rx->received++;
		rx->hit += bit_get(rx->exp, seq);
	}
}

/* ---- reading ----------------------------------------------------------- */

flow_id
world_flows(const struct world *w)
{
	return (flow_id)w->flows;
}

/* Packets that |rx| expects and that may still come. */
static uint64_t
on_their_way(const struct world *w, const struct flow *f,
    const struct flow_rx *rx)
{
	int64_t due = world_now(w).us - GRACE.us;
	uint64_t n = 0;

	for (uint64_t seq = f->sent; seq > f->counted && f->sent - seq < WINDOW
	     && f->when[seq % WINDOW].us > due; seq--)
		n += bit_get(rx->exp, seq) && !bit_get(rx->got, seq);
	return n;
}

bool
flow_rx(const struct world *w, flow_id id, size_t i, struct flow_rx_info *info)
{
	const struct flow_rx *rx;
	const struct flow *f;

	if (id == 0 || id > w->flows || i >= w->flow[id - 1]->rx_n)
		return false;
	f = w->flow[id - 1];
	rx = &f->rx[i];
	*info = (struct flow_rx_info){ rx->to, rx->expected, rx->received,
		rx->expected - rx->hit - on_their_way(w, f, rx), rx->dup,
		rx->refl };
	return true;
}

bool
flow_get(const struct world *w, flow_id id, struct flow_info *info)
{
	struct flow_rx_info rx;
	const struct flow *f;

	if (id == 0 || id > w->flows)
		return false;
	f = w->flow[id - 1];
	*info = (struct flow_info){ .id = id, .from = f->from,
		.group = f->group, .pps = f->pps,
		.sent = f->sent - f->counted };
	for (size_t i = 0; flow_rx(w, id, i, &rx); i++) {
		info->expected += rx.expected;
		info->received += rx.received;
		info->lost += rx.lost;
		info->dup += rx.dup;
		info->refl += rx.refl;
	}
	return true;
}

/* Packets still on their way are forgotten with the rest. */
void
flow_reset(struct world *w, flow_id id)
{
	struct flow *f = w->flow[id - 1];

	f->counted = f->sent;
	for (size_t i = 0; i < f->rx_n; i++) {
		struct flow_rx *rx = &f->rx[i];

		rx->expected = rx->hit = rx->received = rx->dup = rx->refl = 0;
	}
}
