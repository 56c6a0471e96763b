/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * SCSP's things as words: IDs and keys are octets, which people gave a meaning;
 * a table shows the meaning where it can be guessed and the octets otherwise.
 */
#include "show/show_int.h"

#define SMALL 65536 /* IDs below are numbers to people */

static bool
is_plain(struct scsp_oct o)
{
	for (size_t i = 0; i < o.len; i++)
		if (o.p[i] < ' ' || o.p[i] > '~')
			return false;
	return o.len > 0;
}

void
name_octets(struct sbuf *b, struct scsp_oct o, size_t max)
{
	size_t n = o.len < max ? o.len : max;

	if (is_plain(o))
		sbuf_put(b, (const char *)o.p, n);
	else if (o.len > 0)
		sbuf_puts(b, "0x");
	for (size_t i = 0; !is_plain(o) && i < n; i++)
		sbuf_printf(b, "%02x", o.p[i]);
	if (n < o.len)
		sbuf_printf(b, "+%zu", o.len - n);
}

void
name_id(struct sbuf *b, struct scsp_oct id)
{
	uint32_t v = 0;

	for (size_t i = 0; id.len == 4 && i < 4; i++)
		v = v << 8 | id.p[i];
	if (id.len != 4)
		name_octets(b, id, 20);
	else if (v < SMALL)
		sbuf_printf(b, "%u", v);
	else
		sbuf_printf(b, "%u.%u.%u.%u", id.p[0], id.p[1], id.p[2],
		    id.p[3]);
}

void
name_scsp(struct sbuf *b, struct world *w, node_id like, struct scsp_oct id)
{
	node_id n = world_find_scsp(w, id, like);

	if (n != 0)
		sbuf_puts(b, node_name(w, n));
	else
		name_id(b, id);
}

const char *
name_kind(enum node_kind k)
{
	static const char *const words[NODE_KIND_COUNT] = { "a server",
		"a client", "an SCSP server", "a bare port" };

	return words[k];
}

const char *
name_scsp_state(struct world *w, node_id n)
{
	const struct scsp *s = show_scsp(w, n);
	enum scsp_cafsm least = SCSP_CA_ALIGNED;
	struct scsp_dcs_info d;
	unsigned i;

	if (s == NULL)
		return NULL;
	for (i = 0; scsp_dcs(s, 0, i, &d); i++)
		least = d.cafsm < least ? d.cafsm : least;
	return i == 0 ? "Alone" : scsp_cafsm_word(least);
}
