/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef TESTS_CMD_FAKE_H
#define TESTS_CMD_FAKE_H

/*
 * A host that writes down what the command table asks of it, and a cluster to
 * speak of: M1 and M2, C1 to C3, C1 and C2 members of 224.1.1.1.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "marsh/cmd/cmd.h"
#include "marsh/node/world_scsp.h"
#include "marsh/show/show.h"

struct fake {
	struct world *w;
	char told[2048]; /* "kill node=M1 back=0.5" */
	struct sbuf out;
	int fail; /* what call returns */
	struct cmd_host host;
	char why[1024];
};

static inline void
fake_tell(struct fake *f, const char *how, const char *word,
    const char *const *keys, const char *const *values, size_t n)
{
	size_t at;

	snprintf(f->told, sizeof(f->told), "%s%s", how, word);
	for (size_t i = 0; i < n; i++) {
		at = strlen(f->told);
		snprintf(f->told + at, sizeof(f->told) - at, " %s=%s", keys[i],
		    values[i]);
	}
}

static inline struct world *
fake_world(void *ctx)
{
	return ((struct fake *)ctx)->w;
}

static inline int
fake_call(void *ctx, const char *name, const char *const *keys,
    const char *const *values, size_t n)
{
	fake_tell(ctx, "", name, keys, values, n);
	return ((struct fake *)ctx)->fail;
}

static inline enum cmd_status
fake_shell(void *ctx, const char *word, const char *const *keys,
    const char *const *values, size_t n, char *why, size_t cap)
{
	(void)why, (void)cap;
	fake_tell(ctx, "!", word, keys, values, n);
	return strcmp(word, "quit") == 0 ? CMD_QUIT : CMD_OK;
}

static inline const char *const *
fake_topologies(void *ctx)
{
	static const char *const words[] = { "lab.one", "lab.ft", NULL };

	(void)ctx;
	return words;
}

static inline void
fake_output(void *ctx, const char *text, size_t len)
{
	sbuf_put(&((struct fake *)ctx)->out, text, len);
}

static inline void
fake_client(struct fake *f, const char *name, const char *group)
{
	struct mars_client_cfg cfg;
	struct l3_range r;
	node_id id;

	mars_client_defaults(&cfg);
	cfg.mars = *node_addr(f->w, 1);
	assert_int_equal(world_add_client(f->w, name, &cfg, &id), 0);
	assert_int_equal(node_register(f->w, id), 0);
	assert_int_equal(world_run(f->w,
	    mtime_add(world_now(f->w), MSPAN_SEC(20))), 0);
	if (group == NULL)
		return;
	assert_int_equal(l3_range_parse(group, &r, NULL), 0);
	assert_int_equal(node_join(f->w, id, &r, true), 0);
	assert_int_equal(world_run(f->w,
	    mtime_add(world_now(f->w), MSPAN_SEC(5))), 0);
}

/* fake_init makes |f|; |cluster| false: there is no world. */
static inline void
fake_init(struct fake *f, bool cluster)
{
	struct mars_server_cfg server;
	struct world_cfg cfg;
	node_id id;

	memset(f, 0, sizeof(*f));
	f->host = (struct cmd_host){ .world = fake_world, .call = fake_call,
		.shell = fake_shell, .topologies = fake_topologies,
		.output = fake_output, .ctx = f };
	if (!cluster)
		return;
	world_defaults(&cfg);
	cfg.sim.seed = 7;
	f->w = world_new(&cfg, mem_libc());
	assert_non_null(f->w);
	mars_server_defaults(&server);
	assert_int_equal(world_add_server(f->w, "M1", &server, &id), 0);
	mars_server_defaults(&server);
	assert_int_equal(world_add_server(f->w, "M2", &server, &id), 0);
	fake_client(f, "C1", "224.1.1.1");
	fake_client(f, "C2", "224.1.1.1");
	fake_client(f, "C3", NULL);
}

/* fake_scsp adds SCSP servers A and B, aligned, with two keys of A. */
static inline void
fake_scsp(struct fake *f)
{
	struct world_scsp_cfg cfg;
	node_id a, b;

	world_scsp_defaults(&cfg);
	assert_int_equal(world_add_scsp(f->w, "A", &cfg, &a), 0);
	assert_int_equal(world_add_scsp(f->w, "B", &cfg, &b), 0);
	assert_int_equal(node_scsp_add(f->w, a, node_addr(f->w, b)), 0);
	assert_int_equal(node_scsp_add(f->w, b, node_addr(f->w, a)), 0);
	for (const char *k = "printer\0gate\0"; *k != '\0';
	     k += strlen(k) + 1) {
		struct scsp_oct key = { (const uint8_t *)k, strlen(k) };

		assert_int_equal(node_scsp_put(f->w, a, key, key), 0);
	}
	assert_int_equal(world_run(f->w,
	    mtime_add(world_now(f->w), MSPAN_SEC(20))), 0);
}

static inline void
fake_end(struct fake *f)
{
	sbuf_free(&f->out);
	if (f->w != NULL)
		world_free(f->w);
}

static inline enum cmd_status
fake_run(struct fake *f, const char *line)
{
	f->told[0] = '\0';
	f->out.len = 0;
	sbuf_puts(&f->out, "");
	return cmd_run(&f->host, line, f->why, sizeof(f->why));
}

/* fake_offers returns what TAB offers behind |line|, "M1 M2 ". */
static inline const char *
fake_offers(struct fake *f, const char *line)
{
	static char text[4096];
	struct sbuf b = { 0 };

	cmd_complete(&f->host, line, &b);
	snprintf(text, sizeof(text), "%s", b.s == NULL ? "" : b.s);
	for (char *p = text; *p != '\0'; p++)
		if (*p == '\n')
			*p = ' ';
	sbuf_free(&b);
	return text;
}

#endif
