/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Until quiet: nothing but periodic upkeep for a while, and nobody in the middle
 * of something; then every invariant can be asked for.
 */
#include <string.h>

#include "marsh/base/err.h"
#include "marsh/node/world_scsp.h"
#include "script/script_int.h"

#define QUIET MSPAN_SEC(11) /* every random delay of Appendix E is shorter */
#define QUIET_SLICE MSPAN_MS(500)

/* A MARS of the client's list is up, so looping will end. */
static bool
mars_is_up(struct world *w, const struct mars_client *c)
{
	const struct atm_addr *v;
	node_id id;
	size_t n;

	v = mars_client_list(c, &n);
	for (size_t i = 0; i < n; i++) {
		id = world_find_addr(w, &v[i]);
		if (id != 0 && node_state_of(w, id) == NODE_UP)
			return true;
	}
	return false;
}

static const char *
busy_member(struct world *w, const struct mars_client *c,
    const struct mars_client_info *i)
{
	struct mars_path_info p;
	struct l3_range r;
	struct l3_addr last;
	const struct atm_addr *list;
	bool confirmed, more;
	node_id mars = world_find_addr(w, &i->mars);
	size_t n;

	if (mars != 0 && node_state_of(w, mars) != NODE_UP)
		return "has not noticed that its MARS is gone";
	list = mars_client_list(c, &n);
	if (n > 0 && !atm_addr_equal(&list[0], &i->mars))
		return "waits for the map of its MARS";
	for (size_t k = 0; mars_client_next_joined(c, k, &r, &confirmed); k++)
		if (!confirmed)
			return "waits for its JOIN to come back";
	for (more = mars_client_next_path(c, NULL, &p); more;
	    more = mars_client_next_path(c, &last, &p)) {
		if (p.state == MARS_PATH_ASKING || p.state ==
		    MARS_PATH_OPENING || p.revalidating)
			return "sets up a path";
		last = p.group;
	}
	return NULL;
}

static const char *
busy_client(struct world *w, node_id n)
{
	const struct mars_client *c = node_client(w, n);
	struct mars_client_info i;

	if (c == NULL || node_state_of(w, n) != NODE_UP)
		return NULL;
	mars_client_info(c, &i);
	switch (i.state) {
	case MARS_CLIENT_IDLE:
		return NULL;
	case MARS_CLIENT_REGISTERED:
		return busy_member(w, c, &i);
	default:
		return mars_is_up(w, c) ? mars_client_state_word(i.state) :
		    NULL;
	}
}

/* A member that fell off CCVC and is with no other MARS will be purged. */
static const char *
busy_server(struct world *w, node_id n)
{
	const struct mars_server *s = node_server(w, n);
	struct mars_member_info m;
	struct mars_proto_info pi;
	struct mars_client_info ci;
	const struct mars_client *c;
	node_id id;

	if (s == NULL || node_state_of(w, n) != NODE_UP)
		return NULL;
	for (unsigned p = 0; mars_server_proto(s, p, &pi); p++)
		for (unsigned cmi = 1; mars_server_next_member(s, p, cmi, &m);
		    cmi = m.cmi + 1u) {
			if (m.leaf == MARS_LEAF_UP
			    || m.leaf == MARS_LEAF_FAR)
				continue;
			if (m.leaf != MARS_LEAF_NONE)
				return "adds a leaf to its CCVC";
			id = world_find_addr(w, &m.addr);
			c = id != 0 ? node_client(w, id) : NULL;
			if (c == NULL || node_state_of(w, id) != NODE_UP)
				return "holds a member that is gone";
			mars_client_info(c, &ci);
			if (atm_addr_equal(&ci.mars, node_addr(w, n)))
				return "waits for a member to come back";
		}
	return NULL;
}

/* The other end of a link, and how it sees it; false: nobody is there. */
static bool
other_end(struct world *w, node_id n, const struct scsp_dcs_info *d,
    node_id *other, struct scsp_dcs_info *back)
{
	*other = world_find_addr(w, &d->addr);
	return *other != 0 && node_state_of(w, *other) == NODE_UP
	    && node_scsp_find(w, *other, node_addr(w, n), back);
}

static const char *
busy_link(struct world *w, node_id n, const struct scsp_dcs_info *d)
{
	struct fault_info f;
	struct scsp_dcs_info back;
	node_id other;
	bool there = other_end(w, n, d, &other, &back);

	if (d->hfsm >= SCSP_HELLO_UNIDIRECTIONAL && !there)
		return "has not noticed that a server is gone";
	if (d->hfsm == SCSP_HELLO_BIDIRECTIONAL
	    && d->cafsm != SCSP_CA_ALIGNED)
		return "aligns its cache";
	if (d->queue > 0 || d->crl > 0)
		return "waits for a server to acknowledge";
	/* Cut or with another key, two may never hear each other. */
	if (there && d->hfsm != SCSP_HELLO_BIDIRECTIONAL && !d->auth
	    && !back.auth && !world_next_fault(w, 0, &f))
		return "waits for Hellos";
	return NULL;
}

static const char *
busy_scsp(struct world *w, node_id n)
{
	const struct scsp *s = node_scsp(w, n);
	const char *what = NULL;
	struct scsp_dcs_info d;

	if (s == NULL || node_state_of(w, n) != NODE_UP)
		return NULL;
	for (unsigned i = 0; what == NULL && scsp_dcs(s, 0, i, &d); i++)
		what = busy_link(w, n, &d);
	return what;
}

static const char *
busy_node(struct world *w, node_id n)
{
	switch (node_kind_of(w, n)) {
	case NODE_SERVER:
		return busy_server(w, n);
	case NODE_CLIENT:
		return busy_client(w, n);
	case NODE_SCSP:
		return busy_scsp(w, n);
	default:
		return NULL;
	}
}

/* Who is busy with what, or NULL: everybody is at rest. */
static const char *
busy(struct world *w, node_id *who)
{
	const char *what;

	for (node_id n = 1; n <= world_nodes(w); n++) {
		what = busy_node(w, n);
		if (what != NULL) {
			*who = n;
			return what;
		}
	}
	return NULL;
}

/*
 * core.settle(net, timeout) returns true, or false and who is still busy with
 * what.
 */
int
lcore_settle(lua_State *L)
{
	struct lnet *net = lnet_arg(L, 1);
	struct world *w = net->w;
	struct mtime end, since = world_now(w), now;
	uint64_t last = world_activity(w);
	const char *what;
	node_id who = 0;

	end = mtime_add(since, larg_span(L, 2, "timeout"));
	for (;;) {
		now = world_now(w);
		if (world_activity(w) != last) {
			last = world_activity(w);
			since = now;
		}
		what = NULL;
		if (mtime_sub(now, since).us >= QUIET.us &&
		    (what = busy(w, &who)) == NULL)
			break;
		if (now.us >= end.us) {
			lua_pushboolean(L, false);
			lua_pushstring(L, who != 0 ? node_name(w, who) : "net");
			lua_pushstring(L, what != NULL ? what : "is not quiet");
			return 3;
		}
		ltime_run(L, net, mtime_min(end, mtime_add(now, QUIET_SLICE)));
	}
	lua_pushboolean(L, true);
	return 1;
}

/* core.check(net, quiet) returns the violated invariants as lines. */
int
lcore_check(lua_State *L)
{
	struct lnet *net = lnet_arg(L, 1);
	char text[4096];
	unsigned n;

	n = world_check(net->w, lua_toboolean(L, 2), text, sizeof(text));
	lua_pushinteger(L, n);
	lua_pushstring(L, text);
	return 2;
}
