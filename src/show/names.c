/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Things of a world as words: every view names nodes, groups, lists and times
 * through these, so that one thing has one name on every screen.
 */
#include <string.h>

#include "show/show_int.h"

void
name_since(struct sbuf *b, struct world *w, struct mtime t,
    unsigned decimals)
{
	if (mtime_is_never(t))
		sbuf_puts(b, "never");
	else
		sbuf_us(b, mtime_sub(t, world_start(w)).us, decimals);
}

void
name_addr(struct sbuf *b, struct world *w, const struct atm_addr *a)
{
	node_id n = world_find_addr(w, a);
	char text[ATM_TEXT_MAX];

	if (n != 0)
		sbuf_puts(b, node_name(w, n));
	else
		sbuf_puts(b, atm_addr_format(a, text));
}

static void
put_more(struct sbuf *b, size_t more)
{
	if (more > 0)
		sbuf_printf(b, " +%zu", more);
}

void
name_addrs(struct sbuf *b, struct world *w, const struct atm_addr *v,
    size_t n)
{
	size_t i;

	for (i = 0; i < n && i < NAMES_SHOWN; i++) {
		if (i > 0)
			sbuf_puts(b, " ");
		name_addr(b, w, &v[i]);
	}
	put_more(b, n - i);
}

void
name_l3(struct sbuf *b, const struct l3_addr *a)
{
	char text[L3_TEXT_MAX];

	sbuf_puts(b, l3_addr_format(a, text));
}

void
name_range(struct sbuf *b, const struct l3_range *r)
{
	char text[2 * L3_TEXT_MAX];

	sbuf_puts(b, l3_range_format(r, text));
}

void
name_proto(struct sbuf *b, const struct l3_proto *p)
{
	if (l3_proto_equal(p, &L3_PROTO_IPV4))
		sbuf_puts(b, "ipv4");
	else if (l3_proto_equal(p, &L3_PROTO_IPV6))
		sbuf_puts(b, "ipv6");
	else if (p->type == L3_PROTO_LONG)
		sbuf_printf(b, "snap:%02x%02x%02x%02x%02x", p->snap[0],
		    p->snap[1], p->snap[2], p->snap[3], p->snap[4]);
	else
		sbuf_printf(b, "0x%04x", p->type);
}

void
name_leaves(struct sbuf *b, struct world *w, uint32_t vc, size_t max)
{
	struct atm_vc_info info;
	struct atm_leaf leaf;
	size_t i;

	if (!show_vc(w, vc, &info))
		return;
	for (i = 0; i < max && atm_net_vc_leaf(world_net(w), vc, i, &leaf);
	    i++) {
		if (i > 0)
			sbuf_puts(b, " ");
		name_addr(b, w, &leaf.addr);
	}
	put_more(b, info.leaves > i ? info.leaves - i : 0);
}

void
name_joined(struct sbuf *b, const struct mars_client *c, size_t max)
{
	struct l3_range r;
	bool confirmed;
	size_t i;

	for (i = 0; mars_client_next_joined(c, i, &r, &confirmed); i++) {
		if (i >= max)
			continue;
		if (i > 0)
			sbuf_puts(b, " ");
		name_range(b, &r);
		if (!confirmed)
			sbuf_puts(b, "?");
	}
	put_more(b, i > max ? i - max : 0);
}

const char *
name_op(unsigned op)
{
	switch (op) {
	case MARS_REDIRECT_MAP:
		return "MAP";
	case MARS_GROUPLIST_REQUEST:
		return "GL_REQUEST";
	case MARS_GROUPLIST_REPLY:
		return "GL_REPLY";
	default:
		return log_op_word(op);
	}
}

/*
 * A MARS with members is what they see as the active one; one without is a
 * candidate at most.
 */
const char *
name_role(struct world *w, node_id n)
{
	const struct mars_server *s = show_server(w, n);
	const struct mars_client *c = show_client(w, n);
	struct mars_proto_info sum;
	struct mars_client_info info;

	if (s != NULL) {
		show_server_sum(s, &sum);
		return sum.members > 0 ? "Active" : "Idle";
	}
	if (n != 0 && node_kind_of(w, n) == NODE_SCSP)
		return name_scsp_state(w, n);
	if (c == NULL)
		return NULL;
	mars_client_info(c, &info);
	return mars_client_state_word(info.state);
}

node_id
name_mars(struct world *w, node_id n)
{
	const struct mars_client *c = show_client(w, n);
	struct mars_client_info info;

	if (c == NULL)
		return 0;
	mars_client_info(c, &info);
	return info.mars.tl != 0 ? world_find_addr(w, &info.mars) : 0;
}

bool
show_vc(struct world *w, uint32_t id, struct atm_vc_info *info)
{
	return id != 0 && atm_net_next_vc(world_net(w), id - 1, info)
	    && info->id == id;
}

bool
show_multi(unsigned use)
{
	return use == ATM_USE_CCVC || use == ATM_USE_SCVC
	    || use == ATM_USE_DATA;
}

static bool
is_down(struct world *w, node_id n)
{
	enum node_state s = n != 0 ? node_state_of(w, n) : NODE_DEAD;

	return s == NODE_DEAD || s == NODE_STOPPED;
}

const struct mars_server *
show_server(struct world *w, node_id n)
{
	return is_down(w, n) ? NULL : node_server(w, n);
}

const struct mars_client *
show_client(struct world *w, node_id n)
{
	return is_down(w, n) ? NULL : node_client(w, n);
}

const struct scsp *
show_scsp(struct world *w, node_id n)
{
	return is_down(w, n) ? NULL : node_scsp(w, n);
}

void
show_server_sum(const struct mars_server *s, struct mars_proto_info *sum)
{
	struct mars_proto_info p;
	unsigned i;

	memset(sum, 0, sizeof(*sum));
	for (i = 0; mars_server_proto(s, i, &p); i++) {
		sum->members += p.members;
		sum->groups += p.groups;
		sum->blocks += p.blocks;
		sum->memberships += p.memberships;
		if (i == 0 || p.csn > sum->csn)
			sum->csn = p.csn;
		if (sum->ccvc == 0)
			sum->ccvc = p.ccvc;
	}
}

uint32_t
show_server_ccvc(struct world *w, node_id n, const struct mars_proto_info *p)
{
	return p->ccvc != 0 ? node_ref_vc(w, n, p->ccvc) : 0;
}
