/* SPDX-License-Identifier: BSD-2-Clause */
/* Captures, byte for byte. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "marsh/sim/sim_pcap.h"

static void
test_file(void **state)
{
	static const uint8_t want[SIM_PCAP_FILE_HEADER] = {
		0xa1, 0xb2, 0xc3, 0xd4, 0x00, 0x02, 0x00, 0x04, /* 2.4 */
		0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
		0x00, 0x00, 0xff, 0xff, 0x00, 0x00, 0x00, 0x64, /* 100 */
	};
	uint8_t got[SIM_PCAP_FILE_HEADER];

	(void)state;
	sim_pcap_file(got);
	assert_memory_equal(got, want, sizeof(want));
}

static void
test_record(void **state)
{
	static const uint8_t want[SIM_PCAP_RECORD_HEADER] = {
		0x00, 0x00, 0x27, 0x11, 0x00, 0x0f, 0x42, 0x3f, /* 10001.999999 */
		0x00, 0x00, 0x01, 0x02, 0x00, 0x00, 0x01, 0x02, /* 258 */
	};
	uint8_t got[SIM_PCAP_RECORD_HEADER];

	(void)state;
	sim_pcap_record(got, (struct mtime){ 10001999999 }, 258);
	assert_memory_equal(got, want, sizeof(want));
}

/* However a write was cut short: what is whole is known. */
static void
test_whole(void **state)
{
	uint8_t b[3 * (SIM_PCAP_RECORD_HEADER + 5)] = { 0 };
	size_t one = sizeof(b) / 3;

	(void)state;
	for (size_t i = 0; i < 3; i++)
		sim_pcap_record(b + i * one, (struct mtime){ 1 }, 5);
	for (size_t n = 0; n <= sizeof(b); n++)
		assert_int_equal(sim_pcap_whole(b, n), n / one * one);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_file),
		cmocka_unit_test(test_record),
		cmocka_unit_test(test_whole),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
