/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MARSH_SIM_PCAP_H
#define MARSH_SIM_PCAP_H

/*
 * Captures as classic pcap, LINKTYPE_ATM_RFC1483 (100): each record is one AAL5
 * SDU that begins with its LLC/SNAP header.
 */
#include <stddef.h>
#include <stdint.h>

#include "marsh/base/mtime.h"

#define SIM_PCAP_FILE_HEADER 24
#define SIM_PCAP_RECORD_HEADER 16

/* sim_pcap_file writes the file header to |out|. */
void sim_pcap_file(uint8_t out[SIM_PCAP_FILE_HEADER]);

/* sim_pcap_record writes the header of a record of |len| octets sent at |t|. */
void sim_pcap_record(uint8_t out[SIM_PCAP_RECORD_HEADER], struct mtime t,
    uint32_t len);

/* sim_pcap_whole returns how many of |n| octets of records are whole ones. */
size_t sim_pcap_whole(const uint8_t *records, size_t n);

#endif
