/* SPDX-License-Identifier: BSD-2-Clause */
#include "marsh/atm/atm_prim.h"

#include <assert.h>
#include <string.h>

#include "marsh/base/frame.h"

const char *
atm_use_word(unsigned use)
{
	static const char *const words[] = { "-",
#define X(name, word) word,
		ATM_USES(X)
#undef X
	};

	return use < ATM_USE_COUNT ? words[use] : "?";
}

const char *
atm_cause_text(unsigned cause)
{
	switch (cause) {
	case ATM_CAUSE_UNALLOCATED: return "unassigned number";
	case ATM_CAUSE_NO_ROUTE: return "no route to destination";
	case ATM_CAUSE_NORMAL: return "normal call clearing";
	case ATM_CAUSE_BUSY: return "user busy";
	case ATM_CAUSE_NO_ANSWER: return "no user responding";
	case ATM_CAUSE_REJECTED: return "call rejected";
	case ATM_CAUSE_OUT_OF_ORDER: return "destination out of order";
	case ATM_CAUSE_UNSPECIFIED: return "normal, unspecified";
	case ATM_CAUSE_NO_VPCI: return "requested VPCI/VCI not available";
	case ATM_CAUSE_RATE_31: return "user cell rate not available";
	case ATM_CAUSE_NET_OUT: return "network out of order";
	case ATM_CAUSE_TEMPORARY: return "temporary failure";
	case ATM_CAUSE_NO_VCI: return "no VPCI/VCI available";
	case ATM_CAUSE_NO_RESOURCE: return "resource unavailable";
	case ATM_CAUSE_QOS: return "quality of service unavailable";
	case ATM_CAUSE_RATE_30: return "user cell rate unavailable";
	case ATM_CAUSE_BAD_ENDPOINT: return "invalid endpoint reference";
	case ATM_CAUSE_TIMER: return "recovery on timer expiry";
	default: return "other cause";
	}
}

bool
atm_cause_is_temporary(unsigned cause)
{
	return cause == ATM_CAUSE_QOS || cause == ATM_CAUSE_RATE_30
	    || cause == ATM_CAUSE_RATE_31 || cause == ATM_CAUSE_TEMPORARY;
}

struct atm_req *
atm_out_push(struct atm_out *o, enum atm_req_kind kind, atm_ref ref)
{
	struct atm_req *rq;

	assert(o->n < o->cap);
	rq = &o->v[o->n++];
	memset(rq, 0, sizeof(*rq));
	rq->kind = kind;
	rq->ref = ref;
	return rq;
}

void
atm_out_clear(struct atm_out *o)
{
	for (size_t i = 0; i < o->n; i++)
		frame_unref(o->v[i].frame);
	o->n = 0;
}

const char *
atm_req_word(enum atm_req_kind kind)
{
	static const char *const words[] = { "L_CALL_RQ", "L_MULTI_RQ",
		"L_MULTI_ADD", "L_MULTI_DROP", "L_RELEASE", "DATA" };

	return (unsigned)kind < sizeof(words) / sizeof(*words) ? words[kind]
							       : "?";
}

const char *
atm_ind_word(enum atm_ind_kind kind)
{
	static const char *const words[] = { "L_ACK", "L_REMOTE_CALL",
		"ERR_L_RQFAILED", "ERR_L_DROP", "ERR_L_RELEASE", "DATA" };

	return (unsigned)kind < sizeof(words) / sizeof(*words) ? words[kind]
							       : "?";
}
