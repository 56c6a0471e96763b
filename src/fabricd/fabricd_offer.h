/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SRC_FABRICD_OFFER_H
#define SRC_FABRICD_OFFER_H

/*
 * Writes as_indicate on a thread of its own.  The kernel takes the listener's
 * lock for it, and who holds that lock may be waiting for an answer of ours:
 * accept() for its VC to open, a bind() on a listening socket for as_okay.
 */
#include <linux/atmsvc.h>
#include <pthread.h>

struct fab_offer {
	int fd;    /* readable when an offer was written */
	int other; /* the thread's end */
	int sig;
	pthread_t thread;
};

/* fab_offer_start starts the thread that writes to |sig|; 0 or -1 and errno. */
int fab_offer_start(struct fab_offer *o, int sig);

/* fab_offer_write hands |m| over; the one before must be done. */
void fab_offer_write(struct fab_offer *o, const struct atmsvc_msg *m);

/* fab_offer_done stores 0 or what write said, negative; 0: not done yet. */
int fab_offer_done(struct fab_offer *o, int *err);

#endif
