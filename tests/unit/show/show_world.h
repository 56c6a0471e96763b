/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef TESTS_SHOW_WORLD_H
#define TESTS_SHOW_WORLD_H

/* A small deterministic world to look at: M1, M2 behind it, and clients. */
#include <stdio.h>

#include "marsh/base/err.h"
#include "show/show_int.h"

static inline void
sw_run(struct world *w, double seconds)
{
	assert_int_equal(world_run(w, mtime_add(world_now(w),
			     MSPAN_US(seconds * 1e6))), 0);
}

static inline struct l3_range
sw_range(const char *text)
{
	struct l3_range r;

	assert_int_equal(l3_range_parse(text, &r, NULL), 0);
	return r;
}

static inline void
sw_client(struct world *w, const char *name, bool reg)
{
	struct mars_client_cfg k;
	struct atm_addr backup = *node_addr(w, 2);
	node_id n;

	mars_client_defaults(&k);
	k.mars = *node_addr(w, 1);
	k.backups = &backup;
	k.backups_n = 1;
	assert_int_equal(world_add_client(w, name, &k, &n), 0);
	if (reg)
		assert_int_equal(node_register(w, n), 0);
}

/* sw_new returns M1, M2 and |clients| registering clients C1, C2, ... */
static inline struct world *
sw_new(unsigned clients)
{
	struct world_cfg cfg;
	struct mars_server_cfg s;
	struct world *w;
	char name[16];
	unsigned i;

	world_defaults(&cfg);
	cfg.log_data = true;
	w = world_new(&cfg, mem_libc());
	assert_non_null(w);
	mars_server_defaults(&s);
	assert_int_equal(world_add_server(w, "M1", &s, NULL), 0);
	assert_int_equal(world_add_server(w, "M2", &s, NULL), 0);
	for (i = 1; i <= clients; i++) {
		(void)snprintf(name, sizeof(name), "C%u", i);
		sw_client(w, name, true);
	}
	return w;
}

/* sw_busy: all members of 224.1.1.1; C1 and C2 send to it. */
static inline struct world *
sw_busy(unsigned clients)
{
	struct world *w = sw_new(clients);
	struct l3_range x = sw_range("224.1.1.1");
	unsigned i;

	sw_run(w, 5);
	for (i = 0; i < clients; i++)
		assert_int_equal(node_join(w, 3 + i, &x, true), 0);
	sw_run(w, 5);
	assert_int_equal(node_send(w, 3, &x.min, NULL, 0), 0);
	assert_int_equal(node_send(w, 4, &x.min, NULL, 0), 0);
	sw_run(w, 2);
	return w;
}

/* sw_widest returns the columns of the longest line. */
static inline size_t
sw_widest(const struct sbuf *b)
{
	size_t i, from = 0, n, most = 0;

	for (i = 0; i < b->len; i++)
		if (b->s[i] == '\n') {
			n = show_width(b->s + from, i - from);
			most = n > most ? n : most;
			from = i + 1;
		}
	return most;
}

#endif
