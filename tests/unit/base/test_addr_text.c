/* SPDX-License-Identifier: BSD-2-Clause */
/* Text forms of ATM and layer 3 addresses; libatm/ compares with libatm. */
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "marsh/base/addr.h"
#include "marsh/base/err.h"
#include "marsh/base/rng.h"

#define NSAP "47.0005.80FFE1000000F21A26D8.0020480D3A10.00"

static void
reads_as(const char *text, const char *want)
{
	char buf[ATM_TEXT_MAX];
	struct atm_addr a;
	const char *why = "";

	assert_int_equal(atm_addr_parse(text, &a, &why), 0);
	assert_ptr_equal(atm_addr_format(&a, buf), buf);
	assert_string_equal(buf, want);
}

static void
atm_forms(void **state)
{
	(void)state;
	reads_as("47000580ffe1000000f21a26d80020480d3a1000", NSAP);
	reads_as("47.0005.80.ffe100.0000.f21a.26d8.0020480D3A10.00", NSAP);
	reads_as(NSAP, NSAP);
	reads_as("49000580ffe1000000f21a26d80020480d3a1000",
	    "49.000580FFE1000000F21A26D8.0020480D3A10.00");
	reads_as("1234567890123456789012345678901234567890",
	    "1234567890123456789012345678901234567890");
	reads_as("15551234567", "+15551234567");
	reads_as("+1555.123.4567", "+15551234567");
	reads_as(":15551234567", "+15551234567");
	reads_as("123456789012345", "+123456789012345");
	reads_as("+15551234567+" NSAP, "15551234567+" NSAP);
	reads_as("15551234567:F21A26D8.0020480D3A10.00",
	    "15551234567:F21A26D8.0020480D3A10.00");
	reads_as("45000015551234567FF21A26D80020480D3A1000",
	    "15551234567:F21A26D8.0020480D3A10.00");
	reads_as("1+2:F21A26D8.0020480D3A10.00",
	    "1+2:F21A26D8.0020480D3A10.00");
}

/* AFI 45 is shortened only where nothing is lost. */
static void
atm_lossless(void **state)
{
	static const char *const whole[] = {
		"45000015551234567" "0F21A26D80020480D3A1000", /* no F */
		"450000000000000" "00FF21A26D80020480D3A1000", /* number 0 */
		"45A00000000000" "001FF21A26D80020480D3A1000", /* not BCD */
		"C3000015551234567" "FF21A26D80020480D3A1000", /* group */
	};

	(void)state;
	for (size_t i = 0; i < sizeof(whole) / sizeof(whole[0]); i++)
		reads_as(whole[i], whole[i]);
}

static void
atm_refused(void **state)
{
	static const char *const bad[] = { "", ".", "+", ":", "1+", "+1+",
		"1..2", "1.", ".1", "1 ", " 1", "1234567890123456", "12a",
		"47000580ffe1000000f21a26d80020480d3a100",
		"47000580ffe1000000f21a26d80020480d3a10000",
		"47000580ffe1000000f21a26d80020480d3a10g0",
		".47000580ffe1000000f21a26d80020480d3a1000",
		"47000580ffe1000000f21a26d80020480d3a1000.",
		"47..000580ffe1000000f21a26d80020480d3a1000",
		"00000580ffe1000000f21a26d80020480d3a1000",
		"1+00000580ffe1000000f21a26d80020480d3a1000",
		"1+1", "1+1+" NSAP, NSAP "+1", "01:F21A26D8.0020480D3A10.00",
		"1234567890123456:F21A26D80020480D3A1000",
		"1:.F21A26D8.0020480D3A10.00", "1.2:F21A26D8.0020480D3A10.00",
		"\303\251", "47/8" };
	static const struct atm_addr zero;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct atm_addr a;
		const char *why = NULL;

		memset(&a, 0xff, sizeof(a));
		assert_int_equal(atm_addr_parse(bad[i], &a, &why),
		    MARSH_EINVAL);
		assert_non_null(why);
		assert_memory_equal(&a, &zero, sizeof(a));
		assert_int_equal(atm_addr_parse(bad[i], &a, NULL),
		    MARSH_EINVAL);
	}
}

static void
atm_none(void **state)
{
	const struct atm_addr a = { 0 };
	char buf[ATM_TEXT_MAX];

	(void)state;
	assert_string_equal(atm_addr_format(&a, buf), "none");
}

static void
l3_reads_as(const char *text, const char *want)
{
	char buf[L3_TEXT_MAX];
	struct l3_addr a, b;

	assert_int_equal(l3_addr_parse(text, &a), 0);
	assert_string_equal(l3_addr_format(&a, buf), want);
	assert_int_equal(l3_addr_parse(buf, &b), 0);
	assert_memory_equal(&a, &b, sizeof(a));
}

static void
l3_forms(void **state)
{
	struct l3_addr a;

	(void)state;
	l3_reads_as("239.1.2.3", "239.1.2.3");
	l3_reads_as("FF05:0::1:3", "ff05::1:3");
	l3_reads_as("0xe0000001", "224.0.0.1");
	l3_reads_as("0X01005E7fffff", "0x01005e7fffff");
	l3_reads_as("0x", "0x");
	l3_reads_as("0x0102030405060708091011121314151617181920",
	    "0x0102030405060708091011121314151617181920");
	assert_int_equal(l3_addr_parse("", &a), MARSH_EINVAL);
	assert_int_equal(l3_addr_parse("1.2.3", &a), MARSH_EINVAL);
	assert_int_equal(l3_addr_parse("1.2.3.256", &a), MARSH_EINVAL);
	assert_int_equal(l3_addr_parse("1.2.3.4 ", &a), MARSH_EINVAL);
	assert_int_equal(l3_addr_parse("0x1", &a), MARSH_EINVAL);
	assert_int_equal(l3_addr_parse("0xzz", &a), MARSH_EINVAL);
	assert_int_equal(l3_addr_parse("0x01020304050607080910111213141516171"
				       "819202", &a), MARSH_EINVAL);
	assert_int_equal(l3_addr_parse("0x01020304050607080910111213141516171"
				       "81920ff", &a), MARSH_EINVAL);
}

static void
range_is(const char *text, const char *want)
{
	char buf[2 * L3_TEXT_MAX];
	struct l3_range r;

	assert_int_equal(l3_range_parse(text, &r, NULL), 0);
	assert_string_equal(l3_range_format(&r, buf), want);
}

static void
range_not(const char *text, const char *want)
{
	static const struct l3_range zero;
	struct l3_range r;
	const char *why = NULL;

	memset(&r, 0xff, sizeof(r));
	assert_int_equal(l3_range_parse(text, &r, &why), MARSH_EINVAL);
	assert_string_equal(why, want);
	assert_memory_equal(&r, &zero, sizeof(r));
}

/* MARS-096: one group, a block, and the whole space. */
static void
ranges(void **state)
{
	(void)state;
	range_is("224.0.0.1", "224.0.0.1");
	range_is("224.0.0.0-239.255.255.255", "224.0.0.0-239.255.255.255");
	range_is("224.0.0.1-224.0.0.1", "224.0.0.1");
	range_is("224.1.0.0/16", "224.1.0.0-224.1.255.255");
	range_is("224.1.2.3/12", "224.0.0.0-224.15.255.255");
	range_is("224.1.2.3/32", "224.1.2.3");
	range_is("0.0.0.0/0", "0.0.0.0-255.255.255.255");
	range_is("ff05::/16",
	    "ff05::-ff05:ffff:ffff:ffff:ffff:ffff:ffff:ffff");
	range_is("0x0100-0x01ff", "0x0100-0x01ff");
	range_not("", "bad address");
	range_not("0x", "bad address");
	range_not("224.0.0.1-", "bad address");
	range_not("-224.0.0.1", "bad address");
	range_not("224.0.0.1-0x", "bad address");
	range_not("224.0.0.1-224.0.0.2-224.0.0.3", "bad address");
	range_not("0.0.0.0-::", "ends of different kind");
	range_not("224.0.0.2-224.0.0.1", "min above max");
	range_not("224.0.0.0/33", "prefix too long");
	range_not("::/129", "prefix too long");
	range_not("224.0.0.0/", "bad prefix length");
	range_not("224.0.0.0/-1", "bad prefix length");
	range_not("224.0.0.0/4x", "bad prefix length");
	range_not("224.0.0.0/99999999999999999999", "bad prefix length");
	range_not("1111111111111111111111111111111111111111111111111111111"
		  "11111111111111-1.2.3.4", "bad address");
}

/* What is written reads back, and fits its buffer, whatever the value. */
static void
round_trips(void **state)
{
	char buf[2 * L3_TEXT_MAX];
	struct rng rng;

	(void)state;
	rng_seed(&rng, 5);
	for (int i = 0; i < 20000; i++) {
		uint8_t octets[2 * L3_MAX];
		size_t len = 1 + rng_below(&rng, L3_MAX);
		struct l3_range r, back;

		for (size_t k = 0; k < sizeof(octets); k++)
			octets[k] = rng_below(&rng, 3) == 0
			    ? 0 : (uint8_t)rng_u64(&rng);
		assert_int_equal(l3_addr_set(&r.min, octets, len), 0);
		assert_int_equal(l3_addr_set(&r.max, octets + L3_MAX, len), 0);
		if (l3_addr_cmp(&r.min, &r.max) > 0)
			r.min = r.max;
		l3_range_format(&r, buf);
		assert_in_range(strlen(buf), 1, sizeof(buf) - 1);
		assert_int_equal(l3_range_parse(buf, &back, NULL), 0);
		assert_memory_equal(&r, &back, sizeof(r));
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(atm_forms),
		cmocka_unit_test(atm_lossless),
		cmocka_unit_test(atm_refused),
		cmocka_unit_test(atm_none),
		cmocka_unit_test(l3_forms),
		cmocka_unit_test(ranges),
		cmocka_unit_test(round_trips),
	};

	return cmocka_run_group_tests_name("addr text", tests, NULL, NULL);
}
