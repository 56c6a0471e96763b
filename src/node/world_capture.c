/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Captures.  The newest frames are kept (shared, not copied) so that a capture
 * asked for late still begins at the beginning.  A file only ever holds whole
 * records: what a full disk cuts short is cut off again.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "marsh/base/err.h"
#include "marsh/sim/sim_pcap.h"
#include "node/world_int.h"

#define BUFFER (1 << 17)

struct capture {
	int fd;
	off_t good; /* octets of whole records on disk */
	size_t n;
	uint8_t buf[BUFFER];
};

/* Only |done| octets of the buffer fit: the last record that is whole ends it. */
static int
cut_short(struct capture *c, size_t done)
{
	size_t head = c->good == 0 ? SIM_PCAP_FILE_HEADER : 0;
	int e = errno;

	if (done >= head)
		c->good += (off_t)(head
		    + sim_pcap_whole(c->buf + head, done - head));
	/* a device cannot be cut; what counts is why it took no more */
	(void)!ftruncate(c->fd, c->good);
	errno = e;
	return MARSH_EIO;
}

/* Writes the buffer out; a failure leaves the file at whole records. */
static int
flush(struct capture *c)
{
	size_t done = 0;

	while (done < c->n) {
		ssize_t n = write(c->fd, c->buf + done, c->n - done);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0) {
			errno = n == 0 ? EIO : errno;
			return cut_short(c, done);
		}
		done += (size_t)n;
	}
	c->good += (off_t)c->n;
	c->n = 0;
	return 0;
}

static void
end(struct world *w)
{
	if (w->capture == NULL)
		return;
	(void)close(w->capture->fd);
	mem_free(w->mem, w->capture, sizeof(*w->capture));
	w->capture = NULL;
}

static void
failed(struct world *w)
{
	w->capture_errno = errno;
	end(w);
	world_note(w, TRACE_ALARM, 0, "capture ended: cannot write", 0);
}

static int
record(struct world *w, struct mtime t, const struct frame *f)
{
	struct capture *c = w->capture;

	if (c->n + SIM_PCAP_RECORD_HEADER + f->len > BUFFER && flush(c) != 0)
		return MARSH_EIO;
	sim_pcap_record(c->buf + c->n, t, f->len);
	memcpy(c->buf + c->n + SIM_PCAP_RECORD_HEADER, f->bytes, f->len);
	c->n += SIM_PCAP_RECORD_HEADER + f->len;
	return 0;
}

static void
forget_oldest(struct world *w)
{
	struct kept_frame *k;

	k = &w->kept[(w->kept_at + FRAMES_KEPT - w->kept_n) % FRAMES_KEPT];
	w->kept_octets -= k->frame->len;
	frame_unref(k->frame);
	w->kept_n--;
}

void
capture_frame(void *ctx, struct mtime now, uint32_t vc, atm_port from,
    const struct frame *f)
{
	struct world *w = ctx;
	/* The watcher sees frames as const; a reference changes no octet. */
	struct frame *ref = (struct frame *)(uintptr_t)f;

	(void)vc;
	(void)from;
	if (w->kept == NULL) {
		w->kept = mem_alloc(w->mem, FRAMES_KEPT * sizeof(*w->kept));
		if (w->kept == NULL)
			return;
	}
	while (w->kept_n == FRAMES_KEPT
	    || (w->kept_n > 0 && w->kept_octets + f->len > FRAMES_OCTETS))
		forget_oldest(w);
	w->kept[w->kept_at] = (struct kept_frame){ now, frame_ref(ref) };
	w->kept_at = (w->kept_at + 1) % FRAMES_KEPT;
	w->kept_n++;
	w->kept_octets += f->len;
	if (w->capture != NULL && record(w, now, f) != 0)
		failed(w);
}

void
capture_flush(struct world *w)
{
	if (w->capture != NULL && flush(w->capture) != 0)
		failed(w);
}

void
capture_free(struct world *w)
{
	while (w->kept_n > 0)
		forget_oldest(w);
	mem_free(w->mem, w->kept, FRAMES_KEPT * sizeof(*w->kept));
	w->kept = NULL;
}

int
world_capture_error(const struct world *w)
{
	return w->capture_errno;
}

static int
past(struct world *w)
{
	for (size_t i = w->kept_n; i > 0; i--) {
		const struct kept_frame *k =
		    &w->kept[(w->kept_at + FRAMES_KEPT - i) % FRAMES_KEPT];

		if (record(w, k->t, k->frame) != 0)
			return MARSH_EIO;
	}
	return 0;
}

int
world_capture(struct world *w, const char *path)
{
	struct capture *c;
	int rv = 0, e;

	if (w->capture != NULL) {
		rv = flush(w->capture);
		w->capture_errno = rv != 0 ? errno : 0;
		end(w);
	}
	if (path == NULL || rv != 0)
		return rv;
	c = mem_alloc(w->mem, sizeof(*c));
	if (c == NULL)
		return MARSH_ENOMEM;
	c->fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
	if (c->fd < 0) {
		mem_free(w->mem, c, sizeof(*c));
		return MARSH_EIO;
	}
	sim_pcap_file(c->buf);
	c->n = SIM_PCAP_FILE_HEADER;
	w->capture = c;
	w->capture_errno = 0;
	if (past(w) != 0 || flush(c) != 0) {
		e = errno;
		w->capture_errno = e;
		end(w);
		errno = e;
		return MARSH_EIO;
	}
	return 0;
}
