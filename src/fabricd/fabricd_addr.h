/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SRC_FABRICD_ADDR_H
#define SRC_FABRICD_ADDR_H

/* Addresses and service access points as the kernel writes them. */
#include <linux/atm.h>
#include <linux/atmsap.h>
#include <linux/atmsvc.h>
#include <stdbool.h>

#include "marsh/base/addr.h"

/*
 * fab_addr_get stores what |s| says in |a|.  Returns 0; MARSH_ENOENT when it
 * is empty (a wildcard), |a| is then zero; MARSH_EINVAL for no address.
 */
int fab_addr_get(const struct sockaddr_atmsvc *s, struct atm_addr *a);

/* fab_addr_put writes |a| as the kernel has it; a zero |a| is the wildcard. */
struct sockaddr_atmsvc fab_addr_put(const struct atm_addr *a);

/*
 * fab_sap_fits tells how well a listener with |l| fits a call with |c|: 0 not
 * at all, 1 by not caring, 2 exactly.  What one side leaves open fits.
 */
int fab_sap_fits(const struct atm_sap *l, const struct atm_sap *c);

/* fab_sap_equal tells whether two listeners would take the same calls. */
bool fab_sap_equal(const struct atm_sap *a, const struct atm_sap *b);

#endif
