/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The control socket (--listen): who is attached, and whose turn it is.  Nobody
 * is waited for: whoever waits anyway, the prompt for keys or a script in real
 * time for its hour, polls these descriptors too and then calls here.
 *
 * Invariant: one request is served at a time.  A request that lets real time
 * pass comes back here through the hook, and is turned away.
 */
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "repl/repl_socket_int.h"
#include "repl/repl_unix.h"

#define REST_US 1000000 /* without accepting, when that fails */

struct repl_socket {
	int fd;
	struct unix_name name;
	struct repl_cfg cfg;
	struct repl own;  /* the session where there is no prompt */
	struct repl *at;  /* the one at the prompt, or |own| */
	struct repl_peer peer[REPL_PEERS_MAX];
	size_t n;
	bool serving;
	int64_t rest;     /* no one is accepted before that */
};

/* What is to be removed when a script ends the process. */
static struct unix_name mine;
static pid_t mine_pid;

static void
at_exit(void)
{
	if (mine.path != NULL && mine_pid == getpid())
		unix_forget(&mine);
	mine.path = NULL;
}

/* ---- who is attached -------------------------------------------------------- */

/* worst returns the peer that has not read for the longest time, or NULL. */
static struct repl_peer *
worst(struct repl_socket *s)
{
	struct repl_peer *w = NULL;

	for (size_t i = 0; i < s->n; i++)
		if (s->peer[i].stalled != 0
		    && (w == NULL || s->peer[i].stalled < w->stalled))
			w = &s->peer[i];
	return w;
}

static void
refuse(int fd)
{
	static const char why[] = "marsh: the session has as many attached as "
	    "it can\n";
	struct repl_peer p;

	peer_open(&p, fd);
	frame_put(&p.out, FRAME_ERR, why, sizeof(why) - 1);
	(void)peer_write(&p);
	peer_close(&p);
}

static void
welcome(struct repl_socket *s)
{
	struct repl_peer *p;
	int fd = unix_accept(s->fd);

	if (fd < 0) {
		if (errno == EMFILE || errno == ENFILE || errno == ENOMEM
		    || errno == ENOBUFS)
			s->rest = repl_clock() + REST_US;
		return;
	}
	if (s->n == REPL_PEERS_MAX && (p = worst(s)) != NULL) {
		/* who reads comes before who does not */
		peer_close(p);
		*p = s->peer[--s->n];
	}
	if (s->n == REPL_PEERS_MAX)
		refuse(fd);
	else
		peer_open(&s->peer[s->n++], fd);
}

/* turn lets |p| be served once; false: it goes. */
static bool
turn(struct repl_socket *s, struct repl_peer *p, short events)
{
	struct frame f;
	int rc;

	if (peer_owes(p)) {
		if (events != 0 && !peer_write(p))
			return false;
		if (peer_owes(p))
			return true;
	} else if (events != 0 && !p->eof && !peer_read(p)) {
		return false;
	}
	if ((events & (POLLHUP | POLLERR)) != 0 && p->eof)
		return false; /* nobody is there to be answered */
	rc = peer_next(p, &f);
	if (rc <= 0)
		return rc == 0 && !p->eof;
	s->serving = true;
	rc = repl_serve(s->at, p, &f);
	s->serving = false;
	peer_took(p, &f);
	return rc && peer_write(p);
}

/* ---- whose turn it is --------------------------------------------------------- */

size_t
repl_socket_fds(const struct repl_socket *s, struct pollfd *p, int *ms)
{
	struct frame f;
	size_t n = 0;
	int64_t left = s->rest - repl_clock();
	int soon = left > 0 ? (int)(left / 1000) + 1 : -1;

	if (s->serving)
		return 0;
	p[n++] = (struct pollfd){ left > 0 ? -1 : s->fd, POLLIN, 0 };
	for (size_t i = 0; i < s->n; i++) {
		struct repl_peer *peer = (struct repl_peer *)&s->peer[i];
		bool ready = !peer_owes(peer) && peer_next(peer, &f) != 0;

		p[n++] = (struct pollfd){ peer->fd,
			ready ? 0 : peer_events(peer), 0 };
		if (ready)
			soon = 0;
	}
	if (soon >= 0 && (*ms < 0 || soon < *ms))
		*ms = soon;
	return n;
}

bool
repl_socket_turn(struct repl_socket *s, const struct pollfd *p, size_t n)
{
	size_t kept = 0;
	bool served = false;
	struct frame f;

	if (s->serving || n == 0)
		return false;
	for (size_t i = 0; i < s->n; i++) {
		struct repl_peer *peer = &s->peer[i];
		short events = i + 1 < n ? p[i + 1].revents : 0;

		if (events == 0 && (peer_owes(peer)
		    || peer_next(peer, &f) == 0)) {
			s->peer[kept++] = *peer;
			continue;
		}
		served = true;
		if (turn(s, peer, events))
			s->peer[kept++] = *peer;
		else
			peer_close(peer);
	}
	s->n = kept;
	if (p[0].revents != 0)
		welcome(s);
	return served;
}

/* on_wait is called where a script lets real time pass. */
static void
on_wait(void *ctx, int64_t us)
{
	struct repl_socket *s = ctx;
	struct pollfd p[REPL_SOCKET_FDS];
	int64_t end = repl_clock() + us, left = us;
	int n = 0;

	while (!s->serving && n >= 0) {
		int ms = left > 0 ? (int)(left / 1000) : 0;
		size_t fds = repl_socket_fds(s, p, &ms);

		n = poll(p, fds, ms);
		if (n >= 0)
			repl_socket_turn(s, p, fds);
		left = end - repl_clock();
		if (left < 1000)
			break;
	}
}

void
repl_socket_at(struct repl_socket *s, struct repl *r)
{
	s->at = r != NULL ? r : &s->own;
}

/* ---- life ----------------------------------------------------------------- */

struct repl_socket *
repl_socket_open(const struct repl_cfg *cfg, const char *path, char *why,
    size_t cap)
{
	struct repl_socket *s = calloc(1, sizeof(*s));

	if (s == NULL) {
		snprintf(why, cap, "out of memory");
		return NULL;
	}
	s->fd = unix_listen(path, &s->name, why, cap);
	if (s->fd < 0) {
		free(s);
		return NULL;
	}
	if (mine_pid == 0)
		atexit(at_exit);
	mine = s->name;
	mine_pid = getpid();
	s->cfg = *cfg;
	repl_init(&s->own, &s->cfg);
	s->at = &s->own;
	script_on_wait(cfg->script, on_wait, s);
	return s;
}

void
repl_socket_close(struct repl_socket *s)
{
	if (s == NULL)
		return;
	script_on_wait(s->cfg.script, NULL, NULL);
	for (size_t i = 0; i < s->n; i++) {
		(void)peer_write(&s->peer[i]);
		peer_close(&s->peer[i]);
	}
	close(s->fd);
	at_exit();
	free(s);
}
