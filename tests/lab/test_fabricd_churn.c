/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * fabricd under storms of calls: queues that are full, and clients that are
 * killed at any point.  In the end nothing is left, here or in the kernel.
 * Runs inside the lab kernel with fabricd's log in /run/fabricd.log.
 */
#include "sock.h"

#include "marsh/base/rng.h"

#define BACKLOG 129 /* in fabricd, and the one in the kernel's queue */

/* kernel_vcs returns how many VCs and sockets of ATM the kernel has. */
static int
kernel_vcs(void)
{
	char line[256];
	FILE *f = fopen("/proc/net/atm/vc", "r");
	int n = 0;

	assert_non_null(f);
	while (fgets(line, sizeof(line), f) != NULL)
		n++;
	fclose(f);
	return n;
}

static void
nothing_left(int vcs)
{
	char line[512];

	fabricd_counts(line, sizeof(line));
	print_message("%s", line);
	if (strncmp(line, "0 listeners, 0 calls, 0 parties, 0 sockets, 0 VCIs;",
		51) != 0)
		fail_msg("%s", line);
	assert_int_equal(kernel_vcs(), vcs);
}

static void
one_call(void)
{
	int l = sock_listen(1), c = sock_call(1, false), s;

	s = accept(l, NULL, NULL);
	assert_true(s >= 0);
	assert_int_equal(sock_called(c, 1), 0);
	sock_send(c, "there");
	sock_want(s, "there");
	sock_send(s, "back");
	sock_want(c, "back");
	close(c);
	close(s);
	close(l);
}

/* So many calls wait for one listener, the next one is refused. */
static void
test_backlog(void **state)
{
	int before = kernel_vcs(), l = sock_listen(1), c[BACKLOG + 1], s;

	(void)state;
	for (int i = 0; i <= BACKLOG; i++)
		c[i] = sock_call(1, false);
	assert_int_equal(sock_called(c[BACKLOG], 1), EBUSY);
	close(c[BACKLOG]);
	s = accept(l, NULL, NULL);
	assert_true(s >= 0);
	assert_int_equal(sock_called(c[0], 1), 0);
	c[BACKLOG] = sock_call(1, false); /* there is room again */
	close(l);
	for (int i = 1; i <= BACKLOG; i++) {
		assert_int_equal(sock_called(c[i], 1), EHOSTDOWN);
		close(c[i]);
	}
	sock_send(s, "still");
	sock_want(c[0], "still");
	close(c[0]);
	close(s);
	nothing_left(before);
}

/* A slow reader that somebody floods holds up nobody else. */
static void
test_slow_reader(void **state)
{
	const struct timespec pause = { 0, 10000000 };
	int before = kernel_vcs(), l = sock_listen(2);
	int c = sock_call(2, false), s;
	pid_t from, to;
	char b[256];
	time_t start;

	(void)state;
	s = accept(l, NULL, NULL);
	assert_int_equal(sock_called(c, 2), 0);
	from = fork();
	if (from == 0)
		for (;;)
			if (write(c, "flood", 5) < 0 && errno != ENOBUFS)
				_exit(0);
	to = fork();
	if (to == 0)
		while (read(s, b, sizeof(b)) > 0)
			nanosleep(&pause, NULL);
	for (int i = 0; i < 50; i++)
		nanosleep(&pause, NULL);
	start = time(NULL);
	one_call();
	assert_in_range(time(NULL) - start, 0, 30);
	kill(from, SIGKILL);
	kill(to, SIGKILL);
	waitpid(from, NULL, 0);
	waitpid(to, NULL, 0);
	close(c);
	close(s);
	close(l);
	nothing_left(before);
}

/* client does whatever comes to its mind until it is killed. */
static void
client(uint64_t seed)
{
	struct sockaddr_atmsvc a, b;
	struct rng r;
	int ref;

	rng_seed(&r, seed);
	signal(SIGPIPE, SIG_IGN);
	for (;;) {
		bool multi = rng_below(&r, 2) == 0;
		int s = sock_make(multi), n;

		a = sock_addr((unsigned)(100 + rng_below(&r, 6)));
		b = sock_addr((unsigned)(100 + rng_below(&r, 6)));
		bind(s, (void *)&a, sizeof(a));
		if (rng_below(&r, 3) == 0) {
			if (listen(s, 2) == 0)
				while (rng_below(&r, 4) != 0
				    && (n = accept(s, NULL, NULL)) >= 0)
					if (rng_below(&r, 2) == 0)
						close(n);
		} else if (connect(s, (void *)&b, sizeof(b)) == 0) {
			for (int i = 0; i < 20; i++)
				if (write(s, "noise", 5) < 0)
					break;
			while (multi && rng_below(&r, 4) != 0) {
				b = sock_addr((unsigned)(100
				    + rng_below(&r, 6)));
				ref = ioctl(s, ATM_ADDPARTY, &b);
				if (ref > 0 && rng_below(&r, 2) == 0)
					ioctl(s, ATM_DROPPARTY, &ref);
			}
		}
		if (rng_below(&r, 4) != 0)
			close(s);
	}
}

/*
 * Clients die at any point, again and again.  Who is in the middle of a call
 * that nobody accepts dies when its time is over, so this takes a while.
 */
static void
test_deaths(void **state)
{
	pid_t pid[12];
	int before = kernel_vcs();
	struct rng r;

	(void)state;
	rng_seed(&r, 42);
	for (int i = 0; i < 12; i++)
		pid[i] = 0;
	for (int n = 0; n < 3000; n++) {
		const struct timespec pause = { 0, (long)rng_below(&r,
			15000000) };
		size_t i = (size_t)rng_below(&r, 12);

		if (pid[i] != 0)
			kill(pid[i], SIGKILL);
		if (pid[i] != 0 && waitpid(pid[i], NULL, WNOHANG) == 0)
			continue; /* its system call has to end first */
		pid[i] = fork();
		if (pid[i] == 0)
			client((uint64_t)n);
		nanosleep(&pause, NULL);
	}
	for (int i = 0; i < 12; i++)
		if (pid[i] != 0)
			kill(pid[i], SIGKILL);
	for (int i = 0; i < 12; i++)
		if (pid[i] != 0)
			assert_int_equal(waitpid(pid[i], NULL, 0), pid[i]);
	nothing_left(before);
	one_call(); /* and all is well */
	nothing_left(before);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_backlog),
		cmocka_unit_test(test_slow_reader),
		cmocka_unit_test(test_deaths),
	};

	signal(SIGPIPE, SIG_IGN);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
