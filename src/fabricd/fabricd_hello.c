/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * HELLO as octets, big-endian: version, the three numbers, how many routes, and
 * of each: kind, hops, length, prefix.  Nothing may follow.
 */
#include "fabricd_hello.h"

#include <string.h>

#include "fabricd_wire.h"
#include "marsh/base/err.h"

#define VERSION 1
#define HEAD 14

size_t
fab_hello_put(const struct fab_hello *h, uint8_t b[FAB_HELLO_MAX])
{
	size_t n = HEAD;

	b[0] = VERSION;
	fab_wire_put32(b + 1, h->mine);
	fab_wire_put32(b + 5, h->theirs);
	fab_wire_put32(b + 9, h->sent);
	b[13] = (uint8_t)h->routes;
	for (size_t i = 0; i < h->routes; i++) {
		const struct fab_prefix *p = &h->route[i].p;

		b[n++] = p->e164;
		b[n++] = h->route[i].hops;
		b[n++] = p->len;
		memcpy(b + n, p->b, p->len);
		n += p->len;
	}
	return n;
}

static bool
routes_get(struct fab_route *v, size_t n, const uint8_t *b, size_t len,
    uint32_t line)
{
	size_t at = 0;

	memset(v, 0, n * sizeof(*v));
	for (size_t i = 0; i < n; i++) {
		struct fab_prefix *p = &v[i].p;

		if (len - at < 3)
			return false;
		p->e164 = b[at];
		v[i].hops = b[at + 1];
		p->len = b[at + 2];
		v[i].line = line;
		at += 3;
		if (p->e164 > 1 || p->len > ATM_NSAP_LEN || len - at < p->len
		    || v[i].hops > FAB_HOPS_MAX)
			return false;
		memcpy(p->b, b + at, p->len);
		at += p->len;
	}
	return at == len;
}

int
fab_hello_get(struct fab_hello *h, const uint8_t *b, size_t n, uint32_t line)
{
	if (n < HEAD || b[0] != VERSION || b[13] > FAB_TRUNK_ROUTES)
		return MARSH_EPROTO;
	h->mine = fab_wire_get32(b + 1);
	h->theirs = fab_wire_get32(b + 5);
	h->sent = fab_wire_get32(b + 9);
	h->routes = b[13];
	return h->mine != 0 && routes_get(h->route, h->routes, b + HEAD,
	    n - HEAD, line) ? 0 : MARSH_EPROTO;
}
