/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SRC_FABRICD_VCI_H
#define SRC_FABRICD_VCI_H

/*
 * The VCIs of the interface.  One is free when no call owns it and the kernel
 * has no VC open on it: a socket closes its VC after its call was cleared, and
 * a number given away in between would be refused by the kernel.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "marsh/base/mem.h"

struct fab_vci {
	const struct mem *mem;
	uint8_t *state; /* by number from |first| */
	uint32_t first, last, next;
	uint32_t owned;
};

/* fab_vci_init makes |first|..|last| free; 0 or MARSH_ENOMEM. */
int fab_vci_init(struct fab_vci *v, const struct mem *mem, uint32_t first,
    uint32_t last);
void fab_vci_fini(struct fab_vci *v);

/* fab_vci_get gives a free VCI away, the longest unused first; 0: none left. */
uint32_t fab_vci_get(struct fab_vci *v);

/* fab_vci_put takes back |vci|, which must be given away. */
void fab_vci_put(struct fab_vci *v, uint32_t vci);

/* fab_vci_open notes that the kernel opens a VC; false: not for |vci|. */
bool fab_vci_open(struct fab_vci *v, uint32_t vci);

/* fab_vci_close notes that the kernel closed one; false: there was none. */
bool fab_vci_close(struct fab_vci *v, uint32_t vci);

/* fab_vci_owned tells whether |vci| is given away. */
bool fab_vci_owned(const struct fab_vci *v, uint32_t vci);

/*
 * fab_vci_waits tells whether |vci| is given away and the kernel is yet to
 * open it: frames for it are early, not lost.
 */
bool fab_vci_waits(const struct fab_vci *v, uint32_t vci);

#endif
