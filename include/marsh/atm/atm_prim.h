/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MARSH_ATM_PRIM_H
#define MARSH_ATM_PRIM_H

/*
 * The boundary between an engine and an ATM network: the requests and
 * indications of RFC 2022 section 3.4 and data, as two tagged unions.
 *
 * A VC is named by a reference local to its port.  Whoever starts a VC chooses
 * it: the engine, below ATM_REF_REMOTE, for those it calls; the network, with
 * that bit set, for those that arrive.  A reference is not used twice by its
 * chooser while the VC lives, and 0 is never a reference.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "marsh/base/addr.h"

struct frame;

typedef uint32_t atm_ref;
#define ATM_REF_REMOTE 0x80000000u

/* What a VC is for; a label that networks carry for those who look. */
#define ATM_USES(X)                                                            \
	X(PP, "pp")                                                            \
	X(CCVC, "ccvc")                                                        \
	X(SCVC, "scvc")                                                        \
	X(DATA, "data")                                                        \
	X(SCSP, "scsp")                                                        \
	X(RAW, "raw")

enum atm_use {
	ATM_USE_NONE,
#define X(name, word) ATM_USE_##name,
	ATM_USES(X)
#undef X
	ATM_USE_COUNT
};

/* atm_use_word returns "pp", "ccvc", ... or "-". */
const char *atm_use_word(unsigned use);

/* UNI 3.0/3.1 causes that marsh produces or treats specially. */
enum atm_cause {
	ATM_CAUSE_UNALLOCATED = 1,   /* unassigned number */
	ATM_CAUSE_NO_ROUTE = 3,      /* no route to destination */
	ATM_CAUSE_NORMAL = 16,       /* normal call clearing (UNI 3.1) */
	ATM_CAUSE_BUSY = 17,         /* user busy */
	ATM_CAUSE_NO_ANSWER = 18,    /* no user responding */
	ATM_CAUSE_REJECTED = 21,     /* call rejected */
	ATM_CAUSE_OUT_OF_ORDER = 27, /* destination out of order */
	ATM_CAUSE_UNSPECIFIED = 31,  /* normal, unspecified */
	ATM_CAUSE_NO_VPCI = 35,      /* requested VPCI/VCI not available */
	ATM_CAUSE_RATE_31 = 37,      /* cell rate unavailable, UNI 3.1 */
	ATM_CAUSE_NET_OUT = 38,      /* network out of order */
	ATM_CAUSE_TEMPORARY = 41,    /* temporary failure */
	ATM_CAUSE_NO_VCI = 45,       /* no VPCI/VCI available */
	ATM_CAUSE_NO_RESOURCE = 47,  /* resource unavailable */
	ATM_CAUSE_QOS = 49,          /* quality of service unavailable */
	ATM_CAUSE_RATE_30 = 51,      /* cell rate unavailable, UNI 3.0 */
	ATM_CAUSE_BAD_ENDPOINT = 89, /* invalid endpoint reference */
	ATM_CAUSE_TIMER = 102,       /* recovery on timer expiry */
};

/* atm_cause_text returns a static phrase for |cause|. */
const char *atm_cause_text(unsigned cause);

/* atm_cause_is_temporary: 49, 51, 37 and 41 are tried again (section 5.1.3). */
bool atm_cause_is_temporary(unsigned cause);

enum atm_req_kind {
	ATM_CALL_RQ,   /* L_CALL_RQ: pt-pt VC to |dst| */
	ATM_MULTI_RQ,  /* L_MULTI_RQ: pt-mpt VC with first leaf |dst| */
	ATM_MULTI_ADD, /* L_MULTI_ADD: one more leaf |dst| */
	ATM_MULTI_DROP, /* L_MULTI_DROP: one leaf less; not answered */
	ATM_RELEASE,   /* L_RELEASE: the whole VC; not answered */
	ATM_SEND,      /* one frame; its reference goes to the network */
};

struct atm_req {
	enum atm_req_kind kind;
	uint8_t use;  /* enum atm_use, for ATM_CALL_RQ and ATM_MULTI_RQ */
	uint16_t cause; /* for ATM_RELEASE; 0: normal */
	atm_ref ref;
	struct frame *frame; /* for ATM_SEND, owned */
	struct atm_addr dst;
};

enum atm_ind_kind {
	ATM_ACK,         /* L_ACK: |rq| for |peer| succeeded */
	ATM_REMOTE_CALL, /* L_REMOTE_CALL: |peer| opened |ref| towards us */
	ATM_RQFAILED,    /* ERR_L_RQFAILED: |rq| for |peer| failed, |cause|.
			    After CALL_RQ or MULTI_RQ the reference is gone */
	ATM_DROPPED,     /* ERR_L_DROP: leaf |peer| left |ref|, |cause|; the
			    VC itself stays, even without leaves */
	ATM_RELEASED,    /* ERR_L_RELEASE: |ref| is gone, |cause| */
	ATM_DATA,        /* one frame on |ref|, borrowed for the step */
};

struct atm_ind {
	enum atm_ind_kind kind;
	enum atm_req_kind rq; /* for ATM_ACK and ATM_RQFAILED */
	bool leaf;  /* ATM_REMOTE_CALL: we are a leaf of a pt-mpt VC and
		       cannot send on it */
	uint16_t cause;
	atm_ref ref;
	struct frame *frame;
	struct atm_addr peer;
};

/*
 * What one step of an engine asks for, in order.  Caller-owned, of fixed size;
 * an engine that has more to ask than fits stops, keeps the rest in its state
 * and sets its deadline to now.
 */
struct atm_out {
	struct atm_req *v;
	size_t n, cap;
};

/* atm_out_room returns how many more requests fit. */
static inline size_t
atm_out_room(const struct atm_out *o)
{
	return o->cap - o->n;
}

/*
 * atm_out_push appends a request with |kind| and |ref| set and the rest zero,
 * and returns it to be filled in.  There must be room (asserted).
 */
struct atm_req *atm_out_push(struct atm_out *o, enum atm_req_kind kind,
    atm_ref ref);

/* atm_out_clear drops everything in |o|, frames included. */
void atm_out_clear(struct atm_out *o);

/* atm_req_word and atm_ind_word return the RFC's names ("L_CALL_RQ", ...). */
const char *atm_req_word(enum atm_req_kind kind);
const char *atm_ind_word(enum atm_ind_kind kind);

#endif
