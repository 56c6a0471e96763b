/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef TESTS_CALL_RIG_H
#define TESTS_CALL_RIG_H

/*
 * Call control in a rig: sockets are letters, addresses numbers, and what it
 * says is one line of text each.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include <cmocka.h>

#include "fabricd/fabricd_addr.h"
#include "fabricd/fabricd_call.h"
#include "failmem.h"

struct rig {
	struct failmem fm;
	struct fab_routes routes;
	struct fab_switch sw;
	struct fab_call_ctl *c;
	struct mtime now;
	char text[16384];
	size_t n;
	bool logging;
};

static inline atm_kptr_t
rig_vcc(char name)
{
	uint64_t x = (uint64_t)(unsigned char)name;
	atm_kptr_t v;

	if (name == '-')
		x = 0;
	memcpy(&v, &x, sizeof(v));
	return v;
}

static inline char
rig_name(atm_kptr_t vcc)
{
	uint64_t x;

	memcpy(&x, &vcc, sizeof(x));
	return x == 0 ? '-' : (char)x;
}

static inline struct atm_addr
rig_addr(unsigned i)
{
	uint8_t nsap[ATM_NSAP_LEN] = { 0x47, 0x00, 0x05 };

	nsap[12] = (uint8_t)(i >> 8);
	nsap[18] = (uint8_t)i;
	return atm_addr_nsap(nsap);
}

static inline unsigned
rig_number(const struct sockaddr_atmsvc *s)
{
	return (unsigned)s->sas_addr.prv[12] << 8 | s->sas_addr.prv[18];
}

static inline void
rig_put(struct rig *r, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	r->n += (size_t)vsnprintf(r->text + r->n, sizeof(r->text) - r->n, fmt,
	    ap);
	va_end(ap);
	assert_true(r->n < sizeof(r->text));
}

static inline void
rig_kernel(void *ctx, const struct atmsvc_msg *m)
{
	static const char *const words[] = { "null", "bind", "connect",
		"accept", "reject", "listen", "okay", "error", "indicate",
		"close", "itf", "modify", "identify", "terminate", "addparty",
		"dropparty" };
	struct rig *r = ctx;

	rig_put(r, "%c %s", rig_name(m->vcc), words[m->type]);
	if (m->pvc.sap_addr.vci != 0)
		rig_put(r, " vci %d", m->pvc.sap_addr.vci);
	if (m->reply != 0)
		rig_put(r, " %d", m->reply);
	if (m->type == as_indicate)
		rig_put(r, " %u>%u%s", rig_number(&m->svc),
		    rig_number(&m->local),
		    m->qos.txtp.traffic_class == ATM_NONE ? " rx" : "");
	rig_put(r, "\n");
}

static inline void
rig_trunk(void *ctx, uint32_t line, const struct fab_msg *m)
{
	rig_put(ctx, "trunk %u %s %u/%u", (unsigned)line, fab_msg_word(m->type),
	    (unsigned)m->label, m->ref);
	if (m->cause != 0)
		rig_put(ctx, " cause %u", m->cause);
	if (m->type == FAB_SETUP || m->type == FAB_ADD)
		rig_put(ctx, " to %u hops %u%s",
		    m->called.num[12] << 8 | m->called.num[18], m->hops,
		    m->multi ? " multi" : "");
	rig_put(ctx, "\n");
}

static inline void
rig_log(void *ctx, const char *line)
{
	struct rig *r = ctx;

	if (r->logging)
		rig_put(r, "%s\n", line);
}

static inline void
rig_bad(void *ctx, const char *line)
{
	rig_put(ctx, "bad: %s\n", line);
}

static inline void
rig_cfg(struct fab_call_cfg *cfg)
{
	fab_call_defaults(cfg);
	cfg->vci_first = 100;
	cfg->vci_last = 999;
	cfg->backlog = 3;
	cfg->linger = MSPAN_MS(0);
}

static inline void
rig_open(struct rig *r, const struct fab_call_cfg *cfg)
{
	struct fab_sink sink = { rig_kernel, rig_trunk, rig_log, rig_bad, r };

	memset(r, 0, sizeof(*r));
	failmem_init(&r->fm);
	r->now = (struct mtime){ 1000000 };
	fab_routes_init(&r->routes, &r->fm.mem);
	assert_int_equal(fab_switch_init(&r->sw, &r->fm.mem), 0);
	r->c = fab_call_new(cfg, &sink, &r->routes, &r->sw, &r->fm.mem);
	assert_non_null(r->c);
}

static inline void
rig_check(struct rig *r)
{
	const char *bad = fab_call_check(r->c);

	if (bad != NULL) {
		fab_call_dump(r->c, stderr);
		fail_msg("%s", bad);
	}
}

static inline void
rig_close(struct rig *r)
{
	rig_check(r);
	fab_call_free(r->c);
	assert_int_equal(r->sw.joins, 0);
	fab_switch_fini(&r->sw);
	fab_routes_fini(&r->routes);
	assert_int_equal(r->fm.live, 0);
}

static inline void
rig_forget(struct rig *r)
{
	r->n = 0;
	r->text[0] = '\0';
}

/* rig_want compares all that was said since the last time. */
static inline void
rig_want(struct rig *r, const char *text)
{
	rig_check(r);
	assert_string_equal(r->text, text);
	rig_forget(r);
}

/* rig_offer writes offers as the program does, with their result. */
static inline bool
rig_offer(struct rig *r, int err)
{
	struct atmsvc_msg m;

	if (!fab_call_offer(r->c, &m))
		return false;
	rig_kernel(r, &m);
	fab_call_offered(r->c, r->now, err);
	return true;
}

static inline struct atmsvc_msg
rig_msg(enum atmsvc_msg_type type, char vcc)
{
	struct atmsvc_msg m;

	memset(&m, 0, sizeof(m));
	m.type = type;
	m.vcc = rig_vcc(vcc);
	m.qos.aal = ATM_AAL5;
	m.qos.txtp.traffic_class = m.qos.rxtp.traffic_class = ATM_UBR;
	m.qos.txtp.max_sdu = m.qos.rxtp.max_sdu = 9180;
	return m;
}

static inline void
rig_say(struct rig *r, const struct atmsvc_msg *m)
{
	fab_call_kernel(r->c, r->now, m);
	while (rig_offer(r, 0))
		continue;
	fab_call_idle(r->c, r->now);
}

static inline void
rig_listen(struct rig *r, char vcc, unsigned at)
{
	struct atmsvc_msg m = rig_msg(as_listen, vcc);
	struct atm_addr a = rig_addr(at);

	m.local = m.svc = fab_addr_put(&a);
	rig_say(r, &m);
}

static inline void
rig_connect(struct rig *r, char vcc, unsigned from, unsigned to, bool multi)
{
	struct atmsvc_msg m = rig_msg(as_connect, vcc);
	struct atm_addr a = rig_addr(from), b = rig_addr(to);

	m.local = fab_addr_put(&a);
	m.svc = fab_addr_put(&b);
	m.session = multi;
	if (multi)
		m.qos.rxtp.traffic_class = ATM_NONE;
	rig_say(r, &m);
}

static inline void
rig_accept(struct rig *r, char listener, char vcc)
{
	struct atmsvc_msg m = rig_msg(as_accept, vcc);

	m.listen_vcc = rig_vcc(listener);
	rig_say(r, &m);
}

static inline void
rig_reject(struct rig *r, char listener, int reply)
{
	struct atmsvc_msg m = rig_msg(as_reject, '-');

	m.listen_vcc = rig_vcc(listener);
	m.reply = reply;
	rig_say(r, &m);
}

static inline void
rig_add(struct rig *r, char vcc, unsigned to)
{
	struct atmsvc_msg m = rig_msg(as_addparty, vcc);
	struct atm_addr b = rig_addr(to);

	m.svc = fab_addr_put(&b);
	rig_say(r, &m);
}

static inline void
rig_drop(struct rig *r, char vcc, int ref)
{
	struct atmsvc_msg m = rig_msg(as_dropparty, vcc);

	m.reply = ref;
	rig_say(r, &m);
}

static inline void
rig_hangup(struct rig *r, char vcc)
{
	struct atmsvc_msg m = rig_msg(as_close, vcc);

	rig_say(r, &m);
}

static inline void
rig_wait(struct rig *r, struct mspan d)
{
	r->now = mtime_add(r->now, d);
	fab_call_expire(r->c, r->now);
	while (rig_offer(r, 0))
		continue;
	fab_call_idle(r->c, r->now);
}

/* rig_outs wants frames of |vci| to go to |want|, as "101 103", in order. */
static inline void
rig_outs(struct rig *r, uint32_t vci, const char *want)
{
	const struct fab_point *p;
	char text[256] = "";
	size_t n, at = 0;

	p = fab_switch_outs(&r->sw, (struct fab_point){ 0, vci }, &n);
	for (size_t i = 0; i < n; i++)
		at += (size_t)snprintf(text + at, sizeof(text) - at,
		    "%s%u", i > 0 ? " " : "", (unsigned)p[i].label);
	assert_string_equal(text, want);
}

/* rig_open_plain opens |r| with nothing out of the ordinary. */
static inline void
rig_open_plain(struct rig *r)
{
	struct fab_call_cfg cfg;

	rig_cfg(&cfg);
	rig_open(r, &cfg);
}

#endif
