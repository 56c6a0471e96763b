/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The words that an argument may be.  Names of nodes and groups are read from
 * the present world whenever they are needed, so completion is never behind.
 * Groups are offered up to a limit: nobody picks one of ten thousand by TAB.
 */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "cmd/cmd_words.h"
#include "marsh/node/world_scsp.h"

#define OFFER_MAX 500

const char *const *
cmd_words_ops(void)
{
	static const char *const words[] = {
#define X(name, code, word) word,
		MARS_OPS(X)
#undef X
#define X(name, code, word) word,
		    SCSP_TYPES(X)
#undef X
		    "DATA", "ANY", NULL };

	return words;
}

const char *const *
cmd_words_events(void)
{
	static const char *const words[] = {
#define X(name, word) word,
		TRACE_KINDS(X)
#undef X
		    NULL };

	return words;
}

const char *const *
cmd_words_knobs(const struct cmd_host *h)
{
	static const char *const words[] = { "clients", "servers", "seed",
		"delay", "jitter", "loss", "uni", "vcmax", "leafmax", "sync",
		"list", "purge", "map_interval", "pps",
#define X(field, def, lo, hi) #field,
		MARS_CLIENT_KNOBS(X)
#undef X
		    NULL };

	return h->knobs == NULL || h->knobs(h->ctx) == NULL ? words
							    : h->knobs(h->ctx);
}

const char *
cmd_topic_find(const char *s)
{
	const char *const *t = show_topics();
	const char *found = NULL;
	size_t len = strlen(s);

	for (; *t != NULL && len > 0; t++) {
		if (strcmp(*t, s) == 0)
			return *t;
		if (strncmp(*t, s, len) == 0) {
			if (found != NULL)
				return NULL;
			found = *t;
		}
	}
	return found;
}

enum cmd_arg_kind
cmd_topic_kind(const char *topic)
{
	static const struct {
		const char *topic;
		enum cmd_arg_kind kind;
	} kinds[] = { { "server", CMD_SERVER }, { "servers", CMD_SERVER },
		{ "members", CMD_SERVER }, { "groups", CMD_SERVER },
		{ "cache", CMD_CACHE }, { "scsp", CMD_SCSP },
		{ "client", CMD_CLIENT }, { "clients", CMD_CLIENT },
		{ "events", CMD_NUMBER } };

	for (size_t i = 0; topic != NULL
	     && i < sizeof(kinds) / sizeof(*kinds); i++)
		if (strcmp(kinds[i].topic, topic) == 0)
			return kinds[i].kind;
	return CMD_NODE;
}

static struct world *
world_of(const struct cmd_host *h)
{
	return h == NULL || h->world == NULL ? NULL : h->world(h->ctx);
}

static bool
of_kind(const struct world *w, node_id n, enum cmd_arg_kind kind)
{
	enum node_kind k = node_kind_of(w, n);

	switch (kind) {
	case CMD_SERVER:
		return k == NODE_SERVER;
	case CMD_CLIENT:
		return k == NODE_CLIENT;
	case CMD_SCSP:
		return k == NODE_SCSP;
	case CMD_CACHE:
		return k == NODE_SERVER || k == NODE_SCSP;
	default:
		return true;
	}
}

/* nearest returns the node of |kind| whose name is nearest to |s|, or NULL. */
static const char *
nearest(const struct world *w, enum cmd_arg_kind kind, const char *s)
{
	node_id n = world_nodes(w);
	const char **names = malloc((n + 1) * sizeof(*names)), *near = NULL;
	size_t k = 0;

	for (node_id i = 1; names != NULL && i <= n; i++)
		if (of_kind(w, i, kind))
			names[k++] = node_name(w, i);
	if (k > 0)
		near = show_nearest(s, names, k);
	free(names);
	return near;
}

static const char *
noun(enum cmd_arg_kind kind)
{
	switch (kind) {
	case CMD_SERVER:
	case CMD_CACHE:
		return "server";
	case CMD_CLIENT:
		return "client";
	case CMD_SCSP:
		return "SCSP server";
	default:
		return "node";
	}
}

/* no_node fills |why|: there is no node |s| of |kind|. */
static void
no_node(const struct world *w, enum cmd_arg_kind kind, const char *s,
    char *why, size_t cap)
{
	struct sbuf b = { 0 };
	const char *near = nearest(w, kind, s);
	size_t shown = 0;

	sbuf_printf(&b, "no %s '", noun(kind));
	show_escape(&b, s, strlen(s));
	sbuf_puts(&b, "'");
	if (near != NULL)
		sbuf_printf(&b, " (did you mean '%s'?)", near);
	for (node_id i = 1; i <= world_nodes(w) && shown <= 8; i++)
		if (of_kind(w, i, kind) && shown++ < 8)
			sbuf_printf(&b, "%s%s", shown == 1 ? "; there are " :
			    ", ", node_name(w, i));
	if (shown > 8)
		sbuf_puts(&b, ", ...");
	if (shown == 0)
		sbuf_printf(&b, "; there is no %s yet", noun(kind));
	snprintf(why, cap, "%s", b.oom ? "no such node" : b.s);
	sbuf_free(&b);
}

bool
cmd_nodes_check(const struct cmd_host *h, enum cmd_arg_kind kind,
    const char *s, char *why, size_t cap)
{
	struct world *w = world_of(h);
	char name[NODE_NAME_MAX + 1];

	if (w == NULL) {
		snprintf(why, cap, "there is no cluster yet; 'load lab.one' "
		    "makes one");
		return false;
	}
	for (;; s++) {
		size_t n = kind == CMD_NODES ? strcspn(s, ",") : strlen(s);
		node_id id;

		snprintf(name, sizeof(name), "%.*s",
		    (int)(n < sizeof(name) ? n : sizeof(name) - 1), s);
		id = n < sizeof(name) ? world_find(w, name) : 0;
		if (id == 0 || !of_kind(w, id, kind)) {
			no_node(w, kind, name, why, cap);
			return false;
		}
		s += n;
		if (*s == '\0')
			return true;
	}
}

void
cmd_offer(const char *word, const char *part, struct sbuf *out)
{
	if (strncmp(word, part, strlen(part)) == 0)
		sbuf_printf(out, "%s\n", word);
}

void
cmd_offer_nodes(const struct cmd_host *h, enum cmd_arg_kind kind,
    const char *part, struct sbuf *out)
{
	struct world *w = world_of(h);

	for (node_id i = 1; w != NULL && i <= world_nodes(w); i++)
		if (of_kind(w, i, kind))
			cmd_offer(node_name(w, i), part, out);
}

/* offer_once appends |word| unless |out| has that line from |from| on. */
static bool
offer_once(const char *word, const char *part, size_t from, struct sbuf *out)
{
	size_t n = strlen(word);
	const char *p = out->s == NULL ? NULL : out->s + from;

	if (strncmp(word, part, strlen(part)) != 0)
		return false;
	for (; p != NULL && *p != '\0'; p = strchr(p, '\n') + 1)
		if (strncmp(p, word, n) == 0 && p[n] == '\n')
			return false;
	sbuf_printf(out, "%s\n", word);
	return !out->oom;
}

/* Keys that can be typed as a word. */
void
cmd_offer_keys(const struct cmd_host *h, const char *server, const char *part,
    struct sbuf *out)
{
	struct world *w = world_of(h);
	const struct scsp *s = w == NULL ? NULL
	    : node_scsp(w, world_find(w, server));
	struct scsp_entry_info e = { .change = 0 };
	size_t from = out->len, left = OFFER_MAX, n;
	char key[SCSP_ID_MAX + 1];

	while (s != NULL && left > 0 && scsp_next_entry(s, 0, e.change, &e)) {
		for (n = 0; n < e.rec.key.len; n++) {
			key[n] = (char)e.rec.key.p[n];
			if (key[n] <= ' ' || key[n] > '~'
			    || strchr("\"',|", key[n]) != NULL)
				break;
		}
		key[n] = '\0';
		if (n == e.rec.key.len && !e.tombstone)
			left -= offer_once(key, part, from, out);
	}
}

void
cmd_offer_groups(const struct cmd_host *h, const char *part, struct sbuf *out)
{
	struct world *w = world_of(h);
	size_t from = out->len, left = OFFER_MAX;
	char text[2 * L3_TEXT_MAX];

	for (node_id i = 1; w != NULL && i <= world_nodes(w); i++) {
		const struct mars_client *c = node_client(w, i);
		const struct mars_server *s = node_server(w, i);
		struct mars_group_info g;
		struct l3_addr at, *after = NULL;
		struct l3_range r;
		bool sure;

		for (size_t k = 0; c != NULL && left > 0
		     && mars_client_next_joined(c, k, &r, &sure); k++)
			left -= offer_once(l3_range_format(&r, text), part,
			    from, out);
		for (unsigned p = 0; s != NULL && p < 1; p++)
			while (left > 0
			    && mars_server_next_group(s, p, after, &g)) {
				left -= offer_once(l3_addr_format(&g.group,
				    text), part, from, out);
				at = g.group;
				after = &at;
			}
	}
}

void
cmd_offer_files(const char *part, struct sbuf *out)
{
	const char *slash = strrchr(part, '/');
	size_t n = slash == NULL ? 0 : (size_t)(slash - part) + 1, left;
	char dir[1024], path[2048];
	struct dirent *e;
	struct stat st;
	DIR *d;

	if (n >= sizeof(dir))
		return;
	snprintf(dir, sizeof(dir), "%.*s", (int)n, part);
	d = opendir(n == 0 ? "." : dir);
	for (left = OFFER_MAX; d != NULL && left > 0
	     && (e = readdir(d)) != NULL;) {
		if (strncmp(e->d_name, part + n, strlen(part + n)) != 0
		    || (e->d_name[0] == '.' && part[n] != '.')
		    || strpbrk(e->d_name, "\n\t\r\"'") != NULL)
			continue;
		snprintf(path, sizeof(path), "%s%s", dir, e->d_name);
		sbuf_printf(out, "%s%s\n", path,
		    stat(path, &st) == 0 && S_ISDIR(st.st_mode) ? "/" : "");
		left--;
	}
	if (d != NULL)
		closedir(d);
}
