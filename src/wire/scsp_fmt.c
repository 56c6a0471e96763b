/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * One line of text for a decoded message, for traces and people.  IDs of four
 * octets are shown as the IPv4 addresses that they are for MARS (RFC 2443),
 * others in hex; nothing else from the wire but numbers reaches the line.
 */
#include "line_int.h"
#include "scsp_int.h"

#define SHOWN_IDS 8    /* the rest is counted */
#define SHOWN_OCTETS 20

static void
add_id(struct line *l, struct scsp_oct id)
{
	if (id.len == 4) {
		line_add(l, "%u.%u.%u.%u", id.p[0], id.p[1], id.p[2], id.p[3]);
		return;
	}
	for (size_t i = 0; i < id.len && i < SHOWN_OCTETS; i++)
		line_add(l, "%02x", id.p[i]);
	if (id.len == 0)
		line_add(l, "-");
	else if (id.len > SHOWN_OCTETS)
		line_add(l, "+%u", (unsigned)(id.len - SHOWN_OCTETS));
}

static void
add_hello(struct line *l, const struct scsp_msg *m)
{
	struct scsp_oct id;
	unsigned n = 0;
	size_t off = 0;

	for (; scsp_next_id(m, &off, &id); n++) {
		if (n >= SHOWN_IDS)
			continue;
		if (n != 0)
			line_add(l, ",");
		add_id(l, id);
	}
	if (n == 0)
		line_add(l, "-");
	else if (n > SHOWN_IDS)
		line_add(l, ",+%u", n - SHOWN_IDS);
	line_add(l, " %u s x %u", m->interval, m->dead);
}

static void
add_records(struct line *l, const struct scsp_msg *m)
{
	add_id(l, m->receiver);
	line_add(l, " %u record%s", m->nrec, m->nrec == 1 ? "" : "s");
}

char *
scsp_format(const struct scsp_msg *m, char *buf, size_t cap)
{
	struct line l = { buf, cap };

	if (cap != 0)
		buf[0] = '\0';
	line_add(&l, "%s ", scsp_type_word(m->type));
	if (m->type == SCSP_CA)
		line_add(&l, "%c%c%c seq %lu ", m->flags & SCSP_CA_M ? 'M' : '-',
		    m->flags & SCSP_CA_I ? 'I' : '-',
		    m->flags & SCSP_CA_O ? 'O' : '-', (unsigned long)m->ca_seq);
	add_id(&l, m->sender);
	line_add(&l, ">");
	if (m->type == SCSP_HELLO)
		add_hello(&l, m);
	else
		add_records(&l, m);
	if (m->auth)
		line_add(&l, " spi %lu", (unsigned long)m->spi);
	return buf;
}
