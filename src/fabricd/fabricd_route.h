/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SRC_FABRICD_ROUTE_H
#define SRC_FABRICD_ROUTE_H

/*
 * Where addresses are: here or behind a trunk, by the longest prefix, then by
 * the fewest switches on the way.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "marsh/base/addr.h"
#include "marsh/base/mem.h"

#define FAB_HOPS_MAX 16 /* what is this far cannot be reached */
#define FAB_HERE 0      /* the line of our own addresses */
#define FAB_NOWHERE UINT32_MAX

struct fab_prefix {
	uint8_t e164; /* octets of a number, else of an NSAP */
	uint8_t len;  /* in octets */
	uint8_t b[ATM_NSAP_LEN];
};

struct fab_route {
	struct fab_prefix p;
	uint32_t line;
	uint8_t hops;
};

struct fab_routes {
	const struct mem *mem;
	struct fab_route *v;
	size_t n, cap;
};

/*
 * fab_prefix_parse reads hex digits of an NSAP (with dots, even in number) or
 * "+" and digits of a number; "" is every NSAP.  0 or MARSH_EINVAL.
 */
int fab_prefix_parse(const char *text, struct fab_prefix *p);

/* fab_prefix_format writes |p| as text to |buf| and returns it. */
char *fab_prefix_format(const struct fab_prefix *p, char buf[ATM_TEXT_MAX]);

/* fab_prefix_addr returns |p| filled up with zeros to an address. */
struct atm_addr fab_prefix_addr(const struct fab_prefix *p);

void fab_routes_init(struct fab_routes *r, const struct mem *mem);
void fab_routes_fini(struct fab_routes *r);

/* fab_routes_add adds |p| behind |line|; 0 or MARSH_ENOMEM. */
int fab_routes_add(struct fab_routes *r, const struct fab_prefix *p,
    uint32_t line, unsigned hops);

/* fab_routes_default stores the first address of our own; false: none. */
bool fab_routes_default(const struct fab_routes *r, struct atm_addr *a);

/* fab_routes_drop takes away what is behind |line|. */
void fab_routes_drop(struct fab_routes *r, uint32_t line);

/*
 * fab_routes_find returns the line that |a| is behind, or FAB_NOWHERE; |but|
 * is never the answer (FAB_NOWHERE: no such exception).  Where no address of
 * our own is known, everything that no trunk claims is here.
 */
uint32_t fab_routes_find(const struct fab_routes *r, const struct atm_addr *a,
    uint32_t but);

/*
 * fab_routes_behind stores up to |cap| routes that |line| is to be told of, and
 * returns how many: the nearest of each prefix, but what is behind |line|.
 */
size_t fab_routes_behind(const struct fab_routes *r, uint32_t line,
    struct fab_route *v, size_t cap);

/* fab_routes_dump writes a table of them to |f|, if there are any. */
void fab_routes_dump(const struct fab_routes *r, FILE *f);

#endif
