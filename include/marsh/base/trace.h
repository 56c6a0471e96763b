/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MARSH_BASE_TRACE_H
#define MARSH_BASE_TRACE_H

/*
 * One stream of typed events.  Engines and networks write it, everything that
 * shows, judges or stores reads it; nothing ever reads it back into an engine.
 */
#include <stdint.h>

#include "marsh/base/addr.h"
#include "marsh/base/mtime.h"

/* kind, the word that scripts and JSON use */
#define TRACE_KINDS(X)                                                         \
	X(SEND, "send")                                                        \
	X(RECV, "recv")                                                        \
	X(DROP, "drop")                                                        \
	X(STATE, "state")                                                      \
	X(VC, "vc")                                                            \
	X(REGISTER, "register")                                                \
	X(DEREGISTER, "deregister")                                            \
	X(JOIN, "join")                                                        \
	X(LEAVE, "leave")                                                      \
	X(SERVE, "serve")                                                      \
	X(CMI, "cmi")                                                          \
	X(ELECTED, "elected")                                                  \
	X(ROLE, "role")                                                        \
	X(MAP, "map")                                                          \
	X(REDIRECT, "redirect")                                                \
	X(ALIGNED, "aligned")                                                  \
	X(FLUSH, "flush")                                                      \
	X(GRACE, "grace")                                                      \
	X(FAULT, "fault")                                                      \
	X(ALARM, "alarm")

enum trace_kind {
#define X(name, word) TRACE_##name,
	TRACE_KINDS(X)
#undef X
	TRACE_KIND_COUNT
};

/*
 * One event as its writer states it.  Unused fields are zero.  Strings must be
 * static; pointers to addresses are borrowed for the call.
 */
struct trace_ev {
	enum trace_kind kind;
	uint8_t op;   /* message type, mar$op.type; 0: not about a message */
	uint8_t use;  /* enum atm_use of the VC */
	uint16_t cmi;
	uint16_t cause; /* UNI cause */
	uint32_t ref;   /* VC, the writer's own reference; 0: none */
	uint32_t msn;
	uint32_t n;       /* a count: leaves, parts, tries */
	const char *what; /* reason, machine, or what happened to a VC */
	const char *from, *to; /* states */
	const struct atm_addr *who;   /* the other party */
	const struct l3_range *group; /* or NULL */
};

/* Where engines write; |emit| NULL means that nobody listens. */
struct trace {
	void (*emit)(void *ctx, struct mtime now, const struct trace_ev *ev);
	void *ctx;
};

/* trace_emit hands |ev| to |tr|'s reader, if there is one; |tr| may be NULL. */
static inline void
trace_emit(const struct trace *tr, struct mtime now, const struct trace_ev *ev)
{
	if (tr != NULL && tr->emit != NULL)
		tr->emit(tr->ctx, now, ev);
}

/* trace_kind_word returns the static word of |kind|. */
const char *trace_kind_word(enum trace_kind kind);

/* trace_kind_find returns the kind called |word|, or -1. */
int trace_kind_find(const char *word);

#endif
