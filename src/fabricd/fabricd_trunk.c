/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A trunk.  Invariants: an end is up only after it said HELLO to the other's
 * present number, so messages never arrive before the HELLO that lets them in;
 * message numbers count from 1 since then at both ends.
 */
#include "fabricd_trunk.h"

#include <string.h>

#include "fabricd_hello.h"
#include "fabricd_wire.h"
#include "marsh/base/err.h"
#include "marsh/base/rng.h"

#define HELLO_EVERY MSPAN_SEC(1)
#define DEAD_AFTER MSPAN_SEC(5)
#define QUEUE_CROWD (64u << 10) /* above: better send no more for now */
#define STUCK MSPAN_MS(200)     /* a channel that takes nothing so long */
#define QUEUE_DATA (256u << 10) /* above: frames are lost */
#define QUEUE_ALL (4u << 20)    /* above: the trunk breaks */

enum kind { HELLO = 1, MSG, DATA };

struct fab_trunk {
	uint32_t line;
	struct fab_trunk_ops ops;
	const struct mem *mem;
	struct rng rng;
	struct mtime now, hello_at, dead_at;
	uint32_t mine, theirs; /* numbers; theirs 0: not heard */
	bool up;
	uint32_t tx, rx; /* messages since up */
	struct fab_wire wire;
	struct mtime stuck_at; /* no frame until then: look for others */
	unsigned long frames;  /* whole ones when that was set */
	uint8_t *q; /* to be written */
	size_t q_at, q_n, q_cap;
	struct mtime moved; /* when some of it was, or it began */
	struct fab_route say[FAB_TRUNK_ROUTES], heard[FAB_TRUNK_ROUTES];
	size_t says, hears;
	struct fab_trunk_stats st;
};

static void
number(struct fab_trunk *t)
{
	t->mine = (uint32_t)rng_below(&t->rng, UINT32_MAX - 1) + 1;
}

struct fab_trunk *
fab_trunk_new(uint32_t line, uint64_t seed, const struct fab_trunk_ops *ops,
    const struct mem *mem)
{
	struct fab_trunk *t = mem_alloc(mem, sizeof(*t));

	if (t == NULL)
		return NULL;
	t->line = line;
	t->ops = *ops;
	t->mem = mem;
	rng_seed(&t->rng, seed);
	number(t);
	t->dead_at = MTIME_NEVER;
	if (fab_wire_init(&t->wire, mem) == 0)
		return t;
	mem_free(mem, t, sizeof(*t));
	return NULL;
}

void
fab_trunk_free(struct fab_trunk *t)
{
	if (t == NULL)
		return;
	fab_wire_fini(&t->wire);
	mem_free(t->mem, t->q, t->q_cap);
	mem_free(t->mem, t, sizeof(*t));
}

/* room returns where |n| octets can be put into the queue, or NULL. */
static uint8_t *
room(struct fab_trunk *t, size_t n)
{
	void *v = t->q;

	if (t->q_n + n > QUEUE_ALL)
		return NULL;
	if (t->q_at > 0 && t->q_at + t->q_n + n > t->q_cap) {
		memmove(t->q, t->q + t->q_at, t->q_n);
		t->q_at = 0;
	}
	if (mem_grow(t->mem, &v, &t->q_cap, t->q_at + t->q_n + n, 1) != 0)
		return NULL;
	t->q = v;
	return t->q + t->q_at + t->q_n;
}

/* send queues a frame of |kind| with |head| and |body|; false: no room. */
static bool
send(struct fab_trunk *t, enum kind kind, const uint8_t *head, size_t heads,
    const uint8_t *body, size_t n)
{
	size_t len = 1 + heads + n;
	uint8_t *b = room(t, FAB_WIRE_HEAD + len + FAB_WIRE_TAIL), *p;

	if (b == NULL)
		return false;
	fab_wire_head(b, len);
	if (t->q_n == 0)
		t->moved = t->now;
	p = b + FAB_WIRE_HEAD;
	p[0] = (uint8_t)kind;
	if (heads > 0)
		memcpy(p + 1, head, heads);
	if (n > 0)
		memcpy(p + 1 + heads, body, n);
	fab_wire_tail(p + len, fab_wire_crc(0, p, len));
	t->q_n += FAB_WIRE_HEAD + len + FAB_WIRE_TAIL;
	t->st.frames_out++;
	return true;
}

static void
hello(struct fab_trunk *t)
{
	struct fab_hello h;
	uint8_t b[FAB_HELLO_MAX];

	h.mine = t->mine;
	h.theirs = t->theirs;
	h.sent = t->tx;
	h.routes = t->says;
	if (t->says > 0)
		memcpy(h.route, t->say, t->says * sizeof(*t->say));
	/* On a channel that does not take them one HELLO is as good as ten. */
	if (t->q_n < QUEUE_DATA)
		(void)send(t, HELLO, b, fab_hello_put(&h, b), NULL, 0);
	t->hello_at = mtime_add(t->now, HELLO_EVERY);
}

/* lose ends what is between us; whoever comes next is somebody else. */
static void
lose(struct fab_trunk *t, const char *why)
{
	bool was = t->up;

	t->up = false;
	t->tx = t->rx = 0;
	if (t->hears > 0)
		t->ops.routes(t->ops.ctx, t->line, NULL, 0);
	t->hears = 0;
	if (was) {
		t->st.breaks++;
		t->ops.down(t->ops.ctx, t->line, why);
	}
}

/* renew is lose where the other end has to notice: we take a new number. */
static void
renew(struct fab_trunk *t, const char *why)
{
	lose(t, why);
	number(t);
	hello(t);
}

static void
routes_heard(struct fab_trunk *t, const struct fab_route *v, size_t n)
{
	bool same = n == t->hears;

	for (size_t i = 0; same && i < n; i++)
		same = v[i].hops == t->heard[i].hops
		    && memcmp(&v[i].p, &t->heard[i].p, sizeof(v[i].p)) == 0;
	if (same)
		return;
	if (n > 0)
		memcpy(t->heard, v, n * sizeof(*v));
	t->hears = n;
	t->ops.routes(t->ops.ctx, t->line, t->heard, n);
}

static void
hello_got(struct fab_trunk *t, const uint8_t *b, size_t n)
{
	struct fab_hello h;

	if (fab_hello_get(&h, b, n, t->line) != 0) {
		t->ops.bad(t->ops.ctx, "trunk: HELLO of another kind");
		return;
	}
	if (h.mine == t->mine) {
		t->ops.bad(t->ops.ctx, "trunk: hears itself");
		return;
	}
	t->dead_at = mtime_add(t->now, DEAD_AFTER);
	if (h.mine != t->theirs) {
		lose(t, "the other end began anew");
		t->theirs = h.mine;
		hello(t);
	}
	if (h.theirs != t->mine) {
		if (t->up)
			lose(t, "the other end lost us");
		return;
	}
	if (!t->up) {
		t->up = true;
		t->tx = t->rx = 0;
		hello(t);
		t->ops.up(t->ops.ctx, t->line);
	} else if (h.sent != t->rx) {
		renew(t, "a message was lost");
		return;
	}
	routes_heard(t, h.route, h.routes);
}

static void
msg_got(struct fab_trunk *t, const uint8_t *b, size_t n)
{
	struct fab_msg m;

	if (!t->up)
		return; /* said to whom we were before */
	if (n < 4 || fab_wire_get32(b) != t->rx + 1) {
		renew(t, "a message was lost");
		return;
	}
	t->rx++;
	if (fab_msg_get(&m, b + 4, n - 4) != 0) {
		t->ops.bad(t->ops.ctx, "trunk: malformed message");
		return;
	}
	t->ops.msg(t->ops.ctx, t->line, &m);
}

/* Label and length stand as in an ATMTCP header, the label as VPI and VCI. */
static void
data_got(struct fab_trunk *t, const uint8_t *b, size_t n)
{
	if (!t->up)
		return;
	if (n < 8 || fab_wire_get32(b + 4) != n - 8 || n - 8 > 65535) {
		t->ops.bad(t->ops.ctx, "trunk: malformed frame");
		return;
	}
	t->ops.data(t->ops.ctx, t->line, fab_wire_get32(b), b + 8, n - 8);
}

static void
got(void *ctx, const uint8_t *b, size_t n)
{
	struct fab_trunk *t = ctx;

	if (n == 0)
		return;
	switch (b[0]) {
	case HELLO: hello_got(t, b + 1, n - 1); break;
	case MSG: msg_got(t, b + 1, n - 1); break;
	case DATA: data_got(t, b + 1, n - 1); break;
	default: t->ops.bad(t->ops.ctx, "trunk: unknown frame"); break;
	}
}

void
fab_trunk_in(struct fab_trunk *t, struct mtime now, const uint8_t *b, size_t n)
{
	t->now = now;
	fab_wire_in(&t->wire, b, n, got, t);
}

const uint8_t *
fab_trunk_out(const struct fab_trunk *t, size_t *n)
{
	*n = t->q_n;
	return t->q_n == 0 ? NULL : t->q + t->q_at;
}

void
fab_trunk_sent(struct fab_trunk *t, size_t n)
{
	t->q_at += n;
	t->q_n -= n;
	if (n > 0)
		t->moved = t->now;
	if (t->q_n == 0)
		t->q_at = 0;
}

void
fab_trunk_cut(struct fab_trunk *t)
{
	fab_wire_clear(&t->wire);
	t->q_at = t->q_n = 0;
	t->theirs = 0;
	t->dead_at = MTIME_NEVER;
	renew(t, "the channel broke");
	t->q_at = t->q_n = 0;
	t->hello_at = t->now;
}

void
fab_trunk_msg(struct fab_trunk *t, const struct fab_msg *m)
{
	uint8_t seq[4], b[FAB_MSG_MAX];
	size_t n = fab_msg_put(m, b);

	if (!t->up)
		return;
	fab_wire_put32(seq, t->tx + 1);
	t->tx++;
	/* What finds no room is missed by the other end, which then breaks. */
	(void)send(t, MSG, seq, sizeof(seq), b, n);
}

bool
fab_trunk_data(struct fab_trunk *t, uint32_t label, const uint8_t *sdu,
    size_t n)
{
	uint8_t head[8];

	fab_wire_put32(head, label);
	fab_wire_put32(head + 4, (uint32_t)n);
	if (t->up && t->q_n < QUEUE_DATA
	    && send(t, DATA, head, sizeof(head), sdu, n))
		return true;
	t->st.lost++;
	return false;
}

void
fab_trunk_announce(struct fab_trunk *t, const struct fab_route *v, size_t n)
{
	if (n > FAB_TRUNK_ROUTES)
		n = FAB_TRUNK_ROUTES;
	if (n > 0)
		memcpy(t->say, v, n * sizeof(*v));
	t->says = n;
	t->hello_at = t->now; /* at once */
}

/* unstick lets no noise that looks like a long frame keep us from others. */
static void
unstick(struct fab_trunk *t)
{
	if (t->wire.n == 0 || t->wire.frames != t->frames) {
		t->frames = t->wire.frames;
		t->stuck_at = mtime_add(t->now, DEAD_AFTER);
	} else if (mtime_reached(t->stuck_at, t->now)) {
		fab_wire_resync(&t->wire, got, t);
	}
}

struct mtime
fab_trunk_due(const struct fab_trunk *t)
{
	return mtime_min(t->hello_at, t->dead_at);
}

void
fab_trunk_tick(struct fab_trunk *t, struct mtime now)
{
	t->now = now;
	unstick(t);
	if (mtime_reached(t->dead_at, now)) {
		t->dead_at = MTIME_NEVER;
		t->theirs = 0;
		renew(t, "nothing heard");
	}
	if (mtime_reached(t->hello_at, now))
		hello(t);
}

bool
fab_trunk_crowded(const struct fab_trunk *t)
{
	return t->up && t->q_n >= QUEUE_CROWD
	    && mtime_sub(t->now, t->moved).us < STUCK.us;
}

bool
fab_trunk_is_up(const struct fab_trunk *t)
{
	return t->up;
}

void
fab_trunk_stat(const struct fab_trunk *t, struct fab_trunk_stats *s)
{
	*s = t->st;
	s->frames_in = t->wire.frames;
	s->skipped = t->wire.skipped;
	s->queued = t->q_n;
}
