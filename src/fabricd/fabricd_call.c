/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Messages from the kernel, one by one.  Each is about a socket that it names
 * by an opaque number; a socket that begins anew is not what we knew under that
 * number, and what we knew is over.
 */
#include "fabricd_call.h"

#include <errno.h>
#include <string.h>

#include "fabricd_int.h"
#include "marsh/base/err.h"

void
fab_call_defaults(struct fab_call_cfg *cfg)
{
	*cfg = (struct fab_call_cfg){
		.vci_first = ATM_NOT_RSV_VCI,
		.vci_last = ATM_MAX_VCI,
		.backlog = 128,
		.calls = 65536,
		.parties = 262144,
		.answer = MSPAN_SEC(10),
		.answer_far = MSPAN_SEC(15),
		.linger = MSPAN_MS(20),
	};
}

struct fab_call_ctl *
fab_call_new(const struct fab_call_cfg *cfg, const struct fab_sink *sink,
    struct fab_routes *routes, struct fab_switch *sw, const struct mem *mem)
{
	struct fab_call_ctl *c = mem_alloc(mem, sizeof(*c));

	if (c == NULL)
		return NULL;
	c->mem = mem;
	c->cfg = *cfg;
	c->sink = *sink;
	c->routes = routes;
	c->sw = sw;
	c->near.span = cfg->answer;
	c->far.span = cfg->answer_far;
	if (fab_vci_init(&c->vci, mem, cfg->vci_first, cfg->vci_last) == 0
	    && tab_init(&c->by_vcc, mem) == 0
	    && tab_init(&c->by_addr, mem) == 0
	    && tab_init(&c->by_down, mem) == 0
	    && tab_init(&c->by_up, mem) == 0)
		return c;
	fab_call_free(c);
	return NULL;
}

static void
mute_kernel(void *ctx, const struct atmsvc_msg *m)
{
	(void)ctx;
	(void)m;
}

static void
mute_trunk(void *ctx, uint32_t line, const struct fab_msg *m)
{
	(void)ctx;
	(void)line;
	(void)m;
}

void
fab_call_free(struct fab_call_ctl *c)
{
	if (c == NULL)
		return;
	c->sink = (struct fab_sink){ .kernel = mute_kernel,
		.trunk = mute_trunk };
	if (c->offering != NULL)
		fab_call_offered(c, c->now, 0);
	while (c->listener != NULL)
		fab_listen_close(c, c->listener, false);
	while (c->first != NULL) {
		struct fab_ep *e = c->first->ep;

		fab_root_end(c, c->first, ATM_CAUSE_NORMAL);
		if (e != NULL)
			fab_ep_free(c, e);
	}
	for (size_t i = 0; i < c->by_vcc.buckets; i++)
		while (c->by_vcc.bucket[i] != NULL)
			fab_ep_free(c, FAB_OF(fab_ep, by_vcc,
			    c->by_vcc.bucket[i]));
	if (c->vci.state != NULL)
		fab_vci_fini(&c->vci);
	mem_free(c->mem, c->calls_on, c->lines_cap * sizeof(*c->calls_on));
	tab_free(&c->by_vcc);
	tab_free(&c->by_addr);
	tab_free(&c->by_down);
	tab_free(&c->by_up);
	mem_free(c->mem, c, sizeof(*c));
}

/* gone ends what we know of |e|; |answer|: the kernel waits to hear that. */
static void
gone(struct fab_call_ctl *c, struct fab_ep *e, bool answer)
{
	struct fab_call *k = e->call;

	switch ((enum fab_ep_kind)e->kind) {
	case FAB_EP_LISTENER:
		fab_listen_close(c, e->listener, answer);
		return;
	case FAB_EP_LEAF:
		if (answer)
			fab_say_close(c, e->vcc, 0);
		(void)fab_party_event(c, e->party, ATM_PARTY_LEAVE,
		    ATM_CAUSE_NORMAL);
		return;
	case FAB_EP_ROOT:
		fab_root_end(c, k, ATM_CAUSE_NORMAL);
		break;
	case FAB_EP_CLOSING:
		answer = false; /* it was told, the kernel says that it heard */
		break;
	case FAB_EP_LINGER:
	case FAB_EP_NEW:
		break;
	}
	if (answer)
		fab_say_close(c, e->vcc, 0);
	fab_ep_free(c, e);
}

static void
stale(struct fab_call_ctl *c, atm_kptr_t vcc)
{
	struct fab_ep *e = fab_ep_find(c, vcc);

	if (e != NULL)
		gone(c, e, false);
}

/* bind answers as_bind; it keeps no state, as the kernel does not either. */
static void
bind_answer(struct fab_call_ctl *c, const struct atmsvc_msg *m)
{
	struct atm_addr a;
	int err = fab_addr_get(&m->svc, &a);

	if (err == MARSH_ENOENT && fab_routes_default(c->routes, &a))
		err = 0;
	if (err != 0
	    || fab_routes_find(c->routes, &a, FAB_NOWHERE) != FAB_HERE)
		fab_say_error(c, m->vcc, -EADDRNOTAVAIL);
	else
		fab_say_okay(c, m->vcc, &a);
}

/*
 * A socket that is closed and unknown may be older than this daemon, or have
 * been told as_error a moment ago: its close() waits all the same.
 */
static void
closed(struct fab_call_ctl *c, const struct atmsvc_msg *m)
{
	struct fab_ep *e = fab_ep_find(c, m->vcc);

	if (e != NULL)
		gone(c, e, true);
	else
		fab_say_close(c, m->vcc, 0);
}

static bool
named(atm_kptr_t vcc)
{
	static const atm_kptr_t none;

	return memcmp(&vcc, &none, sizeof(vcc)) != 0;
}

void
fab_call_kernel(struct fab_call_ctl *c, struct mtime now,
    const struct atmsvc_msg *m)
{
	c->now = now;
	if (m->type == as_itf_notify)
		return;
	if (m->type == as_reject) {
		fab_listen_reject(c, m);
		return;
	}
	if (!named(m->vcc)) {
		fab_say_bad(c, "kernel: message without socket", (int)m->type);
		return;
	}
	if (m->type == as_bind || m->type == as_listen
	    || m->type == as_connect || m->type == as_accept)
		stale(c, m->vcc);
	switch (m->type) {
	case as_bind: bind_answer(c, m); break;
	case as_listen: fab_listen(c, m); break;
	case as_connect: fab_root_connect(c, m); break;
	case as_accept: fab_listen_accept(c, m); break;
	case as_addparty: fab_root_add(c, m); break;
	case as_dropparty: fab_root_drop(c, m); break;
	case as_close: closed(c, m); break;
	case as_modify:
		fab_say_party(c, m->vcc, as_okay, -EOPNOTSUPP);
		break;
	default:
		fab_say_bad(c, "kernel: unknown message", (int)m->type);
		break;
	}
}

void
fab_call_idle(struct fab_call_ctl *c, struct mtime now)
{
	c->now = now;
	fab_root_notices(c);
}

bool
fab_call_open(struct fab_call_ctl *c, uint32_t vci)
{
	return fab_vci_open(&c->vci, vci);
}

bool
fab_call_close(struct fab_call_ctl *c, uint32_t vci)
{
	return fab_vci_close(&c->vci, vci);
}

bool
fab_call_waits(const struct fab_call_ctl *c, uint32_t vci)
{
	return fab_vci_waits(&c->vci, vci);
}

struct mtime
fab_call_due(const struct fab_call_ctl *c)
{
	struct mtime t = MTIME_NEVER;

	if (c->near.first != NULL)
		t = mtime_min(t, c->near.first->due);
	if (c->far.first != NULL)
		t = mtime_min(t, c->far.first->due);
	if (c->linger != NULL)
		t = mtime_min(t, c->linger->due);
	return t;
}

void
fab_call_expire(struct fab_call_ctl *c, struct mtime now)
{
	c->now = now;
	fab_party_expire(c);
	fab_ep_expire(c, false);
}
