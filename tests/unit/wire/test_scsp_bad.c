/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a peer can do wrong, one field at a time: each case is a good vector
 * with a few octets changed and the checksum made to fit, and the decoder names
 * the field and the offset.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "golden.h"
#include "marsh/base/err.h"
#include "marsh/wire/scsp_msg.h"

static const uint8_t id1[] = { 10, 0, 0, 1 }, id2[] = { 10, 0, 0, 2 };

/* The vector |name| with |n| octets changed at |off|; to be freed. */
static uint8_t *
changed(const char *name, size_t off, const char *octets, size_t n, size_t *len)
{
	uint8_t *b = golden_read(name, len);

	assert_true(off + n <= *len);
	memcpy(b + off, octets, n);
	scsp_seal(b, *len, NULL);
	return b;
}

static void
refused(const char *name, size_t off, const char *octets, size_t n,
    enum scsp_bad bad, const char *field, size_t at)
{
	struct scsp_decode_err err;
	struct scsp_msg m;
	size_t len;
	uint8_t *b = changed(name, off, octets, n, &len);
	int rv = scsp_decode(b, len, &m, &err);

	assert_int_equal(rv,
	    bad == SCSP_BAD_SHORT ? MARSH_ESHORT : MARSH_EPROTO);
	assert_string_equal(scsp_bad_word(err.bad), scsp_bad_word(bad));
	assert_string_equal(err.field, field);
	assert_int_equal(err.off, at);
	assert_int_equal(scsp_decode(b, len, &m, NULL), rv);
	free(b);
}

/* Decodes the changed vector into |m|; to be freed. */
static uint8_t *
accepted(const char *name, size_t off, const char *octets, size_t n,
    struct scsp_msg *m)
{
	struct scsp_decode_err err;
	size_t len;
	uint8_t *b = changed(name, off, octets, n, &len);

	assert_int_equal(scsp_decode(b, len, m, &err), 0);
	return b;
}

/* SCSP-105: versions but 1 and types but 1 to 5 are malformed. */
static void
version_and_type(void **state)
{
	(void)state;
	refused("scsp_hello", 0, "\x00", 1, SCSP_BAD_VERSION, "Version", 0);
	refused("scsp_hello", 0, "\x02", 1, SCSP_BAD_VERSION, "Version", 0);
	refused("scsp_hello", 1, "\x00", 1, SCSP_BAD_TYPE, "Type Code", 1);
	refused("scsp_hello", 1, "\x06", 1, SCSP_BAD_TYPE, "Type Code", 1);
	refused("scsp_hello", 1, "\xff", 1, SCSP_BAD_TYPE, "Type Code", 1);
}

/* SCSP-106: neither more than came nor less than the type needs. */
static void
packet_size(void **state)
{
	(void)state;
	refused("scsp_hello", 2, "\x00\x25", 2, SCSP_BAD_SIZE, "Packet Size",
	    2);
	refused("scsp_hello", 2, "\xff\xff", 2, SCSP_BAD_SIZE, "Packet Size",
	    2);
	refused("scsp_hello", 2, "\x00\x00", 2, SCSP_BAD_SIZE, "Packet Size",
	    2);
	refused("scsp_hello", 2, "\x00\x1b", 2, SCSP_BAD_SIZE, "Packet Size",
	    2);
	refused("scsp_ca", 2, "\x00\x17", 2, SCSP_BAD_SIZE, "Packet Size", 2);
	refused("scsp_csus", 2, "\x00\x13", 2, SCSP_BAD_SIZE, "Packet Size",
	    2);
}

/*
 * SCSP-106, A-36: what the layer below put behind the message is not looked at;
 * where Packet Size claims it, it belongs to nothing.
 */
static void
surplus(void **state)
{
	struct scsp_decode_err err;
	struct scsp_msg m;
	size_t len;
	uint8_t *b = golden_read("scsp_ca", &len), *c = malloc(len + 3);

	(void)state;
	memcpy(c, b, len);
	memcpy(c + len, "\x01\x02\x03", 3);
	assert_int_equal(scsp_decode(c, len + 3, &m, &err), 0);
	assert_int_equal(m.size, len);
	assert_int_equal(m.recs.len, 40);
	c[3]++;
	scsp_seal(c, len + 1, NULL);
	assert_int_equal(scsp_decode(c, len + 3, &m, &err), MARSH_EPROTO);
	assert_int_equal(err.bad, SCSP_BAD_RECORD);
	assert_string_equal(err.field, "Number of Records");
	assert_int_equal(err.off, 22);
	free(b);
	free(c);
}

/* SCSP-107: a wrong checksum, one that was never made, an odd length. */
static void
checksum(void **state)
{
	struct scsp_decode_err err;
	struct scsp_msg m;
	size_t len;
	uint8_t *b = golden_read("scsp_hello", &len);

	(void)state;
	b[4] = b[5] = 0;
	assert_int_equal(scsp_decode(b, len, &m, &err), MARSH_EPROTO);
	assert_int_equal(err.bad, SCSP_BAD_CHECKSUM);
	assert_string_equal(err.field, "Checksum");
	assert_int_equal(err.off, 4);
	free(b);
	b = golden_read("scsp_csus_exts", &len);
	assert_int_equal(len % 2, 1);
	assert_int_equal(scsp_decode(b, len, &m, &err), 0);
	free(b);
}

/* a bad message names its sender only where the checksum is good. */
static void
whose_fault(void **state)
{
	struct scsp_msg m;
	size_t len;
	uint8_t *b = changed("scsp_ca", 34, "\x00\x13", 2, &len);

	(void)state;
	assert_int_equal(scsp_decode(b, len, &m, NULL), MARSH_EPROTO);
	assert_true(scsp_oct_equal(m.sender, (struct scsp_oct){ id2, 4 }));
	assert_int_equal(m.pid, 3);
	assert_int_equal(m.sgid, 1);
	b[34] ^= 1;
	assert_int_equal(scsp_decode(b, len, &m, NULL), MARSH_EPROTO);
	assert_int_equal(m.sender.len, 0);
	free(b);
	b = changed("scsp_ca", 20, "\xff", 1, &len);
	assert_int_equal(scsp_decode(b, len, &m, NULL), MARSH_ESHORT);
	assert_int_equal(m.sender.len, 0);
	free(b);
}

/* SCSP-109: the lengths of the IDs are held against the octets. */
static void
ids(void **state)
{
	struct scsp_msg m;

	(void)state;
	refused("scsp_hello", 24, "\xff", 1, SCSP_BAD_SHORT, "Sender ID", 28);
	refused("scsp_hello", 24, "\x09", 1, SCSP_BAD_SHORT, "Sender ID", 28);
	refused("scsp_hello", 25, "\xff", 1, SCSP_BAD_SHORT, "Receiver ID",
	    32);
	refused("scsp_hello", 25, "\x05", 1, SCSP_BAD_SHORT, "Receiver ID",
	    32);
	refused("scsp_ca", 21, "\xff", 1, SCSP_BAD_SHORT, "Receiver ID", 28);
	/* An ID of 8 octets and none in its place: nobody, but well-formed. */
	free(accepted("scsp_hello", 24, "\x08\x00", 2, &m));
	assert_int_equal(m.sender.len, 8);
	assert_int_equal(m.receiver.len, 0);
}

/* SCSP-110: any PID and SGID can be read; whether it is ours is not for here. */
static void
protocols(void **state)
{
	struct scsp_msg m;

	(void)state;
	free(accepted("scsp_ca", 12, "\x00\x01\x00\x02", 4, &m));
	assert_int_equal(m.pid, 1);
	assert_int_equal(m.sgid, 2);
	free(accepted("scsp_ca", 12, "\xff\xfe\xff\xff", 4, &m));
	assert_int_equal(m.pid, 0xfffe);
	assert_int_equal(m.sgid, 0xffff);
}

/* SCSP-111: one record too many or too few is claimed. */
static void
number_of_records(void **state)
{
	(void)state;
	refused("scsp_ca", 22, "\x00\x03", 2, SCSP_BAD_RECORD, "CSAS Record",
	    72);
	refused("scsp_ca", 22, "\xff\xff", 2, SCSP_BAD_RECORD, "CSAS Record",
	    72);
	refused("scsp_ca", 22, "\x00\x01", 2, SCSP_BAD_RECORD,
	    "Number of Records", 22);
	refused("scsp_ca_first", 22, "\x00\x01", 2, SCSP_BAD_RECORD,
	    "CSAS Record", 32);
	refused("scsp_csu_req", 18, "\x00\x02", 2, SCSP_BAD_RECORD,
	    "CSAS Record", 100);
	refused("scsp_csu_rep", 18, "\x00\x00", 2, SCSP_BAD_RECORD,
	    "Number of Records", 18);
	refused("scsp_csus_exts", 18, "\x00\x02", 2, SCSP_BAD_RECORD,
	    "CSAS Record", 48);
	refused("scsp_hello", 26, "\x00\x01", 2, SCSP_BAD_RECORD,
	    "Additional Receiver ID Record", 36);
	refused("scsp_hello_three", 26, "\x00\x01", 2, SCSP_BAD_RECORD,
	    "Number of Records", 26);
	refused("scsp_hello_three", 26, "\x00\x03", 2, SCSP_BAD_RECORD,
	    "Additional Receiver ID Record", 46);
}

/* SCSP-113: Record Length holds its parts, and nothing else in a summary. */
static void
record_length(void **state)
{
	struct scsp_rec r;
	struct scsp_msg m;
	uint8_t *b;
	size_t off = 0;

	(void)state;
	refused("scsp_ca", 34, "\x00\x13", 2, SCSP_BAD_RECORD, "Record Length",
	    34);
	refused("scsp_ca", 34, "\x00\x15", 2, SCSP_BAD_RECORD, "Record Length",
	    34);
	refused("scsp_ca", 54, "\x00\x28", 2, SCSP_BAD_RECORD, "Record Length",
	    54);
	refused("scsp_ca", 54, "\x00\x00", 2, SCSP_BAD_RECORD, "Record Length",
	    54);
	refused("scsp_csu_req", 30, "\x00\x13", 2, SCSP_BAD_RECORD,
	    "Record Length", 30);
	refused("scsp_csu_req", 30, "\x00\x49", 2, SCSP_BAD_RECORD,
	    "Record Length", 30);
	refused("scsp_csu_req", 30, "\xff\xff", 2, SCSP_BAD_RECORD,
	    "Record Length", 30);
	refused("scsp_csu_req", 30, "\x00\x47", 2, SCSP_BAD_RECORD,
	    "Number of Records", 18);
	/* Key and originator beyond the record */
	refused("scsp_csu_req", 32, "\xff", 1, SCSP_BAD_RECORD, "Record Length",
	    30);
	refused("scsp_csu_req", 33, "\x39", 1, SCSP_BAD_RECORD, "Record Length",
	    30);
	/* The whole body as originator is odd, but well-formed. */
	b = accepted("scsp_csu_req", 33, "\x38", 1, &m);
	assert_true(scsp_next(&m, &off, &r));
	assert_int_equal(r.orig.len, 56);
	assert_int_equal(r.body.len, 0);
	free(b);
}

/* SCSP-140: the octets that a length octet announces are there. */
static void
id_records(void **state)
{
	(void)state;
	refused("scsp_hello_three", 41, "\x05", 1, SCSP_BAD_RECORD,
	    "Additional Receiver ID Record", 41);
	refused("scsp_hello_three", 41, "\xff", 1, SCSP_BAD_RECORD,
	    "Additional Receiver ID Record", 41);
	refused("scsp_hello_three", 41, "\x03", 1, SCSP_BAD_RECORD,
	    "Number of Records", 26);
	refused("scsp_hello_three", 36, "\x09", 1, SCSP_BAD_RECORD,
	    "Additional Receiver ID Record", 46);
}

/* SCSP-108: neither in the mandatory part nor behind the message. */
static void
start_of_extensions(void **state)
{
	(void)state;
	refused("scsp_ca", 6, "\x00\x08", 2, SCSP_BAD_EXTENSIONS,
	    "Start Of Extensions", 6);
	refused("scsp_hello", 6, "\x00\x23", 2, SCSP_BAD_EXTENSIONS,
	    "Start Of Extensions", 6);
	refused("scsp_hello", 6, "\x00\x25", 2, SCSP_BAD_EXTENSIONS,
	    "Start Of Extensions", 6);
	refused("scsp_hello", 6, "\xff\xff", 2, SCSP_BAD_EXTENSIONS,
	    "Start Of Extensions", 6);
	refused("scsp_hello", 6, "\x00\x24", 2, SCSP_BAD_EXTENSIONS,
	    "End Of Extensions", 36);
	/* In the middle of the records, and behind where they end */
	refused("scsp_ca", 6, "\x00\x40", 2, SCSP_BAD_RECORD, "Record Length",
	    54);
	refused("scsp_ca", 6, "\x00\x34", 2, SCSP_BAD_RECORD, "CSAS Record",
	    52);
	refused("scsp_hello_auth", 6, "\x00\x3c", 2, SCSP_BAD_RECORD,
	    "Number of Records", 26);
}

/* SCSP-143: extensions end with an End, and the message with it. */
static void
extensions(void **state)
{
	(void)state;
	/* No End, one with a value, one too early */
	refused("scsp_hello_auth", 60, "\x00\x09", 2, SCSP_BAD_EXTENSIONS,
	    "End Of Extensions", 64);
	refused("scsp_hello_auth", 62, "\x00\x01", 2, SCSP_BAD_EXTENSIONS,
	    "Length", 62);
	refused("scsp_hello_auth", 36, "\x00\x00\x00\x00", 4,
	    SCSP_BAD_EXTENSIONS, "Length", 38);
	/* Lengths beyond the message and into the End */
	refused("scsp_hello_auth", 38, "\x00\x19", 2, SCSP_BAD_EXTENSIONS,
	    "Length", 38);
	refused("scsp_hello_auth", 38, "\xff\xff", 2, SCSP_BAD_EXTENSIONS,
	    "Length", 38);
	refused("scsp_hello_auth", 38, "\x00\x15", 2, SCSP_BAD_EXTENSIONS,
	    "End Of Extensions", 61);
	refused("scsp_hello_auth", 38, "\x00\x18", 2, SCSP_BAD_EXTENSIONS,
	    "End Of Extensions", 64);
}

/* SCSP-103: what is unused or belongs to another type is ignored. */
static void
unused(void **state)
{
	struct scsp_rec r;
	struct scsp_msg m;
	uint8_t *b;
	size_t off = 0;

	(void)state;
	free(accepted("scsp_hello", 12, "\xff\xff", 2, &m));
	free(accepted("scsp_hello", 20, "\xff\xff\xff\xff", 4, &m));
	assert_int_equal(m.flags, 0);
	/* A Family ID says nothing to MARS, but is read. */
	free(accepted("scsp_hello", 14, "\x12\x34", 2, &m));
	assert_int_equal(m.family, 0x1234);
	/* SCSP-130: the other 13 bits */
	free(accepted("scsp_ca", 16, "\xff\xff\x9f\xff", 4, &m));
	assert_int_equal(m.flags, SCSP_CA_M);
	free(accepted("scsp_csu_req", 14, "\xff\xff", 2, &m));
	assert_int_equal(m.flags, 0);
	b = accepted("scsp_csu_req", 34, "\x7f\xff", 2, &m);
	assert_true(scsp_next(&m, &off, &r));
	assert_false(r.null);
	assert_int_equal(r.body.len, 52);
	free(b);
}

/* SCSP-119: the N bit is read where it can stand, and is nothing elsewhere. */
static void
null_bit(void **state)
{
	struct scsp_rec r;
	struct scsp_msg m;
	uint8_t *b;
	size_t off = 0;

	(void)state;
	b = accepted("scsp_csu_rep", 34, "\x80\x00", 2, &m);
	assert_true(scsp_next(&m, &off, &r));
	assert_true(r.null);
	assert_true(scsp_next(&m, &off, &r));
	assert_false(r.null);
	free(b);
	off = 0;
	b = accepted("scsp_csus", 34, "\x80\x00", 2, &m);
	assert_true(scsp_next(&m, &off, &r));
	assert_false(r.null);
	free(b);
	/* A body where the bit says that there is none is not given out. */
	off = 0;
	b = accepted("scsp_csu_req", 34, "\x80\x00", 2, &m);
	assert_true(scsp_next(&m, &off, &r));
	assert_true(r.null);
	assert_int_equal(r.body.len, 0);
	assert_false(scsp_next(&m, &off, &r));
	free(b);
}

/* Values that only an engine can judge come through as they are. */
static void
not_for_here(void **state)
{
	struct scsp_rec r;
	struct scsp_msg m;
	uint8_t *b;
	size_t off = 0;

	(void)state;
	/* an interval of zero */
	b = accepted("scsp_hello", 8, "\x00\x00\x00\x00", 4, &m);
	assert_int_equal(m.interval, 0);
	assert_int_equal(m.dead, 0);
	free(b);
	/* the number that no record has, and the last one */
	b = accepted("scsp_csu_req", 36, "\x80\x00\x00\x00", 4, &m);
	assert_true(scsp_next(&m, &off, &r));
	assert_true(r.seq == SCSP_SEQ_NONE);
	free(b);
	off = 0;
	b = accepted("scsp_csu_req", 36, "\x7f\xff\xff\xff", 4, &m);
	assert_true(scsp_next(&m, &off, &r));
	assert_true(r.seq == SCSP_SEQ_LAST);
	free(b);
	off = 0;
	b = accepted("scsp_csu_req", 36, "\xff\xff\xff\xff", 4, &m);
	assert_true(scsp_next(&m, &off, &r));
	assert_int_equal(r.seq, -1);
	free(b);
	/* RFC 2443: a State and an ATM length that no MARS record has */
	free(accepted("scsp_csu_req", 48 + 11, "\x06", 1, &m));
	b = accepted("scsp_csu_req", 48 + 18, "\x94", 1, &m);
	off = 0;
	assert_true(scsp_next(&m, &off, &r));
	assert_int_equal(r.body.len, 52);
	assert_true(scsp_oct_equal(m.sender, (struct scsp_oct){ id1, 4 }));
	free(b);
	/* Another hop count in a summary, zero in a record */
	free(accepted("scsp_ca", 32, "\x00\x10", 2, &m));
	free(accepted("scsp_csu_req", 28, "\x00\x00", 2, &m));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(version_and_type),
		cmocka_unit_test(packet_size),
		cmocka_unit_test(surplus),
		cmocka_unit_test(checksum),
		cmocka_unit_test(whose_fault),
		cmocka_unit_test(ids),
		cmocka_unit_test(protocols),
		cmocka_unit_test(number_of_records),
		cmocka_unit_test(record_length),
		cmocka_unit_test(id_records),
		cmocka_unit_test(start_of_extensions),
		cmocka_unit_test(extensions),
		cmocka_unit_test(unused),
		cmocka_unit_test(null_bit),
		cmocka_unit_test(not_for_here),
	};

	return cmocka_run_group_tests_name("scsp bad", tests, NULL, NULL);
}
