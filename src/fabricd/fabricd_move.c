/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Frames: from the kernel's interface and from trunks to wherever the cross-
 * connect sends them.  A frame is read and written whole; nothing is cut.
 *
 * Invariant: frames for one VC are written in the order in which they came;
 * once one of them has to wait, all behind it do.
 */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "fabricd_frame.h"
#include "fabricd_run_int.h"

#define HEAD sizeof(struct atmtcp_hdr)
#define SHARE 4096 /* frames in a row, at most */

/* try_write is one attempt at the kernel; |b| is a whole ATMTCP frame. */
static enum fab_hold_try
try_write(void *ctx, uint32_t vci, const uint8_t *b, size_t n)
{
	struct fab_run *r = ctx;

	if (fab_call_waits(r->call, vci))
		return FAB_HOLD_EARLY;
	if (write(r->kern.tcp, b, n) == (ssize_t)n) {
		r->copies++;
		fab_hold_heard(&r->hold, vci);
		return FAB_HOLD_DONE;
	}
	if (errno == ENOBUFS || errno == ENOMEM || errno == EAGAIN)
		return FAB_HOLD_FULL;
	r->lost++; /* EUNATCH: it was closed meanwhile, or never receives */
	return FAB_HOLD_DONE;
}

/* to_kernel sends |n| octets, the header's room included, to |vci|. */
static void
to_kernel(struct fab_run *r, uint32_t vci, uint8_t *b, size_t n)
{
	enum fab_hold_try did = FAB_HOLD_FULL;

	fab_frame_head(b, vci, n - HEAD);
	if (!fab_hold_has(&r->hold, vci))
		did = try_write(r, vci, b, n);
	if (did != FAB_HOLD_DONE && !fab_hold_put(&r->hold, vci, b, n, did))
		r->lost++;
}

/* forward sends a frame, with room for a header before it, from |in|. */
static void
forward(struct fab_run *r, struct fab_point in, uint8_t *b, size_t n)
{
	size_t outs;
	const struct fab_point *out = fab_switch_outs(&r->sw, in, &outs);

	r->frames++;
	if (outs == 0)
		r->stray++;
	for (size_t i = 0; i < outs; i++) {
		if (out[i].line == FAB_HERE)
			to_kernel(r, out[i].label, b, n);
		else if (fab_trunk_data(r->line[out[i].line].trunk,
			out[i].label, b + HEAD, n - HEAD))
			r->relayed++;
		else
			r->lost++;
	}
}

/* fab_move_point forwards the SDU |b| that came in at |in|. */
void
fab_move_point(struct fab_run *r, struct fab_point in, const uint8_t *b,
    size_t n)
{
	uint8_t frame[FAB_FRAME_MAX];

	memcpy(frame + HEAD, b, n);
	forward(r, in, frame, HEAD + n);
}

/* fab_move_held tries again what the kernel did not take. */
void
fab_move_held(struct fab_run *r)
{
	if (r->hold.first != NULL)
		r->lost += fab_hold_flush(&r->hold, try_write, r);
}

/*
 * control answers an OPEN or CLOSE: the socket waits for it.  A VC that no call
 * has is a PVC; those lead nowhere.
 */
static void
control(struct fab_run *r, struct fab_frame *f)
{
	struct atmtcp_control *c = &f->ctl;

	c->result = 0;
	if (f->kind == FAB_FRAME_CLOSE) {
		if (fab_call_close(r->call, f->vci))
			r->lost += fab_hold_drop(&r->hold, f->vci);
	} else if (!fab_call_open(r->call, f->vci)) {
		c->result = -EADDRNOTAVAIL;
	}
	if (write(r->kern.tcp, c, sizeof(*c)) != (ssize_t)sizeof(*c))
		fab_run_bad(r, "kernel: took no answer to OPEN or CLOSE");
	if (f->kind == FAB_FRAME_OPEN)
		fab_move_held(r);
}

/*
 * fab_move_kernel reads the interface until nothing more comes, or a reader or
 * a trunk is so far behind that it should get a chance first.  Then the kernel's buffer
 * fills, and who sends is told.
 */
void
fab_move_kernel(struct fab_run *r)
{
	uint8_t b[FAB_FRAME_MAX];
	struct fab_frame f;
	ssize_t n;

	for (int i = 0; i < SHARE && !r->hold.crowded
	    && !fab_lines_crowded(r); i++) {
		n = read(r->kern.tcp, b, sizeof(b));
		if (n <= 0) {
			if (n == 0 || (errno != EAGAIN && errno != EINTR))
				r->dead = true;
			return;
		}
		fab_frame_get(&f, b, (size_t)n);
		switch (f.kind) {
		case FAB_FRAME_DATA:
			forward(r, (struct fab_point){ FAB_HERE, f.vci }, b,
			    (size_t)n);
			break;
		case FAB_FRAME_OPEN:
		case FAB_FRAME_CLOSE:
			control(r, &f);
			break;
		case FAB_FRAME_BAD:
			fab_run_bad(r, "kernel: malformed frame");
			break;
		}
	}
}
