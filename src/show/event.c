/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * One record of the log as a line for people or as a JSON object for programs.
 * The line's grammar is fixed, since transcripts are compared:
 *
 *	[   12.500000] M1   send  JOIN 224.1.1.1 -> ccvc (3 leaves) msn 43 copy
 *
 * JSON has seq, t, node and kind always, other fields where they say something;
 * "from" is the node of mar$sha in a message and the old state in a change.
 */
#include <string.h>

#include "show/show_int.h"

const char *
event_node(struct world *w, node_id n)
{
	return n != 0 ? node_name(w, n) : "net";
}

static bool
is_message(const struct log_rec *r)
{
	return r->kind == TRACE_SEND || r->kind == TRACE_RECV
	    || r->kind == TRACE_DROP;
}

static void
put_what(struct sbuf *b, const char *s)
{
	if (s != NULL) {
		sbuf_puts(b, " ");
		show_escape(b, s, strlen(s));
	}
}

/* What |n| counts depends on the message; one is not worth a word. */
static void
put_count(struct sbuf *b, const struct log_rec *r)
{
	switch (r->op) {
	case MARS_MULTI:
	case MARS_MIGRATE:
		sbuf_printf(b, " (%u member%s)", r->n, r->n == 1 ? "" : "s");
		break;
	case MARS_GROUPLIST_REPLY:
		sbuf_printf(b, " (%u group%s)", r->n, r->n == 1 ? "" : "s");
		break;
	case MARS_REDIRECT_MAP:
		sbuf_printf(b, " (%u MARS%s)", r->n, r->n == 1 ? "" : "s");
		break;
	default:
		if (r->kind == TRACE_STATE)
			sbuf_printf(b, " (%u %s)", r->n,
			    r->n == 1 ? "leaf" : "leaves");
		else if (is_message(r) && r->n > 1)
			sbuf_printf(b, " +%u", r->n - 1);
		else if (!is_message(r))
			sbuf_printf(b, " n %u", r->n);
	}
}

void
event_scsp(const struct log_rec *r, struct sbuf *b)
{
	if (r->op == LOG_SCSP + SCSP_HELLO) {
		if (r->n == 0)
			sbuf_puts(b, " hears nobody");
		else if (r->n > 1)
			sbuf_printf(b, " hears %u", r->n);
		return;
	}
	if (r->op == LOG_SCSP + SCSP_CA)
		sbuf_printf(b, " %c%c%c seq %u",
		    r->flags & LOG_MASTER ? 'M' : '-',
		    r->flags & LOG_INIT ? 'I' : '-',
		    r->flags & LOG_MORE ? 'O' : '-', r->msn);
	sbuf_printf(b, " %u record%s", r->n, r->n == 1 ? "" : "s");
}

static void
put_message(struct world *w, const struct log_rec *r, struct sbuf *b)
{
	const struct l3_range *g = log_group(world_log(w), r->group);

	if (r->op == 0 && !(r->flags & LOG_DATA) && r->group == 0
	    && r->kind == TRACE_DROP)
		return;
	sbuf_printf(b, " %s", log_op_word(r->op));
	if (g != NULL) {
		sbuf_puts(b, " ");
		name_range(b, g);
	}
	if (r->op > LOG_SCSP && r->kind != TRACE_DROP)
		event_scsp(r, b);
	else if (r->op != 0 && r->kind != TRACE_DROP)
		put_count(b, r);
}

static void
put_numbers(const struct log_rec *r, struct sbuf *b)
{
	if (r->msn != 0 && r->op <= LOG_SCSP)
		sbuf_printf(b, " msn %u", r->msn);
	if (r->cmi != 0)
		sbuf_printf(b, " cmi %u", r->cmi);
	if (r->flags & LOG_REGISTER)
		sbuf_puts(b, " register");
	if (r->flags & LOG_COPY)
		sbuf_puts(b, " copy");
	if (r->flags & LOG_PUNCHED)
		sbuf_puts(b, " punched");
	if (r->flags & LOG_HARD)
		sbuf_puts(b, " hard");
}

static void
put_send(struct world *w, const struct log_rec *r, const struct event_vc *vc,
    struct sbuf *b)
{
	put_message(w, r, b);
	if (vc->multi) {
		sbuf_printf(b, " -> %s", atm_use_word(vc->use));
		if (vc->counted)
			sbuf_printf(b, " (%u %s)", vc->leaves,
			    vc->leaves == 1 ? "leaf" : "leaves");
	} else if (r->peer != 0)
		sbuf_printf(b, " -> %s", node_name(w, r->peer));
	else if (r->vc != 0)
		sbuf_printf(b, " -> vc %u", r->vc);
	put_numbers(r, b);
}

static void
put_recv(struct world *w, const struct log_rec *r, const struct event_vc *vc,
    struct sbuf *b)
{
	put_message(w, r, b);
	if (r->peer != 0)
		sbuf_printf(b, " <- %s", node_name(w, r->peer));
	if (vc->multi)
		sbuf_printf(b, " %s", atm_use_word(vc->use));
	if (r->src != 0 && r->src != r->peer && r->src != r->node)
		sbuf_printf(b, " of %s", node_name(w, r->src));
	put_numbers(r, b);
}

static void
put_drop(struct world *w, const struct log_rec *r, struct sbuf *b)
{
	node_id from = r->src != 0 ? r->src : r->peer;
	size_t before = b->len;

	put_message(w, r, b);
	if (from != 0)
		sbuf_printf(b, " from %s", node_name(w, from));
	put_numbers(r, b);
	if (r->what != NULL) {
		sbuf_puts(b, b->len > before ? ":" : "");
		put_what(b, r->what);
	}
}

static void
put_vc(struct world *w, const struct log_rec *r, const struct event_vc *vc,
    struct sbuf *b)
{
	put_what(b, r->what);
	if (vc->use != ATM_USE_NONE)
		sbuf_printf(b, " %s", atm_use_word(vc->use));
	if (r->vc != 0)
		sbuf_printf(b, " vc %u", r->vc);
	if (r->peer != 0)
		sbuf_printf(b, " leaf %s", node_name(w, r->peer));
	if (r->cause != 0)
		sbuf_printf(b, " cause %u (%s)", r->cause,
		    atm_cause_text(r->cause));
}

static void
put_other(struct world *w, const struct log_rec *r, struct sbuf *b)
{
	const struct l3_range *g = log_group(world_log(w), r->group);

	if (r->op != 0)
		sbuf_printf(b, " %s", log_op_word(r->op));
	put_what(b, r->what);
	if (r->from != NULL || r->to != NULL) {
		sbuf_puts(b, r->what != NULL ? ":" : "");
		put_what(b, r->from);
		sbuf_puts(b, " ->");
		put_what(b, r->to != NULL ? r->to : "-");
	}
	if (g != NULL) {
		sbuf_puts(b, " ");
		name_range(b, g);
	}
	if (r->peer != 0)
		sbuf_printf(b, " %s", node_name(w, r->peer));
	put_numbers(r, b);
	if (r->n != 0)
		put_count(b, r);
	if (r->cause != 0)
		sbuf_printf(b, " cause %u (%s)", r->cause,
		    atm_cause_text(r->cause));
}

void
event_detail(struct world *w, const struct log_rec *r,
    const struct event_vc *vc, struct sbuf *b)
{
	switch (r->kind) {
	case TRACE_SEND:
		put_send(w, r, vc, b);
		break;
	case TRACE_RECV:
		put_recv(w, r, vc, b);
		break;
	case TRACE_DROP:
		put_drop(w, r, b);
		break;
	case TRACE_VC:
		put_vc(w, r, vc, b);
		break;
	default:
		put_other(w, r, b);
	}
}

/*
 * Asked of the VC as it is: right for its leaves only while the record is new,
 * and only then they are counted.
 */
static void
live_vc(struct world *w, const struct log_rec *r, struct event_vc *vc)
{
	struct atm_vc_info info;

	memset(vc, 0, sizeof(*vc));
	vc->use = r->use;
	vc->multi = show_multi(r->use);
	if (!show_vc(w, r->vc, &info))
		return;
	if (vc->use == ATM_USE_NONE)
		vc->use = info.use;
	vc->multi = info.multi;
	vc->counted = r->t.us == world_now(w).us;
	vc->leaves = info.leaves;
}

void
show_event(struct world *w, const struct log_rec *r, struct sbuf *b)
{
	char t[SHOW_US_MAX];
	struct event_vc vc;

	live_vc(w, r, &vc);
	sbuf_printf(b, "[%12s] %-4s %-5s",
	    show_us(mtime_sub(r->t, world_start(w)).us, 6, t),
	    event_node(w, r->node),
	    trace_kind_word((enum trace_kind)r->kind));
	event_detail(w, r, &vc, b);
	sbuf_puts(b, "\n");
}

/* ---- JSON ---------------------------------------------------------------- */

static void
json_str(struct sbuf *b, const char *key, const char *s)
{
	if (s == NULL)
		return;
	sbuf_printf(b, ",\"%s\":", key);
	show_json_string(b, s, strlen(s));
}

static void
json_num(struct sbuf *b, const char *key, uint64_t v)
{
	if (v != 0)
		sbuf_printf(b, ",\"%s\":%llu", key, (unsigned long long)v);
}

static void
json_node(struct world *w, struct sbuf *b, const char *key, node_id n)
{
	if (n != 0)
		json_str(b, key, node_name(w, n));
}

static void
json_flag(const struct log_rec *r, struct sbuf *b, unsigned flag,
    const char *key)
{
	if (r->flags & flag)
		sbuf_printf(b, ",\"%s\":true", key);
}

/* What |what| is called depends on the kind (send has none). */
static const char *
what_key(unsigned kind)
{
	switch (kind) {
	case TRACE_DROP:
		return "reason";
	case TRACE_STATE:
		return "machine";
	default:
		return "what";
	}
}

static void
json_group(struct world *w, const struct log_rec *r, struct sbuf *b)
{
	const struct l3_range *g = log_group(world_log(w), r->group);

	if (g == NULL)
		return;
	sbuf_puts(b, ",\"group\":\"");
	name_range(b, g);
	sbuf_puts(b, "\"");
}

void
show_event_json(struct world *w, const struct log_rec *r, struct sbuf *b)
{
	struct event_vc vc;

	live_vc(w, r, &vc);
	sbuf_printf(b, "{\"seq\":%llu,\"t\":", (unsigned long long)r->seq);
	name_since(b, w, r->t, 6);
	json_str(b, "node", event_node(w, r->node));
	json_str(b, "kind", trace_kind_word((enum trace_kind)r->kind));
	if (r->op != 0 || (r->flags & LOG_DATA))
		json_str(b, "op", log_op_word(r->op));
	json_str(b, what_key(r->kind), r->what);
	if (is_message(r)) {
		json_node(w, b, "from", r->src);
	} else {
		json_str(b, "from", r->from);
		json_str(b, "to", r->to);
	}
	json_node(w, b, "peer", r->peer);
	json_group(w, r, b);
	if (vc.use != ATM_USE_NONE)
		json_str(b, "use", atm_use_word(vc.use));
	json_num(b, "vc", r->vc);
	json_num(b, "msn", r->msn);
	json_num(b, "cmi", r->cmi);
	json_num(b, "n", r->n);
	json_num(b, "cause", r->cause);
	json_flag(r, b, LOG_REGISTER, "register");
	json_flag(r, b, LOG_COPY, "copy");
	json_flag(r, b, LOG_PUNCHED, "punched");
	json_flag(r, b, LOG_HARD, "hard");
	json_flag(r, b, LOG_DATA, "data");
	if (r->op == LOG_SCSP + SCSP_CA) {
		json_flag(r, b, LOG_MASTER, "master");
		json_flag(r, b, LOG_INIT, "init");
		json_flag(r, b, LOG_MORE, "more");
	} else if (r->kind == TRACE_VC)
		json_flag(r, b, LOG_MULTI, "multi");
	sbuf_puts(b, "}");
}
