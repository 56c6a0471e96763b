/* SPDX-License-Identifier: BSD-2-Clause */
/* Channels of trunks: what is one, and what becomes of a half-written frame. */
#include <errno.h>
#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "call_rig.h"
#include "fabricd/fabricd_line.h"

struct end {
	struct fab_line l;
	char name[16];
	char text[1024];
	size_t n;
};

static void
note(struct end *e, const char *what, size_t n)
{
	e->n += (size_t)snprintf(e->text + e->n, sizeof(e->text) - e->n,
	    "%.*s\n", (int)n, what);
	assert_true(e->n < sizeof(e->text));
}

static void
on_up(void *ctx, uint32_t line)
{
	(void)line;
	note(ctx, "up", 2);
}

static void
on_down(void *ctx, uint32_t line, const char *why)
{
	(void)line;
	note(ctx, why, strlen(why));
}

static void
on_msg(void *ctx, uint32_t line, const struct fab_msg *m)
{
	(void)line;
	note(ctx, fab_msg_word(m->type), 8);
}

static void
on_data(void *ctx, uint32_t line, uint32_t label, const uint8_t *sdu, size_t n)
{
	(void)line;
	(void)label;
	note(ctx, (const char *)sdu, n);
}

static void
on_routes(void *ctx, uint32_t line, const struct fab_route *v, size_t n)
{
	(void)line;
	(void)v;
	assert_int_equal(n, 0);
	note(ctx, "routes", 6);
}

static void
on_bad(void *ctx, const char *text)
{
	note(ctx, text, strlen(text));
}

static void
open_end(struct end *e, int fd, uint64_t seed, const struct mem *mem)
{
	struct fab_trunk_ops ops = { on_up, on_down, on_msg, on_data,
		on_routes, on_bad, e };

	memset(e, 0, sizeof(*e));
	snprintf(e->name, sizeof(e->name), "%d", fd);
	e->l.name = e->name;
	assert_int_equal(fab_line_open(&e->l), 0);
	assert_true(e->l.inherited);
	e->l.trunk = fab_trunk_new(1, seed, &ops, mem);
	assert_non_null(e->l.trunk);
}

static int
try_open(const char *name)
{
	struct fab_line l = { .name = name };

	errno = 0;
	if (fab_line_open(&l) == 0) {
		close(l.fd);
		return 0;
	}
	assert_int_equal(l.fd, -1);
	assert_true(mtime_is_never(l.retry));
	return errno;
}

static void
test_channels(void **state)
{
	char file[] = "/tmp/test_line.XXXXXX", number[16];
	int fd = mkstemp(file), p[2];
	struct stat st;

	(void)state;
	assert_true(fd > 2);
	/* a file is none, by name or as a descriptor, and keeps what it has */
	assert_int_equal(write(fd, "kept", 4), 4);
	assert_int_equal(try_open(file), ENOTTY);
	snprintf(number, sizeof(number), "%d", fd);
	assert_int_equal(try_open(number), ENOTTY);
	assert_int_equal(fstat(fd, &st), 0);
	assert_int_equal(st.st_size, 4);
	close(fd);
	unlink(file);
	assert_int_equal(try_open(file), ENOENT);
	assert_int_equal(try_open("/tmp"), EISDIR);
	/* nor is a pipe: it goes one way only */
	assert_int_equal(pipe(p), 0);
	snprintf(number, sizeof(number), "%d", p[1]);
	assert_int_equal(try_open(number), ENOTTY);
	close(p[0]);
	close(p[1]);
	assert_int_equal(try_open(number), EBADF);
	assert_int_equal(try_open("2"), EBADF);
	assert_int_equal(try_open("99999999999999999999"), EBADF);
}

/* talk lets both ends say what they have and hear it. */
static void
talk(struct end e[2], struct mtime now)
{
	for (int i = 0; i < 6; i++) {
		fab_trunk_tick(e[i & 1].l.trunk, now);
		assert_true(fab_line_write(&e[i & 1].l));
		assert_true(fab_line_read(&e[1 - (i & 1)].l, now));
	}
}

/*
 * The switch at the other end dies in the middle of a frame: what had come of
 * it is given to nobody, whole frames before it are.
 */
static void
test_half_frame(void **state)
{
	struct mtime now = { 1000000 };
	struct failmem fm;
	struct end e[2];
	const uint8_t *b;
	size_t n;
	int fd[2];

	(void)state;
	failmem_init(&fm);
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, fd), 0);
	for (int i = 0; i < 2; i++)
		open_end(&e[i], fd[i], (uint64_t)i + 1, &fm.mem);
	talk(e, now);
	assert_string_equal(e[1].text, "up\n");
	assert_true(fab_trunk_data(e[0].l.trunk, 5, (const uint8_t *)"whole",
	    5));
	assert_true(fab_line_write(&e[0].l));
	assert_true(fab_trunk_data(e[0].l.trunk, 5, (const uint8_t *)"half",
	    4));
	b = fab_trunk_out(e[0].l.trunk, &n);
	assert_int_equal(write(e[0].l.fd, b, n - 1), n - 1);
	close(e[0].l.fd);
	assert_true(fab_line_read(&e[1].l, now));
	assert_false(fab_line_read(&e[1].l, now));
	fab_line_close(&e[1].l, now);
	assert_string_equal(e[1].text, "up\nwhole\nthe channel broke\n");
	/* an inherited descriptor is not opened again */
	assert_int_equal(e[1].l.fd, -1);
	assert_true(mtime_is_never(e[1].l.retry));
	for (int i = 0; i < 2; i++)
		fab_trunk_free(e[i].l.trunk);
	assert_int_equal(fm.live, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_channels),
		cmocka_unit_test(test_half_frame),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
