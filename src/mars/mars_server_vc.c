/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Point-to-point VCs and the members that speak through them: a member's VC is
 * where its last message came from, until that VC goes (RFC 2022 section 5: the
 * client may release it when idle and stays a member).  One endpoint may be a
 * member for several protocols over one VC, so members of a VC form a list.
 */
#include "marsh/base/err.h"
#include "mars_server_int.h"

/* Multiplication by an odd number is a bijection: equal hash, equal VC. */
static uint32_t
hash(atm_ref ref)
{
	return (uint32_t)(ref * 0x9e3779b1u);
}

static uint32_t
code(const struct mars_proto *p, unsigned cmi)
{
	return (p->index + 1) << 16 | cmi;
}

static struct mars_proto *
decode_proto(const struct mars_server *s, uint32_t c)
{
	return s->proto[(c >> 16) - 1];
}

static struct db_member *
decode(const struct mars_server *s, uint32_t c)
{
	return db_member(&decode_proto(s, c)->db, c & UINT16_MAX);
}

bool
vc_is_leaf(const struct mars_server *s, atm_ref ref)
{
	uint32_t pos;

	return index_first(&s->vcs, hash(ref), &pos) == VC_LEAF;
}

/* vc_leaf notes that nothing can be sent on |ref|; or MARSH_ENOMEM. */
int
vc_leaf(struct mars_server *s, atm_ref ref)
{
	if (index_reserve(&s->vcs, &s->counted) != 0)
		return MARSH_ENOMEM;
	index_add(&s->vcs, hash(ref), VC_LEAF);
	return 0;
}

/* Not knowing a member's VC costs only a targeted map, so no memory is fine. */
void
vc_attach(struct mars_server *s, struct mars_proto *p, unsigned cmi,
    atm_ref ref)
{
	struct db_member *m = db_member(&p->db, cmi);
	uint32_t pos, head, me = code(p, cmi);

	if (m->vc == ref)
		return;
	vc_detach(s, p, cmi);
	if (ref == 0)
		return;
	head = index_first(&s->vcs, hash(ref), &pos);
	if (head == VC_LEAF
	    || (head == 0 && index_reserve(&s->vcs, &s->counted) != 0))
		return;
	if (head == 0) {
		index_add(&s->vcs, hash(ref), me);
	} else {
		index_set(&s->vcs, pos, me);
		decode(s, head)->vc_prev = me;
	}
	m->vc = ref;
	m->vc_next = head;
	m->vc_prev = 0;
}

void
vc_detach(struct mars_server *s, struct mars_proto *p, unsigned cmi)
{
	struct db_member *m = db_member(&p->db, cmi);
	uint32_t pos;

	if (m->vc == 0)
		return;
	if (m->vc_next != 0)
		decode(s, m->vc_next)->vc_prev = m->vc_prev;
	if (m->vc_prev != 0) {
		decode(s, m->vc_prev)->vc_next = m->vc_next;
	} else {
		(void)index_first(&s->vcs, hash(m->vc), &pos);
		if (m->vc_next != 0)
			index_set(&s->vcs, pos, m->vc_next);
		else
			index_del(&s->vcs, pos);
	}
	m->vc = m->vc_next = m->vc_prev = 0;
}

/* vc_gone forgets |ref| for all its members. */
void
vc_gone(struct mars_server *s, atm_ref ref)
{
	uint32_t pos, c = index_first(&s->vcs, hash(ref), &pos);

	if (c == 0)
		return;
	index_del(&s->vcs, pos);
	while (c != VC_LEAF && c != 0) {
		struct db_member *m = decode(s, c);
		uint32_t me = c;

		c = m->vc_next;
		m->vc = m->vc_next = m->vc_prev = 0;
		if (m->moved)
			far_vc_gone(s, decode_proto(s, me), me & UINT16_MAX);
	}
}

/* vc_check proves that lists are linked both ways and start in the table. */
const char *
vc_check(const struct mars_server *s)
{
	uint32_t heads = 0, leaves = 0, pos;

	for (size_t i = 0; s->vcs.slot != NULL && i <= s->vcs.mask; i++)
		leaves += s->vcs.slot[i].id == VC_LEAF;
	for (unsigned k = 0; k < s->protos; k++) {
		const struct mars_db *db = &s->proto[k]->db;

		for (int i = bits_next(db->used, 0); i >= 0;
		     i = bits_next(db->used, (unsigned)i + 1)) {
			const struct db_member *m = db_member(db, (unsigned)i);
			uint32_t me = code(s->proto[k], (unsigned)i);

			if (m->vc == 0)
				continue;
			if (m->vc_next != 0
			    && (decode(s, m->vc_next)->vc != m->vc
				|| decode(s, m->vc_next)->vc_prev != me))
				return "vc: list";
			if (m->vc_prev != 0)
				continue;
			heads++;
			if (index_first(&s->vcs, hash(m->vc), &pos) != me)
				return "vc: not in the table";
		}
	}
	return heads + leaves == s->vcs.n ? NULL : "vc: number";
}
