/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Frames of the control protocol to and from octets.  Nothing is believed of a
 * length but that it is a length: buffers grow with what has really come.
 */
#include "repl/repl_frame.h"

uint32_t
frame_num(const char *s, size_t n)
{
	uint32_t v = 0;

	for (size_t i = 0; i < n; i++)
		v = v << 8 | (unsigned char)s[i];
	return v;
}

void
frame_num_put(char *s, size_t n, uint32_t v)
{
	for (size_t i = n; i-- > 0; v >>= 8)
		s[i] = (char)(v & 0xff);
}

void
frame_put(struct sbuf *b, enum frame_type type, const char *s, size_t n)
{
	char head[FRAME_HEAD + 1];

	if (n >= FRAME_MAX) {
		b->oom = true;
		return;
	}
	frame_num_put(head, FRAME_HEAD, (uint32_t)n + 1);
	head[FRAME_HEAD] = (char)type;
	sbuf_put(b, head, sizeof(head));
	sbuf_put(b, s, n);
}

int
frame_take(const char *s, size_t len, struct frame *f)
{
	size_t n;

	if (len < FRAME_HEAD)
		return 0;
	n = frame_num(s, FRAME_HEAD);
	if (n == 0 || n > FRAME_MAX)
		return -1;
	if (len - FRAME_HEAD < n)
		return 0;
	*f = (struct frame){ (enum frame_type)(unsigned char)s[FRAME_HEAD],
		s + FRAME_HEAD + 1, n - 1, FRAME_HEAD + n };
	return 1;
}
