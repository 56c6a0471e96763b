/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * One who is attached: octets in and out, never waiting.  What a request
 * printed stays in the files it was printed into and goes out as the peer reads
 * it, so a peer that does not read costs a file and one frame of memory.  No
 * further request of a peer is looked at before it has taken the last answer.
 */
#include "repl/repl_peer.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#define CHUNK 32768           /* octets of text in one frame */
#define TURN (1 << 20)        /* octets sent before others have their turn */

void
peer_open(struct repl_peer *p, int fd)
{
	*p = (struct repl_peer){ .fd = fd };
}

static void
texts_close(struct repl_peer *p)
{
	for (int i = 0; i < 2; i++) {
		if (p->text[i] != NULL)
			fclose(p->text[i]);
		p->text[i] = NULL;
		p->at[i] = p->end[i] = 0;
	}
}

void
peer_close(struct repl_peer *p)
{
	texts_close(p);
	sbuf_free(&p->in);
	sbuf_free(&p->out);
	sbuf_free(&p->tail);
	close(p->fd);
	p->fd = -1;
}

bool
peer_owes(const struct repl_peer *p)
{
	return p->sent < p->out.len || p->tail.len > 0;
}

short
peer_events(const struct repl_peer *p)
{
	return peer_owes(p) ? POLLOUT : p->eof ? 0 : POLLIN;
}

/* ---- in -------------------------------------------------------------------- */

bool
peer_read(struct repl_peer *p)
{
	char buf[16384];
	ssize_t n = recv(p->fd, buf, sizeof(buf), 0);

	if (n < 0)
		return errno == EAGAIN || errno == EWOULDBLOCK
		    || errno == EINTR;
	/* who only sends and then closes its half still gets its answers */
	p->eof = n == 0;
	sbuf_put(&p->in, buf, (size_t)n);
	return !p->in.oom;
}

int
peer_next(struct repl_peer *p, struct frame *f)
{
	return p->in.s == NULL ? 0 : frame_take(p->in.s, p->in.len, f);
}

void
peer_took(struct repl_peer *p, const struct frame *f)
{
	p->in.len -= f->whole;
	memmove(p->in.s, p->in.s + f->whole, p->in.len + 1);
}

bool
peer_stops(const struct repl_peer *p, const struct frame *f)
{
	struct frame next;

	return frame_take(p->in.s + f->whole, p->in.len - f->whole, &next) == 1
	    && next.type == FRAME_STOP;
}

/* ---- out ------------------------------------------------------------------- */

bool
peer_texts(struct repl_peer *p)
{
	texts_close(p);
	for (int i = 0; i < 2; i++) {
		p->text[i] = tmpfile();
		if (p->text[i] == NULL) {
			texts_close(p);
			return false;
		}
		fcntl(fileno(p->text[i]), F_SETFD, FD_CLOEXEC);
	}
	return true;
}

void
peer_printed(struct repl_peer *p)
{
	struct stat st;

	for (int i = 0; i < 2; i++) {
		if (fstat(fileno(p->text[i]), &st) != 0)
			st.st_size = 0;
		p->end[i] = st.st_size;
		if (st.st_size <= PEER_TEXT_MAX)
			continue;
		p->end[i] = PEER_TEXT_MAX;
		if (i == 0)
			dprintf(fileno(p->text[1]), "marsh: the output is cut "
			    "after %lld octets\n", (long long)PEER_TEXT_MAX);
	}
}

/* refill puts the next frame into |out|; false: there is none. */
static bool
refill(struct repl_peer *p)
{
	static const enum frame_type types[] = { FRAME_OUT, FRAME_ERR };
	char buf[CHUNK];

	p->out.len = p->sent = 0;
	for (int i = 0; i < 2; i++) {
		off_t left = p->end[i] - p->at[i];
		ssize_t n;

		if (left <= 0)
			continue;
		n = pread(fileno(p->text[i]), buf,
		    left < CHUNK ? (size_t)left : CHUNK, p->at[i]);
		if (n <= 0) {
			p->at[i] = p->end[i]; /* somebody made it shorter */
			continue;
		}
		p->at[i] += n;
		frame_put(&p->out, types[i], buf, (size_t)n);
		return true;
	}
	texts_close(p);
	if (p->tail.len == 0)
		return false;
	sbuf_put(&p->out, p->tail.s, p->tail.len);
	p->tail.len = 0;
	return true;
}

bool
peer_write(struct repl_peer *p)
{
	for (size_t done = 0; done < TURN;) {
		ssize_t n;

		if (p->sent == p->out.len && !refill(p))
			return true;
		if (p->out.oom)
			return false;
		n = send(p->fd, p->out.s + p->sent, p->out.len - p->sent,
		    MSG_NOSIGNAL);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0) {
			if (p->stalled == 0)
				p->stalled = repl_clock();
			return errno == EAGAIN || errno == EWOULDBLOCK;
		}
		p->stalled = 0;
		p->sent += (size_t)n;
		done += (size_t)n;
	}
	return true;
}
