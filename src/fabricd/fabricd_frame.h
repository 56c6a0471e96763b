/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SRC_FABRICD_FRAME_H
#define SRC_FABRICD_FRAME_H

/* What the kernel's virtual interface sends: <linux/atm_tcp.h>. */
#include <linux/atm_tcp.h>
#include <stddef.h>
#include <stdint.h>

#define FAB_SDU_MAX 65535
#define FAB_FRAME_MAX (sizeof(struct atmtcp_hdr) + FAB_SDU_MAX)

enum fab_frame_kind {
	FAB_FRAME_DATA,
	FAB_FRAME_OPEN,
	FAB_FRAME_CLOSE,
	FAB_FRAME_BAD,
};

struct fab_frame {
	enum fab_frame_kind kind;
	uint32_t vci;              /* VPI is 0; elsewhere 0 */
	const uint8_t *sdu;        /* DATA, borrowed */
	size_t len;
	struct atmtcp_control ctl; /* OPEN, CLOSE */
};

/* fab_frame_get reads the |n| octets at |b|. */
void fab_frame_get(struct fab_frame *f, const uint8_t *b, size_t n);

/* fab_frame_head writes the header of a frame with |len| octets for |vci|. */
void fab_frame_head(uint8_t b[sizeof(struct atmtcp_hdr)], uint32_t vci,
    size_t len);

#endif
