/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef REPL_REPL_PEER_H
#define REPL_REPL_PEER_H

/* One who is attached to this session. */
#include <stdio.h>
#include <sys/types.h>

#include "repl/repl_frame.h"

#define PEER_TEXT_MAX ((off_t)64 << 20) /* octets of one answer */

struct repl_peer {
	int fd;
	bool greeted, eof;
	bool color, utf8;
	struct sbuf in;   /* octets not yet a frame taken */
	struct sbuf out;  /* frames being sent */
	size_t sent;      /* of |out| */
	FILE *text[2];    /* what a request printed: stdout, stderr */
	off_t at[2], end[2]; /* from here to there is yet to be sent */
	struct sbuf tail; /* the frame behind it */
	int64_t stalled;  /* when it began not to read, 0: it reads */
};

/* peer_open makes |p| the one behind |fd|, which it owns. */
void peer_open(struct repl_peer *p, int fd);
void peer_close(struct repl_peer *p);

/* peer_owes tells whether something is still to be sent. */
bool peer_owes(const struct repl_peer *p);

/* peer_events returns what to poll for. */
short peer_events(const struct repl_peer *p);

/* peer_read takes what has come, peer_write sends what goes without waiting;
 * false: the peer is gone, or never was one. */
bool peer_read(struct repl_peer *p);
bool peer_write(struct repl_peer *p);

/* peer_next is the next request as frame_take; peer_took forgets it. */
int peer_next(struct repl_peer *p, struct frame *f);
void peer_took(struct repl_peer *p, const struct frame *f);
/* peer_stops tells whether right behind |f| it is taken back. */
bool peer_stops(const struct repl_peer *p, const struct frame *f);

/* peer_texts opens the files that a request is to print into. */
bool peer_texts(struct repl_peer *p);
/* peer_printed says that the request is done and |p->tail| goes behind it. */
void peer_printed(struct repl_peer *p);

#endif
