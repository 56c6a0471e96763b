/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SRC_FABRICD_HELLO_H
#define SRC_FABRICD_HELLO_H

/* What the ends of a trunk say each second. */
#include <stddef.h>
#include <stdint.h>

#include "fabricd_route.h"
#include "fabricd_trunk.h"

#define FAB_HELLO_MAX (14 + FAB_TRUNK_ROUTES * (3 + ATM_NSAP_LEN))

struct fab_hello {
	uint32_t mine;   /* the speaker's number, never 0 */
	uint32_t theirs; /* that of whom it hears; 0: nobody */
	uint32_t sent;   /* messages since the trunk is up */
	size_t routes;
	struct fab_route route[FAB_TRUNK_ROUTES]; /* what is behind it */
};

/* fab_hello_put writes |h| and returns how many octets. */
size_t fab_hello_put(const struct fab_hello *h, uint8_t b[FAB_HELLO_MAX]);

/*
 * fab_hello_get reads one that came over |line|: 0, or MARSH_EPROTO when it is
 * of another version or malformed.
 */
int fab_hello_get(struct fab_hello *h, const uint8_t *b, size_t n,
    uint32_t line);

#endif
