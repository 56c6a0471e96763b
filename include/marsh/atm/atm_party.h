/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MARSH_ATM_PARTY_H
#define MARSH_ATM_PARTY_H

/*
 * The life of one party of a VC as its switch sees it, as a table: what
 * happens to it, what it then is, and who has to hear of that.  A pt-pt VC has
 * one party.  How the news travels is the network's affair.
 */
#include <stdint.h>

enum atm_party_state {
	ATM_PARTY_CALLING,   /* asked for by the root, not yet answered */
	ATM_PARTY_CONNECTED, /* gets frames */
	ATM_PARTY_GONE,
};

enum atm_party_event {
	ATM_PARTY_ACCEPT, /* the leaf took the call */
	ATM_PARTY_REFUSE, /* the leaf or the network did not */
	ATM_PARTY_LEAVE,  /* the leaf hung up */
	ATM_PARTY_DROP,   /* the root dropped it or hung up */
	ATM_PARTY_BREAK,  /* the path or the patience between them ended */
};

/* Who hears of it; bits. */
#define ATM_PARTY_OK 1u    /* the root: its request succeeded */
#define ATM_PARTY_FAIL 2u  /* the root: its request failed */
#define ATM_PARTY_LEFT 4u  /* the root: a leaf it had is gone */
#define ATM_PARTY_CLEAR 8u /* the leaf: it is over */

/*
 * atm_party_step moves *|state|, an enum atm_party_state, on by |ev| and
 * returns who hears of it.  A root hears nothing of what it dropped; a leaf
 * hears nothing after it hung up.
 */
unsigned atm_party_step(uint8_t *state, enum atm_party_event ev);

#endif
