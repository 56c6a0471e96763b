/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The commands that need no Lua: they read the world, or start and end its
 * capture.  Text goes to the host, which knows whether it fits the screen.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/cmd_words.h"
#include "marsh/node/world.h"

static void
say(const struct cmd_host *h, struct sbuf *b)
{
	if (b->oom)
		h->output(h->ctx, "out of memory\n", 14);
	else if (b->len > 0)
		h->output(h->ctx, b->s, b->len);
	sbuf_free(b);
}

/* need returns the world, or NULL with |why| filled. */
static struct world *
need(const struct cmd_host *h, const char *word, char *why, size_t cap)
{
	struct world *w = h->world == NULL ? NULL : h->world(h->ctx);

	if (w == NULL)
		snprintf(why, cap, "%s: there is no cluster yet; 'load lab.one'"
		    " makes one", word);
	return w;
}

/* ---- show ---------------------------------------------------------------- */

struct filters {
	bool json, count;
};

/* one_filter applies what stands between two bars. */
static bool
one_filter(const char *text, struct table *t, struct filters *f, char *why,
    size_t cap)
{
	static const char *const words[] = { "json", "count", "grep" };
	const char *near, *word;
	struct cmd_line l;
	bool ok = true;

	if (!cmd_lex(&l, text)) {
		snprintf(why, cap, "show: out of memory");
		return false;
	}
	word = l.n > 0 ? l.tok[0].s : "";
	if (*word != '\0' && l.n == 1
	    && strncmp("json", word, strlen(word)) == 0) {
		f->json = true;
	} else if (*word != '\0' && l.n == 1
	    && strncmp("count", word, strlen(word)) == 0) {
		f->count = true;
	} else if (strcmp("grep", word) == 0 && l.n == 2 && !f->count) {
		table_grep(t, l.tok[1].s);
	} else {
		near = show_nearest(word, words, 3);
		ok = false;
		if (strcmp(word, "grep") == 0)
			snprintf(why, cap, f->count
				? "show: '| count' has to come behind '| grep'"
				: "show: '| grep' takes one word; quote it if "
				  "it has blanks");
		else
			snprintf(why, cap, "show: '| %.40s' is no filter%s%s%s;"
			    " there are json, count, grep WORD", word,
			    near == NULL ? "" : " (did you mean '",
			    near == NULL ? "" : near,
			    near == NULL ? "" : "'?)");
	}
	cmd_line_free(&l);
	return ok;
}

/* filter applies "| grep M1 | json" to |t|. */
static bool
filter(const char *s, struct table *t, struct filters *f, char *why,
    size_t cap)
{
	while (s != NULL && *s == '|') {
		size_t n = 1;
		char q = 0, *part;
		bool ok;

		for (; s[n] != '\0' && (q != 0 || s[n] != '|'); n++)
			if (q != 0)
				q = s[n] == q ? 0 : q;
			else if (s[n] == '"' || s[n] == '\'')
				q = s[n];
		part = malloc(n);
		if (part == NULL) {
			snprintf(why, cap, "show: out of memory");
			return false;
		}
		memcpy(part, s + 1, n - 1);
		part[n - 1] = '\0';
		ok = one_filter(part, t, f, why, cap);
		free(part);
		if (!ok)
			return false;
		s += n;
	}
	return true;
}

enum cmd_status
cmd_show(const struct cmd_host *h, const struct cmd_match *m,
    const char *filters, char *why, size_t cap)
{
	struct world *w = need(h, "show", why, cap);
	struct table *t = NULL;
	struct filters f = { false, false };
	struct sbuf out = { 0 };
	char text[400] = "";

	if (w == NULL)
		return CMD_ERROR;
	if (show_topic(w, cmd_match_get(m, "topic"), cmd_match_get(m, "about"),
	    &t, text, sizeof(text)) != 0) {
		snprintf(why, cap, "show: %s", text);
		return CMD_ERROR;
	}
	if (!filter(filters, t, &f, why, cap)) {
		table_free(t);
		return CMD_ERROR;
	}
	if (f.count)
		sbuf_printf(&out, "%zu\n", table_rows(t));
	else if (f.json)
		table_json(t, &out);
	else
		table_text(t, &out, h->width, h->color);
	if (out.len > 0 && out.s[out.len - 1] != '\n')
		sbuf_puts(&out, "\n");
	table_free(t);
	say(h, &out);
	return CMD_OK;
}

/* ---- the others ---------------------------------------------------------- */

static enum cmd_status
do_draw(const struct cmd_host *h, struct world *w, const struct cmd_match *m,
    char *why, size_t cap)
{
	struct sbuf b = { 0 };

	(void)m, (void)why, (void)cap;
	show_draw(w, &b, h->utf8, h->width);
	say(h, &b);
	return CMD_OK;
}

/* columns turns "M1,C1" into node ids; NULL: out of memory. */
static node_id *
columns(struct world *w, const char *names, size_t *n)
{
	node_id *ids = malloc((strlen(names) / 2 + 1) * sizeof(*ids));
	char name[NODE_NAME_MAX + 1];

	for (*n = 0; ids != NULL && *names != '\0'; (*n)++) {
		size_t len = strcspn(names, ",");

		snprintf(name, sizeof(name), "%.*s", (int)len, names);
		ids[*n] = world_find(w, name);
		names += len + (names[len] == ',');
	}
	return ids;
}

static enum cmd_status
write_file(const char *path, const struct sbuf *b, char *why, size_t cap)
{
	FILE *f = fopen(path, "w");
	bool ok = f != NULL && !b->oom
	    && fwrite(b->s, 1, b->len, f) == b->len;

	if (f != NULL && fclose(f) != 0)
		ok = false;
	if (!ok)
		snprintf(why, cap, "%s: %s", path, strerror(errno));
	return ok ? CMD_OK : CMD_ERROR;
}

/* at returns scripts' time |s|, text, as a point in time of |w|. */
static struct mtime
at(const struct world *w, const char *s, struct mtime none)
{
	double v = s == NULL ? 0 : strtod(s, NULL);

	if (s == NULL || v > 1e9)
		return none;
	return mtime_add(world_start(w), MSPAN_US(v * 1e6));
}

static enum cmd_status
do_ladder(const struct cmd_host *h, struct world *w, const struct cmd_match *m,
    char *why, size_t cap)
{
	struct ladder_opt opt = { .utf8 = h->utf8, .width = h->width };
	const char *names = cmd_match_get(m, "nodes");
	const char *file = cmd_match_get(m, "file");
	enum cmd_status st = CMD_OK;
	struct sbuf b = { 0 };
	node_id *ids = NULL;

	opt.from = at(w, cmd_match_get(m, "from"), world_start(w));
	opt.to = at(w, cmd_match_get(m, "to"), world_now(w));
	opt.data = cmd_match_get(m, "data") != NULL;
	if (names != NULL)
		opt.nodes = ids = columns(w, names, &opt.nodes_n);
	if (file != NULL) {
		show_ladder_svg(w, &opt, &b);
		st = write_file(file, &b, why, cap);
		sbuf_free(&b);
	} else {
		show_ladder(w, &opt, &b);
		say(h, &b);
	}
	free(ids);
	return st;
}

static enum cmd_status
do_seed(const struct cmd_host *h, struct world *w, const struct cmd_match *m,
    char *why, size_t cap)
{
	struct sbuf b = { 0 };

	(void)m, (void)why, (void)cap;
	sbuf_printf(&b, "%llu\n", (unsigned long long)world_seed(w));
	say(h, &b);
	return CMD_OK;
}

static enum cmd_status
do_capture(const struct cmd_host *h, struct world *w,
    const struct cmd_match *m, char *why, size_t cap)
{
	const char *file = cmd_match_get(m, "file");
	bool off = cmd_match_get(m, "off") != NULL;

	(void)h;
	if (off == (file != NULL)) {
		snprintf(why, cap, "capture: say a file's name, or off");
		return CMD_ERROR;
	}
	if (world_capture(w, off ? NULL : file) != 0) {
		snprintf(why, cap, "capture: %s: %s", off ? "off" : file,
		    strerror(errno));
		return CMD_ERROR;
	}
	return CMD_OK;
}

static enum cmd_status
do_help(const struct cmd_host *h, const struct cmd_match *m, char *why,
    size_t cap)
{
	const char *word = cmd_match_get(m, "word");
	struct sbuf b = { 0 };

	if (cmd_help(word, &b) == 0) {
		say(h, &b);
		return CMD_OK;
	}
	sbuf_free(&b);
	/* No command: a word that Lua's help knows. */
	if (h->call(h->ctx, "help", (const char *const[]){ "word" }, &word, 1)
	    == 0)
		return CMD_OK;
	why[0] = '\0';
	(void)cap;
	return CMD_ERROR;
}

enum cmd_status
cmd_do(const struct cmd_host *h, const struct cmd_match *m, char *why,
    size_t cap)
{
	static const struct {
		const char *word;
		enum cmd_status (*fn)(const struct cmd_host *, struct world *,
		    const struct cmd_match *, char *, size_t);
	} with_world[] = { { "draw", do_draw }, { "ladder", do_ladder },
		{ "seed", do_seed }, { "capture", do_capture } };
	struct world *w;

	if (strcmp(m->row->word, "help") == 0)
		return do_help(h, m, why, cap);
	for (size_t i = 0; i < sizeof(with_world) / sizeof(*with_world); i++)
		if (strcmp(with_world[i].word, m->row->word) == 0) {
			w = need(h, m->row->word, why, cap);
			return w == NULL ? CMD_ERROR
					 : with_world[i].fn(h, w, m, why, cap);
		}
	return CMD_NOT_A_COMMAND;
}
