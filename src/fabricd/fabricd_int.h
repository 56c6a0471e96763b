/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SRC_FABRICD_INT_H
#define SRC_FABRICD_INT_H

/*
 * What the files of call control share.
 *
 *   call ---- root: a socket (|ep|) or a trunk (|line|, |label|)
 *     |------ party ---- a socket (|ep|), offered to a listener before
 *     |------ party --+- branch: one trunk, one label, parties behind it
 *     `------ party --'
 *
 * A party is there for two: its root, until it was told that the party is
 * gone, and the kernel's queue at the listener, until accept() or a reject.
 * It keeps its VCI as long.
 *
 * Every socket that the kernel registered is told as_close or as_error once,
 * no more: its address may be another socket's afterwards.
 */
#include "fabricd_addr.h"
#include "fabricd_call.h"
#include "fabricd_vci.h"
#include "marsh/atm/atm_party.h"
#include "marsh/atm/atm_prim.h"
#include "marsh/base/tab.h"

#define FAB_REF_MAX 0x7fff

/* Where the struct that holds member |member| begins. */
#define FAB_OF(type, member, p)                                                \
	((struct type *)(void *)((char *)(p) - offsetof(struct type, member)))

enum fab_ep_kind {
	FAB_EP_NEW,      /* of a party that was not accepted yet */
	FAB_EP_LISTENER,
	FAB_EP_ROOT,
	FAB_EP_LEAF,
	FAB_EP_LINGER,   /* will be told that it is over */
	FAB_EP_CLOSING,  /* was told; the kernel is yet to say so too */
};

struct fab_ep {
	struct tab_link by_vcc;
	atm_kptr_t vcc;
	uint8_t kind;
	uint32_t vci; /* 0: none */
	int err;      /* FAB_EP_LINGER: to be told */
	struct mtime due;
	struct fab_ep *next, *prev; /* FAB_EP_LINGER: in order of |due| */
	struct fab_listener *listener;
	struct fab_call *call;
	struct fab_party *party;
};

struct fab_listener {
	struct fab_ep *ep;
	struct fab_listener *next, *prev; /* of all */
	struct tab_link by_addr;
	struct atm_addr addr;
	struct atm_sap sap;
	struct fab_party *out; /* offered, not yet accepted or rejected */
	struct fab_party *first, *last; /* waiting */
	unsigned waiting;
	bool closing; /* unknown, but its offer is still being written */
	bool answer;  /* the kernel waits for as_close */
	bool ready;   /* in the list of those with something to offer */
	struct fab_listener *rnext, *rprev;
};

struct fab_branch {
	struct fab_call *call;
	struct fab_branch *next; /* of the call */
	struct tab_link by_label;
	uint32_t line, label;
	size_t parties, connected;
};

struct fab_party {
	struct fab_call *call; /* NULL: only the kernel's queue has it */
	struct fab_party *next, *prev; /* of the call */
	uint8_t state; /* enum atm_party_state */
	uint16_t ref;
	uint16_t cause; /* why it is ATM_PARTY_GONE */
	struct atm_addr addr;
	struct fab_ep *ep;            /* here, or */
	struct fab_branch *branch;    /* behind a trunk */
	struct fab_listener *at;      /* waits there or is offered */
	struct fab_party *wnext, *wprev;
	bool timed;
	struct mtime due;
	struct fab_party *tnext, *tprev;
};

struct fab_call {
	uint32_t id;
	struct fab_call *next, *prev; /* of all */
	struct fab_ep *ep; /* NULL: came in over a trunk */
	uint32_t line, label;
	struct tab_link by_label;
	uint8_t hops;
	bool multi;
	bool connected; /* the root's connect() was answered */
	bool ending;    /* one line of log is enough for that */
	uint16_t last_ref;
	unsigned asking;         /* ADD PARTYs of the root not yet answered */
	struct fab_party *left;  /* the root was told, has yet to say so */
	bool noting;             /* in the list of those with such news */
	struct fab_call *nnext, *nprev;
	struct atm_addr calling;
	struct atm_qos qos;
	struct atm_sap sap;
	struct fab_party *first, *last; /* in order of asking */
	size_t parties, gone;
	struct fab_branch *branch;
};

/* A queue of what waits equally long: in order of time by itself. */
struct fab_wait {
	struct fab_party *first, *last;
	struct mspan span;
};

struct fab_call_ctl {
	const struct mem *mem;
	struct fab_call_cfg cfg;
	struct fab_sink sink;
	struct fab_routes *routes;
	struct fab_switch *sw;
	struct mtime now;
	struct fab_vci vci;
	struct tab by_vcc, by_addr, by_down, by_up;
	struct fab_listener *listener; /* all */
	struct fab_call *first, *last; /* all */
	struct fab_listener *ready, *ready_last;
	struct fab_listener *offering; /* being written */
	struct fab_call *noting; /* with roots to be told of leaves that left */
	struct fab_wait near, far;
	struct fab_ep *linger, *linger_last;
	uint32_t last_id, last_label;
	unsigned *calls_on; /* by line */
	size_t lines, lines_cap;
	size_t parties;
	struct fab_call_counts n;
};

/* fabricd_ep.c */
struct fab_ep *fab_ep_new(struct fab_call_ctl *c, bool vci);
void fab_ep_name(struct fab_call_ctl *c, struct fab_ep *e, atm_kptr_t vcc,
    enum fab_ep_kind kind);
struct fab_ep *fab_ep_find(const struct fab_call_ctl *c, atm_kptr_t vcc);
void fab_ep_free(struct fab_call_ctl *c, struct fab_ep *e);
void fab_ep_hangup(struct fab_call_ctl *c, struct fab_ep *e, unsigned cause);
void fab_ep_expire(struct fab_call_ctl *c, bool all);
struct fab_point fab_ep_point(const struct fab_ep *e);

/* fabricd_say.c */
void fab_say_okay(struct fab_call_ctl *c, atm_kptr_t vcc,
    const struct atm_addr *local);
void fab_say_error(struct fab_call_ctl *c, atm_kptr_t vcc, int err);
void fab_say_close(struct fab_call_ctl *c, atm_kptr_t vcc, int err);
void fab_say_connected(struct fab_call_ctl *c, const struct fab_call *k);
void fab_say_party(struct fab_call_ctl *c, atm_kptr_t vcc,
    enum atmsvc_msg_type type, int reply);
void fab_say_left(struct fab_call_ctl *c, atm_kptr_t vcc, unsigned ref,
    unsigned cause);
void fab_say_indicate(const struct fab_call_ctl *c, const struct fab_party *p,
    struct atmsvc_msg *m);
void fab_say_trunk(struct fab_call_ctl *c, uint32_t line, uint32_t label,
    enum fab_msg_type type, unsigned ref, unsigned cause);
void fab_say_log(struct fab_call_ctl *c, const struct fab_call *k,
    const char *what, const struct fab_party *p, unsigned cause);
void fab_say_bad(struct fab_call_ctl *c, const char *what, int n);

/* fabricd_listen.c */
void fab_listen(struct fab_call_ctl *c, const struct atmsvc_msg *m);
struct fab_listener *fab_listen_find(const struct fab_call_ctl *c,
    const struct atm_addr *a, const struct atm_sap *sap, bool *other);
int fab_listen_queue(struct fab_call_ctl *c, struct fab_listener *l,
    struct fab_party *p);
void fab_listen_leave(struct fab_call_ctl *c, struct fab_party *p);
void fab_listen_close(struct fab_call_ctl *c, struct fab_listener *l,
    bool answer);
void fab_listen_accept(struct fab_call_ctl *c, const struct atmsvc_msg *m);
void fab_listen_reject(struct fab_call_ctl *c, const struct atmsvc_msg *m);

/* fabricd_party.c */
void fab_party_ask(struct fab_call_ctl *c, struct fab_call *k, unsigned ref,
    const struct atm_addr *to);
struct fab_party *fab_party_find(const struct fab_call *k, unsigned ref);
bool fab_party_event(struct fab_call_ctl *c, struct fab_party *p,
    enum atm_party_event ev, unsigned cause);
bool fab_party_join(struct fab_call_ctl *c, struct fab_party *p);
void fab_party_forget(struct fab_call_ctl *c, struct fab_party *p);
void fab_party_settle(struct fab_call_ctl *c, struct fab_party *p);
void fab_party_expire(struct fab_call_ctl *c);

/* fabricd_root.c */
void fab_root_connect(struct fab_call_ctl *c, const struct atmsvc_msg *m);
void fab_root_add(struct fab_call_ctl *c, const struct atmsvc_msg *m);
void fab_root_drop(struct fab_call_ctl *c, const struct atmsvc_msg *m);
bool fab_root_told(struct fab_call_ctl *c, struct fab_call *k,
    struct fab_party *p, unsigned ref, unsigned tell, unsigned cause);
void fab_root_notices(struct fab_call_ctl *c);
struct fab_point fab_root_point(const struct fab_call *k);
struct fab_call *fab_root_new(struct fab_call_ctl *c, bool multi);
void fab_root_end(struct fab_call_ctl *c, struct fab_call *k, unsigned cause);

/* fabricd_far.c */
struct fab_point fab_far_up(const struct fab_call *k);
int fab_far_ask(struct fab_call_ctl *c, struct fab_party *p, uint32_t line);
bool fab_far_join(struct fab_call_ctl *c, struct fab_branch *b);
void fab_far_leave(struct fab_call_ctl *c, struct fab_party *p, bool clear,
    bool connected, unsigned cause);
void fab_far_unlink(struct fab_call_ctl *c, struct fab_call *k);

#endif
