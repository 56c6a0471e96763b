/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MARSH_SCSP_NODE_INT_H
#define MARSH_SCSP_NODE_INT_H

/* An SCSP server as the world keeps it: world_scsp.c and world_scsp_link.c. */
#include "node/world_int.h"

#define SCSP_SECRET_MAX 64 /* what HMAC-MD5 takes without hashing it */

struct scsp_kept_sa {
	uint32_t spi;
	bool send;
	struct mtime until;
	size_t len;
	uint8_t secret[SCSP_SECRET_MAX];
};

/* One DCS as configured. */
struct scsp_link {
	struct atm_addr addr;
	bool auth; /* mandatory, also when no SA is left (SCSP-154) */
	struct scsp_kept_sa *sa;
	size_t sas, sa_cap;
};

struct scsp_node {
	struct scsp *engine;
	struct world_scsp_cfg cfg;
	uint8_t id[SCSP_ID_MAX];
	int32_t first; /* CSA Sequence Number of this incarnation's keys */
	struct scsp_link *link;
	size_t links, link_cap;
};

/* world_scsp.c: a new engine, set up as the old one was, or NULL. */
struct scsp *scsp_node_build(struct world *w, struct node *n, int32_t first);
/* world_scsp.c: the engine is freed without a word. */
void scsp_node_end(struct node *n);
/* world_scsp_link.c: engine |s| is told of all links; 0 or MARSH_E. */
int scsp_node_connect(struct world *w, struct node *n, struct scsp *s);
void scsp_node_unlink_all(struct world *w, struct scsp_node *x);

#endif
