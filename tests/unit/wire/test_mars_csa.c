/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Every MARS part of tests/golden: decoded fields are as the vector's comment
 * says, writing them gives the same octets in no less room, and no proper
 * prefix decodes.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "golden.h"
#include "marsh/base/err.h"
#include "marsh/wire/mars_csa.h"
#include "marsh/wire/scsp_msg.h"

#define CLIENT "47000580ffe1000000f21a26d80020ea00112200"
#define SERVER "47000580ffe1000000f21a26d80020ea000ee000"
#define MCS "47000580ffe1000000f21a26d80020ea00445500"
#define PHONE "15551234567+47000580ffe1000000f21a26d80020480d3a1000"

static void
same_again(const uint8_t *b, size_t len, const struct mars_csa *m)
{
	uint8_t *out = calloc(1, len);

	assert_int_equal(mars_csa_size(m), len);
	assert_int_equal(mars_csa_encode(m, out, len), len);
	assert_memory_equal(out, b, len);
	for (size_t cap = 0; cap < len; cap++)
		assert_int_equal(mars_csa_encode(m, out, cap), 0);
	free(out);
}

/* SMARS-027: what is cut off is missed. */
static void
no_prefix(const uint8_t *b, size_t len, uint8_t state)
{
	struct mars_csa_err err;
	struct mars_csa m;

	for (size_t n = 0; n < len; n++) {
		uint8_t *cut = golden_exact(b, n);
		int rv = mars_csa_decode(cut, n, &m, &err);

		if (state == MARS_CSA_STATUS
		    && err.bad == MARS_CSA_BAD_TLV) {
			assert_true(n >= 40);
			assert_int_equal(rv, MARSH_EPROTO);
		} else {
			assert_int_equal(rv, MARSH_ESHORT);
			assert_int_equal(err.bad, MARS_CSA_BAD_SHORT);
		}
		assert_true(err.off <= n);
		assert_non_null(err.field);
		free(cut);
	}
}

/* Reads, decodes and checks what holds for every vector; to be freed. */
static uint8_t *
vector(const char *name, uint8_t state, const char *who, struct mars_csa *m)
{
	struct mars_csa_err err = { MARS_CSA_BAD_NONE, "", 0 };
	struct atm_addr addr;
	char file[64];
	size_t len;
	uint8_t *b;

	snprintf(file, sizeof(file), "csa_%s", name);
	b = golden_read(file, &len);
	assert_int_equal(mars_csa_decode(b, len, m, &err), 0);
	assert_int_equal(mars_csa_decode(b, len, m, NULL), 0);
	assert_int_equal(m->state, state);
	assert_int_equal(m->version, state == MARS_CSA_STATUS ? 0xff : 0);
	assert_int_equal(atm_addr_parse(who, &addr, NULL), 0);
	assert_true(atm_addr_equal(&m->addr, &addr));
	same_again(b, len, m);
	no_prefix(b, len, state);
	return b;
}

static void
l3_is(const struct l3_addr *a, const char *text)
{
	struct l3_addr want = { .len = 0 };

	if (*text != '\0')
		assert_int_equal(l3_addr_parse(text, &want), 0);
	assert_int_equal(l3_addr_cmp(a, &want), 0);
}

/* |flags|: "l" layer3grp, "r" register. */
static void
member(const char *name, uint8_t state, const char *who, const char *flags,
    unsigned cmi, const char *spa, const char *min, const char *max)
{
	struct mars_csa m;

	free(vector(name, state, who, &m));
	assert_int_equal(m.layer3grp, strchr(flags, 'l') != NULL);
	assert_int_equal(m.reg, strchr(flags, 'r') != NULL);
	assert_int_equal(m.cmi, cmi);
	l3_is(&m.spa, spa);
	assert_int_equal(m.has_group, *min != '\0');
	l3_is(&m.group.min, min);
	l3_is(&m.group.max, max);
	assert_null(m.tlvs);
}

/* SMARS-020, SMARS-031: nothing but where the server is. */
static void
server(void **state)
{
	(void)state;
	member("server", MARS_CSA_SERVER, SERVER, "", 0, "", "", "");
	member("server_e164", MARS_CSA_SERVER, PHONE, "", 0, "", "", "");
}

/* SMARS-035, SMARS-036: the two forms of what an MCS says; SMARS-059. */
static void
mcs(void **state)
{
	(void)state;
	member("serve_register", MARS_CSA_SERVE, MCS, "r", 7, "", "", "");
	member("serve", MARS_CSA_SERVE, MCS, "", 7, "10.0.2.5",
	    "224.9.9.9", "224.9.9.9");
	member("unserve", MARS_CSA_UNSERVE, MCS, "", 7, "10.0.2.5",
	    "224.9.9.9", "224.9.9.9");
	member("unserve_register", MARS_CSA_UNSERVE, MCS, "r", 7, "", "", "");
}

/* SMARS-016, SMARS-017, SMARS-025, SMARS-043: with groups and without. */
static void
join(void **state)
{
	(void)state;
	member("join", MARS_CSA_JOIN, CLIENT, "l", 0x101, "10.0.1.10",
	    "224.1.2.3", "224.1.2.3");
	member("join_block", MARS_CSA_JOIN, CLIENT, "", 0x102, "10.0.1.1",
	    "224.0.0.0", "239.255.255.255");
	member("join_register", MARS_CSA_JOIN, CLIENT, "r", 0x101,
	    "10.0.1.10", "", "");
}

/* SMARS-052: a Leave looks like the Join. */
static void
leave(void **state)
{
	(void)state;
	member("leave", MARS_CSA_LEAVE, CLIENT, "l", 0x101, "10.0.1.10",
	    "224.1.2.3", "224.1.2.3");
	member("leave_register", MARS_CSA_LEAVE, CLIENT, "r", 0x101,
	    "10.0.1.10", "", "");
}

/* SMARS-024, SMARS-026: E.164 with a subaddress, and no protocol address. */
static void
e164(void **state)
{
	(void)state;
	member("join_e164_sub", MARS_CSA_JOIN, PHONE, "l", 0x105, "",
	    "224.1.2.3", "224.1.2.3");
}

/* SMARS-018: the protocol is that of mar$pro, short or long. */
static void
protocols(void **state)
{
	static const uint8_t snap[] = { 0, 0, 0x0a, 0, 1 }, none[5];
	struct mars_csa m;

	(void)state;
	member("join_ipv6", MARS_CSA_JOIN, CLIENT, "l", 0x103, "2001:db8::10",
	    "ff05::1:3", "ff05::1:3");
	member("join_long", MARS_CSA_JOIN, CLIENT, "", 0x104, "0x0102",
	    "0xf001", "0xf0ff");
	free(vector("join_ipv6", MARS_CSA_JOIN, CLIENT, &m));
	assert_int_equal(m.pro.type, 0x86dd);
	free(vector("join_long", MARS_CSA_JOIN, CLIENT, &m));
	assert_int_equal(m.pro.type, L3_PROTO_LONG);
	assert_memory_equal(m.pro.snap, snap, sizeof(snap));
	free(vector("join", MARS_CSA_JOIN, CLIENT, &m));
	assert_int_equal(m.pro.type, 0x0800);
	assert_memory_equal(m.pro.snap, none, sizeof(none));
}

/* SMARS-023: whatever the sequence bits are, nothing else changes. */
static void
sequence(void **state)
{
	struct mars_csa m, n;
	uint8_t *b = vector("join_register", MARS_CSA_JOIN, CLIENT, &m);

	(void)state;
	assert_int_equal(m.sequence, 5);
	for (unsigned s = 0; s < 256; s++) {
		b[13] = (uint8_t)s;
		assert_int_equal(mars_csa_decode(b, 44, &n, NULL), 0);
		assert_int_equal(n.sequence, s);
		n.sequence = 5;
		assert_memory_equal(&n, &m, sizeof(n));
	}
	free(b);
}

/* The parts of whole packets, as the SCSP codec hands them over. */
static void
in_packets(void **state)
{
	static const struct {
		const char *packet;
		uint8_t state;
	} all[] = {
		{ "scsp_csu_req", MARS_CSA_JOIN },
		{ "scsp_csu_req_redirect", MARS_CSA_SERVER },
		{ "scsp_csu_req_status", MARS_CSA_STATUS },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
		size_t len, off = 0;
		uint8_t *b = golden_read(all[i].packet, &len);
		struct scsp_msg p;
		struct scsp_rec r;
		struct mars_csa m;

		assert_int_equal(scsp_decode(b, len, &p, NULL), 0);
		assert_int_equal(p.pid, 3);
		assert_true(scsp_next(&p, &off, &r));
		assert_int_equal(mars_csa_decode(r.body.p, r.body.len, &m,
		    NULL), 0);
		assert_int_equal(m.state, all[i].state);
		same_again(r.body.p, r.body.len, &m);
		free(b);
	}
}

static void
line_is(const char *name, const char *want)
{
	char file[64], line[256], tight[256];
	struct mars_csa m;
	size_t len;
	uint8_t *b;

	snprintf(file, sizeof(file), "csa_%s", name);
	b = golden_read(file, &len);
	assert_int_equal(mars_csa_decode(b, len, &m, NULL), 0);
	assert_ptr_equal(mars_csa_format(&m, line, sizeof(line)), line);
	assert_string_equal(line, want);
	for (size_t cap = 1; cap <= strlen(want); cap++) {
		memset(tight, 'x', sizeof(tight));
		mars_csa_format(&m, tight, cap);
		assert_int_equal(strlen(tight), cap - 1);
		assert_int_equal(tight[cap], 'x');
	}
	mars_csa_format(&m, tight, 0);
	free(b);
}

static void
format(void **state)
{
	(void)state;
	line_is("server", "server from 47.0005.80FFE1000000F21A26D8."
			  "0020EA000EE0.00");
	line_is("join", "join from 47.0005.80FFE1000000F21A26D8."
			"0020EA001122.00 at 10.0.1.10 <224.1.2.3> layer3grp "
			"cmi 257");
	line_is("join_register", "join from 47.0005.80FFE1000000F21A26D8."
				 "0020EA001122.00 at 10.0.1.10 register seq 5 "
				 "cmi 257");
	line_is("status", "status from 47.0005.80FFE1000000F21A26D8."
			  "0020EA000EE0.00: 1 Active 200 preempt ready cmi "
			  "1:257-511 clients 42/500 aligned 2");
	line_is("status_e164", "status from 15551234567+47.0005."
			       "80FFE1000000F21A26D8.0020480D3A10.00: 1 "
			       "Handover 100 preempt hard to 10.0.0.2, 2 "
			       "Backup 0 clients 0/0 closed aligned 0");
}

/* Lists are cut, and what a status says wrongly is not told. */
static void
format_odd(void **state)
{
	static const uint8_t null[4];
	struct mars_status s = { .interval = 5, .parts = 6, .slices = 5 };
	struct mars_csa m = { .state = MARS_CSA_STATUS, .version = 0xff,
		.tlvs = null, .tlvs_len = sizeof(null) };
	char line[256];
	uint8_t b[512];
	size_t len;

	(void)state;
	assert_int_equal(atm_addr_parse("15551234567", &m.addr, NULL), 0);
	mars_csa_format(&m, line, sizeof(line));
	assert_string_equal(line, "status from +15551234567 ?");
	for (unsigned i = 0; i < 6; i++) {
		s.part[i] = (struct mars_status_part){ .part = (uint16_t)i,
			.role = MARS_ROLE_BACKUP, .mode = MARS_MODE_SOFT };
		s.slice[i] = (struct mars_status_slice){ (uint16_t)i, 1, 2 };
	}
	len = mars_status_write(&s, &L3_PROTO_IPV4, &m.addr, b, sizeof(b));
	assert_int_equal(mars_csa_decode(b, len, &m, NULL), 0);
	mars_csa_format(&m, line, sizeof(line));
	assert_string_equal(line, "status from +15551234567: 0 Backup 0 soft, "
	    "1 Backup 0 soft, 2 Backup 0 soft, 3 Backup 0 soft +2 cmi "
	    "0:1-2,1:1-2,2:1-2,3:1-2 +1 clients 0/0 aligned 0");
}

static void
words(void **state)
{
	(void)state;
	assert_string_equal(mars_csa_word(MARS_CSA_UNSERVE), "unserve");
	assert_string_equal(mars_csa_word(MARS_CSA_STATUS), "status");
	assert_string_equal(mars_csa_word(0), "?");
	assert_string_equal(mars_csa_word(6), "?");
	assert_string_equal(mars_csa_bad_word(MARS_CSA_BAD_NONE), "ok");
	assert_string_equal(mars_csa_bad_word(MARS_CSA_BAD_TLV), "tlv");
	assert_string_equal(mars_csa_bad_word(MARS_CSA_BAD_COUNT), "?");
	assert_string_equal(mars_role_word(MARS_ROLE_NONE), "-");
	assert_string_equal(mars_role_word(MARS_ROLE_HANDOVER), "Handover");
	assert_string_equal(mars_role_word(MARS_ROLE_COUNT), "?");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(server),
		cmocka_unit_test(mcs),
		cmocka_unit_test(join),
		cmocka_unit_test(leave),
		cmocka_unit_test(e164),
		cmocka_unit_test(protocols),
		cmocka_unit_test(sequence),
		cmocka_unit_test(in_packets),
		cmocka_unit_test(format),
		cmocka_unit_test(format_odd),
		cmocka_unit_test(words),
	};

	return cmocka_run_group_tests_name("mars csa", tests, NULL, NULL);
}
