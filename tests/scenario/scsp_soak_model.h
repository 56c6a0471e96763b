/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef TESTS_SCSP_SOAK_MODEL_H
#define TESTS_SCSP_SOAK_MODEL_H

/*
 * What must be true of caches whatever happened, and what must stand in them in
 * the end.
 *
 * What an originator's present incarnation wrote, that stands; so does what it
 * wrote before a restart with its memory.  When it loses its memory, it is not
 * sure what stands: it takes up what it hears first.  That is any
 * instance that is at least as new as the oldest that any other server has; any
 * at all when some server has none, for an old one may be on its way there; and
 * nothing when no other has one, or when all that have one lose their memory,
 * too, before it heard of it.  Once it took up something, that stands.  With
 * own = withdraw nothing may stand.
 *
 * At all times: what a server has of an originator only becomes newer, under one
 * number there is one content, and nobody has what was not written.
 */
#include "scsp_soak.h"

static inline void *
soak_grow(void *v, size_t *cap, size_t need, size_t size)
{
	if (need <= *cap)
		return v;
	*cap = 2 * need + 8;
	v = realloc(v, *cap * size);
	assert_non_null(v);
	return v;
}

static inline unsigned
soak_name(int orig, unsigned k)
{
	return (unsigned)orig * SOAK_KEYS + k;
}

static inline void
soak_name_say(unsigned name, char buf[16])
{
	snprintf(buf, 16, "D%u.k%u", name / SOAK_KEYS + 1, name % SOAK_KEYS);
}

/* ---- what servers have --------------------------------------------------- */

/* instance notes that |id| stands under |seq|. */
static inline void
soak_instance(struct soak *r, unsigned g, unsigned name, int32_t seq,
    unsigned id)
{
	struct soak_instances *a = &r->all[g][name];
	char text[16];

	for (size_t i = 0; i < a->n; i++)
		if (a->v[i].seq == seq) {
			if (a->v[i].id == id)
				return;
			if (r->wraps)
				continue;
			soak_name_say(name, text);
			soak_bad(r, "%s has content %u and %u under number %d",
			    text, a->v[i].id, id, (int)seq);
			return;
		}
	a->v = soak_grow(a->v, &a->cap, a->n + 1, sizeof(*a->v));
	a->v[a->n++] = (struct soak_instance){ seq, id };
}

static inline bool
soak_allowed(const struct soak *r, unsigned g, unsigned name, unsigned id)
{
	const struct soak_want *w = &r->want[g][name];
	const struct soak_instances *a = &r->all[g][name];

	if (w->sure)
		return id == w->id;
	if (id == 0 && (w->absent || r->wraps))
		return true;
	for (size_t i = 0; i < a->n; i++)
		if (a->v[i].id == id && (a->v[i].seq >= w->low || r->wraps))
			return true;
	return false;
}

/* An originator's own entry is what stands. */
static inline void
soak_own(struct soak *r, unsigned g, unsigned name, const struct soak_have *h)
{
	struct soak_want *w = &r->want[g][name];
	char text[16];

	/* A purge goes before what it makes room for. */
	if (h->seq == SCSP_SEQ_LAST)
		return;
	if (!soak_allowed(r, g, name, h->id)) {
		soak_name_say(name, text);
		soak_bad(r, "%s of group %u became %u (number %d) again", text,
		    g, h->id, (int)h->seq);
	}
	*w = (struct soak_want){ .sure = true, .id = h->id };
}

static inline unsigned
soak_id(const struct scsp_entry_info *e)
{
	const uint8_t *p = e->rec.body.p;

	return e->tombstone || e->rec.body.len < 4 ? 0
	    : (unsigned)p[0] << 24 | (unsigned)p[1] << 16
		| (unsigned)p[2] << 8 | p[3];
}

static inline void
soak_entry(struct soak *r, int i, unsigned g, const struct scsp_entry_info *e)
{
	struct soak_have h = { .here = true, .own = e->own, .seq = e->rec.seq,
		.id = soak_id(e) };
	int orig = e->rec.orig.p[3] - 1;
	unsigned name = soak_name(orig, (unsigned)e->rec.key.p[1] - '0');
	struct soak_have *was = &r->have[i][g][name];
	char text[16];

	soak_name_say(name, text);
	if (h.id > r->writes || (h.id != 0 && (r->write[h.id - 1].group != g
	    || r->write[h.id - 1].name != name)))
		soak_bad(r, "D%d: %s is %u, which nobody wrote there", i + 1,
		    text, h.id);
	if (was->here && h.seq <= was->seq && !r->wraps)
		soak_bad(r, "D%d: %s went from number %d to %d", i + 1, text,
		    (int)was->seq, (int)h.seq);
	if (h.own != (h.own && orig == i))
		soak_bad(r, "D%d takes %s for its own", i + 1, text);
	if (h.own)
		soak_own(r, g, name, &h);
	soak_instance(r, g, name, h.seq, h.id);
	*was = h;
}

/* soak_look takes note of all that changed in caches. */
static inline void
soak_look(struct soak *r)
{
	for (int i = 0; i < r->n; i++) {
		const struct scsp *s = soak_engine(r, i);

		for (unsigned g = 0; s != NULL && g < r->groups; g++) {
			struct scsp_entry_info e;

			while (scsp_next_entry(s, g, r->seen[i][g], &e)) {
				r->seen[i][g] = e.change;
				soak_entry(r, i, g, &e);
			}
		}
	}
}

/* ---- what ought to be ---------------------------------------------------- */

/* soak_wrote: |id| was written, or 0 withdrawn, by the one whose |name| it is. */
static inline void
soak_wrote(struct soak *r, unsigned g, unsigned name, unsigned id)
{
	r->want[g][name] = (struct soak_want){ .sure = true, .id = id };
}

/* soak_new returns the id of a write to come. */
static inline unsigned
soak_new(struct soak *r, unsigned g, unsigned name)
{
	r->write = soak_grow(r->write, &r->write_cap, r->writes + 1,
	    sizeof(*r->write));
	r->write[r->writes++] = (struct soak_write){ g, name };
	return (unsigned)r->writes;
}

/* How many servers but its originator have |name|, and the oldest of it. */
static inline int
soak_holders(const struct soak *r, unsigned g, unsigned name, int32_t *low)
{
	int n = 0;

	*low = SCSP_SEQ_LAST;
	for (int i = 0; i < r->n; i++) {
		const struct soak_have *h = &r->have[i][g][name];

		if (i == (int)(name / SOAK_KEYS) || !h->here)
			continue;
		n++;
		if (h->seq < *low)
			*low = h->seq;
	}
	return n;
}

static inline void
soak_forgets(struct soak *r, unsigned g, unsigned name)
{
	struct soak_want *w = &r->want[g][name];
	int n;

	if (r->all[g][name].n == 0)
		return;
	n = soak_holders(r, g, name, &w->low);
	w->sure = false;
	w->absent = n == 0;
	if (n < r->n - 1)
		w->low = INT32_MIN;
	if (r->cfg[g].own == SCSP_OWN_WITHDRAW) {
		w->absent = true;
		w->low = SCSP_SEQ_LAST;
	}
}

/* soak_lost: server |i| lost its memory. */
static inline void
soak_lost(struct soak *r, int i)
{
	int32_t low;

	for (unsigned g = 0; g < r->groups; g++) {
		r->seen[i][g] = 0;
		memset(r->have[i][g], 0, sizeof(r->have[i][g]));
		for (unsigned k = 0; k < SOAK_KEYS; k++)
			soak_forgets(r, g, soak_name(i, k));
		for (unsigned e = 0; e < SOAK_NAMES; e++)
			if (!r->want[g][e].sure
			    && soak_holders(r, g, e, &low) == 0)
				r->want[g][e].absent = true;
	}
}

/* ---- the end ------------------------------------------------------------- */

/* soak_rest returns NULL when everything is as it must be in the end. */
static inline const char *
soak_rest(const struct soak *r, char text[128])
{
	char name[16];

	for (unsigned g = 0; g < r->groups; g++)
		for (unsigned e = 0; e < SOAK_NAMES; e++) {
			const struct soak_have *h = &r->have[0][g][e];

			for (int i = 1; i < r->n; i++)
				if (h->here != r->have[i][g][e].here
				    || h->seq != r->have[i][g][e].seq)
					goto differ;
			if (soak_allowed(r, g, e, h->here ? h->id : 0))
				continue;
differ:
			soak_name_say(e, name);
			snprintf(text, 128, "group %u %s: %u at D1, wanted %s%u"
			    " from %d%s", g, name, h->here ? h->id : 0,
			    r->want[g][e].sure ? "" : "not ", r->want[g][e].id,
			    (int)r->want[g][e].low,
			    r->want[g][e].absent ? " or nothing" : "");
			return text;
		}
	return NULL;
}

/* soak_still: all are aligned with all, and nothing waits. */
static inline bool
soak_still(const struct soak *r)
{
	for (int i = 0; i < r->n; i++)
		for (unsigned g = 0; g < r->groups; g++) {
			const struct scsp *s = soak_engine(r, i);
			struct scsp_dcs_info d;

			if (scsp_digest(s, g, true)
			    != scsp_digest(soak_engine(r, 0), g, true))
				return false;
			for (unsigned k = 0; scsp_dcs(s, g, k, &d); k++)
				if (d.cafsm != SCSP_CA_ALIGNED || d.queue != 0
				    || d.crl != 0)
					return false;
		}
	return true;
}

#endif
