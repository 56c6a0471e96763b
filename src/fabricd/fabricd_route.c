/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A short list, searched from end to end: there are as many prefixes as there
 * are kernels.
 */
#include "fabricd_route.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "marsh/base/err.h"

static int
digit(char c)
{
	static const char digits[] = "0123456789abcdef";
	const char *at = strchr(digits, tolower((unsigned char)c));

	return c == '\0' || at == NULL ? -1 : (int)(at - digits);
}

static int
number_parse(const char *text, struct fab_prefix *p)
{
	p->e164 = 1;
	for (; *text != '\0'; text++) {
		if (!isdigit((unsigned char)*text) || p->len == 15)
			return MARSH_EINVAL;
		p->b[p->len++] = (uint8_t)*text;
	}
	return p->len == 0 ? MARSH_EINVAL : 0;
}

int
fab_prefix_parse(const char *text, struct fab_prefix *p)
{
	memset(p, 0, sizeof(*p));
	if (text[0] == '+')
		return number_parse(text + 1, p);
	while (*text != '\0') {
		if (*text == '.') {
			text++;
			continue;
		}
		if (p->len == ATM_NSAP_LEN || digit(text[0]) < 0
		    || digit(text[1]) < 0)
			return MARSH_EINVAL;
		p->b[p->len++] = (uint8_t)(digit(text[0]) << 4 | digit(text[1]));
		text += 2;
	}
	return p->len > 0 && p->b[0] == 0 ? MARSH_EINVAL : 0;
}

char *
fab_prefix_format(const struct fab_prefix *p, char buf[ATM_TEXT_MAX])
{
	size_t n = 0;

	if (p->e164)
		n = (size_t)snprintf(buf, ATM_TEXT_MAX, "+");
	else if (p->len == 0)
		snprintf(buf, ATM_TEXT_MAX, "any");
	for (size_t i = 0; i < p->len; i++)
		n += (size_t)snprintf(buf + n, ATM_TEXT_MAX - n,
		    p->e164 ? "%c" : "%02x", p->b[i]);
	return buf;
}

struct atm_addr
fab_prefix_addr(const struct fab_prefix *p)
{
	struct atm_addr a;

	memset(&a, 0, sizeof(a));
	if (p->e164)
		(void)atm_addr_set(&a, (uint8_t)(ATM_TL_E164 | p->len), p->b,
		    0, NULL);
	else if (p->len > 0)
		a = atm_addr_nsap(p->b);
	return a;
}

void
fab_routes_init(struct fab_routes *r, const struct mem *mem)
{
	*r = (struct fab_routes){ .mem = mem };
}

void
fab_routes_fini(struct fab_routes *r)
{
	mem_free(r->mem, r->v, r->cap * sizeof(*r->v));
	*r = (struct fab_routes){ .mem = r->mem };
}

int
fab_routes_add(struct fab_routes *r, const struct fab_prefix *p, uint32_t line,
    unsigned hops)
{
	void *v = r->v;
	int err = mem_grow(r->mem, &v, &r->cap, r->n + 1, sizeof(*r->v));

	r->v = v;
	if (err == 0)
		r->v[r->n++] = (struct fab_route){ *p, line, (uint8_t)hops };
	return err;
}

bool
fab_routes_default(const struct fab_routes *r, struct atm_addr *a)
{
	for (size_t i = 0; i < r->n; i++)
		if (r->v[i].line == FAB_HERE && r->v[i].p.len > 0) {
			*a = fab_prefix_addr(&r->v[i].p);
			return true;
		}
	return false;
}

void
fab_routes_drop(struct fab_routes *r, uint32_t line)
{
	size_t n = 0;

	for (size_t i = 0; i < r->n; i++)
		if (r->v[i].line != line)
			r->v[n++] = r->v[i];
	r->n = n;
}

static bool
covers(const struct fab_prefix *p, const struct atm_addr *a)
{
	bool e164 = (a->tl & ATM_TL_E164) != 0;

	return e164 == (p->e164 != 0) && p->len <= atm_tl_len(a->tl)
	    && memcmp(p->b, a->num, p->len) == 0;
}

uint32_t
fab_routes_find(const struct fab_routes *r, const struct atm_addr *a,
    uint32_t but)
{
	const struct fab_route *best = NULL;
	bool ours = false;

	for (size_t i = 0; i < r->n; i++) {
		const struct fab_route *k = &r->v[i];

		ours = ours || k->line == FAB_HERE;
		if (k->line == but || k->hops >= FAB_HOPS_MAX
		    || !covers(&k->p, a))
			continue;
		if (best == NULL || k->p.len > best->p.len
		    || (k->p.len == best->p.len && k->hops < best->hops))
			best = k;
	}
	if (best != NULL)
		return best->line;
	return ours || but == FAB_HERE ? FAB_NOWHERE : FAB_HERE;
}

/* best tells whether no route to the same prefix is better than |k|. */
static bool
best(const struct fab_routes *r, const struct fab_route *k, uint32_t but)
{
	for (size_t i = 0; i < r->n; i++) {
		const struct fab_route *o = &r->v[i];

		if (o == k || o->line == but
		    || memcmp(&o->p, &k->p, sizeof(o->p)) != 0)
			continue;
		if (o->hops < k->hops || (o->hops == k->hops && o < k))
			return false;
	}
	return true;
}

size_t
fab_routes_behind(const struct fab_routes *r, uint32_t line,
    struct fab_route *v, size_t cap)
{
	size_t n = 0;

	for (size_t i = 0; i < r->n && n < cap; i++) {
		const struct fab_route *k = &r->v[i];

		if (k->line == line || k->hops + 1 >= FAB_HOPS_MAX
		    || !best(r, k, line))
			continue;
		v[n] = *k;
		v[n++].hops++;
	}
	return n;
}

void
fab_routes_dump(const struct fab_routes *r, FILE *f)
{
	char text[ATM_TEXT_MAX];

	if (r->n > 0)
		fprintf(f, "\nHOPS  BEHIND    ADDRESS\n");
	for (size_t i = 0; i < r->n; i++) {
		const struct fab_route *k = &r->v[i];

		fab_prefix_format(&k->p, text);
		if (k->line == FAB_HERE)
			fprintf(f, "%4s  %-8s  %s\n", "-", "here", text);
		else
			fprintf(f, "%4u  trunk %-2u  %s\n", k->hops,
			    (unsigned)k->line, text);
	}
}
