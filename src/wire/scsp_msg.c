/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The words of message types and refusals, and what there is to know about IDs,
 * keys and records without reading or writing a message (RFC 2334 appendix B).
 */
#include "marsh/wire/scsp_msg.h"

#include <string.h>
#include <strings.h>

const char *
scsp_type_word(unsigned type)
{
	switch (type) {
#define X(name, code, word)                                                    \
	case code:                                                             \
		return word;
	SCSP_TYPES(X)
#undef X
	default:
		return "?";
	}
}

unsigned
scsp_type_find(const char *word)
{
	static const char head[] = "SCSP_";

	if (strncasecmp(word, head, sizeof(head) - 1) == 0)
		word += sizeof(head) - 1;
	for (unsigned type = 1; type < SCSP_TYPE_COUNT; type++)
		if (strcasecmp(word, scsp_type_word(type)) == 0)
			return type;
	return 0;
}

const char *
scsp_bad_word(unsigned bad)
{
	static const char *const words[] = {
#define X(name, word) word,
		SCSP_BADS(X)
#undef X
	};

	return bad < SCSP_BAD_COUNT ? words[bad] : "?";
}

bool
scsp_oct_equal(struct scsp_oct a, struct scsp_oct b)
{
	return a.len == b.len && (a.len == 0 || memcmp(a.p, b.p, a.len) == 0);
}

/* |a| without the zeros on its left, which do not change the number. */
static struct scsp_oct
significant(struct scsp_oct a)
{
	while (a.len != 0 && *a.p == 0) {
		a.p++;
		a.len--;
	}
	return a;
}

int
scsp_oct_cmp(struct scsp_oct a, struct scsp_oct b)
{
	a = significant(a);
	b = significant(b);
	if (a.len != b.len)
		return a.len < b.len ? -1 : 1;
	return a.len == 0 ? 0 : memcmp(a.p, b.p, a.len);
}

size_t
scsp_csas_size(const struct scsp_rec *r)
{
	return SCSP_CSAS_LEN + r->key.len + r->orig.len;
}

size_t
scsp_csa_size(const struct scsp_rec *r)
{
	return scsp_csas_size(r) + (r->null ? 0 : r->body.len);
}
