/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MARSH_SHOW_INT_H
#define MARSH_SHOW_INT_H

/* What the files of this floor share; nobody else includes it. */
#include <stdarg.h>

#include "marsh/node/world_raw.h"
#include "marsh/node/world_scsp.h"
#include "marsh/show/show.h"

#define SHOW_PAPER 100      /* columns of a drawing, at most */
#define SHOW_PAPER_LEAST 40

/* ---- utf8.c ------------------------------------------------------------- */

/* show_utf8 stores the character at |s| and returns its octets; 0: invalid. */
size_t show_utf8(const char *s, size_t n, uint32_t *cp);
/* show_utf8_width returns the columns that |cp| takes: 0, 1 or 2. */
unsigned show_utf8_width(uint32_t cp);
/* show_width returns the columns of |s|; colour sequences take none. */
size_t show_width(const char *s, size_t n);
/* show_fit returns how many octets of |s| fit |width| columns. */
size_t show_fit(const char *s, size_t n, size_t width, size_t *used);

/* show_paper returns the columns to draw on where |width| were asked for. */
int show_paper(size_t width);

/* ---- escape.c ----------------------------------------------------------- */

/* show_plain returns the octets before the first that JSON would escape or
 * that is not printable ASCII. */
size_t show_plain(const char *s, size_t n);

/* ---- sbuf.c ------------------------------------------------------------- */

#define SHOW_US_MAX 32
void sbuf_vprintf(struct sbuf *b, const char *fmt, va_list ap);
void sbuf_fill(struct sbuf *b, char c, size_t n);
/* sbuf_us appends microseconds as seconds with 0 to 6 decimals, cut. */
void sbuf_us(struct sbuf *b, int64_t us, unsigned decimals);
char *show_us(int64_t us, unsigned decimals, char text[SHOW_US_MAX]);

/* ---- names.c: things of a world as words ------------------------------- */

#define NAMES_SHOWN 8 /* of a list; the rest is "+N" */

/* name_since appends |t| as seconds since the world's start. */
void name_since(struct sbuf *b, struct world *w, struct mtime t,
    unsigned decimals);
/* name_addr appends the node at |a|, or libatm's text form of it. */
void name_addr(struct sbuf *b, struct world *w, const struct atm_addr *a);
/* name_addrs appends a list, shortened. */
void name_addrs(struct sbuf *b, struct world *w,
    const struct atm_addr *v, size_t n);
void name_l3(struct sbuf *b, const struct l3_addr *a);
void name_range(struct sbuf *b, const struct l3_range *r);
void name_proto(struct sbuf *b, const struct l3_proto *p);
/* name_leaves appends who the leaves of |vc| are, at most |max| of them. */
void name_leaves(struct sbuf *b, struct world *w, uint32_t vc,
    size_t max);
/* name_joined appends the ranges that client |c| has joined, shortened. */
void name_joined(struct sbuf *b, const struct mars_client *c, size_t max);
/* name_octets appends a key, an ID or a value: text where it is plain, else
 * hex; |max| octets of it. */
void name_octets(struct sbuf *b, struct scsp_oct o, size_t max);
/* name_id appends a server's ID: a number, a dotted address or octets. */
void name_id(struct sbuf *b, struct scsp_oct id);
/* name_scsp appends who has the ID |id| among the servers of |like|'s group,
 * else the ID. */
void name_scsp(struct sbuf *b, struct world *w, node_id like,
    struct scsp_oct id);
/* name_kind is node_kind_word as people say it: "an SCSP server". */
const char *name_kind(enum node_kind k);
/* name_scsp_state says how far server |n| is with all its DCSs. */
const char *name_scsp_state(struct world *w, node_id n);
/* name_op is log_op_word with MAP for REDIRECT_MAP, long words cut. */
const char *name_op(unsigned op);
/* name_role says in a word what node |n| is at: "Active", "Registered", ... */
const char *name_role(struct world *w, node_id n);
/* name_mars returns the node that client |n| is a member at, or 0. */
node_id name_mars(struct world *w, node_id n);

/* show_vc stores the live VC with number |id|. */
bool show_vc(struct world *w, uint32_t id, struct atm_vc_info *info);
/* show_multi tells whether VCs for |use| are pt-mpt. */
bool show_multi(unsigned use);

/* show_server, ... return an engine unless its node is down. */
const struct mars_server *show_server(struct world *w, node_id n);
const struct mars_client *show_client(struct world *w, node_id n);
const struct scsp *show_scsp(struct world *w, node_id n);
/* show_server_sum adds up what |s| has over its protocols; csn: the highest. */
void show_server_sum(const struct mars_server *s, struct mars_proto_info *sum);
/* show_server_ccvc returns the network-wide id of a CCVC, or 0. */
uint32_t show_server_ccvc(struct world *w, node_id n,
    const struct mars_proto_info *p);

/* ---- event.c ------------------------------------------------------------ */

/* What is known of the VC of a record at its time: use, and leaves if told. */
struct event_vc {
	unsigned use;
	bool multi;
	bool counted;
	uint32_t leaves;
};
/* event_detail appends what an event line says behind its kind. */
void event_detail(struct world *w, const struct log_rec *r,
    const struct event_vc *vc, struct sbuf *out);
/* event_scsp appends what a record says of an SCSP message behind its name. */
void event_scsp(const struct log_rec *r, struct sbuf *out);
/* event_node is node_name with "net" for the network itself. */
const char *event_node(struct world *w, node_id n);

/* ---- vcmap.c: VCs as they were ------------------------------------------ */

/*
 * VCs at the time of a record, rebuilt from the log's vc records.  One whose
 * opening is no longer kept is unknown unless it still lives.
 */
struct vc_past {
	uint32_t id;
	unsigned use;
	bool multi;
	bool complete; /* |leaf| is the whole list */
	node_id root;
	node_id *leaf;
	size_t leaves, cap;
	/* For the ladder: its newest message there, + 1; its leaves as
	 * columns, and how many have none, while |counted|. */
	size_t last;
	bool counted;
	uint64_t columns;
	uint32_t others;
};
struct vcmap {
	struct world *w;
	struct vc_past *v; /* by id */
	size_t n, cap;
	bool oom;
};
void vcmap_init(struct vcmap *m, struct world *w);
void vcmap_free(struct vcmap *m);
/* vcmap_feed takes the next record, of any kind. */
void vcmap_feed(struct vcmap *m, const struct log_rec *r);
/*
 * vcmap_get returns VC |id| after the records fed so far, NULL only when memory
 * is short; valid until the next call.
 */
struct vc_past *vcmap_get(struct vcmap *m, uint32_t id);
/* vcmap_event fills |vc| with what is known of the VC of |r|. */
void vcmap_event(struct vcmap *m, const struct log_rec *r,
    struct event_vc *vc);

/* ---- topic_*.c ---------------------------------------------------------- */

/* Each makes the columns and rows of one topic; |n| 0: about all. */
typedef void topic_fn(struct world *w, node_id n, struct table *t);
topic_fn topic_cluster, topic_topology;
topic_fn topic_server, topic_members, topic_groups, topic_cache, topic_map;
topic_fn topic_client, topic_paths;
topic_fn topic_vcs, topic_time, topic_faults, topic_flows;
topic_fn topic_stats, topic_scsp;
void topic_scsp_cache(struct world *w, node_id n, struct table *t);
void topic_scsp_stats(struct world *w, node_id n, struct table *t);
void topic_stats_row(struct world *w, node_id n, const char *what,
    const char *name, uint64_t v, struct table *t);
void topic_events(struct world *w, node_id n, uint64_t newest,
    struct table *t);
/* table_take moves what |b| holds into a cell, or "-" if nothing. */
void table_take(struct table *t, struct sbuf *b);

#endif
