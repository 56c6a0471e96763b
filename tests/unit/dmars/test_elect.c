/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The election of the Active MARS and the order of redirect maps, by tables:
 * the group is M1 to M4, with precedence in that order, as in "Redundant MARS
 * architectures and SCSP".  A server is written as its number and a letter:
 *
 *	a Active  b Backup  c Candidate  h Handover  l Leaving  s Starting
 *	p live, RFC 2443 only  d dead, heard of once  x configured, never heard
 */
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "marsh/base/rng.h"
#include "marsh/dmars/elect.h"

#define MAX 12
#define OID(i) (0x0a000000u + (i))

static struct atm_addr
address(unsigned i)
{
	uint8_t nsap[ATM_NSAP_LEN] = { 0x47, [19] = (uint8_t)i };

	return atm_addr_nsap(nsap);
}

static uint8_t
role(char c)
{
	static const char letters[] = "-sbcahl";
	const char *p = strchr(letters, c);

	return p == NULL ? MARS_ROLE_NONE : (uint8_t)(p - letters);
}

static struct elect_member
member(unsigned i, char c)
{
	struct elect_member m = { .oid = OID(i), .addr = address(i),
		.live = c != 'd' && c != 'x', .status = c != 'p' && c != 'x',
		.role = role(c), .priority = (uint8_t)(100 - 10 * i),
		.place = (uint16_t)i };

	if (c == 'p' || c == 'x')
		m.priority = 0;
	if (c == 'x')
		m.oid = 0;
	if (c == 'd')
		m.role = MARS_ROLE_ACTIVE; /* so it said last */
	return m;
}

/* Reads "1a 2b 3d" to |m|. */
static size_t
group(const char *text, struct elect_member *m)
{
	size_t n = 0;

	for (; *text != '\0'; text += strspn(text, " ")) {
		unsigned i = (unsigned)(*text++ - '0');

		assert_true(n < MAX);
		m[n++] = member(i, *text++);
	}
	return n;
}

/* The digits of |text| as the OIDs of a map. */
static size_t
digits(const char *text, uint32_t *oid)
{
	size_t n = 0;

	for (; *text != '\0'; text++)
		oid[n++] = OID((unsigned)(*text - '0'));
	return n;
}

static void
shuffle(struct elect_member *m, size_t n, struct rng *r)
{
	for (size_t i = n; i > 1; i--) {
		size_t j = (size_t)rng_below(r, i);
		struct elect_member t = m[i - 1];

		m[i - 1] = m[j];
		m[j] = t;
	}
}

/* The map of |n| members as digits. */
static const char *
map(struct elect_member *m, size_t n, uint32_t first, enum elect_list list,
    enum elect_return ret, const char *keep)
{
	static char text[MAX + 1];
	uint32_t oid[MAX];
	size_t kn = keep != NULL ? digits(keep, oid) : 0, k;

	k = elect_order(m, n, first, list, ret, keep != NULL ? oid : NULL,
	    kn);
	assert_true(k <= n);
	for (size_t i = 0; i < k; i++)
		text[i] = (char)('0' + m[i].addr.num[19]);
	text[k] = '\0';
	return text;
}

/*
 * The group |text| elects |winner|, and has the map |want| with all listed or
 * |living| with the living; from whatever order in memory.
 */
static void
maps(const char *text, unsigned winner, enum elect_return ret,
    const char *keep, const char *want, const char *living)
{
	struct elect_member m[MAX];
	size_t n = group(text, m);
	struct rng r;

	rng_seed(&r, 1);
	for (unsigned i = 0; i < 30; i++) {
		shuffle(m, n, &r);
		assert_int_equal(elect_winner(m, n).winner,
		    winner != 0 ? OID(winner) : 0);
		assert_string_equal(map(m, n, OID(winner), ELECT_LIST_GROUP,
		    ret, keep), want);
		shuffle(m, n, &r);
		assert_string_equal(map(m, n, OID(winner), ELECT_LIST_LIVING,
		    ret, keep), living);
	}
}

static void
wins(const char *text, unsigned winner, enum elect_rule rule, unsigned living)
{
	struct elect_member m[MAX];
	size_t n = group(text, m);
	struct elect_result r = elect_winner(m, n);

	assert_int_equal(r.winner, winner != 0 ? OID(winner) : 0);
	assert_int_equal(r.rule, rule);
	assert_int_equal(r.living, living);
}

/* ---- who is Active ------------------------------------------------------- */

static void
eligible(void **state)
{
	struct elect_member m = member(1, 'b');

	(void)state;
	for (const char *c = "abch"; *c != '\0'; c++) {
		m = member(1, *c);
		assert_true(elect_eligible(&m));
	}
	for (const char *c = "slpdx"; *c != '\0'; c++) {
		m = member(1, *c);
		assert_false(elect_eligible(&m));
	}
	m = member(1, 'a');
	m.priority = 0;
	assert_false(elect_eligible(&m));
}

static void
better(void **state)
{
	struct elect_member a = member(1, 'b'), b = member(2, 'b');

	(void)state;
	assert_true(elect_better(&a, &b));
	assert_false(elect_better(&b, &a));
	assert_false(elect_better(&a, &a));
	b.priority = a.priority;
	assert_true(elect_better(&a, &b));
	assert_false(elect_better(&b, &a));
	/* OIDs are unsigned. */
	b.oid = 0xc0000000;
	assert_true(elect_better(&a, &b));
	b.priority++;
	assert_true(elect_better(&b, &a));
}

/* Rule 3: nobody claims anything. */
static void
rule_best(void **state)
{
	(void)state;
	wins("", 0, ELECT_NOBODY, 0);
	wins("1d 2x 3p 4s", 0, ELECT_NOBODY, 0);
	wins("1b 2b 3b 4b", 1, ELECT_BEST, 4);
	wins("4b 3c 2b", 2, ELECT_BEST, 3);
	wins("1s 2l 3p 4b", 4, ELECT_BEST, 1);
}

/* Rule 2: an incumbent stays, and of two the better one. */
static void
rule_incumbent(void **state)
{
	(void)state;
	wins("1b 2b 3a 4b", 3, ELECT_INCUMBENT, 4);
	wins("1c 2b 3b 4a", 4, ELECT_INCUMBENT, 4);
	wins("1b 2a 3a 4b", 2, ELECT_INCUMBENT, 4);
	wins("1b 2b 3h 4a", 3, ELECT_INCUMBENT, 4);
	wins("1d 2b 3a", 3, ELECT_INCUMBENT, 2);
}

/* Rule 1: a successor that lives, of the best who names one. */
static void
rule_successor(void **state)
{
	struct elect_member m[MAX];
	size_t n = group("1b 2h 3a 4h", m);
	struct elect_result r;

	(void)state;
	m[1].successor = OID(1);
	m[3].successor = OID(3);
	r = elect_winner(m, n);
	assert_int_equal(r.winner, OID(1));
	assert_int_equal(r.rule, ELECT_SUCCESSOR);
	assert_int_equal(r.living, 4);
	/* M1 starts anew: the other's heir. */
	m[0].role = MARS_ROLE_STARTING;
	assert_int_equal(elect_winner(m, n).winner, OID(3));
	/* No heir lives: who claims stays. */
	m[2].live = false;
	r = elect_winner(m, n);
	assert_int_equal(r.winner, OID(2));
	assert_int_equal(r.rule, ELECT_INCUMBENT);
	/* A dead server names nobody, and a Backup neither. */
	n = group("1b 2d 3b 4a", m);
	m[1].role = MARS_ROLE_HANDOVER;
	m[1].successor = m[2].successor = OID(1);
	assert_int_equal(elect_winner(m, n).winner, OID(4));
}

/* Priority 0 means never to be Active, but it may still hand over. */
static void
never(void **state)
{
	struct elect_member m[MAX];
	size_t n = group("1h 2b", m);

	(void)state;
	m[0].priority = 0;
	assert_int_equal(elect_winner(m, n).rule, ELECT_BEST);
	assert_int_equal(elect_winner(m, n).living, 1);
	m[0].successor = OID(2);
	assert_int_equal(elect_winner(m, n).rule, ELECT_SUCCESSOR);
	m[1].priority = 0;
	assert_int_equal(elect_winner(m, n).rule, ELECT_NOBODY);
}

/* ---- the order of maps --------------------------------------------------- */

/* Scenarios S12 and S13: the first backup takes over, or the second. */
static void
take_over(void **state)
{
	(void)state;
	maps("1a 2b 3b 4b", 1, ELECT_RETURN_LAST, NULL, "1234", "1234");
	maps("1d 2a 3b 4b", 2, ELECT_RETURN_LAST, NULL, "2341", "234");
	maps("1d 2a 3b 4b", 2, ELECT_RETURN_LAST, "1234", "2341", "234");
	maps("1d 2d 3a 4b", 3, ELECT_RETURN_LAST, NULL, "3412", "34");
	maps("1d 2d 3a 4b", 3, ELECT_RETURN_LAST, "1234", "3412", "34");
	/* S14: all died, and M1 is back. */
	maps("1a 2d 3d 4d", 1, ELECT_RETURN_LAST, NULL, "1234", "1");
	maps("1a 2x 3x 4x", 1, ELECT_RETURN_LAST, NULL, "1234", "1");
}

/* Scenario S15: M2 returns while M3 is Active; S16: and becomes Active. */
static void
sticky(void **state)
{
	struct elect_member m[MAX];
	size_t n;

	(void)state;
	maps("1d 2b 3a 4b", 3, ELECT_RETURN_LAST, "3412", "3421", "342");
	maps("1d 2b 3a 4b", 3, ELECT_RETURN_LAST, "3421", "3421", "342");
	maps("1d 2b 3a 4b", 3, ELECT_RETURN_NEXT, "3412", "3241", "324");
	maps("1d 2a 3b 4b", 2, ELECT_RETURN_LAST, "3421", "2341", "234");
	n = group("1d 2b 3h 4b", m);
	m[2].successor = OID(2);
	assert_int_equal(elect_winner(m, n).winner, OID(2));
	assert_string_equal(map(m, n, OID(2), ELECT_LIST_GROUP,
	    ELECT_RETURN_PREEMPT, "3412"), "2341");
	/* While it starts, it is none of the Living Group, but no dead one. */
	maps("1d 2s 3a 4b", 3, ELECT_RETURN_LAST, "3412", "3421", "342");
}

/* Scenario S20: backups die and return. */
static void
backups(void **state)
{
	(void)state;
	maps("1a 2b 3d 4b", 1, ELECT_RETURN_LAST, "1234", "1243", "124");
	maps("1a 2b 3b 4b", 1, ELECT_RETURN_LAST, "1243", "1243", "1243");
	maps("1a 2b 3b 4b", 1, ELECT_RETURN_NEXT, "1243", "1234", "1234");
	maps("1a 2b 3d 4d", 1, ELECT_RETURN_LAST, "1243", "1234", "12");
	maps("1a 2d 3d 4d", 1, ELECT_RETURN_LAST, "1234", "1234", "1");
}

/* Scenarios S23, S24 and S25: M1 returns last, preferred, or takes back. */
static void
returns(void **state)
{
	(void)state;
	maps("1b 2a 3b 4b", 2, ELECT_RETURN_LAST, "2341", "2341", "2341");
	maps("1b 2a 3b 4b", 2, ELECT_RETURN_LAST, "234", "2341", "2341");
	maps("1b 2a 3b 4b", 2, ELECT_RETURN_NEXT, "2341", "2134", "2134");
	maps("1a 2d 3b 4b", 1, ELECT_RETURN_NEXT, "2134", "1342", "134");
	maps("1b 2a 3b 4b", 2, ELECT_RETURN_PREEMPT, "2341", "2134", "2134");
	maps("1a 2b 3b 4b", 1, ELECT_RETURN_PREEMPT, "2341", "1234", "1234");
	/* M2 tells its clients so before it has stepped down. */
	{
		struct elect_member m[MAX];
		size_t n = group("1b 2h 3b 4b", m);

		m[1].successor = OID(1);
		assert_int_equal(elect_winner(m, n).winner, OID(1));
		assert_string_equal(map(m, n, OID(1), ELECT_LIST_GROUP,
		    ELECT_RETURN_PREEMPT, "2341"), "1234");
	}
}

/* Scenarios S31, S32 and S33: one after another dies, and one is restarted. */
static void
catastrophe(void **state)
{
	(void)state;
	maps("1d 2a 3b 4b", 2, ELECT_RETURN_LAST, "1234", "2341", "234");
	maps("1d 2d 3a 4b", 3, ELECT_RETURN_LAST, "2341", "3412", "34");
	maps("1d 2d 3d 4a", 4, ELECT_RETURN_LAST, "3412", "4123", "4");
	maps("1a 2x 3x 4x", 1, ELECT_RETURN_LAST, NULL, "1234", "1");
	maps("1a 2d 3d 4d", 1, ELECT_RETURN_LAST, "4123", "1234", "1");
	/* M3, with what it remembers and with nothing but its configuration. */
	maps("1d 2d 3a 4d", 3, ELECT_RETURN_LAST, "3412", "3412", "3");
	maps("1d 2d 3a 4d", 3, ELECT_RETURN_LAST, NULL, "3412", "3");
	maps("1x 2x 3a 4x", 3, ELECT_RETURN_LAST, NULL, "3412", "3");
}

/*
 * Without an election (RFC 2443 section 5.1) who sends the map is first, the
 * live ones follow in ascending order, the configured ones behind them.
 */
static void
plain(void **state)
{
	struct elect_member m[MAX];
	size_t n = group("4p 2p 3p 1x 5x", m);

	(void)state;
	assert_string_equal(map(m, n, OID(3), ELECT_LIST_GROUP,
	    ELECT_RETURN_LAST, NULL), "32451");
	n = group("4p 2p 3p 5x 1x", m);
	m[3].place = 1;
	m[4].place = 2;
	m[2].place = 0;
	assert_string_equal(map(m, n, OID(3), ELECT_LIST_GROUP,
	    ELECT_RETURN_LAST, "5432"), "32451");
	assert_string_equal(map(m, n, OID(3), ELECT_LIST_LIVING,
	    ELECT_RETURN_LAST, NULL), "324");
	/* Plain ones stand behind all that can be elected. */
	maps("1p 2b 3a 4p 5b 6d 7x", 3, ELECT_RETURN_NEXT, NULL, "3251467",
	    "32514");
	/* A dead one without a place is behind those with. */
	n = group("1a 2x 3x 4x", m);
	m[1].place = 0;
	assert_string_equal(map(m, n, OID(1), ELECT_LIST_GROUP,
	    ELECT_RETURN_LAST, NULL), "1342");
}

/* Who cannot be Active is nobody's first choice, but alive. */
static void
waiting(void **state)
{
	(void)state;
	maps("1l 2a 3s 4b 5p 6d", 2, ELECT_RETURN_NEXT, NULL, "245136",
	    "24513");
	maps("1s 2s 3d", 0, ELECT_RETURN_NEXT, NULL, "123", "12");
}

/* An address is in a map once: where it is best known. */
static void
duplicates(void **state)
{
	(void)state;
	maps("1a 1x 1p 2b 2x 2d 3x 3d 4x", 1, ELECT_RETURN_LAST, NULL, "1234",
	    "12");
	maps("2x 2p 1d 1x 3a 3p", 3, ELECT_RETURN_LAST, "312", "321", "32");
	maps("1b 1b 2a 2a 2a", 2, ELECT_RETURN_LAST, NULL, "21", "21");
}

/* Nobody is lost from |m|, and who is first need not be known or alive. */
static void
odd(void **state)
{
	struct elect_member m[MAX];
	size_t n = group("3d 1d 2b 4b", m);

	(void)state;
	assert_string_equal(map(m, n, OID(9), ELECT_LIST_GROUP,
	    ELECT_RETURN_LAST, NULL), "2413");
	n = group("1d 2b 3b", m);
	assert_string_equal(map(m, n, OID(9), ELECT_LIST_GROUP,
	    ELECT_RETURN_LAST, NULL), "231");
	assert_string_equal(map(m, n, OID(1), ELECT_LIST_LIVING,
	    ELECT_RETURN_LAST, NULL), "23");
	assert_int_equal(m[2].addr.num[19], 1);
	assert_string_equal(map(m, n, 0, ELECT_LIST_GROUP, ELECT_RETURN_LAST,
	    "32"), "321");
	assert_int_equal(elect_order(m, 0, 0, ELECT_LIST_GROUP,
	    ELECT_RETURN_LAST, NULL, 0), 0);
	/* A configured server has OID 0, which is nobody's. */
	n = group("2x 1x", m);
	m[0].live = m[1].live = true;
	assert_string_equal(map(m, n, 0, ELECT_LIST_GROUP, ELECT_RETURN_LAST,
	    NULL), "12");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(eligible),
		cmocka_unit_test(better),
		cmocka_unit_test(rule_best),
		cmocka_unit_test(rule_incumbent),
		cmocka_unit_test(rule_successor),
		cmocka_unit_test(never),
		cmocka_unit_test(take_over),
		cmocka_unit_test(sticky),
		cmocka_unit_test(backups),
		cmocka_unit_test(returns),
		cmocka_unit_test(catastrophe),
		cmocka_unit_test(plain),
		cmocka_unit_test(waiting),
		cmocka_unit_test(duplicates),
		cmocka_unit_test(odd),
	};

	return cmocka_run_group_tests_name("elect", tests, NULL, NULL);
}
