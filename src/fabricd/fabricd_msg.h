/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SRC_FABRICD_MSG_H
#define SRC_FABRICD_MSG_H

/*
 * What switches say to each other over a trunk about calls.  A call is known
 * by a label that the side nearer to the root chooses and never uses twice;
 * "down" is away from the root.
 *
 *   SETUP    down  a call with its first party
 *   ADD      down  one more party
 *   DROP     down  one party less
 *   RELEASE  down  the call is over
 *   OK       up    the party |ref| is connected
 *   GONE     up    the party |ref| failed or left
 *
 * Each answers for itself: what speaks of a label or party that the receiver
 * does not know crossed something on the way, and is ignored; but ADD, which
 * is answered with GONE.
 */
#include <linux/atm.h>
#include <linux/atmsap.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "marsh/base/addr.h"

#define FAB_LABEL_MAX 0x7fffffffu
#define FAB_UP 0x80000000u /* in the label of a frame: it goes to the root */
#define FAB_MSG_MAX 256    /* octets of the longest */

enum fab_msg_type {
	FAB_SETUP = 1,
	FAB_ADD,
	FAB_DROP,
	FAB_RELEASE,
	FAB_OK,
	FAB_GONE,
};

struct fab_msg {
	enum fab_msg_type type;
	uint32_t label;
	uint16_t ref;
	uint16_t cause;  /* DROP, RELEASE, GONE */
	uint8_t hops;    /* SETUP, ADD: switches passed */
	bool multi;      /* SETUP */
	struct atm_addr called;  /* SETUP, ADD */
	struct atm_addr calling; /* SETUP */
	struct atm_qos qos;      /* SETUP; as at the root */
	struct atm_sap sap;      /* SETUP */
};

/* fab_msg_put writes |m| to |buf| and returns its length. */
size_t fab_msg_put(const struct fab_msg *m, uint8_t buf[FAB_MSG_MAX]);

/* fab_msg_get reads |n| octets; 0, MARSH_ESHORT or MARSH_EPROTO. */
int fab_msg_get(struct fab_msg *m, const uint8_t *b, size_t n);

/* fab_msg_word returns "SETUP", ... */
const char *fab_msg_word(enum fab_msg_type type);

#endif
