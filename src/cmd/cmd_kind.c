/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The kinds of arguments: how each is written in a usage line, what looks like
 * one, and what is one.  Spans of time may carry a unit (500ms, 2m) and leave
 * here in seconds, so that handlers know only one.
 */
#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/cmd_int.h"
#include "cmd/cmd_words.h"
#include "marsh/base/addr.h"
#include "marsh/node/log.h"

#define KEY_MAX 255

static const char *const kind_words[CMD_KIND_COUNT] = {
	[CMD_NODE] = "NODE", [CMD_NODES] = "NODES", [CMD_SERVER] = "SERVER",
	[CMD_CLIENT] = "CLIENT", [CMD_GROUP] = "GROUP", [CMD_OP] = "MESSAGE",
	[CMD_NUMBER] = "NUMBER", [CMD_TIME] = "SECONDS",
	[CMD_PROB] = "PROBABILITY", [CMD_TOPIC] = "TOPIC",
	[CMD_TOPOLOGY] = "TOPOLOGY", [CMD_KNOBS] = "KNOB=VALUE...",
	[CMD_FILE] = "FILE", [CMD_REST] = "...", [CMD_ABOUT] = "ABOUT",
	[CMD_EVENT] = "EVENT", [CMD_COMMAND] = "COMMAND",
	[CMD_SCSP] = "SERVER", [CMD_CACHE] = "SERVER", [CMD_KEY] = "KEY",
};

const char *
cmd_kind_word(const struct cmd_arg *a, char *buf, size_t cap)
{
	if (a->kind == CMD_WORD)
		snprintf(buf, cap, "%s", a->name);
	else if (a->kind == CMD_CHOICE)
		snprintf(buf, cap, "%s", strchr(a->name, ':') == NULL
			? a->name : strchr(a->name, ':') + 1);
	else if (a->kind == CMD_NUMBER || a->kind == CMD_REST) {
		snprintf(buf, cap, "%s", a->name);
		for (char *p = buf; *p != '\0'; p++)
			*p = (char)toupper((unsigned char)*p);
	} else
		snprintf(buf, cap, "%s", kind_words[a->kind]);
	return buf;
}

bool
cmd_choice(const struct cmd_arg *a, size_t i, char *buf, size_t cap)
{
	const char *s = strchr(a->name, ':');
	size_t n;

	s = s == NULL ? a->name : s + 1;
	for (; i > 0; i--) {
		s = strchr(s, '|');
		if (s == NULL)
			return false;
		s++;
	}
	n = strcspn(s, "|");
	snprintf(buf, cap, "%.*s", (int)n, s);
	return true;
}

const char *
cmd_key(const struct cmd_arg *a, char *buf, size_t cap)
{
	size_t n = a->kind == CMD_CHOICE ? strcspn(a->name, ":|")
					 : strlen(a->name);

	snprintf(buf, cap, "%.*s", (int)n, a->name);
	return buf;
}

/* seconds reads "2", "2s", "500ms", "3m" or "1h". */
static bool
seconds(const char *s, double *v)
{
	static const struct {
		const char *unit;
		double by;
	} units[] = { { "", 1 }, { "s", 1 }, { "ms", 1e-3 }, { "us", 1e-6 },
		{ "m", 60 }, { "min", 60 }, { "h", 3600 } };
	char *end;

	if (!isdigit((unsigned char)*s) && *s != '.')
		return false;
	*v = strtod(s, &end);
	for (size_t i = 0; i < sizeof(units) / sizeof(*units); i++)
		if (strcmp(units[i].unit, end) == 0) {
			*v *= units[i].by;
			return end != s && isfinite(*v);
		}
	return false;
}

static bool
number(const char *s, double *v)
{
	char *end;

	/* no sign, no hexadecimal, no "inf" */
	if (!isdigit((unsigned char)*s) && *s != '.')
		return false;
	if (strspn(s, "0123456789.eE+-") != strlen(s))
		return false;
	*v = strtod(s, &end);
	return end != s && *end == '\0' && isfinite(*v);
}

bool
cmd_kind_fits(const struct cmd_arg *a, const char *s)
{
	double v;

	switch (a->kind) {
	case CMD_WORD:
	case CMD_CHOICE:
		return false;
	case CMD_NUMBER:
	case CMD_PROB:
		/* a required one explains itself when it does not fit */
		return a->opt != CMD_OPT || number(s, &v);
	case CMD_TIME:
		return a->opt != CMD_OPT || seconds(s, &v);
	default:
		return true;
	}
}

/* bad fills |why| with "'x' is no KIND" and perhaps a nearest word. */
static bool
bad(const char *s, const char *what, const char *near, char *why, size_t cap)
{
	struct sbuf b = { 0 };

	sbuf_puts(&b, "'");
	show_escape(&b, s, strlen(s));
	sbuf_printf(&b, "' is no %s", what);
	if (near != NULL)
		sbuf_printf(&b, " (did you mean '%s'?)", near);
	snprintf(why, cap, "%s", b.oom ? what : b.s);
	sbuf_free(&b);
	return false;
}

static bool
check_group(const char *s, char *why, size_t cap)
{
	struct l3_range r;
	const char *reason = NULL;
	struct sbuf b = { 0 };

	/* the name of a group: scripts know what it stands for */
	if (l3_range_parse(s, &r, &reason) == 0 || cmd_is_name(s))
		return true;
	sbuf_puts(&b, "'");
	show_escape(&b, s, strlen(s));
	sbuf_printf(&b, "' is no group: %s; write 224.1.1.1, 224.1.1.0/24 or "
	    "224.1.1.1-224.1.1.9", reason == NULL ? "bad address" : reason);
	snprintf(why, cap, "%s", b.oom ? "no group" : b.s);
	sbuf_free(&b);
	return false;
}

static bool
check_op(const char *s, const char **value, char *why, size_t cap)
{
	unsigned op = log_op_find(s);
	const char *const *ops = cmd_words_ops();
	char up[32];
	size_t n = 0;

	if (op != 0) {
		*value = log_op_word(op);
		return true;
	}
	for (; s[n] != '\0' && n + 1 < sizeof(up); n++)
		up[n] = (char)toupper((unsigned char)s[n]);
	up[n] = '\0';
	for (n = 0; ops[n] != NULL; n++)
		if (strcmp(ops[n], up) == 0) {
			*value = ops[n];
			return true;
		}
	return bad(s, "message type", show_nearest(up, ops, n), why, cap);
}

static bool
check_in(const char *s, const char *const *words, const char *what, char *why,
    size_t cap)
{
	size_t n = 0;

	for (; words != NULL && words[n] != NULL; n++)
		if (strcmp(words[n], s) == 0)
			return true;
	return bad(s, what, n == 0 ? NULL : show_nearest(s, words, n), why,
	    cap);
}

static bool
check_topic(const char *s, const char **value, char *why, size_t cap)
{
	const char *const *t = show_topics(), *found = cmd_topic_find(s);
	struct sbuf b = { 0 };
	size_t k = 0;

	if (found != NULL) {
		*value = found;
		return true;
	}
	for (; *t != NULL && *s != '\0'; t++)
		if (strncmp(*t, s, strlen(s)) == 0)
			sbuf_printf(&b, "%s%s", k++ == 0 ? "" : ", ", *t);
	if (k > 0)
		snprintf(why, cap, "'%.20s' may be %s", s, b.oom ? "" : b.s);
	sbuf_free(&b);
	return k > 0 ? false
	    : check_in(s, show_topics(), "topic of show", why, cap);
}

static bool
check_topology(const struct cmd_host *h, const char *s, const char **value,
    char norm[CMD_NORM_MAX], char *why, size_t cap)
{
	const char *const *words;

	words = h->topologies == NULL ? NULL : h->topologies(h->ctx);
	if (words == NULL)
		return true;
	/* "load ft" is as clear as "load lab.ft" */
	if (strncmp(s, "lab.", 4) != 0 && strlen(s) < CMD_NORM_MAX - 4) {
		snprintf(norm, CMD_NORM_MAX, "lab.%s", s);
		s = *value = norm;
	}
	return check_in(s, words, "topology", why, cap);
}

static bool
check_number(const struct cmd_arg *a, const char *s, char norm[CMD_NORM_MAX],
    const char **value, char *why, size_t cap)
{
	double v;

	if (a->kind == CMD_TIME ? !seconds(s, &v) : !number(s, &v))
		return bad(s, a->kind == CMD_TIME ? "span of time: write 10, "
			"1.5 or 500ms" : "number", NULL, why, cap);
	if (a->kind == CMD_PROB && v > 1)
		return bad(s, "probability: it goes from 0 to 1", NULL, why,
		    cap);
	snprintf(norm, CMD_NORM_MAX, "%.15g", v);
	*value = norm;
	return true;
}

bool
cmd_kind_check(const struct cmd_host *h, const struct cmd_arg *a,
    const char *s, const char **value, char norm[CMD_NORM_MAX], char *why,
    size_t cap)
{
	*value = s;
	switch (a->kind) {
	case CMD_NODE:
	case CMD_NODES:
	case CMD_SERVER:
	case CMD_CLIENT:
	case CMD_SCSP:
	case CMD_CACHE:
		return cmd_nodes_check(h, a->kind, s, why, cap);
	case CMD_GROUP:
		return check_group(s, why, cap);
	case CMD_OP:
		return check_op(s, value, why, cap);
	case CMD_NUMBER:
	case CMD_TIME:
	case CMD_PROB:
		return check_number(a, s, norm, value, why, cap);
	case CMD_TOPIC:
		return check_topic(s, value, why, cap);
	case CMD_TOPOLOGY:
		return check_topology(h, s, value, norm, why, cap);
	case CMD_EVENT:
		return check_in(s, cmd_words_events(), "kind of event", why,
		    cap);
	case CMD_KEY:
		return (*s != '\0' && strlen(s) <= KEY_MAX)
		    || bad(s, "key: 1 to 255 octets", NULL, why, cap);
	case CMD_FILE:
		return *s != '\0' || bad(s, "name of a file", NULL, why, cap);
	case CMD_CHOICE:
		for (size_t i = 0; cmd_choice(a, i, norm, CMD_NORM_MAX); i++)
			if (strncmp(norm, s, strlen(s)) == 0) {
				*value = norm;
				return true;
			}
		return bad(s, a->name, NULL, why, cap);
	default:
		return true;
	}
}
