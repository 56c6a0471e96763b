/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ATMTCP frames.  The header is in network order; a length of all ones says
 * that the frame is a control message, which is in host order.
 */
#include "fabricd_frame.h"

#include <arpa/inet.h>
#include <string.h>

static void
control(struct fab_frame *f, const uint8_t *b, size_t n)
{
	const struct sockaddr_atmpvc *a = &f->ctl.addr;

	if (n != sizeof(f->ctl))
		return;
	memcpy(&f->ctl, b, sizeof(f->ctl));
	if (a->sap_addr.vpi == 0 && a->sap_addr.vci > 0
	    && a->sap_addr.vci <= ATM_MAX_VCI)
		f->vci = (uint32_t)a->sap_addr.vci;
	if (f->ctl.type == ATMTCP_CTRL_OPEN)
		f->kind = FAB_FRAME_OPEN;
	else if (f->ctl.type == ATMTCP_CTRL_CLOSE)
		f->kind = FAB_FRAME_CLOSE;
}

void
fab_frame_get(struct fab_frame *f, const uint8_t *b, size_t n)
{
	struct atmtcp_hdr h;

	memset(f, 0, sizeof(*f));
	f->kind = FAB_FRAME_BAD;
	if (n < sizeof(h))
		return;
	memcpy(&h, b, sizeof(h));
	if (h.length == (uint32_t)ATMTCP_HDR_MAGIC) {
		control(f, b, n);
		return;
	}
	f->sdu = b + sizeof(h);
	f->len = n - sizeof(h);
	if (ntohl(h.length) != f->len || f->len > FAB_SDU_MAX || h.vpi != 0)
		return;
	f->vci = ntohs(h.vci);
	f->kind = FAB_FRAME_DATA;
}

void
fab_frame_head(uint8_t b[sizeof(struct atmtcp_hdr)], uint32_t vci, size_t len)
{
	struct atmtcp_hdr h = {
		.vci = htons((uint16_t)vci),
		.length = htonl((uint32_t)len),
	};

	memcpy(b, &h, sizeof(h));
}
