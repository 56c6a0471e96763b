/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Reads, for those who show a cluster member; nothing here changes it.
 */
#include "mars_client_int.h"

/* mars_client_drop_word returns the static word of |drop|. */
const char *
mars_client_drop_word(unsigned drop)
{
	static const char *const words[] = {
#define X(name, word) word,
		MARS_CLIENT_DROPS(X)
#undef X
	};

	return drop < MARS_CLIENT_DROP_COUNT ? words[drop] : "?";
}

/* mars_client_state_word returns the static word of |state|. */
const char *
mars_client_state_word(unsigned state)
{
	static const char *const words[] = {
#define X(name, word) word,
		MARS_CLIENT_STATES(X)
#undef X
	};

	return state < sizeof(words) / sizeof(*words) ? words[state] : "?";
}

/* mars_path_state_word returns the static word of |state|. */
const char *
mars_path_state_word(unsigned state)
{
	static const char *const words[] = { "Asking", "Opening", "Up",
		"Held" };

	return state < sizeof(words) / sizeof(*words) ? words[state] : "?";
}

/* mars_client_stats returns the live counters, borrowed. */
const struct mars_client_stats *
mars_client_stats(const struct mars_client *c)
{
	return &c->stats;
}

/* mars_client_info tells how the client and its MARS get on. */
void
mars_client_info(const struct mars_client *c, struct mars_client_info *i)
{
	*i = (struct mars_client_info){
		.state = (enum mars_client_state)c->state,
		.registered = c->state == MARS_CLIENT_REGISTERED,
		.mars = c->mars,
		.cmi = c->cmi,
		.hsn = c->hsn,
		.mars_vc = c->pp.st == PP_UP ? c->pp.ref : 0,
		.ccvc = c->ccvc,
		.rereg = c->rereg,
		.failed_at = c->failed_at,
		.attempts = c->attempts,
	};
}

/* mars_client_list returns the list of MARSs, borrowed until the next step. */
const struct atm_addr *
mars_client_list(const struct mars_client *c, size_t *n)
{
	*n = c->list_n;
	return c->list;
}

/* mars_client_next_joined stores joined range |i|. */
bool
mars_client_next_joined(const struct mars_client *c, size_t i,
    struct l3_range *range, bool *confirmed)
{
	if (i >= c->joins.n)
		return false;
	*range = c->joins.v[i]->range;
	*confirmed = c->joins.v[i]->confirmed;
	return true;
}

/* Leaves that are, or are to be, connected; few are ever being added. */
static uint32_t
wanted(const struct path *p)
{
	uint32_t n = (uint32_t)p->n - p->count[LEAF_GOING];

	for (size_t i = 0; p->count[LEAF_ADDING] > 0 && i < p->n; i++)
		n -= p->leaves[i]->doomed;
	return n;
}

/* mars_client_next_path stores the first path after |after|. */
bool
mars_client_next_path(const struct mars_client *c,
    const struct l3_addr *after, struct mars_path_info *info)
{
	size_t i = after == NULL
	    ? 0 : client_path_from(c, after->b, after->len);
	const struct path *p;

	if (after != NULL && i < c->paths_n
	    && l3_addr_cmp(&c->paths[i]->group, after) == 0)
		i++;
	if (i >= c->paths_n)
		return false;
	p = c->paths[i];
	*info = (struct mars_path_info){
		.group = p->group,
		.state = (enum mars_path_state)p->state,
		.vc = p->vcst == VC_OPEN ? p->vc : 0,
		.leaves = p->count[LEAF_UP] + p->count[LEAF_GOING],
		.wanted = wanted(p),
		.revalidate = p->reval,
		.revalidating = p->ask.st != XACT_OFF
		    && p->state != MARS_PATH_ASKING,
		.packets = p->packets,
	};
	return true;
}

/* mars_client_leaf stores leaf |i| of the path to |group|. */
bool
mars_client_leaf(const struct mars_client *c, const struct l3_addr *group,
    size_t i, struct atm_addr *leaf, enum mars_cleaf_state *state)
{
	static const enum mars_cleaf_state shown[LEAF_STATES] = {
		[LEAF_WANT] = MARS_CLEAF_WANT,
		[LEAF_ADDING] = MARS_CLEAF_ADDING,
		[LEAF_UP] = MARS_CLEAF_UP,
		[LEAF_RETRY] = MARS_CLEAF_RETRY,
		[LEAF_GOING] = MARS_CLEAF_UP,
	};
	const struct path *p = client_path_find(c, group);

	if (p == NULL || i >= p->n)
		return false;
	*leaf = p->leaves[i]->addr;
	*state = shown[p->leaves[i]->st];
	return true;
}

/* mars_client_answer tells how the last question of a command ended. */
int
mars_client_answer(const struct mars_client *c, bool grouplist, size_t *n)
{
	int rc = grouplist ? c->gans_rc : c->ans_rc;

	*n = rc != 0 ? 0 : grouplist ? c->gans_n : c->ans_n;
	return rc;
}

/* mars_client_answer_addr stores entry |i| of the answer to a REQUEST. */
bool
mars_client_answer_addr(const struct mars_client *c, size_t i,
    struct atm_addr *a)
{
	if (c->ans_rc != 0 || i >= c->ans_n)
		return false;
	*a = c->ans[i];
	return true;
}

/* mars_client_answer_group stores entry |i| of the answer to a GROUPLIST. */
bool
mars_client_answer_group(const struct mars_client *c, size_t i,
    struct l3_addr *g)
{
	if (c->gans_rc != 0 || i >= c->gans_n)
		return false;
	*g = c->gans[i];
	return true;
}
