/* SPDX-License-Identifier: BSD-2-Clause */
/* The VCs between servers. */
#include "scsp_peer.h"

/* A server with the lowest address: it calls. */
static struct peer *
lowest(void)
{
	struct peer *p = peer_new();
	uint8_t b[ATM_NSAP_LEN] = { 0x47 };

	p->cfg.addr = atm_addr_nsap(b);
	peer_start(p, 1);
	peer_tick(p);
	return p;
}

static atm_ref
called(const struct peer *p, size_t n)
{
	assert_int_equal(peer_asked(p, ATM_CALL_RQ), n);
	for (size_t k = p->saids; k-- > 0;)
		if (p->said[k].rq.kind == ATM_CALL_RQ) {
			assert_int_equal(p->said[k].rq.use, ATM_USE_SCSP);
			return p->said[k].rq.ref;
		}
	return 0;
}

static void
answer(struct peer *p, atm_ref ref, bool ok)
{
	peer_ind(p, (struct atm_ind){ .kind = ok ? ATM_ACK : ATM_RQFAILED,
	    .rq = ATM_CALL_RQ, .ref = ref, .peer = peer_addr(0),
	    .cause = ok ? 0 : ATM_CAUSE_BUSY });
}

/* The lower address calls at once; failures are tried again, ever later. */
static void
calls_and_retries(void **state)
{
	static const int ms[] = { 1000, 2000, 4000, 8000, 10000, 10000 };
	struct peer *p = lowest();

	(void)state;
	for (size_t i = 0; i < 6; i++) {
		answer(p, called(p, i + 1), false);
		peer_wait(p, MSPAN_MS(ms[i] - 1));
		assert_int_equal(peer_asked(p, ATM_CALL_RQ), i + 1);
		peer_wait(p, MSPAN_MS(ms[i] / 4 + 1));
	}
	answer(p, called(p, 7), true);
	assert_hfsm(p, 0, SCSP_HELLO_WAITING);
	assert_int_equal(peer_dcs(p, 0).vc, called(p, 7));
	peer_free(p);
}

/* The higher one waits a second, and then calls. */
static void
waits_for_the_lower(void **state)
{
	struct peer *p = peer_make(1);

	(void)state;
	peer_wait(p, MSPAN_MS(999));
	assert_int_equal(p->saids, 0);
	peer_wait(p, MSPAN_MS(1));
	answer(p, called(p, 1), true);
	assert_hfsm(p, 0, SCSP_HELLO_WAITING);
	peer_free(p);
}

/* Both called: the lower one's VC stays; no frame on the other is lost. */
static void
both_called_higher(void **state)
{
	struct peer *p = peer_make(1);
	atm_ref mine;

	(void)state;
	peer_wait(p, MSPAN_SEC(1));
	mine = called(p, 1);
	answer(p, mine, true);
	assert_int_equal(peer_dcs(p, 0).vc, mine);
	peer_open(p, 0);
	assert_int_equal(peer_dcs(p, 0).vc, peer_ref(0));
	peer_wait(p, MSPAN_SEC(5));
	assert_int_equal(peer_asked(p, ATM_RELEASE), 0);
	peer_hello(p, 0, false); /* the lower one sends there now */
	peer_wait(p, MSPAN_MS(999));
	assert_int_equal(peer_asked(p, ATM_RELEASE), 0);
	assert_hfsm(p, 0, SCSP_HELLO_UNIDIRECTIONAL);
	peer_wait(p, MSPAN_MS(1));
	assert_int_equal(peer_asked(p, ATM_RELEASE), 1);
	for (size_t k = 0; k < p->saids; k++)
		if (p->said[k].rq.kind == ATM_RELEASE)
			assert_int_equal(p->said[k].rq.ref, mine);
	assert_hfsm(p, 0, SCSP_HELLO_UNIDIRECTIONAL);
	peer_free(p);
}

/* Until then both are read. */
static void
both_called_lower(void **state)
{
	struct peer *p = lowest();
	atm_ref mine = called(p, 1);

	(void)state;
	peer_open(p, 0);
	assert_int_equal(peer_dcs(p, 0).vc, peer_ref(0));
	answer(p, mine, true);
	assert_int_equal(peer_dcs(p, 0).vc, mine);
	peer_hello(p, 0, true); /* still on the other's own */
	assert_hfsm(p, 0, SCSP_HELLO_BIDIRECTIONAL);
	peer_hang_up(p, 0);
	assert_hfsm(p, 0, SCSP_HELLO_BIDIRECTIONAL);
	peer_wait(p, MSPAN_SEC(3));
	assert_int_equal(peer_asked(p, ATM_RELEASE), 0);
	assert_int_equal(peer_asked(p, ATM_CALL_RQ), 1);
	peer_free(p);
}

/* A VC that was of no use is not opened again at once, and again, and again. */
static void
no_call_loop(void **state)
{
	struct peer *p = lowest();

	(void)state;
	for (int i = 0; i < 20; i++) {
		for (size_t k = p->saids; k-- > 0;)
			if (p->said[k].rq.kind == ATM_CALL_RQ) {
				atm_ref ref = p->said[k].rq.ref;

				peer_clear(p);
				answer(p, ref, true);
				peer_ind(p, (struct atm_ind){
				    .kind = ATM_RELEASED, .ref = ref });
				break;
			}
		peer_wait(p, MSPAN_SEC(1));
	}
	assert_true(peer_dcs(p, 0).tx < 8);
	peer_free(p);
}

/* SCSP-022, SCSP-002: one VC for all groups, and its loss is everybody's. */
static void
shared(void **state)
{
	struct peer *p = peer_make(1);
	struct atm_addr a = peer_addr(0);
	struct scsp_dcs_info d;

	(void)state;
	p->group.sgid = 2;
	assert_int_equal(scsp_add_group(p->s, p->now, &p->group), 1);
	assert_int_equal(scsp_add_dcs(p->s, p->now, 1, &a), 0);
	peer_wait(p, MSPAN_SEC(1));
	answer(p, called(p, 1), true);
	assert_true(scsp_dcs(p->s, 1, 0, &d));
	assert_int_equal(d.hfsm, SCSP_HELLO_WAITING);
	assert_int_equal(d.vc, called(p, 1));
	peer_ind(p, (struct atm_ind){ .kind = ATM_RELEASED,
	    .ref = called(p, 1) });
	assert_true(scsp_dcs(p->s, 1, 0, &d));
	assert_int_equal(d.hfsm, SCSP_HELLO_DOWN);
	assert_hfsm(p, 0, SCSP_HELLO_DOWN);
	peer_free(p);
}

/* A DCS that is taken away: its VC goes with the last group. */
static void
del_dcs(void **state)
{
	struct peer *p = peer_make(1);
	struct atm_addr a = peer_addr(0);

	(void)state;
	p->group.sgid = 2;
	assert_int_equal(scsp_add_group(p->s, p->now, &p->group), 1);
	assert_int_equal(scsp_add_dcs(p->s, p->now, 1, &a), 0);
	assert_int_equal(scsp_add_dcs(p->s, p->now, 1, &a), MARSH_EEXIST);
	assert_int_equal(scsp_add_dcs(p->s, p->now, 1, &p->cfg.addr),
	    MARSH_EINVAL);
	assert_int_equal(scsp_add_dcs(p->s, p->now, 7, &a), MARSH_EINVAL);
	peer_open(p, 0);
	assert_int_equal(scsp_del_dcs(p->s, p->now, 0, &a), 0);
	assert_int_equal(scsp_del_dcs(p->s, p->now, 0, &a), MARSH_ENOENT);
	peer_tick(p);
	assert_int_equal(peer_asked(p, ATM_RELEASE), 0);
	assert_int_equal(scsp_del_dcs(p->s, p->now, 1, &a), 0);
	peer_tick(p);
	assert_int_equal(peer_asked(p, ATM_RELEASE), 1);
	peer_open(p, 0); /* a stranger now */
	assert_int_equal(peer_asked(p, ATM_RELEASE), 2);
	peer_free(p);
}

/* A warm restart: all VCs are gone, the cache is not. */
static void
restart(void **state)
{
	struct peer *p = peer_make(2);

	(void)state;
	peer_align(p, BIG, NULL, 0);
	peer_put(p, "a", "x");
	peer_step(p, &(struct scsp_ev){ .kind = SCSP_RESTART });
	assert_hfsm(p, BIG, SCSP_HELLO_DOWN);
	assert_cafsm(p, BIG, SCSP_CA_DOWN);
	assert_true(peer_has(p, "a", US, SCSP_SEQ_FIRST));
	peer_clear(p);
	peer_wait(p, MSPAN_SEC(1));
	assert_int_equal(peer_asked(p, ATM_CALL_RQ), 2);
	peer_free(p);
}

/* What comes on a pt-mpt VC of a neighbour is read like anything else. */
static void
leaf_of(void **state)
{
	struct peer *p = peer_make(1);
	struct scsp_msg m = { .type = SCSP_HELLO, .pid = 3, .sgid = 1,
		.interval = 3, .dead = 3, .sender = ID(0), .receiver = US };
	uint8_t b[SCSP_MTU];

	(void)state;
	peer_ind(p, (struct atm_ind){ .kind = ATM_REMOTE_CALL, .leaf = true,
	    .ref = peer_ref(9), .peer = peer_addr(0) });
	peer_bytes(p, peer_ref(9), b, peer_build(p, b, &m, NULL, 0));
	assert_hfsm(p, 0, SCSP_HELLO_DOWN);
	peer_open(p, 0);
	peer_bytes(p, peer_ref(9), b, peer_build(p, b, &m, NULL, 0));
	assert_hfsm(p, 0, SCSP_HELLO_BIDIRECTIONAL);
	/* Nobody knows whose a broken message on it is. */
	peer_bytes(p, peer_ref(9), b, 3);
	assert_hfsm(p, 0, SCSP_HELLO_BIDIRECTIONAL);
	peer_ind(p, (struct atm_ind){ .kind = ATM_RELEASED,
	    .ref = peer_ref(9) });
	assert_hfsm(p, 0, SCSP_HELLO_BIDIRECTIONAL);
	peer_free(p);
}

/* Every allocation fails once; nothing leaks, nothing breaks. */
static void
memory(void **state)
{
	(void)state;
	for (long at = 1; at < 400; at++) {
		struct peer *p = peer_new();
		struct atm_addr a = peer_addr(0);

		p->fm.fail_at = at;
		p->s = scsp_new(&p->cfg, &p->fm.mem, NULL);
		if (p->s != NULL
		    && scsp_add_group(p->s, p->now, &p->group) == 0
		    && scsp_add_dcs(p->s, p->now, 0, &a) == 0) {
			(void)scsp_put(p->s, p->now, 0, text("a"), text("x"));
			(void)scsp_add_sa(p->s, p->now, 0, &a,
			    &(struct scsp_sa){ { 1, text("key") },
			    MTIME_NEVER, true });
			peer_wait(p, MSPAN_SEC(30));
			peer_clear(p);
		}
		scsp_free(p->s);
		assert_int_equal(p->fm.live, 0);
		free(p);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(calls_and_retries),
		cmocka_unit_test(waits_for_the_lower),
		cmocka_unit_test(both_called_higher),
		cmocka_unit_test(both_called_lower),
		cmocka_unit_test(no_call_loop), cmocka_unit_test(shared),
		cmocka_unit_test(del_dcs), cmocka_unit_test(restart),
		cmocka_unit_test(leaf_of), cmocka_unit_test(memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
