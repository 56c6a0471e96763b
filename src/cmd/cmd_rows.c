/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The table.  One row says all there is to say about a command; parser,
 * completion, help and manual read it and nothing else.  Rows with |call| go
 * to the function of that name in Lua's marsh.commands; the others to a
 * handler in cmd_do.c, or to whoever holds the terminal.
 *
 * Invariant: |table| is the built-in rows followed by the users' rows, which
 * own their strings; a pointer from cmd_rows is good until the next cmd_add.
 */
#include <stdlib.h>
#include <string.h>

#include "cmd/cmd_int.h"
#include "marsh/base/err.h"

#define NODE(n, h) { CMD_NODE, n, h, CMD_REQ }
#define SERVER(n, h) { CMD_SERVER, n, h, CMD_REQ }
#define CLIENT(n, h) { CMD_CLIENT, n, h, CMD_REQ }
#define GROUP(h) { CMD_GROUP, "group", h, CMD_REQ }
#define SCSP(n, h) { CMD_SCSP, n, h, CMD_REQ }
#define KEY(h) { CMD_KEY, "key", h, CMD_REQ }
#define WORD(w) { CMD_WORD, w, NULL, CMD_REQ }
#define FLAG(w, h) { CMD_WORD, w, h, CMD_OPT }
#define FROM_TO                                                               \
	FLAG("from", "only what this node sent"),                              \
	{ CMD_NODE, "from", "the node that sends", CMD_WITH },                 \
	FLAG("to", "only what goes to this node"),                             \
	{ CMD_NODE, "to", "the node that should get it", CMD_WITH }

static const struct cmd_row builtin[] = {
	/* what there is */
	{ "show", "Show a table of what there is now.",
	    "show members M1 | grep C1", NULL,
	    { { CMD_TOPIC, "topic", "what to show", CMD_REQ },
		{ CMD_ABOUT, "about", "a node, or how many", CMD_OPT } } },
	{ "draw", "Draw who is where, in which role, with which VCs.", "draw",
	    NULL, { { 0 } } },
	{ "ladder", "Draw the messages so far as a sequence chart.",
	    "ladder M1,C1,C2 from 0 to 20", NULL,
	    { { CMD_NODES, "nodes", "its columns; all that spoke", CMD_OPT },
		FLAG("from", "start at this time"),
		{ CMD_TIME, "from", "a time in seconds", CMD_WITH },
		FLAG("to", "end at this time"),
		{ CMD_TIME, "to", "a time in seconds", CMD_WITH },
		FLAG("file", "write SVG to a file"),
		{ CMD_FILE, "file", "the file to write", CMD_WITH },
		FLAG("data", "data packets too") } },

	/* nodes */
	{ "kill", "Crash a node: its VCs are gone, calls to it fail.",
	    "kill M1 back 30", "kill",
	    { NODE("node", "the node to crash"),
		FLAG("back", "and restart it later"),
		{ CMD_TIME, "back", "seconds until it restarts", CMD_WITH } } },
	{ "restart", "Start a node again, with the tables it had.",
	    "restart M1 cold", "restart",
	    { NODE("node", "the node to start"),
		FLAG("cold", "with empty tables") } },
	{ "hang", "Let a node's program get stuck while its VCs stand.",
	    "hang M1", "hang", { NODE("node", "the node that gets stuck") } },
	{ "stop", "End a node in order; a client deregisters first.",
	    "stop C3", "stop", { NODE("node", "the node to end") } },
	{ "redirect", "Let a server send its clients to other servers.",
	    "redirect M1 to M2,M1 soft", "redirect",
	    { SERVER("node", "the server that sends the map"), WORD("to"),
		{ CMD_NODES, "list", "the servers in its map, in order",
		    CMD_REQ },
		{ CMD_CHOICE, "mode:soft|hard",
		    "keep what clients hold, or rebuild it", CMD_OPT },
		FLAG("only", "only some clients"),
		{ CMD_NODES, "only", "those clients", CMD_WITH } } },

	/* members */
	{ "register", "Let a client join the cluster.", "register C1",
	    "register", { CLIENT("node", "the client") } },
	{ "deregister", "Let a client leave the cluster.", "deregister C1",
	    "deregister", { CLIENT("node", "the client") } },
	{ "join", "Let a client join a group or a block of groups.",
	    "join C1 224.1.1.1", "join",
	    { CLIENT("node", "the client"),
		GROUP("a group, or a block like 224.0.0.0/4") } },
	{ "leave", "Let a client leave a group or a block of groups.",
	    "leave C1 224.1.1.1", "leave",
	    { CLIENT("node", "the client"), GROUP("the group or block") } },
	{ "send", "Let a client send packets to a group.",
	    "send C1 224.1.1.1 3", "send",
	    { CLIENT("node", "the client"), GROUP("the group"),
		{ CMD_NUMBER, "n", "how many packets; 1", CMD_OPT } } },
	{ "flow", "Let a client send to a group at a steady rate.",
	    "flow C1 224.1.1.1 10", "flow",
	    { CLIENT("node", "the client"), GROUP("the group"),
		{ CMD_NUMBER, "pps", "packets a second; 0 ends it",
		    CMD_OPT } } },
	{ "request", "Let a client ask its MARS who is in a group.",
	    "request C1 224.1.1.1", "request",
	    { CLIENT("node", "the client"), GROUP("the group") } },
	{ "grouplist", "Let a client ask which groups of a block have members.",
	    "grouplist C1 224.0.0.0/4", "grouplist",
	    { CLIENT("node", "the client"), GROUP("the block") } },
	{ "blind", "Let a client not notice trouble with its MARS for a while.",
	    "blind C1 60", "blind",
	    { CLIENT("node", "the client"),
		{ CMD_TIME, "seconds", "for how long", CMD_REQ } } },

	/* SCSP */
	{ "put", "Write an entry of an SCSP server's own into its cache.",
	    "put A printer room 4", "put",
	    { SCSP("node", "the server"), KEY("the key"),
		{ CMD_REST, "value", "what stands there; the rest of the line",
		    CMD_REQ } } },
	{ "remove", "Withdraw an entry of an SCSP server's own.",
	    "remove A printer", "remove",
	    { SCSP("node", "the server"), KEY("the key") } },
	{ "solicit", "Let an SCSP server ask another for its instance of an "
	    "entry.", "solicit A B printer", "solicit",
	    { SCSP("node", "who asks"), SCSP("other", "who is asked"),
		KEY("the key"),
		FLAG("of", "of another originator than the one asked"),
		{ CMD_SCSP, "of", "who wrote it", CMD_WITH } } },

	/* faults */
	{ "cut", "Cut everything between two nodes.", "cut C1 M1", "cut",
	    { NODE("a", "one end"), NODE("b", "the other end") } },
	{ "partition", "Cut the network into sides.",
	    "partition M1,C1 / M2,C2", "partition",
	    { { CMD_NODES, "a", "the nodes on one side", CMD_REQ }, WORD("/"),
		{ CMD_NODES, "b", "the nodes on the other side", CMD_REQ },
		FLAG("/", "a third side"),
		{ CMD_NODES, "c", "the nodes on the third side", CMD_WITH },
		FLAG("/", "a fourth side"),
		{ CMD_NODES, "d", "the nodes on the fourth side",
		    CMD_WITH } } },
	{ "loss", "Lose messages of one type.", "loss JOIN to M1 0.1", "loss",
	    { { CMD_OP, "op", "a message type, DATA or ANY", CMD_REQ }, FROM_TO,
		FLAG("next", "only the next few"),
		{ CMD_NUMBER, "n", "how many", CMD_WITH },
		{ CMD_PROB, "p", "the probability of loss; 1", CMD_OPT } } },
	{ "lag", "Delay messages of one type.", "lag MULTI 2", "lag",
	    { { CMD_OP, "op", "a message type, DATA or ANY", CMD_REQ }, FROM_TO,
		{ CMD_TIME, "by", "by how many seconds", CMD_REQ } } },
	{ "refuse", "Let all calls to a node fail.", "refuse C2 41", "refuse",
	    { NODE("node", "the node that is called"),
		{ CMD_NUMBER, "cause", "the UNI cause; 21, call rejected",
		    CMD_OPT } } },
	{ "heal", "End one fault, or all of them.", "heal all", "heal",
	    { FLAG("all", "all faults, as without an argument"),
		{ CMD_NUMBER, "fault", "the fault's number in show faults",
		    CMD_OPT } } },

	/* time */
	{ "run", "Let time pass, at once.", "run 10", "run",
	    { { CMD_TIME, "seconds", "how much virtual time", CMD_REQ } } },
	{ "until", "Let time pass until something happens.",
	    "until M1 Active", "until",
	    { { CMD_REST, "what",
		"a role, state or kind of event, with a node; or Lua",
		CMD_REQ } } },
	{ "step", "Handle the next event, or the next few.", "step 5", "step",
	    { { CMD_NUMBER, "n", "how many events; 1", CMD_OPT } } },
	{ "pause", "Let time stand still while the prompt waits.", "pause",
	    NULL, { { 0 } } },
	{ "resume", "Let time pass again while the prompt waits.", "resume",
	    NULL, { { 0 } } },
	{ "speed", "Set how fast time passes while the prompt waits.",
	    "speed 10", NULL,
	    { FLAG("max", "all that follows a command happens at once"),
		{ CMD_NUMBER, "factor", "virtual seconds per real second",
		    CMD_OPT } } },
	{ "seed", "Show the seed that this run can be repeated with.", "seed",
	    NULL, { { 0 } } },

	/* the session */
	{ "load", "Make a ready-made topology and let it come up.",
	    "load lab.one clients=5", "load",
	    { { CMD_TOPOLOGY, "topology", "which one", CMD_REQ },
		{ CMD_KNOBS, "knobs", "its knobs, name=value", CMD_OPT } } },
	{ "source", "Run a Lua script, or a file of commands and Lua.",
	    "source first.lua", NULL,
	    { { CMD_FILE, "file", "the file to run", CMD_REQ } } },
	{ "capture", "Write every frame from now on to a pcap file.",
	    "capture run.pcap", NULL,
	    { FLAG("off", "end the capture"),
		{ CMD_FILE, "file", "the file to write", CMD_OPT } } },
	{ "watch", "Repeat a command every second until a key is pressed.",
	    "watch show cluster", NULL,
	    { { CMD_REST, "command", "the command to repeat", CMD_REQ } } },
	{ "history", "Show the lines typed so far.", "history 20", NULL,
	    { { CMD_NUMBER, "n", "only the last few", CMD_OPT } } },
	{ "help", "Explain a command, or list them all.", "help redirect", NULL,
	    { { CMD_COMMAND, "word", "the command", CMD_OPT } } },
	{ "quit", "Leave, as Ctrl-D does.", "quit", NULL, { { 0 } } },
};
#define BUILTIN (sizeof(builtin) / sizeof(*builtin))

/* What real SVCs cannot do: their faults are the world's, and so is time. */
static const char *const fabric_only[] = { "cut", "partition", "loss", "lag",
	"refuse", "heal", "pause", "resume", "speed" };

/* Commands of later versions: known, so that typing them says so. */
static const struct {
	const char *word, *why;
} later[] = {
	{ "elect", "this version has no distributed MARS yet: servers do not "
		   "elect one another" },
	{ "drain", "this version has no distributed MARS yet: 'redirect' moves "
		   "clients by hand" },
	{ "split", "this version has no distributed MARS yet: 'redirect M1 to "
		   "M2 only C1' moves some clients by hand" },
	{ "serve", "this version has no multicast server (MCS) yet" },
	{ "unserve", "this version has no multicast server (MCS) yet" },
	{ "dashboard", "this version has no dashboard yet: 'watch show cluster'"
		       " repeats a table every second" },
};

static struct cmd_row *table; /* NULL: no users' rows */
static size_t table_n;

const struct cmd_row *
cmd_rows(size_t *n)
{
	*n = table == NULL ? BUILTIN : table_n;
	return table == NULL ? builtin : table;
}

bool
cmd_fabric_only(const struct cmd_row *row)
{
	size_t n = sizeof(fabric_only) / sizeof(*fabric_only);

	for (size_t i = 0; i < n; i++)
		if (strcmp(fabric_only[i], row->word) == 0)
			return true;
	return false;
}

const char *
cmd_later(const char *word)
{
	for (size_t i = 0; i < sizeof(later) / sizeof(*later); i++)
		if (strcmp(later[i].word, word) == 0)
			return later[i].why;
	return NULL;
}

const struct cmd_row *
cmd_row_find(const char *word)
{
	size_t n;
	const struct cmd_row *rows = cmd_rows(&n);

	for (size_t i = 0; i < n; i++)
		if (strcmp(rows[i].word, word) == 0)
			return &rows[i];
	return NULL;
}

size_t
cmd_row_args(const struct cmd_row *row)
{
	size_t n = 0;

	while (n < CMD_ARGS_MAX && row->args[n].name != NULL)
		n++;
	return n;
}

static char *
dup(const char *s)
{
	char *d;

	if (s == NULL)
		return NULL;
	d = malloc(strlen(s) + 1);
	if (d != NULL)
		strcpy(d, s);
	return d;
}

static void
row_free(struct cmd_row *row)
{
	free((char *)row->word);
	free((char *)row->help);
	free((char *)row->example);
	free((char *)row->call);
	for (size_t i = 0; i < CMD_ARGS_MAX; i++) {
		free((char *)row->args[i].name);
		free((char *)row->args[i].help);
	}
}

/* row_copy is false when memory is short; |to| is then freed. */
static bool
row_copy(struct cmd_row *to, const struct cmd_row *from)
{
	bool ok = true;
	size_t n = cmd_row_args(from);

	memset(to, 0, sizeof(*to));
#define COPY(f) ((to->f = dup(from->f)) != NULL || from->f == NULL)
	ok = COPY(word) && COPY(help) && COPY(example) && COPY(call);
	for (size_t i = 0; ok && i < n; i++) {
		to->args[i] = (struct cmd_arg){ .kind = from->args[i].kind,
			.opt = from->args[i].opt };
		ok = COPY(args[i].name) && COPY(args[i].help);
	}
#undef COPY
	if (!ok)
		row_free(to);
	return ok;
}

static bool
row_valid(const struct cmd_row *row)
{
	size_t n = cmd_row_args(row);

	if (row->word == NULL || row->help == NULL || row->call == NULL
	    || !cmd_is_name(row->word) || cmd_is_keyword(row->word))
		return false;
	for (size_t i = 0; i < n; i++) {
		const struct cmd_arg *a = &row->args[i];

		if ((unsigned)a->kind >= CMD_KIND_COUNT || a->opt > CMD_WITH
		    || *a->name == '\0')
			return false;
		if (a->opt == CMD_WITH
		    && (i == 0 || row->args[i - 1].kind != CMD_WORD))
			return false;
		/* these take all that follows */
		if ((a->kind == CMD_REST || a->kind == CMD_KNOBS) && i + 1 < n)
			return false;
	}
	return true;
}

int
cmd_add(const struct cmd_row *row)
{
	size_t n = table == NULL ? BUILTIN : table_n;
	struct cmd_row *t;

	if (!row_valid(row))
		return MARSH_EINVAL;
	if (cmd_row_find(row->word) != NULL || cmd_later(row->word) != NULL)
		return MARSH_EEXIST;
	t = realloc(table, (n + 1) * sizeof(*t));
	if (t == NULL)
		return MARSH_ENOMEM;
	if (table == NULL)
		memcpy(t, builtin, sizeof(builtin));
	table = t;
	table_n = n;
	if (!row_copy(&t[n], row))
		return MARSH_ENOMEM;
	table_n = n + 1;
	return 0;
}

int
cmd_remove(const char *word)
{
	for (size_t i = BUILTIN; table != NULL && i < table_n; i++) {
		if (strcmp(table[i].word, word) != 0)
			continue;
		row_free(&table[i]);
		memmove(&table[i], &table[i + 1],
		    (table_n - i - 1) * sizeof(*table));
		table_n--;
		return 0;
	}
	return MARSH_ENOENT;
}

void
cmd_reset(void)
{
	for (size_t i = BUILTIN; table != NULL && i < table_n; i++)
		row_free(&table[i]);
	free(table);
	table = NULL;
	table_n = 0;
}
