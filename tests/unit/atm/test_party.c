/* SPDX-License-Identifier: BSD-2-Clause */
/* The table of parties, and what it promises to roots and leaves. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "marsh/atm/atm_party.h"

#define EVENTS (ATM_PARTY_BREAK + 1)

static void
want(uint8_t from, enum atm_party_event ev, uint8_t to, unsigned tell)
{
	uint8_t state = from;

	assert_int_equal(atm_party_step(&state, ev), tell);
	assert_int_equal(state, to);
}

static void
test_table(void **state)
{
	const uint8_t calling = ATM_PARTY_CALLING, gone = ATM_PARTY_GONE;
	const uint8_t connected = ATM_PARTY_CONNECTED;

	(void)state;
	want(calling, ATM_PARTY_ACCEPT, connected, ATM_PARTY_OK);
	want(calling, ATM_PARTY_REFUSE, gone, ATM_PARTY_FAIL);
	want(calling, ATM_PARTY_DROP, gone, ATM_PARTY_CLEAR);
	want(calling, ATM_PARTY_BREAK, gone, ATM_PARTY_FAIL | ATM_PARTY_CLEAR);
	want(connected, ATM_PARTY_LEAVE, gone, ATM_PARTY_LEFT);
	want(connected, ATM_PARTY_DROP, gone, ATM_PARTY_CLEAR);
	want(connected, ATM_PARTY_BREAK, gone,
	    ATM_PARTY_LEFT | ATM_PARTY_CLEAR);
	want(gone, ATM_PARTY_ACCEPT, gone, ATM_PARTY_CLEAR);
}

/* Every sequence of four events: one answer at most, LEFT only after OK. */
static void
test_promises(void **state)
{
	(void)state;
	for (unsigned n = 0; n < EVENTS * EVENTS * EVENTS * EVENTS; n++) {
		uint8_t s = ATM_PARTY_CALLING;
		unsigned ok = 0, fail = 0, left = 0, k = n;

		for (int i = 0; i < 4; i++, k /= EVENTS) {
			enum atm_party_event ev =
			    (enum atm_party_event)(k % EVENTS);
			uint8_t was = s;
			unsigned tell = atm_party_step(&s, ev);

			ok += (tell & ATM_PARTY_OK) != 0;
			fail += (tell & ATM_PARTY_FAIL) != 0;
			left += (tell & ATM_PARTY_LEFT) != 0;
			assert_true(ok + fail <= 1 && left <= ok);
			/* a root hears nothing of what it dropped */
			if (ev == ATM_PARTY_DROP)
				assert_int_equal(tell & ~ATM_PARTY_CLEAR, 0);
			assert_true(s >= was);
		}
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_table),
		cmocka_unit_test(test_promises),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
