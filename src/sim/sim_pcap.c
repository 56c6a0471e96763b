/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Classic pcap, the capture format that every tool reads.  Its time stamps are
 * microseconds like ours.  Numbers are written big-endian, which readers see
 * by the magic number, so that a capture is the same on every machine.
 */
#include "marsh/sim/sim_pcap.h"

#define MAGIC 0xa1b2c3d4u
#define VERSION 0x00020004u
#define SNAPLEN 65535
#define LINKTYPE_ATM_RFC1483 100

static void
put(uint8_t *out, const uint32_t *v, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		out[4 * i] = (uint8_t)(v[i] >> 24);
		out[4 * i + 1] = (uint8_t)(v[i] >> 16);
		out[4 * i + 2] = (uint8_t)(v[i] >> 8);
		out[4 * i + 3] = (uint8_t)v[i];
	}
}

void
sim_pcap_file(uint8_t out[SIM_PCAP_FILE_HEADER])
{
	/* zone and accuracy are 0 in every file */
	static const uint32_t v[] = { MAGIC, VERSION, 0, 0, SNAPLEN,
		LINKTYPE_ATM_RFC1483 };

	put(out, v, SIM_PCAP_FILE_HEADER / 4);
}

void
sim_pcap_record(uint8_t out[SIM_PCAP_RECORD_HEADER], struct mtime t,
    uint32_t len)
{
	/* captured length and length are the same: nothing is cut off */
	const uint32_t v[] = { (uint32_t)(t.us / 1000000),
		(uint32_t)(t.us % 1000000), len, len };

	put(out, v, SIM_PCAP_RECORD_HEADER / 4);
}

size_t
sim_pcap_whole(const uint8_t *records, size_t n)
{
	const uint8_t *p = records;
	size_t left = n, len;

	while (left >= SIM_PCAP_RECORD_HEADER) {
		len = SIM_PCAP_RECORD_HEADER + ((size_t)p[8] << 24
		    | (size_t)p[9] << 16 | (size_t)p[10] << 8 | p[11]);
		if (len > left)
			break;
		p += len;
		left -= len;
	}
	return n - left;
}
