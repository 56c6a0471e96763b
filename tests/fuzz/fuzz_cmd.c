/* SPDX-License-Identifier: BSD-2-Clause */
/* Lines at the shell: parsed, completed and explained, whatever they are. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "marsh/cmd/cmd.h"
#include "marsh/node/world.h"
#include "marsh/show/show.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static struct world *world;

static struct world *
the_world(void *ctx)
{
	(void)ctx;
	return world;
}

static int
call(void *ctx, const char *name, const char *const *keys,
    const char *const *values, size_t n)
{
	size_t sum = strlen(name);

	(void)ctx;
	for (size_t i = 0; i < n; i++)
		sum += strlen(keys[i]) + strlen(values[i]);
	return sum == 0 ? -1 : 0;
}

static void
output(void *ctx, const char *text, size_t len)
{
	(void)ctx;
	assert(memchr(text, 0, len) == NULL);
}

static void
make_world(void)
{
	struct mars_server_cfg server;
	struct mars_client_cfg client;
	struct world_cfg cfg;
	node_id id;

	world_defaults(&cfg);
	world = world_new(&cfg, mem_libc());
	mars_server_defaults(&server);
	mars_client_defaults(&client);
	assert(world != NULL);
	assert(world_add_server(world, "M1", &server, &id) == 0);
	client.mars = *node_addr(world, id);
	assert(world_add_client(world, "C1", &client, &id) == 0);
	assert(world_add_client(world, "C2", &client, &id) == 0);
}

/* writes tells whether |line| may name a file to write: not here. */
static bool
writes(const char *line)
{
	return strstr(line, "ca") != NULL || strstr(line, "f") != NULL;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct cmd_host h = { .world = the_world, .call = call,
		.output = output, .width = 80 };
	char *line = malloc(len + 1), why[512];
	struct sbuf b = { 0 };
	enum cmd_status st;

	if (world == NULL)
		make_world();
	if (len > 0)
		memcpy(line, data, len);
	line[len] = '\0';
	if (!writes(line)) {
		st = cmd_run(&h, line, why, sizeof(why));
		assert((st == CMD_NOT_A_COMMAND) == !cmd_is(line));
		assert(st != CMD_ERROR || why[0] != '\0');
	}
	/* names of files would come from the machine it runs on */
	if (strchr(line, '/') == NULL)
		cmd_complete(&h, line, &b);
	assert(cmd_complete_at(line) <= strlen(line));
	cmd_help_at(&h, line, &b);
	sbuf_free(&b);
	free(line);
	return 0;
}
