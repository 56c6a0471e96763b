/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef TESTS_LAB_SOCK_H
#define TESTS_LAB_SOCK_H

/* Bare AF_ATMSVC sockets for tests of fabricd inside a lab kernel. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <linux/atmdev.h>

#include <cmocka.h>

#define SOCK_PATIENCE 10000 /* milliseconds */

static inline struct sockaddr_atmsvc
sock_addr(unsigned i)
{
	struct sockaddr_atmsvc a;

	memset(&a, 0, sizeof(a));
	a.sas_family = AF_ATMSVC;
	a.sas_addr.prv[0] = 0x47;
	a.sas_addr.prv[1] = 0x99;
	a.sas_addr.prv[17] = (uint8_t)(i >> 8);
	a.sas_addr.prv[18] = (uint8_t)i;
	return a;
}

static inline int
sock_make(bool multi)
{
	struct atm_qos q;
	int one = 1, s = socket(PF_ATMSVC, SOCK_DGRAM, 0);

	assert_true(s >= 0);
	memset(&q, 0, sizeof(q));
	q.aal = ATM_AAL5;
	q.txtp.traffic_class = ATM_UBR;
	q.rxtp.traffic_class = multi ? ATM_NONE : ATM_UBR;
	q.txtp.max_sdu = q.rxtp.max_sdu = 9180;
	assert_int_equal(setsockopt(s, SOL_ATM, SO_ATMQOS, &q, sizeof(q)), 0);
	if (multi)
		assert_int_equal(setsockopt(s, SOL_ATM, SO_MULTIPOINT, &one,
		    sizeof(one)), 0);
	return s;
}

static inline int
sock_listen(unsigned i)
{
	struct sockaddr_atmsvc a = sock_addr(i);
	int s = sock_make(false);

	assert_int_equal(bind(s, (void *)&a, sizeof(a)), 0);
	assert_int_equal(listen(s, 16), 0);
	return s;
}

/* sock_call begins a call from 900 to |to|, which somebody has to accept. */
static inline int
sock_call(unsigned to, bool multi)
{
	struct sockaddr_atmsvc me = sock_addr(900), a = sock_addr(to);
	int s = sock_make(multi);

	assert_int_equal(bind(s, (void *)&me, sizeof(me)), 0);
	assert_int_equal(fcntl(s, F_SETFL, O_NONBLOCK), 0);
	assert_int_equal(connect(s, (void *)&a, sizeof(a)), -1);
	assert_int_equal(errno, EINPROGRESS);
	return s;
}

static inline int
sock_wait(int s, short what)
{
	struct pollfd p = { s, what, 0 };

	assert_int_equal(poll(&p, 1, SOCK_PATIENCE), 1);
	return p.revents;
}

/* sock_called completes a call: 0, or errno. */
static inline int
sock_called(int s, unsigned to)
{
	struct sockaddr_atmsvc a = sock_addr(to);

	sock_wait(s, POLLOUT);
	if (connect(s, (void *)&a, sizeof(a)) != 0)
		return errno;
	assert_int_equal(fcntl(s, F_SETFL, 0), 0);
	return 0;
}

static inline void
sock_want(int s, const char *text)
{
	char b[256];
	ssize_t n;

	sock_wait(s, POLLIN);
	n = read(s, b, sizeof(b) - 1);
	assert_true(n >= 0);
	b[n] = '\0';
	assert_string_equal(b, text);
}

/* sock_send waits for room where others flood the switch. */
static inline void
sock_send(int s, const char *text)
{
	ssize_t n;

	do {
		n = write(s, text, strlen(text));
	} while (n < 0 && errno == ENOBUFS);
	assert_int_equal(n, strlen(text));
}

/* fabricd_counts asks fabricd what it has; the answer is the last in its log. */
static inline void
fabricd_counts(char *line, size_t cap)
{
	char l[512];
	FILE *f;

	assert_int_equal(system("kill -USR1 $(pidof fabricd)"), 0);
	line[0] = '\0';
	for (int i = 0; i < 100 && line[0] == '\0'; i++) {
		const struct timespec pause = { 0, 20000000 };

		nanosleep(&pause, NULL);
		f = fopen("/run/fabricd.log", "r");
		assert_non_null(f);
		while (fgets(l, sizeof(l), f) != NULL)
			if (strstr(l, " sockets, ") != NULL)
				snprintf(line, cap, "%s", l);
		fclose(f);
	}
	assert_int_equal(truncate("/run/fabricd.log", 0), 0);
}

#endif
