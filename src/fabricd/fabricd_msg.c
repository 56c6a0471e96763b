/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Messages between switches as octets, big-endian: type, label, ref, cause,
 * then what the type has.  An unknown field cannot be skipped: both sides of a
 * trunk are of one version, which HELLO tells.
 */
#include "fabricd_msg.h"

#include <string.h>

#include "marsh/base/err.h"

struct writer {
	uint8_t *p;
};

struct reader {
	const uint8_t *p;
	size_t n;
	bool bad;
};

static void
put(struct writer *w, uint32_t x, unsigned octets)
{
	while (octets-- > 0)
		*w->p++ = (uint8_t)(x >> 8 * octets);
}

static void
put_mem(struct writer *w, const void *p, size_t n)
{
	memcpy(w->p, p, n);
	w->p += n;
}

static uint32_t
get(struct reader *r, unsigned octets)
{
	uint32_t x = 0;

	if (r->n < octets) {
		r->bad = true;
		return 0;
	}
	r->n -= octets;
	while (octets-- > 0)
		x = x << 8 | *r->p++;
	return x;
}

static void
get_mem(struct reader *r, void *p, size_t n)
{
	if (r->n < n) {
		r->bad = true;
		return;
	}
	memcpy(p, r->p, n);
	r->p += n;
	r->n -= n;
}

static void
put_addr(struct writer *w, const struct atm_addr *a)
{
	put(w, a->tl, 1);
	put(w, a->stl, 1);
	put_mem(w, a->num, atm_tl_len(a->tl));
	put_mem(w, a->sub, atm_tl_len(a->stl));
}

/* A caller may have no address; whoever is called has. */
static int
get_addr(struct reader *r, struct atm_addr *a, bool must)
{
	uint8_t num[ATM_TL_LEN + 1], sub[ATM_TL_LEN + 1];
	uint8_t tl = (uint8_t)get(r, 1), stl = (uint8_t)get(r, 1);

	get_mem(r, num, atm_tl_len(tl));
	get_mem(r, sub, atm_tl_len(stl));
	if (r->bad || (!must && tl == 0 && stl == 0))
		return 0;
	return atm_addr_set(a, tl, num, stl, sub);
}

static void
put_tp(struct writer *w, const struct atm_trafprm *t)
{
	put(w, t->traffic_class, 1);
	put(w, (uint32_t)t->max_pcr, 4);
	put(w, (uint32_t)t->pcr, 4);
	put(w, (uint32_t)t->min_pcr, 4);
	put(w, (uint32_t)t->max_cdv, 4);
	put(w, (uint32_t)t->max_sdu, 4);
}

static int
get_int(struct reader *r)
{
	uint32_t x = get(r, 4);

	return x <= INT32_MAX ? (int)x : -(int)(UINT32_MAX - x) - 1;
}

static void
get_tp(struct reader *r, struct atm_trafprm *t)
{
	t->traffic_class = (uint8_t)get(r, 1);
	t->max_pcr = get_int(r);
	t->pcr = get_int(r);
	t->min_pcr = get_int(r);
	t->max_cdv = get_int(r);
	t->max_sdu = get_int(r);
}

/* All members of a SAP are octets, so its unions need no telling apart. */
static void
put_sap(struct writer *w, const struct atm_sap *s)
{
	put(w, s->bhli.hl_type, 1);
	put(w, s->bhli.hl_length, 1);
	put_mem(w, s->bhli.hl_info, sizeof(s->bhli.hl_info));
	for (int i = 0; i < ATM_MAX_BLLI; i++) {
		put(w, s->blli[i].l2_proto, 1);
		put_mem(w, &s->blli[i].l2, sizeof(s->blli[i].l2));
		put(w, s->blli[i].l3_proto, 1);
		put_mem(w, &s->blli[i].l3, sizeof(s->blli[i].l3));
	}
}

static void
get_sap(struct reader *r, struct atm_sap *s)
{
	s->bhli.hl_type = (uint8_t)get(r, 1);
	s->bhli.hl_length = (uint8_t)get(r, 1);
	get_mem(r, s->bhli.hl_info, sizeof(s->bhli.hl_info));
	for (int i = 0; i < ATM_MAX_BLLI; i++) {
		s->blli[i].l2_proto = (uint8_t)get(r, 1);
		get_mem(r, &s->blli[i].l2, sizeof(s->blli[i].l2));
		s->blli[i].l3_proto = (uint8_t)get(r, 1);
		get_mem(r, &s->blli[i].l3, sizeof(s->blli[i].l3));
	}
}

size_t
fab_msg_put(const struct fab_msg *m, uint8_t buf[FAB_MSG_MAX])
{
	struct writer w = { buf };

	put(&w, m->type, 1);
	put(&w, m->label, 4);
	put(&w, m->ref, 2);
	put(&w, m->cause, 2);
	if (m->type != FAB_SETUP && m->type != FAB_ADD)
		return (size_t)(w.p - buf);
	put(&w, m->hops, 1);
	put_addr(&w, &m->called);
	if (m->type == FAB_ADD)
		return (size_t)(w.p - buf);
	put(&w, m->multi, 1);
	put_addr(&w, &m->calling);
	put(&w, m->qos.aal, 1);
	put_tp(&w, &m->qos.txtp);
	put_tp(&w, &m->qos.rxtp);
	put_sap(&w, &m->sap);
	return (size_t)(w.p - buf);
}

static int
get_setup(struct fab_msg *m, struct reader *r)
{
	uint32_t multi = get(r, 1);
	int err = get_addr(r, &m->calling, false);

	if (err != 0 || multi > 1)
		return MARSH_EPROTO;
	m->multi = multi != 0;
	m->qos.aal = (uint8_t)get(r, 1);
	get_tp(r, &m->qos.txtp);
	get_tp(r, &m->qos.rxtp);
	get_sap(r, &m->sap);
	return 0;
}

int
fab_msg_get(struct fab_msg *m, const uint8_t *b, size_t n)
{
	struct reader r = { b, n, false };
	uint32_t type = get(&r, 1);
	int err = 0;

	memset(m, 0, sizeof(*m));
	if (r.bad)
		return MARSH_ESHORT;
	if (type < FAB_SETUP || type > FAB_GONE)
		return MARSH_EPROTO;
	m->type = (enum fab_msg_type)type;
	m->label = get(&r, 4);
	m->ref = (uint16_t)get(&r, 2);
	m->cause = (uint16_t)get(&r, 2);
	if (m->type == FAB_SETUP || m->type == FAB_ADD) {
		m->hops = (uint8_t)get(&r, 1);
		err = get_addr(&r, &m->called, true);
	}
	if (err == 0 && m->type == FAB_SETUP)
		err = get_setup(m, &r);
	if (r.bad)
		return MARSH_ESHORT;
	if (err != 0 || r.n != 0 || m->label == 0 || m->label > FAB_LABEL_MAX
	    || m->ref > 0x7fff || m->cause > 0x7f)
		return MARSH_EPROTO;
	return 0;
}

const char *
fab_msg_word(enum fab_msg_type type)
{
	static const char *const words[] = { "?", "SETUP", "ADD", "DROP",
		"RELEASE", "OK", "GONE" };

	return (unsigned)type < sizeof(words) / sizeof(*words) ? words[type]
							       : "?";
}
