/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef LUA_LOG_INT_H
#define LUA_LOG_INT_H

/* A live query: its filter and what has matched so far. */
#include "script/script_int.h"

struct lquery {
	struct lnet *net;
	struct lquery *next;    /* of the net's live queries */
	uint64_t seq;           /* looked at up to here */
	struct log_rec *v;      /* matches */
	size_t n, cap;
	bool oom;               /* a match could not be kept */
	/* the filter; empty masks and lists match everything */
	uint32_t kinds, uses;
	uint64_t ops;
	struct mtime since, until;
	uint32_t vc;            /* 0: any */
	uint8_t on_use;         /* with on_of: CCVC or SCVC of that server */
	node_id on_of;
	node_id *node, *from, *to; /* lists, ended by 0 */
	bool grouped;
	struct l3_range group;
	int8_t copy, reg, hard, punched; /* -1: either */
	int64_t msn, cmi;       /* -1: any */
	char what[32];
};

/* query_look_back fills a new query from what the log still holds. */
void query_look_back(struct lquery *q);

#endif
