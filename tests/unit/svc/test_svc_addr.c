/* SPDX-License-Identifier: BSD-2-Clause */
/* Addresses, QoS, SAP and causes go to the kernel's form and come back. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "marsh/base/err.h"
#include "svc/svc_int.h"

#define NSAP "47.0005.80.FFE100.0000.F21A.26D8.0020EA000EE0.00"

static struct atm_addr
parse(const char *text)
{
	struct atm_addr a;

	assert_int_equal(atm_addr_parse(text, &a, NULL), 0);
	return a;
}

/* What libatm reads from the text is what we make of the address. */
static void
same_as_libatm(const char *text)
{
	struct sockaddr_atmsvc ours, theirs;
	struct atm_addr a = parse(text), back;

	memset(&theirs, 0, sizeof(theirs));
	assert_true(text2atm(text, (struct sockaddr *)&theirs, sizeof(theirs),
		T2A_SVC) >= 0);
	assert_int_equal(svc_addr_to(&a, &ours), 0);
	assert_int_equal(ours.sas_family, AF_ATMSVC);
	assert_memory_equal(&ours.sas_addr, &theirs.sas_addr,
	    sizeof(ours.sas_addr));
	assert_int_equal(svc_addr_from(&theirs, &back), 0);
	assert_true(atm_addr_equal(&a, &back));
}

/* MARS-004: Number and Subaddress both reach the call */
static void
test_addr(void **state)
{
	(void)state;
	same_as_libatm(NSAP);
	same_as_libatm("+15551234");
	same_as_libatm("+155512345678");
	same_as_libatm("+15551234+" NSAP);
}

static void
test_addr_none(void **state)
{
	struct sockaddr_atmsvc sa;
	struct atm_addr a;

	(void)state;
	memset(&a, 0, sizeof(a));
	assert_int_equal(svc_addr_to(&a, &sa), MARSH_EINVAL);
	a = parse("+1555123456789"); /* 13 digits: the kernel has room for 12 */
	assert_int_equal(svc_addr_to(&a, &sa), MARSH_EINVAL);
	memset(&sa, 0, sizeof(sa));
	memset(sa.sas_addr.pub, 'x', sizeof(sa.sas_addr.pub));
	assert_int_equal(svc_addr_from(&sa, &a), MARSH_EINVAL);
	assert_int_equal(a.tl, 0);
}

static void
test_qos(void **state)
{
	struct atm_qos q, root;
	char why[200] = "";

	(void)state;
	assert_int_equal(svc_qos_parse(NULL, &q, why, sizeof(why)), 0);
	assert_int_equal(q.aal, ATM_AAL5);
	assert_int_equal(q.txtp.traffic_class, ATM_UBR);
	assert_int_equal(q.rxtp.traffic_class, ATM_UBR);
	assert_int_equal(q.txtp.max_sdu, 9200);
	assert_int_equal(svc_qos_parse("cbr:max_pcr=1000,sdu=1500", &q, why,
		sizeof(why)), 0);
	assert_int_equal(q.aal, ATM_AAL5);
	assert_int_equal(q.txtp.traffic_class, ATM_CBR);
	assert_int_equal(q.txtp.max_pcr, 1000);
	assert_int_equal(q.rxtp.max_sdu, 1500);
	root = svc_qos_root(&q);
	assert_int_equal(root.txtp.traffic_class, ATM_CBR);
	assert_int_equal(root.rxtp.traffic_class, ATM_NONE);
}

static void
test_qos_bad(void **state)
{
	static const char *const bad[] = { "", "nonsense", "ubr,aal0",
		"ubr:tx:none", "ubr:rx:none" };
	struct atm_qos q;
	char why[200];

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		why[0] = '\0';
		assert_int_equal(svc_qos_parse(bad[i], &q, why, sizeof(why)),
		    MARSH_EINVAL);
		assert_non_null(strstr(why, bad[i]));
	}
}

/* The listener's SAP takes a call with our mark, and the mark comes back. */
static void
test_tag(void **state)
{
	struct atm_sap listener, call, text;
	uint16_t tag;
	uint32_t vc;
	unsigned use;

	(void)state;
	svc_tag_set(&listener, 0, 0, 0);
	memset(&text, 0, sizeof(text));
	assert_int_equal(text2sap("blli:l2=iso8802", &text, 0), 0);
	assert_true(sap_equal(&listener, &text, 0));
	assert_false(svc_tag_get(&listener, &tag, &vc, &use));

	svc_tag_set(&call, 0xbeef, 0x12345678, ATM_USE_CCVC);
	assert_true(sap_equal(&listener, &call, SXE_COMPATIBLE));
	assert_true(svc_tag_get(&call, &tag, &vc, &use));
	assert_int_equal(tag, 0xbeef);
	assert_int_equal(vc, 0x12345678);
	assert_int_equal(use, ATM_USE_CCVC);
	call.bhli.hl_info[1] = ATM_USE_COUNT;
	assert_false(svc_tag_get(&call, &tag, &vc, &use));
	call.bhli.hl_info[1] = ATM_USE_PP;
	call.bhli.hl_length = 7;
	assert_false(svc_tag_get(&call, &tag, &vc, &use));
}

static void
test_cause(void **state)
{
	static const unsigned known[] = {
#define X(name, err) ATM_CAUSE_##name,
		ATM_CAUSE_ERRNOS(X)
#undef X
	};

	(void)state;
	for (size_t i = 0; i < sizeof(known) / sizeof(*known); i++) {
		int err = atm_cause_errno(known[i]);

		assert_int_equal(atm_errno_cause(err), known[i]);
		assert_int_equal(atm_errno_cause(-err), known[i]);
	}
	assert_int_equal(atm_errno_cause(EUNATCH), ATM_CAUSE_NET_OUT);
	assert_int_equal(atm_errno_cause(EDOM), ATM_CAUSE_UNSPECIFIED);
	assert_int_equal(atm_errno_cause(atm_cause_errno(99)),
	    ATM_CAUSE_UNSPECIFIED);
}

static void
test_left(void **state)
{
	unsigned ep, cause;

	(void)state;
	assert_true(atm_left_parse(atm_left_code(0, 0), &ep, &cause));
	assert_int_equal(ep, 0);
	assert_int_equal(cause, 0);
	assert_true(atm_left_parse(atm_left_code(32767, 127), &ep, &cause));
	assert_int_equal(ep, 32767);
	assert_int_equal(cause, 127);
	assert_false(atm_left_parse(EUNATCH, &ep, &cause));
	assert_false(atm_left_parse(-7, &ep, &cause));
	assert_false(atm_left_parse(0, &ep, &cause));
	assert_false(atm_left_parse(INT32_MAX, &ep, &cause));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_addr),
		cmocka_unit_test(test_addr_none),
		cmocka_unit_test(test_qos),
		cmocka_unit_test(test_qos_bad),
		cmocka_unit_test(test_tag),
		cmocka_unit_test(test_cause),
		cmocka_unit_test(test_left),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
