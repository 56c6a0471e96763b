/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The words of message types and refusals, and the addresses inside a decoded
 * message as values.  A message may carry lengths that no endpoint or protocol
 * of ours has (RFC 2022 section 5.1.2); those are refused here and not by the
 * decoder, since a MARS may still have to return such a message.
 */
#include "marsh/wire/mars_msg.h"

#include <assert.h>
#include <string.h>

#include "marsh/base/err.h"

const char *
mars_op_word(unsigned op)
{
	switch (op) {
	case 0:
		return "DATA";
#define X(name, code, word)                                                    \
	case code:                                                             \
		return word;
	MARS_OPS(X)
#undef X
	default:
		return "?";
	}
}

/* Whether |a| and |b| match, in ASCII and whatever the case of |a|. */
static bool
same_word(const char *a, const char *b)
{
	for (; *a != '\0'; a++, b++) {
		char c = *a >= 'a' && *a <= 'z' ? (char)(*a - 'a' + 'A') : *a;

		if (c != *b)
			return false;
	}
	return *b == '\0';
}

unsigned
mars_op_find(const char *word)
{
	char head[sizeof("MARS_")];

	strncpy(head, word, sizeof(head) - 1);
	head[sizeof(head) - 1] = '\0';
	if (same_word(head, "MARS_"))
		word += sizeof(head) - 1;
	if (same_word(word, "MAP"))
		return MARS_REDIRECT_MAP;
	for (unsigned op = 1; op < MARS_OP_COUNT; op++)
		if (same_word(word, mars_op_word(op)))
			return op;
	return 0;
}

const char *
mars_bad_word(unsigned bad)
{
	static const char *const words[] = {
#define X(name, word) word,
		MARS_BADS(X)
#undef X
	};

	return bad < MARS_BAD_COUNT ? words[bad] : "?";
}

int
mars_src(const struct mars_msg *m, struct atm_addr *a)
{
	return atm_addr_set(a, m->shtl, m->sha, m->sstl,
	    m->sha + atm_tl_len(m->shtl));
}

int
mars_target(const struct mars_msg *m, unsigned i, struct atm_addr *a)
{
	size_t num = atm_tl_len(m->thtl), sub = atm_tl_len(m->tstl);
	const uint8_t *p;

	assert(i < m->tnum && m->list != NULL);
	p = m->list + i * (num + sub);
	return atm_addr_set(a, m->thtl, p, m->tstl, p + num);
}

int
mars_group(const struct mars_msg *m, struct l3_addr *g)
{
	assert(m->tpa != NULL || m->tpln == 0);
	return l3_addr_set(g, m->tpa, m->tpln);
}

int
mars_pair(const struct mars_msg *m, unsigned i, struct l3_range *r)
{
	const uint8_t *p;

	assert(i < m->pnum && m->pairs != NULL);
	p = m->pairs + (size_t)i * 2 * m->tpln;
	if (l3_addr_set(&r->min, p, m->tpln) != 0)
		return MARSH_EINVAL;
	return l3_addr_set(&r->max, p + m->tpln, m->tpln);
}

int
mars_listed_group(const struct mars_msg *m, unsigned i, struct l3_addr *g)
{
	assert(i < m->tnum && m->list != NULL);
	return l3_addr_set(g, m->list + (size_t)i * m->tpln, m->tpln);
}

void
mars_set_src(struct mars_msg *m, const struct atm_addr *a,
    uint8_t scratch[2 * ATM_NSAP_LEN])
{
	size_t n = atm_tl_len(a->tl);

	memcpy(scratch, a->num, n);
	memcpy(scratch + n, a->sub, atm_tl_len(a->stl));
	m->shtl = a->tl;
	m->sstl = a->stl;
	m->sha = scratch;
}
