/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The session that this process is attached to.  Here is no Lua and no world:
 * lines go there as they are typed, text comes back, and one Ctrl-C asks the
 * other side to stop, a second one stops waiting for it.
 */
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "repl/repl_frame.h"
#include "repl/repl_unix.h"

struct repl_remote {
	int fd;
	struct sbuf in;
	char prompt[REPL_PROMPT_MAX];
	bool lost;     /* the session ended, or speaks nonsense */
	bool left;     /* a second Ctrl-C: somebody stopped waiting */
	unsigned stops;
};

/* Where an answer goes. */
struct answer {
	struct sbuf *out, *err; /* NULL: to stdout, stderr at once */
	struct sbuf *offers;
	size_t at;
	enum repl_status status;
};

/* ---- octets ------------------------------------------------------------------ */

/* put sends |b| whole; a refusal may be why it does not go, so none is told. */
static void
put(struct repl_remote *m, const struct sbuf *b)
{
	size_t sent = 0;

	while (!b->oom && sent < b->len) {
		struct pollfd p = { m->fd, POLLOUT, 0 };
		ssize_t n = send(m->fd, b->s + sent, b->len - sent,
		    MSG_NOSIGNAL);

		if (n >= 0)
			sent += (size_t)n;
		else if (errno == EAGAIN || errno == EWOULDBLOCK)
			(void)poll(&p, 1, -1);
		else if (errno != EINTR)
			return;
		if (repl_interrupted())
			m->left = true; /* half a request cannot be stopped */
		if (m->left || repl_hangup())
			return;
	}
}

static void
say(struct repl_remote *m, enum frame_type type, const char *s, size_t n)
{
	struct sbuf b = { 0 };

	frame_put(&b, type, s, n);
	put(m, &b);
	sbuf_free(&b);
}

/* stop is Ctrl-C. */
static void
stop(struct repl_remote *m)
{
	if (m->stops++ == 0)
		say(m, FRAME_STOP, NULL, 0);
	else
		m->left = true;
}

/* more waits for octets; false: there will be none. */
static bool
more(struct repl_remote *m)
{
	struct pollfd p[2] = { { m->fd, POLLIN, 0 },
		{ repl_sig_fd(), POLLIN, 0 } };
	char buf[16384];
	ssize_t n;

	if (!m->left)
		(void)poll(p, 2, -1);
	repl_sig_drain();
	if (repl_interrupted())
		stop(m);
	if (m->left || repl_hangup())
		return false;
	n = recv(m->fd, buf, sizeof(buf), 0);
	if (n < 0)
		return errno == EAGAIN || errno == EWOULDBLOCK
		    || errno == EINTR;
	sbuf_put(&m->in, buf, (size_t)n);
	m->lost = n == 0 || m->in.oom;
	return !m->lost;
}

/* ---- frames ------------------------------------------------------------------- */

static void
text(struct sbuf *b, FILE *f, const struct frame *x)
{
	if (b != NULL)
		sbuf_put(b, x->s, x->n);
	else
		fwrite(x->s, 1, x->n, f);
}

static void
take_prompt(struct repl_remote *m, const struct frame *f)
{
	size_t n = f->n - 1 < sizeof(m->prompt) ? f->n - 1
						: sizeof(m->prompt) - 1;

	/* libedit wants ASCII, and a terminal no escape sequences */
	for (size_t i = 0; i < n; i++) {
		char c = f->s[1 + i];

		m->prompt[i] = c < ' ' || c > '~' ? '?' : c;
	}
	m->prompt[n] = '\0';
}

/* handle takes one frame into |a|; true: the answer is whole. */
static bool
handle(struct repl_remote *m, const struct frame *f, struct answer *a)
{
	switch (f->type) {
	case FRAME_OUT:
		text(a->out, stdout, f);
		return false;
	case FRAME_ERR:
		fflush(stdout);
		text(a->err, stderr, f);
		return false;
	case FRAME_OFFERS:
		if (f->n >= 4 && a->offers != NULL) {
			a->at = frame_num(f->s, 4);
			sbuf_put(a->offers, f->s + 4, f->n - 4);
		}
		return true;
	case FRAME_HELLO:
	case FRAME_DONE:
		m->lost = f->n < 1
		    || (f->type == FRAME_HELLO && f->s[0] != FRAME_VERSION);
		if (m->lost)
			return true;
		a->status = (enum repl_status)(f->s[0] - '0');
		take_prompt(m, f);
		return true;
	default:
		m->lost = true;
		return true;
	}
}

/* await takes frames until the answer is whole; false: it never will be. */
static bool
await(struct repl_remote *m, struct answer *a)
{
	struct frame f;
	bool done = false;
	int rc;

	while (!done) {
		rc = m->in.s == NULL ? 0
				     : frame_take(m->in.s, m->in.len, &f);
		if (rc < 0)
			m->lost = true;
		if (rc < 0 || (rc == 0 && !more(m)))
			return false;
		if (rc == 0)
			continue;
		done = handle(m, &f, a);
		m->in.len -= f.whole;
		memmove(m->in.s, m->in.s + f.whole, m->in.len + 1);
	}
	return !m->lost;
}

static bool
ask(struct repl_remote *m, enum frame_type type, const struct sbuf *b,
    struct answer *a)
{
	if (b->oom || b->len >= FRAME_MAX) {
		repl_error("this is too long for the session");
		a->status = REPL_ERROR;
		return true;
	}
	m->stops = 0;
	say(m, type, b->s, b->len);
	return await(m, a);
}

/* ---- what the prompt asks ----------------------------------------------------- */

/* run lets the session run |line|; what it prints goes to |out| and |err|. */
static enum repl_status
run(struct repl *r, const char *line, struct sbuf *out, struct sbuf *err)
{
	struct repl_remote *m = r->remote;
	struct answer a = { .out = out, .err = err, .status = REPL_ERROR };
	struct sbuf b = { 0 };
	char width[2];

	frame_num_put(width, 2, (uint32_t)r->host.width & 0xffff);
	sbuf_put(&b, width, 2);
	sbuf_puts(&b, line);
	if (!ask(m, FRAME_RUN, &b, &a)) {
		a.status = m->left ? REPL_INTERRUPTED : REPL_ERROR;
		r->gone = true;
	}
	sbuf_free(&b);
	return a.status;
}

enum repl_status
repl_remote_exec(struct repl *r, const char *line)
{
	struct sbuf out = { 0 }, err = { 0 };
	enum repl_status st;

	if (!r->interactive)
		return run(r, line, NULL, NULL);
	st = run(r, line, &out, &err);
	if (st == REPL_UNMET || st == REPL_VIOLATED)
		st = REPL_OK; /* as at its own prompt */
	if (out.len > 0)
		repl_page(r, out.s, out.len);
	fflush(stdout);
	if (err.len > 0)
		fwrite(err.s, 1, err.len, stderr);
	sbuf_free(&out);
	sbuf_free(&err);
	return st;
}

void
repl_remote_explain(struct repl *r, const char *line, struct sbuf *out)
{
	struct sbuf b = { 0 }, err = { 0 };

	sbuf_puts(&b, line);
	sbuf_puts(&b, "?");
	if (!b.oom)
		(void)run(r, b.s, out, &err);
	sbuf_free(&err);
	sbuf_free(&b);
}

size_t
repl_remote_offers(struct repl *r, const char *line, bool more_,
    struct sbuf *out)
{
	struct answer a = { .offers = out, .at = strlen(line) };
	struct sbuf b = { 0 };

	sbuf_puts(&b, more_ ? "1" : "0");
	sbuf_puts(&b, line);
	if (!ask(r->remote, FRAME_TAB, &b, &a))
		r->gone = true;
	sbuf_free(&b);
	return a.at <= strlen(line) ? a.at : strlen(line);
}

const char *
repl_remote_prompt(const struct repl_remote *m)
{
	return m->prompt;
}

int
repl_remote_fd(const struct repl_remote *m)
{
	return m == NULL ? -1 : m->fd;
}

void
repl_remote_lost(struct repl *r)
{
	/* nothing was asked, so nothing but the end can have come */
	r->remote->lost = true;
	r->gone = true;
}

bool
repl_remote_is_lost(const struct repl_remote *m)
{
	return m->lost;
}

/* ---- life ---------------------------------------------------------------------- */

struct repl_remote *
repl_remote_open(const struct repl_cfg *cfg, const char *path, char *why,
    size_t cap)
{
	struct repl_remote *m = calloc(1, sizeof(*m));
	char hello[2] = { FRAME_VERSION, 0 };
	struct answer a = { 0 };
	struct sbuf err = { 0 };

	snprintf(why, cap, "out of memory");
	if (m == NULL)
		return NULL;
	m->fd = unix_connect(path, why, cap);
	if (m->fd < 0) {
		free(m);
		return NULL;
	}
	hello[1] = (char)((cfg->color ? FRAME_COLOR : 0)
	    | (cfg->utf8 ? FRAME_UTF8 : 0));
	m->stops = 1; /* Ctrl-C while we wait to be let in: let it be */
	say(m, FRAME_HELLO, hello, 2);
	a.err = &err;
	if (await(m, &a)) {
		sbuf_free(&err);
		return m;
	}
	if (err.len > 7 && strncmp(err.s, "marsh: ", 7) == 0)
		snprintf(why, cap, "%.*s", (int)err.len - 8, err.s + 7);
	else if (!m->lost)
		snprintf(why, cap, "interrupted");
	else
		snprintf(why, cap, "cannot attach to %s: no session of this "
		    "version of marsh answers there", path);
	sbuf_free(&err);
	repl_remote_close(m);
	return NULL;
}

void
repl_remote_close(struct repl_remote *m)
{
	if (m == NULL)
		return;
	close(m->fd);
	sbuf_free(&m->in);
	free(m);
}
