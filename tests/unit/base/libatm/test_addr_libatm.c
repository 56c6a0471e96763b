/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Text forms against libatm itself, over seeded random addresses and texts
 * mangled at random.  Where marsh differs on purpose, the difference is spelled
 * out here: a leading ':', 13 to 15 digits, and AFI 45 or C3 addresses that
 * libatm shortens.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <atm.h>

#include "marsh/base/addr.h"
#include "marsh/base/rng.h"

#define ROUNDS 100000

static int
their_parse(const char *text, struct sockaddr_atmsvc *s)
{
	memset(s, 0, sizeof(*s));
	return text2atm(text, (struct sockaddr *)s, sizeof(*s), T2A_SVC) < 0;
}

/* Whether |s| and |a| hold the same octets. */
static bool
same(const struct sockaddr_atmsvc *s, const struct atm_addr *a)
{
	struct atm_addr t;
	const uint8_t *prv = s->sas_addr.prv;
	const char *pub = s->sas_addr.pub;
	uint8_t tl = (uint8_t)(ATM_TL_E164 | strlen(pub));

	if (*pub == '\0')
		t = atm_addr_nsap(prv);
	else if (atm_addr_set(&t, tl, (const uint8_t *)pub,
		     *prv != 0 ? ATM_NSAP_LEN : 0, prv) != 0)
		return false;
	return atm_addr_equal(&t, a);
}

static void
random_nsap(struct rng *r, uint8_t nsap[ATM_NSAP_LEN])
{
	static const uint8_t afis[] = { 0x47, 0x39, 0x49, 0x45, 0xc5, 0xbd,
		0xc3, 0xc7, 0x84 };

	for (int i = 0; i < ATM_NSAP_LEN; i++)
		nsap[i] = rng_below(r, 3) ? (uint8_t)rng_u64(r) : 0;
	nsap[0] = rng_below(r, 4) != 0
	    ? afis[rng_below(r, sizeof(afis))] : (uint8_t)rng_u64(r) | 1;
	/* Half of AFI 45 is a number as it should be. */
	if (nsap[0] == 0x45 && rng_below(r, 2) != 0) {
		for (int i = 1; i < 9; i++)
			nsap[i] = (uint8_t)(rng_below(r, 10) << 4
			    | rng_below(r, 10));
		nsap[8] |= 0xf;
	}
}

/* An address libatm can hold: at most 12 digits. */
static void
random_addr(struct rng *r, struct atm_addr *a)
{
	uint8_t nsap[ATM_NSAP_LEN], digits[ATM_E164_LEN];
	uint8_t n = (uint8_t)(1 + rng_below(r, sizeof(digits)));

	random_nsap(r, nsap);
	for (size_t i = 0; i < sizeof(digits); i++)
		digits[i] = (uint8_t)('0' + rng_below(r, 10));
	if (rng_below(r, 3) != 0)
		*a = atm_addr_nsap(nsap);
	else
		assert_int_equal(atm_addr_set(a, ATM_TL_E164 | n, digits,
			rng_below(r, 2) ? ATM_NSAP_LEN : 0, nsap), 0);
}

static void
to_theirs(const struct atm_addr *a, struct sockaddr_atmsvc *s)
{
	memset(s, 0, sizeof(*s));
	s->sas_family = AF_ATMSVC;
	if (a->tl & ATM_TL_E164) {
		memcpy(s->sas_addr.pub, a->num, atm_tl_len(a->tl));
		memcpy(s->sas_addr.prv, a->sub, ATM_NSAP_LEN);
	} else {
		memcpy(s->sas_addr.prv, a->num, ATM_NSAP_LEN);
	}
}

/* libatm reads what marsh writes, and marsh reads it, to the same octets. */
static void
ours_is_read(void **state)
{
	struct rng r;

	(void)state;
	rng_seed(&r, 2022);
	for (int i = 0; i < ROUNDS; i++) {
		struct sockaddr_atmsvc s;
		struct atm_addr a, back;
		char buf[ATM_TEXT_MAX];

		random_addr(&r, &a);
		atm_addr_format(&a, buf);
		assert_int_equal(their_parse(buf, &s), 0);
		assert_true(same(&s, &a));
		assert_int_equal(atm_addr_parse(buf, &back, NULL), 0);
		assert_true(atm_addr_equal(&a, &back));
	}
}

/*
 * marsh writes what libatm writes, in its pretty form; but where that form
 * would not read back to the same octets, marsh writes plain hex.
 */
static void
theirs_is_written(void **state)
{
	int lossy = 0;
	struct rng r;

	(void)state;
	rng_seed(&r, 1577);
	for (int i = 0; i < ROUNDS; i++) {
		struct sockaddr_atmsvc s, back;
		struct atm_addr a;
		char buf[ATM_TEXT_MAX], theirs[ATM_TEXT_MAX];
		int n;

		random_addr(&r, &a);
		to_theirs(&a, &s);
		atm_addr_format(&a, buf);
		n = atm2text(theirs, sizeof(theirs), (struct sockaddr *)&s,
		    A2T_PRETTY);
		if (n < 0 || their_parse(theirs, &back) || !same(&back, &a)) {
			lossy++;
			n = atm2text(theirs, sizeof(theirs),
			    (struct sockaddr *)&s, 0);
		}
		assert_true(n > 0);
		assert_string_equal(buf, theirs);
	}
	assert_in_range(lossy, 1, ROUNDS / 4);
}

/* Texts that only marsh accepts (addr.h, A-07). */
static bool
ours_only(const char *text)
{
	const char *sign = text + (*text == ':' || *text == '+');
	size_t run = 0;

	if (*text == ':')
		return true;
	for (; *sign != '\0' && *sign != '+'; sign++)
		run += *sign != '.';
	return run > ATM_E164_LEN && run <= 15;
}

/* Both refuse and both accept the same mangled texts. */
static void
mangled(void **state)
{
	static const char junk[] = "0123456789abcdefABCDEF..::++g-/ ";
	int good = 0, bad = 0;
	struct rng r;

	(void)state;
	rng_seed(&r, 2334);
	for (int i = 0; i < 2 * ROUNDS; i++) {
		struct sockaddr_atmsvc s;
		struct atm_addr a;
		char buf[ATM_TEXT_MAX];
		size_t at, n;
		int theirs;

		random_addr(&r, &a);
		n = strlen(atm_addr_format(&a, buf));
		for (uint64_t k = rng_below(&r, 3); k-- > 0 && n > 1;) {
			at = rng_below(&r, n);
			switch (rng_below(&r, 3)) {
			case 0:
				buf[at] = junk[rng_below(&r, sizeof(junk) - 1)];
				break;
			case 1:
				memmove(buf + at, buf + at + 1, n-- - at);
				break;
			default:
				memmove(buf + at + 1, buf + at, ++n - at);
				buf[at] = junk[rng_below(&r, sizeof(junk) - 1)];
				break;
			}
		}
		theirs = their_parse(buf, &s);
		if (atm_addr_parse(buf, &a, NULL) != 0) {
			if (!theirs)
				print_error("only libatm reads '%s'\n", buf);
			assert_true(theirs);
			bad++;
		} else if (theirs) {
			if (!ours_only(buf))
				print_error("only marsh reads '%s'\n", buf);
			assert_true(ours_only(buf));
		} else {
			assert_true(same(&s, &a));
			good++;
		}
	}
	assert_true(good > ROUNDS / 4 && bad > ROUNDS / 4);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ours_is_read),
		cmocka_unit_test(theirs_is_written),
		cmocka_unit_test(mangled),
	};

	return cmocka_run_group_tests_name("libatm", tests, NULL, NULL);
}
