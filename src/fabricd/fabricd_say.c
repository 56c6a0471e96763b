/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What call control says: to the kernel's sockets, to other switches, and to
 * whoever watches.  Which fields of an answer the kernel reads stands in its
 * net/atm/signaling.c, sigd_send().
 */
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include "fabricd_int.h"
#include "marsh/atm/atm_errno.h"

static void
start(struct atmsvc_msg *m, enum atmsvc_msg_type type, atm_kptr_t vcc)
{
	memset(m, 0, sizeof(*m));
	m->type = type;
	m->vcc = vcc;
}

static void
pvc(const struct fab_call_ctl *c, struct atmsvc_msg *m, uint32_t vci)
{
	m->pvc.sap_family = AF_ATMPVC;
	m->pvc.sap_addr.itf = (short)c->cfg.itf;
	m->pvc.sap_addr.vci = (int)vci;
}

void
fab_say_okay(struct fab_call_ctl *c, atm_kptr_t vcc,
    const struct atm_addr *local)
{
	struct atmsvc_msg m;

	start(&m, as_okay, vcc);
	if (local != NULL)
		m.local = fab_addr_put(local);
	c->sink.kernel(c->sink.ctx, &m);
}

/* |err| is negative; the kernel forgets what it had registered. */
void
fab_say_error(struct fab_call_ctl *c, atm_kptr_t vcc, int err)
{
	struct atmsvc_msg m;

	start(&m, as_error, vcc);
	m.reply = err;
	c->sink.kernel(c->sink.ctx, &m);
}

void
fab_say_close(struct fab_call_ctl *c, atm_kptr_t vcc, int err)
{
	struct atmsvc_msg m;

	start(&m, as_close, vcc);
	m.reply = err;
	c->sink.kernel(c->sink.ctx, &m);
}

void
fab_say_connected(struct fab_call_ctl *c, const struct fab_call *k)
{
	struct atmsvc_msg m;

	start(&m, as_okay, k->ep->vcc);
	pvc(c, &m, k->ep->vci);
	m.local = fab_addr_put(&k->calling);
	m.qos = k->qos;
	c->sink.kernel(c->sink.ctx, &m);
}

void
fab_say_party(struct fab_call_ctl *c, atm_kptr_t vcc,
    enum atmsvc_msg_type type, int reply)
{
	struct atmsvc_msg m;

	start(&m, type, vcc);
	m.reply = reply;
	c->sink.kernel(c->sink.ctx, &m);
}

/*
 * The kernel knows no message for this.  An as_okay to a connected socket does
 * nothing but set its error and wake who polls it.
 */
void
fab_say_left(struct fab_call_ctl *c, atm_kptr_t vcc, unsigned ref,
    unsigned cause)
{
	struct atmsvc_msg m;

	start(&m, as_okay, vcc);
	m.reply = -atm_left_code(ref, cause);
	c->sink.kernel(c->sink.ctx, &m);
}

/* A leaf of a pt-mpt call only receives (UNI 3.1 section 5.6). */
void
fab_say_indicate(const struct fab_call_ctl *c, const struct fab_party *p,
    struct atmsvc_msg *m)
{
	const struct fab_call *k = p->call;

	start(m, as_indicate, p->at->ep->vcc);
	m->listen_vcc = p->at->ep->vcc;
	pvc(c, m, p->ep->vci);
	m->local = fab_addr_put(&p->addr);
	m->svc = fab_addr_put(&k->calling);
	m->qos = k->qos;
	m->qos.rxtp = k->qos.txtp;
	m->qos.txtp = k->qos.rxtp;
	if (k->multi) {
		memset(&m->qos.txtp, 0, sizeof(m->qos.txtp));
		m->qos.txtp.traffic_class = ATM_NONE;
	}
	m->sap = k->sap;
}

void
fab_say_trunk(struct fab_call_ctl *c, uint32_t line, uint32_t label,
    enum fab_msg_type type, unsigned ref, unsigned cause)
{
	struct fab_msg m;

	memset(&m, 0, sizeof(m));
	m.type = type;
	m.label = label;
	m.ref = (uint16_t)ref;
	m.cause = (uint16_t)cause;
	c->sink.trunk(c->sink.ctx, line, &m);
}

/* where writes " vci 100" or " trunk 2". */
static void
where(char buf[32], const struct fab_ep *e, uint32_t line)
{
	if (e != NULL)
		snprintf(buf, 32, " vci %u", (unsigned)e->vci);
	else
		snprintf(buf, 32, " trunk %u", (unsigned)line);
}

/*
 * fab_say_log writes one line: the call, what happened to it, to which of its
 * parties (NULL: all) and, unless 0, why.
 */
void
fab_say_log(struct fab_call_ctl *c, const struct fab_call *k,
    const char *what, const struct fab_party *p, unsigned cause)
{
	char root[ATM_TEXT_MAX], leaf[ATM_TEXT_MAX], at[32], to[32] = "";
	char why[80] = "", line[512];

	if (c->sink.log == NULL)
		return;
	where(at, k->ep, k->line);
	if (p != NULL && (p->ep != NULL || p->branch != NULL))
		where(to, p->ep, p->branch != NULL ? p->branch->line : 0);
	if (cause != 0)
		snprintf(why, sizeof(why), ", cause %u (%s)", cause,
		    atm_cause_text(cause));
	snprintf(line, sizeof(line), "call %u: %s %s%s%s%s%s, %s%s",
	    (unsigned)k->id, k->multi ? "pt-mpt" : "pt-pt",
	    atm_addr_format(&k->calling, root), at, p == NULL ? "" : " > ",
	    p == NULL ? "" : atm_addr_format(&p->addr, leaf), to, what, why);
	c->sink.log(c->sink.ctx, line);
}

/* fab_say_bad tells of a message that should not be. */
void
fab_say_bad(struct fab_call_ctl *c, const char *what, int n)
{
	char line[128];

	c->n.bad++;
	if (c->sink.bad == NULL)
		return;
	snprintf(line, sizeof(line), "%s (%d)", what, n);
	c->sink.bad(c->sink.ctx, line);
}
