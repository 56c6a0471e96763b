/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef REPL_REPL_FRAME_H
#define REPL_REPL_FRAME_H

/*
 * The control protocol, spoken on a Unix stream socket between a session that
 * listens and those that attach to it.
 *
 * Either side sends frames: four octets of length (most significant first; of
 * what follows, 1 to 2^20), one octet of type, the rest.  Who attaches greets
 * first and then asks; there is one answer to each request, in order, and the
 * next request may be sent before it but is not read before it is all taken.
 *
 *	attached	H version(1) flags(1: 1 colour, 2 UTF-8)
 *	session		H version(1) prompt...
 *
 *	attached	R width(2) line...	a command or Lua; width 0: any
 *	session		O text..., E text...	what it printed, any number
 *			D status(1) prompt...	enum repl_status as a digit
 *
 *	attached	T more(1) text...	what may stand behind text;
 *						more "1": in a statement
 *	session		C at(4) text...		lines; they replace from at on
 *
 *	attached	I			stop the request in front of
 *						this, if it still runs; not
 *						answered itself
 *
 * Before H, or in place of an answer, the session may say E and close: it does
 * not want this one.  Version 1 is this; others are refused.
 */
#include "repl/repl_int.h"

#define FRAME_VERSION 1
#define FRAME_MAX ((size_t)1 << 20) /* of type and payload */
#define FRAME_HEAD 4

#define FRAME_COLOR 1
#define FRAME_UTF8 2

enum frame_type {
	FRAME_HELLO = 'H', FRAME_RUN = 'R', FRAME_TAB = 'T', FRAME_STOP = 'I',
	FRAME_OUT = 'O', FRAME_ERR = 'E', FRAME_DONE = 'D', FRAME_OFFERS = 'C',
};

struct frame {
	enum frame_type type;
	const char *s; /* payload, inside what it was taken from */
	size_t n;
	size_t whole;  /* octets the frame takes with its head */
};

/* frame_put appends a frame; |b| is oom when the payload is too long. */
void frame_put(struct sbuf *b, enum frame_type type, const char *s, size_t n);

/* frame_take looks at the |len| octets of |s|: 1 a frame, 0 not yet, -1 never. */
int frame_take(const char *s, size_t len, struct frame *f);

/* frame_num and frame_num_put read and write |n| octets, the highest first. */
uint32_t frame_num(const char *s, size_t n);
void frame_num_put(char *s, size_t n, uint32_t v);

#endif
