/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What those who are attached ask for.  A request runs in the session as a line
 * typed at its prompt would, but for nobody's terminal: standard output and
 * error go to files of the peer, standard input is empty, nothing pages.
 *
 * Invariant: but for what the line did to the session (Lua, the world, speed
 * and pause), everything is as before when it is done.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "repl/repl_peer.h"
#include "repl/repl_socket_int.h"

/* refuse says why and lets go. */
static bool
refuse(struct repl_peer *p, const char *why)
{
	frame_put(&p->out, FRAME_ERR, why, strlen(why));
	(void)peer_write(p);
	return false;
}

static bool
hello(const struct repl *at, struct repl_peer *p, const struct frame *f)
{
	char text[1 + REPL_PROMPT_MAX] = { FRAME_VERSION };

	if (f->type != FRAME_HELLO || f->n != 2)
		return refuse(p, "marsh: this is no greeting\n");
	if (f->s[0] != FRAME_VERSION)
		return refuse(p, "marsh: the session speaks version 1 of the "
		    "control protocol\n");
	p->greeted = true;
	p->color = (f->s[1] & FRAME_COLOR) != 0;
	p->utf8 = (f->s[1] & FRAME_UTF8) != 0;
	repl_prompt(at, false, text + 1);
	frame_put(&p->tail, FRAME_HELLO, text, 1 + strlen(text + 1));
	return !p->tail.oom;
}

/* guest makes |r| the session as |p| sees it. */
static void
guest(struct repl *r, const struct repl *at, const struct repl_peer *p,
    size_t width)
{
	*r = *at;
	r->interactive = r->tty = r->capable = r->watching = false;
	r->stopped = r->gone = false;
	r->hist = NULL;
	r->edit = NULL;
	r->name = NULL;
	r->depth = 0;
	repl_host(r);
	r->host.width = width;
	r->host.color = p->color;
	r->host.utf8 = p->utf8;
}

/* perform runs |line| with its output in |p|'s files. */
static enum repl_status
perform(struct repl *at, struct repl_peer *p, const struct frame *f,
    const char *line)
{
	enum repl_status st;
	bool busy = repl_busy(false);
	unsigned failed = script_failed(at->s), bad = script_violated(at->s);
	struct repl r;

	guest(&r, at, p, frame_num(f->s, 2));
	repl_alarm(p->fd, peer_stops(p, f));
	st = repl_exec(&r, line, 1);
	if (at->interactive && st != REPL_INCOMPLETE)
		repl_time_settle(&r);
	if (repl_alarm_off()) {
		/* it may have come when all was done: Lua is to forget it */
		(void)script_string(r.s, "", "");
		st = st == REPL_OK ? REPL_INTERRUPTED : st;
	}
	if (st == REPL_INTERRUPTED)
		(void)repl_interrupted(); /* Ctrl-C was for this */
	if (st == REPL_OK && script_violated(at->s) != bad)
		st = REPL_VIOLATED;
	else if (st == REPL_OK && script_failed(at->s) != failed)
		st = REPL_UNMET;
	repl_busy(busy);
	at->speed = r.speed;
	at->max = r.max;
	at->paused = r.paused;
	repl_time_start(at);
	return st;
}

static bool
run(struct repl *at, struct repl_peer *p, const struct frame *f,
    const char *line)
{
	char text[1 + REPL_PROMPT_MAX] = "";
	enum repl_status st = REPL_ERROR;

	if (!peer_texts(p)
	    || !repl_divert(fileno(p->text[0]), fileno(p->text[1])))
		return refuse(p, "marsh: the session cannot keep output: no "
		    "temporary file\n");
	st = perform(at, p, f, line);
	repl_undivert();
	peer_printed(p);
	text[0] = (char)('0' + st);
	repl_prompt(at, st == REPL_INCOMPLETE, text + 1);
	frame_put(&p->tail, FRAME_DONE, text, strlen(text));
	return !p->tail.oom;
}

static bool
offers(struct repl *at, struct repl_peer *p, const char *line, bool more)
{
	struct sbuf b = { 0 };
	char num[4] = { 0 };

	sbuf_put(&b, num, sizeof(num));
	if (!b.oom)
		frame_num_put(num, sizeof(num), (uint32_t)repl_offers(at, line,
		    more, &b));
	if (!b.oom)
		memcpy(b.s, num, sizeof(num));
	frame_put(&p->tail, FRAME_OFFERS, b.s, b.oom ? 0 : b.len);
	sbuf_free(&b);
	return !p->tail.oom;
}

bool
repl_serve(struct repl *at, struct repl_peer *p, const struct frame *f)
{
	size_t head = f->type == FRAME_RUN ? 2 : 1;
	char *line;
	bool ok;

	if (!p->greeted)
		return hello(at, p, f);
	if (f->type == FRAME_STOP)
		return true; /* too late: what it meant is done */
	if ((f->type != FRAME_RUN && f->type != FRAME_TAB) || f->n < head
	    || memchr(f->s + head, '\0', f->n - head) != NULL)
		return refuse(p, "marsh: this is no request\n");
	line = malloc(f->n - head + 1);
	if (line == NULL)
		return refuse(p, "marsh: out of memory\n");
	memcpy(line, f->s + head, f->n - head);
	line[f->n - head] = '\0';
	ok = f->type == FRAME_RUN
		? run(at, p, f, line)
		: offers(at, p, line, f->s[0] == '1');
	free(line);
	return ok;
}
