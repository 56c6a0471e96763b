/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SCSP_INT_H
#define SCSP_INT_H

/*
 * What the files of the SCSP engine share.  A group (sg) has DCSs; a DCS has a
 * CAFSM, and hangs below the HFSM that drives it: its own, or that of a family
 * of groups.  An HFSM hangs below the link to an ATM address, which all
 * groups share.
 */
#include "marsh/base/frame.h"
#include "marsh/base/rng.h"
#include "marsh/base/tab.h"
#include "marsh/scsp/scsp.h"
#include "scsp_cache.h"
#include "scsp_crl.h"
#include "scsp_queue.h"

#define SCSP_LINK_WAIT MSPAN_SEC(1)    /* for a call of the lower address */
#define SCSP_LINK_LINGER MSPAN_SEC(1)  /* of a VC that is one too many */
#define SCSP_RETRY_MIN 1000            /* ms, before a failed call again */
#define SCSP_RETRY_MAX 10000
#define SCSP_LEAF_VCS 64               /* pt-mpt VCs of one neighbour */
#define SCSP_HOPS_MIN 16
#define SCSP_REPLY_MAX MSPAN_MS(200)

enum scsp_vc_kind {
	SCSP_VC_MINE,   /* pt-pt, we called */
	SCSP_VC_THEIRS, /* pt-pt, the other called */
	SCSP_VC_LEAF,   /* pt-mpt, we are a leaf */
	SCSP_VC_ROOT,   /* pt-mpt, of a group of ours */
};

struct scsp_vc {
	struct tab_link tab; /* by reference */
	struct scsp_vc *next; /* of the link's leaves */
	struct scsp_link *link; /* NULL: a root */
	struct scsp_sg *g;      /* a root's */
	atm_ref ref;
	uint8_t kind;
	bool up;
};

struct scsp_link {
	struct scsp_link *next;
	struct scsp_hello *hellos;
	struct atm_addr addr;
	struct scsp_vc *mine, *theirs, *leaves;
	unsigned leaf_n;
	bool lower;  /* our address is the lower one: we call at once */
	bool heard;  /* something came since the VC stands */
	uint32_t delay_ms; /* 0: no call failed lately */
	struct mtime call_due, linger_due;
};

/* An HFSM (RFC 2334 section 2.1). */
struct scsp_hello {
	struct scsp_hello *next; /* of the link */
	struct scsp_link *link;
	struct scsp_dcs *dcs;    /* those it drives; never NULL */
	uint16_t family;
	enum scsp_hfsm state;
	uint8_t id_len;
	uint8_t id[SCSP_ID_MAX]; /* DCSID */
	uint16_t interval, dead; /* as the DCS advertised */
	struct mtime hello_due, dead_due, silence_due, last;
};

enum scsp_leaf {
	SCSP_LEAF_NONE,
	SCSP_LEAF_WAITING, /* for |leaf_due| */
	SCSP_LEAF_ADDING,
	SCSP_LEAF_UP,
};

struct scsp_dcs {
	struct scsp_sg *g;
	struct scsp_hello *h;
	struct scsp_dcs *next; /* of the HFSM */

	/* CAFSM (2.2); |ca_due|: CAReXmt, SlaveGuard or CAHold by state */
	enum scsp_cafsm ca;
	bool master;
	bool more;          /* our last CA had the O bit */
	uint32_t n;         /* CA sequence number */
	struct mtime since, ca_due;
	struct frame *last; /* last CA sent; NULL: it has to be made anew */
	struct scsp_walk walk; /* CSAS list; later what changed meanwhile */
	uint64_t upto;      /* change at which the negotiation began */
	uint64_t left;

	/* CSU (2.3) */
	struct scsp_crl *crl;
	bool soliciting, progress;
	unsigned csus_tries;
	struct mtime csus_due;
	struct scsp_queue *queue;
	struct scsp_queue *cast; /* first sent to all leaves at once */
	uint8_t *reply;     /* CSU Reply in the making; NULL: none ever */
	struct scsp_wr reply_wr;
	bool reply_auth;
	struct mtime reply_due;

	/* authentication (B.3.1) */
	bool auth;
	struct scsp_sa *sa;
	size_t sas, sa_cap;

	/* leaf of the group's pt-mpt VC */
	uint8_t leaf;
	bool carried;       /* its Hellos and first CSUs go there */
	uint32_t leaf_ms;
	struct mtime leaf_due;

	uint64_t tx, rx, rexmt;
};

/* The number space of an own key was used up (B.2.0.2, A-37). */
struct scsp_purge {
	struct scsp_purge *next;
	struct mtime until;
	uint8_t key_len;
	uint8_t key[SCSP_ID_MAX];
	uint8_t *body;  /* what follows the purge; NULL: nothing */
	size_t len;
	struct scsp_dcs **left; /* have not acknowledged it */
	size_t lefts, left_cap;
};

struct scsp_sg {
	struct scsp *s;
	unsigned index;
	struct scsp_group_cfg cfg;
	struct scsp_cache *cache;
	struct scsp_dcs **dcs;
	size_t dcss, dcs_cap;
	struct scsp_purge *purges;
	/* pt-mpt VC */
	struct scsp_vc *root;
	struct scsp_queue *cast; /* waits to be sent to all leaves */
	struct mtime hello_due;
	struct atm_addr *ghost;  /* leaves added for a DCS that went */
	size_t ghosts, ghost_cap;
};

struct scsp {
	struct scsp_cfg cfg;
	uint8_t id[SCSP_ID_MAX];
	const struct mem *mem;
	struct mem counted;
	const struct trace *trace;
	struct rng rng;
	struct mtime now;
	struct tab vcs;
	atm_ref ref;
	struct scsp_link *links;
	struct scsp_sg **sg;
	size_t sgs, sg_cap;
	uint8_t *buf; /* one message in the making */
	uint64_t activity;
	struct scsp_stats stats;
};

static inline struct scsp_oct
scsp_dcs_id(const struct scsp_dcs *d)
{
	return (struct scsp_oct){ d->h->id, d->h->id_len };
}

/* scsp_open tells whether CSUs may be sent and received (SCSP-075). */
static inline bool
scsp_open(const struct scsp_dcs *d)
{
	return d->ca == SCSP_CA_UPDATE || d->ca == SCSP_CA_ALIGNED;
}

/* Work that waits is due when the last event was. */
static inline struct mtime
scsp_soon(const struct scsp *s, bool work)
{
	return work ? s->now : MTIME_NEVER;
}

/* scsp.c */
int scsp_drop_it(struct scsp *s, enum scsp_drop why, uint8_t type,
    const struct atm_addr *who);
void scsp_same_id(struct scsp *s, uint8_t type, const struct atm_addr *who);

/* scsp_group.c: groups, DCSs */
struct scsp_sg *scsp_sg_find(const struct scsp *s, uint16_t pid,
    uint16_t sgid);
struct scsp_dcs *scsp_dcs_find(const struct scsp_sg *g,
    const struct atm_addr *addr);
struct scsp_dcs *scsp_dcs_at(const struct scsp_link *l,
    const struct scsp_sg *g);
uint16_t scsp_hops(const struct scsp_sg *g);
void scsp_groups_free(struct scsp *s);

/* scsp_link.c: VCs */
struct scsp_link *scsp_link_get(struct scsp *s, const struct atm_addr *addr);
void scsp_link_unused(struct scsp *s, struct scsp_link *l);
atm_ref scsp_link_ref(const struct scsp_link *l);
struct scsp_vc *scsp_vc_find(const struct scsp *s, atm_ref ref);
struct scsp_vc *scsp_vc_new(struct scsp *s, enum scsp_vc_kind kind,
    atm_ref ref);
void scsp_vc_free(struct scsp *s, struct scsp_vc *vc);
atm_ref scsp_vc_ref(struct scsp *s);
uint32_t scsp_backoff(uint32_t ms);
struct mtime scsp_retry_at(struct scsp *s, uint32_t ms);
int scsp_link_call(struct scsp *s, const struct atm_ind *ind,
    struct atm_out *out);
void scsp_link_ack(struct scsp *s, struct scsp_vc *vc);
void scsp_link_lost(struct scsp *s, struct scsp_vc *vc);
void scsp_link_heard(struct scsp *s, const struct scsp_vc *vc);
void scsp_link_timers(struct scsp *s, struct atm_out *out);
void scsp_link_restart(struct scsp *s);
struct mtime scsp_link_deadline(const struct scsp *s,
    const struct scsp_link *l);
void scsp_links_free(struct scsp *s);
const char *scsp_link_check(const struct scsp *s);

/* scsp_hello.c: HFSM */
struct scsp_hello *scsp_hello_get(struct scsp *s, struct scsp_link *l,
    struct scsp_dcs *d);
void scsp_hello_leave(struct scsp *s, struct scsp_dcs *d);
void scsp_hello_up(struct scsp *s, struct scsp_link *l);
void scsp_hello_down(struct scsp *s, struct scsp_link *l);
void scsp_hello_abnormal(struct scsp *s, struct scsp_hello *h,
    const char *why);
void scsp_hello_recv(struct scsp *s, struct scsp_hello *h,
    const struct scsp_msg *m);
void scsp_hello_timers(struct scsp *s, struct scsp_hello *h,
    struct atm_out *out);
void scsp_hello_multi(struct scsp *s, struct scsp_sg *g, struct atm_out *out);
struct mtime scsp_hello_deadline(const struct scsp_hello *h);

/* scsp_align.c: CAFSM */
void scsp_align_start(struct scsp *s, struct scsp_dcs *d);
void scsp_align_stop(struct scsp *s, struct scsp_dcs *d);
void scsp_align_again(struct scsp *s, struct scsp_dcs *d);
int scsp_align_recv(struct scsp *s, struct scsp_dcs *d,
    const struct scsp_msg *m, struct atm_out *out);
void scsp_align_timer(struct scsp *s, struct scsp_dcs *d, struct atm_out *out);
void scsp_align_done(struct scsp *s, struct scsp_dcs *d);
void scsp_align_solicited(struct scsp_dcs *d);
void scsp_align_rekeyed(struct scsp_dcs *d);

/* scsp_csu.c: requests; scsp_csus.c: solicits and replies */
bool scsp_newer(const struct scsp_entry *e, int32_t seq);
int scsp_csu_queue(struct scsp_dcs *d, const struct scsp_csa *c);
void scsp_csu_flood(struct scsp_sg *g, const struct scsp_rec *r, uint16_t hop,
    const struct scsp_dcs *except);
int scsp_csu_request(struct scsp *s, struct scsp_dcs *d,
    const struct scsp_msg *m, struct atm_out *out);
void scsp_csu_pump(struct scsp *s, struct scsp_dcs *d, struct atm_out *out);
void scsp_csu_timer(struct scsp *s, struct scsp_dcs *d);
void scsp_csu_clear(struct scsp_dcs *d);
bool scsp_csu_waits(const struct scsp_dcs *d);
int scsp_csu_reply(struct scsp *s, struct scsp_dcs *d,
    const struct scsp_msg *m);
void scsp_csu_solicit(struct scsp_dcs *d, const struct scsp_msg *m);
void scsp_csu_settle(struct scsp *s, struct scsp_dcs *d);
bool scsp_csu_ack(struct scsp *s, struct scsp_dcs *d,
    const struct scsp_rec *r, struct atm_out *out);
void scsp_csu_flush(struct scsp *s, struct scsp_dcs *d, struct atm_out *out);
void scsp_csu_forget_reply(struct scsp_dcs *d);
void scsp_csus_send(struct scsp *s, struct scsp_dcs *d, struct atm_out *out);
void scsp_csus_timer(struct scsp *s, struct scsp_dcs *d);

/* scsp_origin.c: own records */
bool scsp_is_withdrawn(const struct scsp_sg *g, const struct scsp_rec *r);
int scsp_origin_defend(struct scsp_sg *g, const struct scsp_rec *r,
    const struct scsp_entry *e, const struct atm_addr *from);
void scsp_origin_seen(struct scsp_sg *g, const struct scsp_dcs *d,
    const struct scsp_rec *r);
void scsp_origin_gone(struct scsp_sg *g, const struct scsp_dcs *d);
void scsp_origin_timer(struct scsp_sg *g);
struct mtime scsp_origin_deadline(const struct scsp_sg *g);
void scsp_origin_free(struct scsp_sg *g);

/* scsp_auth.c: Security Associations */
const struct scsp_key *scsp_sa_signing(const struct scsp_dcs *d);
bool scsp_sa_verify(const struct scsp_dcs *d, const uint8_t *b,
    const struct scsp_msg *m);
bool scsp_sa_common(const struct scsp_sg *g);
void scsp_sa_free(struct scsp *s, struct scsp_dcs *d);

/* scsp_out.c: messages */
bool scsp_out_begin(const struct scsp_dcs *d, struct scsp_wr *w, uint8_t *b,
    struct scsp_msg *m);
struct frame *scsp_out_end(struct scsp *s, const struct scsp_dcs *d,
    struct scsp_wr *w, uint8_t type, bool auth);
void scsp_out_send(struct scsp *s, struct scsp_dcs *d, struct atm_out *out,
    uint8_t type, struct frame *f);
void scsp_out_again(struct scsp *s, struct scsp_dcs *d, uint8_t type);
void scsp_out_cast(struct scsp *s, const struct scsp_sg *g,
    struct atm_out *out, uint8_t type, struct frame *f);

/* scsp_multi.c: the group's pt-mpt VC */
bool scsp_multi_ready(const struct scsp_sg *g);
void scsp_multi_review(struct scsp *s, struct scsp_sg *g);
void scsp_multi_timers(struct scsp *s, struct scsp_sg *g, struct atm_out *out);
void scsp_multi_pump(struct scsp *s, struct scsp_sg *g, struct atm_out *out);
void scsp_multi_ack(struct scsp *s, struct scsp_sg *g,
    const struct atm_ind *ind);
void scsp_multi_failed(struct scsp *s, struct scsp_sg *g,
    const struct atm_ind *ind);
void scsp_multi_dropped(struct scsp *s, struct scsp_sg *g,
    const struct atm_ind *ind);
void scsp_multi_released(struct scsp *s, struct scsp_sg *g);
void scsp_multi_leave(struct scsp *s, struct scsp_dcs *d);
struct mtime scsp_multi_deadline(const struct scsp_sg *g);

#endif
