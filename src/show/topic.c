/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What can be shown: one table of topics, from which help, completion and the
 * dispatch come.  A wrong word is answered with the nearest right one and with
 * all that would have been right.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "marsh/base/err.h"
#include "show/show_int.h"

enum about {
	ABOUT_NOTHING,
	ABOUT_NODE,
	ABOUT_SERVER,
	ABOUT_CLIENT,
	ABOUT_SCSP,
	ABOUT_CACHE, /* whoever has one */
	ABOUT_EVENTS, /* a number, "all" or a node */
};

#define EVENTS_SHOWN 50
#define WHY_NAMES 12

static const struct topic {
	const char *word;
	enum about about;
	topic_fn *make;
	const char *help;
} topics[] = {
	{ "cluster", ABOUT_NODE, topic_cluster,
	    "every node in one screen: state, role, MARS, groups, sequence" },
	{ "topology", ABOUT_NODE, topic_topology,
	    "nodes with their addresses and VC counts" },
	{ "server", ABOUT_SERVER, topic_server,
	    "a MARS: members, groups, CSN, ClusterControlVC, redirect list" },
	{ "members", ABOUT_SERVER, topic_members,
	    "members of a MARS by CMI" },
	{ "groups", ABOUT_SERVER, topic_groups,
	    "groups and blocks of a MARS and who is in them" },
	{ "cache", ABOUT_CACHE, topic_cache,
	    "a MARS's host map by group and member; an SCSP server's entries" },
	{ "scsp", ABOUT_SCSP, topic_scsp,
	    "SCSP servers and those they align with: states, queues, keys" },
	{ "map", ABOUT_NODE, topic_map,
	    "lists of MARSs: what servers announce, what clients would walk" },
	{ "client", ABOUT_CLIENT, topic_client,
	    "a cluster member: MARS, CMI, HSN, groups, paths, list" },
	{ "paths", ABOUT_CLIENT, topic_paths,
	    "a client's data paths by group: state, VC, leaves" },
	{ "vcs", ABOUT_NODE, topic_vcs,
	    "live VCs: use, root, leaves, age, frames" },
	{ "events", ABOUT_EVENTS, NULL,
	    "the newest events (50; or a number, all, a node)" },
	{ "stats", ABOUT_NODE, topic_stats,
	    "counters that are not zero, by node and message" },
	{ "flows", ABOUT_CLIENT, topic_flows,
	    "packets sent, received, lost, doubled, reflected; of one client" },
	{ "faults", ABOUT_NOTHING, topic_faults,
	    "faults in force and how many frames they met" },
	{ "time", ABOUT_NOTHING, topic_time,
	    "virtual time, events, seed, counts, hash of the run" },
};
#define TOPICS (sizeof(topics) / sizeof(topics[0]))

const char *const *
show_topics(void)
{
	static const char *words[TOPICS + 1];
	size_t i;

	for (i = 0; i < TOPICS; i++)
		words[i] = topics[i].word;
	return words;
}

static const struct topic *
find(const char *word)
{
	size_t i;

	for (i = 0; i < TOPICS; i++)
		if (strcmp(topics[i].word, word) == 0)
			return &topics[i];
	return NULL;
}

const char *
show_topic_help(const char *topic)
{
	const struct topic *t = find(topic);

	return t != NULL ? t->help : NULL;
}

/* ---- saying why not ------------------------------------------------------ */

static void
put_why(char *why, size_t cap, struct sbuf *b)
{
	if (why != NULL && cap > 0)
		(void)snprintf(why, cap, "%s",
		    b->s != NULL ? b->s : "out of memory");
	sbuf_free(b);
}

static void
quote(struct sbuf *b, const char *s)
{
	sbuf_puts(b, "'");
	show_escape(b, s, strlen(s));
	sbuf_puts(b, "'");
}

static void
why_topic(const char *word, char *why, size_t cap)
{
	const char *near = show_nearest(word, show_topics(), TOPICS);
	struct sbuf b = { 0 };
	size_t i;

	sbuf_puts(&b, "nothing to show called ");
	quote(&b, word);
	if (near != NULL)
		sbuf_printf(&b, " (did you mean '%s'?)", near);
	sbuf_puts(&b, "; topics:");
	for (i = 0; i < TOPICS; i++)
		sbuf_printf(&b, " %s", topics[i].word);
	put_why(why, cap, &b);
}

static bool
fits(struct world *w, node_id n, enum about about)
{
	enum node_kind k = node_kind_of(w, n);

	switch (about) {
	case ABOUT_SERVER:
		return k == NODE_SERVER;
	case ABOUT_CLIENT:
		return k == NODE_CLIENT;
	case ABOUT_SCSP:
		return k == NODE_SCSP;
	case ABOUT_CACHE:
		return k == NODE_SERVER || k == NODE_SCSP;
	default:
		return true;
	}
}

static const char *
wanted(enum about about)
{
	switch (about) {
	case ABOUT_SERVER:
	case ABOUT_CACHE:
		return "server";
	case ABOUT_CLIENT:
		return "client";
	case ABOUT_SCSP:
		return "SCSP server";
	default:
		return "node";
	}
}

static void
put_fitting(struct sbuf *b, struct world *w, enum about about)
{
	node_id n;
	size_t shown = 0, more = 0;

	sbuf_printf(b, "; %ss:", wanted(about));
	for (n = 1; n <= world_nodes(w); n++) {
		if (!fits(w, n, about))
			continue;
		if (shown == WHY_NAMES) {
			more++;
			continue;
		}
		sbuf_printf(b, " %s", node_name(w, n));
		shown++;
	}
	if (more > 0)
		sbuf_printf(b, " +%zu", more);
	else if (shown == 0)
		sbuf_puts(b, " none");
}

static const char *
nearest_node(struct world *w, const char *arg, enum about about)
{
	const char **names = calloc(world_nodes(w) + 1, sizeof(*names));
	const char *near;
	node_id n;
	size_t count = 0;

	if (names == NULL)
		return NULL;
	for (n = 1; n <= world_nodes(w); n++)
		if (fits(w, n, about))
			names[count++] = node_name(w, n);
	near = show_nearest(arg, names, count);
	free(names);
	return near;
}

static void
why_node(struct world *w, const struct topic *t, const char *arg, char *why,
    size_t cap)
{
	node_id n = world_find(w, arg);
	struct sbuf b = { 0 };
	const char *near;

	if (n != 0) {
		sbuf_printf(&b, "%s is %s, show %s is about %s %s", arg,
		    name_kind(node_kind_of(w, n)), t->word,
		    t->about == ABOUT_SCSP ? "an" : "a", wanted(t->about));
	} else {
		sbuf_printf(&b, "no %s called ", wanted(t->about));
		quote(&b, arg);
		near = nearest_node(w, arg, t->about);
		if (near != NULL)
			sbuf_printf(&b, " (did you mean '%s'?)", near);
	}
	put_fitting(&b, w, t->about);
	put_why(why, cap, &b);
}

static void
why_plain(const struct topic *t, const char *arg, char *why, size_t cap)
{
	struct sbuf b = { 0 };

	sbuf_printf(&b, "show %s takes no argument, found ", t->word);
	quote(&b, arg);
	put_why(why, cap, &b);
}

/* ---- making -------------------------------------------------------------- */

static bool
number(const char *s, uint64_t *v)
{
	uint64_t n = 0;

	if (*s == '\0' || strlen(s) > 18)
		return false;
	for (; *s != '\0'; s++) {
		if (*s < '0' || *s > '9')
			return false;
		n = n * 10 + (uint64_t)(*s - '0');
	}
	*v = n;
	return true;
}

/* An argument is a node unless the topic is events and it counts them. */
static int
argument(struct world *w, const struct topic *t, const char *arg, node_id *n,
    uint64_t *newest, char *why, size_t cap)
{
	*n = 0;
	*newest = EVENTS_SHOWN;
	if (arg == NULL || *arg == '\0')
		return 0;
	if (t->about == ABOUT_NOTHING) {
		why_plain(t, arg, why, cap);
		return MARSH_ENOENT;
	}
	*n = world_find(w, arg);
	if (*n != 0 && fits(w, *n, t->about))
		return 0;
	if (t->about == ABOUT_EVENTS && strcmp(arg, "all") == 0) {
		*newest = UINT64_MAX;
		return 0;
	}
	if (t->about == ABOUT_EVENTS && number(arg, newest))
		return 0;
	why_node(w, t, arg, why, cap);
	return MARSH_ENOENT;
}

int
show_topic(struct world *w, const char *topic, const char *arg,
    struct table **out, char *why, size_t cap)
{
	const struct topic *t = find(topic);
	uint64_t newest;
	node_id n;
	int rv;

	*out = NULL;
	if (t == NULL) {
		why_topic(topic, why, cap);
		return MARSH_ENOENT;
	}
	rv = argument(w, t, arg, &n, &newest, why, cap);
	if (rv != 0)
		return rv;
	*out = table_new(t->word);
	if (*out != NULL && t->make != NULL)
		t->make(w, n, *out);
	else if (*out != NULL)
		topic_events(w, n, newest, *out);
	if (*out != NULL && !table_oom(*out))
		return 0;
	table_free(*out);
	*out = NULL;
	if (why != NULL && cap > 0)
		(void)snprintf(why, cap, "%s", marsh_err_text(MARSH_ENOMEM));
	return MARSH_ENOMEM;
}
