/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a peer can do wrong in a MARS record, one field at a time: a good vector
 * with a few octets changed, and the decoder names the field and the offset.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "golden.h"
#include "marsh/base/err.h"
#include "marsh/wire/mars_csa.h"

/* The vector |name| with |n| octets changed at |off| decodes to |m|. */
static int
decode(const char *name, size_t off, const char *octets, size_t n,
    struct mars_csa *m, struct mars_csa_err *err)
{
	size_t len;
	uint8_t *b = golden_read(name, &len);
	int rv;

	assert_true(off + n <= len);
	memcpy(b + off, octets, n);
	rv = mars_csa_decode(b, len, m, err);
	m->tlvs = NULL; /* would dangle */
	free(b);
	return rv;
}

static void
refused_n(const char *name, size_t off, const char *octets, size_t n,
    enum mars_csa_bad bad, const char *field, size_t at)
{
	struct mars_csa_err err = { MARS_CSA_BAD_NONE, "", 0 };
	struct mars_csa m;
	int rv = decode(name, off, octets, n, &m, &err);

	assert_string_equal(mars_csa_bad_word(err.bad),
	    mars_csa_bad_word(bad));
	assert_int_equal(rv, bad == MARS_CSA_BAD_SHORT ? MARSH_ESHORT
						       : MARSH_EPROTO);
	assert_string_equal(err.field, field);
	assert_int_equal(err.off, at);
	assert_int_equal(decode(name, off, octets, n, &m, NULL), rv);
}

#define refused(name, off, octets, bad, field, at)                             \
	refused_n("csa_" name, off, octets, sizeof(octets) - 1,                \
	    MARS_CSA_BAD_##bad, field, at)

static void
accepted_n(const char *name, size_t off, const char *octets, size_t n)
{
	struct mars_csa m;

	assert_int_equal(decode(name, off, octets, n, &m, NULL), 0);
}

#define accepted(name, off, octets)                                            \
	accepted_n("csa_" name, off, octets, sizeof(octets) - 1)

/* SMARS-018 */
static void
hardware(void **state)
{
	(void)state;
	refused("join", 0, "\x00\x01", HARDWARE, "Hardware Type", 0);
	refused("join", 0, "\x0f\x00", HARDWARE, "Hardware Type", 0);
}

/* SMARS-019: NHRP's, the next of the IETF, the ATM Forum's last. */
static void
version(void **state)
{
	(void)state;
	refused("join", 10, "\x01", VERSION, "Version", 10);
	refused("join", 10, "\x02", VERSION, "Version", 10);
	refused("join", 10, "\xfe", VERSION, "Version", 10);
	refused("status", 10, "\x01", VERSION, "Version", 10);
}

/* SMARS-020: each Version has its own States. */
static void
states(void **state)
{
	(void)state;
	refused("join", 11, "\x00", STATE, "State", 11);
	refused("join", 11, "\x06", STATE, "State", 11);
	refused("join", 11, "\xe1", STATE, "State", 11);
	refused("join", 10, "\xff", STATE, "State", 11);
	refused("status", 10, "\x00", STATE, "State", 11);
	refused("status", 11, "\xe2", STATE, "State", 11);
	refused("status", 11, "\x01", STATE, "State", 11);
}

/* SMARS-022: copy, punched and the bits without a name are zero. */
static void
flags(void **state)
{
	(void)state;
	refused("join", 12, "\xc0", FIELDS, "Flags", 12);
	refused("join", 12, "\x90", FIELDS, "Flags", 12);
	refused("join", 12, "\x88", FIELDS, "Flags", 12);
	refused("join", 12, "\x81", FIELDS, "Flags", 12);
	accepted("join", 12, "\x80\xff");
	/* The unused octet is nobody's business. */
	accepted("join", 9, "\xff");
}

/* SMARS-031: a Redirect Entry, and a status, hold nothing but an address. */
static void
server(void **state)
{
	(void)state;
	refused("server", 12, "\x20\x00", FIELDS, "Flags", 12);
	refused("server", 12, "\x00\x01", FIELDS, "Flags", 12);
	refused("server", 14, "\x00\x01", FIELDS, "Cluster Member ID", 14);
	refused("server", 16, "\x04", FIELDS, "Src Addr Len", 16);
	refused("server", 17, "\x04", FIELDS, "Group Addr Len", 17);
	refused("status", 12, "\x80\x00", FIELDS, "Flags", 12);
	refused("status", 14, "\x01\x00", FIELDS, "Cluster Member ID", 14);
	refused("status", 16, "\x04", FIELDS, "Src Addr Len", 16);
	refused("status", 17, "\x04", FIELDS, "Group Addr Len", 17);
}

/* SMARS-024: present IPv4 addresses have 4 octets, IPv6 ones 16. */
static void
lengths_of_addresses(void **state)
{
	(void)state;
	refused("join", 16, "\x05", FIELDS, "Src Addr Len", 16);
	refused("join", 16, "\x10", FIELDS, "Src Addr Len", 16);
	refused("join", 17, "\x10", FIELDS, "Group Addr Len", 17);
	refused("join_ipv6", 16, "\x04", FIELDS, "Src Addr Len", 16);
	refused("join_ipv6", 17, "\x04", FIELDS, "Group Addr Len", 17);
	refused("join_long", 16, "\x15", FIELDS, "Src Addr Len", 16);
	/* The long form of IPv4 is IPv4. */
	refused("join_long", 4, "\x00\x00\x00\x08\x00", FIELDS,
	    "Src Addr Len", 16);
}

/* SMARS-025, SMARS-036, SMARS-043: register excludes groups; else one is. */
static void
register_or_group(void **state)
{
	(void)state;
	refused("join", 12, "\xa0", FIELDS, "Group Addr Len", 17);
	refused("leave", 12, "\xa0", FIELDS, "Group Addr Len", 17);
	refused("serve", 12, "\x20", FIELDS, "Group Addr Len", 17);
	refused("unserve", 12, "\x20", FIELDS, "Group Addr Len", 17);
	refused("join_register", 12, "\x00", FIELDS, "Group Addr Len", 17);
	refused("leave_register", 12, "\x00", FIELDS, "Group Addr Len", 17);
	refused("serve_register", 12, "\x00", FIELDS, "Group Addr Len", 17);
	refused("unserve_register", 12, "\x00", FIELDS, "Group Addr Len", 17);
}

/* SMARS-035, SMARS-059: an MCS has no layer3grp. */
static void
mcs(void **state)
{
	(void)state;
	refused("serve", 12, "\x80", FIELDS, "Flags", 12);
	refused("serve_register", 12, "\xa0", FIELDS, "Flags", 12);
	refused("unserve", 12, "\x80", FIELDS, "Flags", 12);
	refused("unserve_register", 12, "\xa0", FIELDS, "Flags", 12);
}

/* SMARS-026: bit 7, and lengths that no ATM endpoint has. */
static void
type_length(void **state)
{
	(void)state;
	refused("join", 18, "\x94", SOURCE, "ATM Addr T/L", 18);
	refused("join", 19, "\x80", SOURCE, "ATM SubAddr T/L", 19);
	refused("join_e164_sub", 18, "\xcb", SOURCE, "ATM Addr T/L", 18);
	refused("join_e164_sub", 19, "\x94", SOURCE, "ATM SubAddr T/L", 19);
	/* An NSAP of 19 octets with one of subaddress: the sum is right. */
	refused("join", 18, "\x13\x01", SOURCE, "Source ATM Address", 24);
	/* A letter in an E.164 number. */
	refused("join_e164_sub", 20, "a", SOURCE, "Source ATM Address", 20);
	/* The subaddress of a number is an NSAP. */
	refused("join_e164_sub", 19, "\x54", SOURCE, "Source ATM Address", 20);
	/* No octets have no type. */
	accepted("join", 19, "\x40");
}

/* SMARS-027: no source (B-16), and lengths that do not add up. */
static void
lengths(void **state)
{
	(void)state;
	refused("join", 18, "\x00", SOURCE, "ATM Addr T/L", 18);
	refused("join", 18, "\x40", SOURCE, "ATM Addr T/L", 18);
	refused("join", 16, "\x00", LENGTH, "octets behind", 48);
	refused("join", 19, "\x14", SHORT, "Source ATM SubAddress", 44);
	refused("join_e164_sub", 19, "\x3f", SHORT, "Source ATM SubAddress",
	    31);
	refused("server", 18, "\x3f", SHORT, "Source ATM Address", 20);
	refused("server_e164", 19, "\x00", LENGTH, "octets behind", 31);
	refused("join_long", 17, "\x01", LENGTH, "octets behind", 44);
	refused("join_long", 17, "\x03", SHORT,
	    "Maximum Multicast Group Address", 45);
}

/* SMARS-027, SMARS-031: not one octet more. */
static void
trailing(void **state)
{
	static const char *const names[] = { "csa_server", "csa_join",
		"csa_join_register", "csa_serve", "csa_status",
		"csa_status_e164" };

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		struct mars_csa_err err;
		struct mars_csa m;
		size_t len;
		uint8_t *b = golden_read(names[i], &len), *c;

		c = calloc(1, len + 1);
		memcpy(c, b, len);
		assert_int_equal(mars_csa_decode(c, len, &m, &err), 0);
		assert_int_equal(mars_csa_decode(c, len + 1, &m, &err),
		    MARSH_EPROTO);
		assert_int_equal(err.bad, MARS_CSA_BAD_LENGTH);
		assert_int_equal(err.off, len);
		free(b);
		free(c);
	}
}

/* SMARS-044: layer3grp names one IPv4 group; and min is never above max. */
static void
groups(void **state)
{
	(void)state;
	refused("join", 51, "\x04", GROUP, "Maximum Multicast Group Address",
	    48);
	refused("leave", 51, "\x04", GROUP, "Maximum Multicast Group Address",
	    48);
	refused("join", 47, "\x04", GROUP, "Minimum Multicast Group Address",
	    44);
	refused("join_block", 44, "\xf0", GROUP,
	    "Minimum Multicast Group Address", 44);
	refused("serve", 44, "\xf0", GROUP, "Minimum Multicast Group Address",
	    44);
	refused("join_ipv6", 71, "\x04", GROUP,
	    "Minimum Multicast Group Address", 56);
	/* Section 5.3 asks it of IPv4. */
	accepted("join_ipv6", 87, "\x04");
	/* Without the flag a range is one. */
	accepted("join", 12, "\x00\x00");
	accepted("serve", 51, "\x0a");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(hardware),
		cmocka_unit_test(version),
		cmocka_unit_test(states),
		cmocka_unit_test(flags),
		cmocka_unit_test(server),
		cmocka_unit_test(lengths_of_addresses),
		cmocka_unit_test(register_or_group),
		cmocka_unit_test(mcs),
		cmocka_unit_test(type_length),
		cmocka_unit_test(lengths),
		cmocka_unit_test(trailing),
		cmocka_unit_test(groups),
	};

	return cmocka_run_group_tests_name("mars csa bad", tests, NULL, NULL);
}
