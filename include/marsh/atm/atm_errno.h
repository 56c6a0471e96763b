/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MARSH_ATM_ERRNO_H
#define MARSH_ATM_ERRNO_H

/*
 * UNI causes as a kernel tells them.  AF_ATMSVC knows nothing but errno, so
 * signalling and its users need one table; each cause that marsh treats
 * specially has an errno of its own, and programs that know no table still
 * print something true.
 *
 * A root is never told by the kernel that a leaf left.  Signalling that wants
 * to say so sets the socket's error to atm_left_code(); it is read with
 * SO_ERROR and acknowledged with ATM_DROPPARTY of that endpoint.
 */
#include <errno.h>
#include <stdbool.h>
#include <stddef.h>

#include "marsh/atm/atm_prim.h"

#define ATM_CAUSE_ERRNOS(X)                                                          \
	X(UNALLOCATED, EADDRNOTAVAIL)                                          \
	X(NO_ROUTE, EHOSTUNREACH)                                              \
	X(NORMAL, 0)                                                           \
	X(BUSY, EBUSY)                                                         \
	X(NO_ANSWER, ETIMEDOUT)                                                \
	X(REJECTED, ECONNREFUSED)                                              \
	X(OUT_OF_ORDER, EHOSTDOWN)                                             \
	X(UNSPECIFIED, ECONNRESET)                                             \
	X(NO_VPCI, EADDRINUSE)                                                 \
	X(RATE_31, EDQUOT)                                                     \
	X(NET_OUT, ENETDOWN)                                                   \
	X(TEMPORARY, ENETRESET)                                                \
	X(NO_VCI, ENOSR)                                                       \
	X(NO_RESOURCE, ENOBUFS)                                                \
	X(QOS, EPROTOTYPE)                                                     \
	X(RATE_30, ENOSPC)                                                     \
	X(BAD_ENDPOINT, EBADSLT)                                               \
	X(TIMER, ETIME)

/* atm_cause_errno returns the errno that stands for |cause|; 0: normal. */
static inline int
atm_cause_errno(unsigned cause)
{
	static const struct {
		unsigned cause;
		int err;
	} map[] = {
#define X(name, err) { ATM_CAUSE_##name, err },
		ATM_CAUSE_ERRNOS(X)
#undef X
	};

	for (size_t i = 0; i < sizeof(map) / sizeof(*map); i++)
		if (map[i].cause == cause)
			return map[i].err;
	return ECONNRESET;
}

/*
 * atm_errno_cause returns the cause that |err|, positive or negative, stands
 * for: those of the table, then what kernels and other daemons say of their
 * own accord; 31 for everything else.
 */
static inline unsigned
atm_errno_cause(int err)
{
	switch (err < 0 ? -err : err) {
#define X(name, e)                                                             \
	case e:                                                                \
		return ATM_CAUSE_##name;
		ATM_CAUSE_ERRNOS(X)
#undef X
	case EUNATCH:
	case EPIPE:
	case ENODEV:
	case ENOLINK:
		return ATM_CAUSE_NET_OUT;
	case ENOMEM:
	case EMFILE:
	case ENFILE:
		return ATM_CAUSE_NO_RESOURCE;
	case EACCES:
	case EPERM:
		return ATM_CAUSE_REJECTED;
	case EAGAIN:
		return ATM_CAUSE_TEMPORARY;
	default:
		return ATM_CAUSE_UNSPECIFIED;
	}
}

#define ATM_LEFT 0x800000
#define ATM_EP_MAX 0x7fff

/* atm_left_code returns the socket error for "endpoint |ep| left, |cause|". */
static inline int
atm_left_code(unsigned ep, unsigned cause)
{
	return ATM_LEFT | (int)((cause & 0x7f) << 15 | (ep & ATM_EP_MAX));
}

/* atm_left_parse tells whether |code| is such an error, and what it says. */
static inline bool
atm_left_parse(int code, unsigned *ep, unsigned *cause)
{
	if (code < ATM_LEFT || code > atm_left_code(ATM_EP_MAX, 0x7f))
		return false;
	*ep = (unsigned)code & ATM_EP_MAX;
	*cause = (unsigned)code >> 15 & 0x7f;
	return true;
}

#endif
