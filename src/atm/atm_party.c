/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What becomes of a party.  Invariant: a root gets exactly one answer, OK or
 * FAIL, to a request that it did not take back, and LEFT only after OK.
 */
#include "marsh/atm/atm_party.h"

#include <assert.h>

#define OK ATM_PARTY_OK
#define FAIL ATM_PARTY_FAIL
#define LEFT ATM_PARTY_LEFT
#define CLEAR ATM_PARTY_CLEAR

struct step {
	uint8_t next;
	uint8_t tell;
};

#define CALLING ATM_PARTY_CALLING
#define CONNECTED ATM_PARTY_CONNECTED
#define GONE ATM_PARTY_GONE

/* A leaf that takes a call which nobody wants any more has to be told. */
static const struct step steps[][3] = {
	/*           CALLING                CONNECTED              GONE */
	/* ACCEPT */ { { CONNECTED, OK }, { CONNECTED, 0 }, { GONE, CLEAR } },
	/* REFUSE */ { { GONE, FAIL }, { GONE, LEFT }, { GONE, 0 } },
	/* LEAVE  */ { { GONE, FAIL }, { GONE, LEFT }, { GONE, 0 } },
	/* DROP   */ { { GONE, CLEAR }, { GONE, CLEAR }, { GONE, 0 } },
	/* BREAK  */ { { GONE, FAIL | CLEAR }, { GONE, LEFT | CLEAR },
	    { GONE, 0 } },
};

unsigned
atm_party_step(uint8_t *state, enum atm_party_event ev)
{
	const struct step *s;

	assert(*state <= GONE && ev <= ATM_PARTY_BREAK);
	s = &steps[ev][*state];
	*state = s->next;
	return s->tell;
}
