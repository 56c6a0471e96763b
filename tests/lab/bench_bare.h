/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef TESTS_LAB_BENCH_BARE_H
#define TESTS_LAB_BENCH_BARE_H

/* Bare AF_ATMSVC sockets: what the kernel and signalling cost by themselves. */
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <atm.h>

#include "marsh/base/addr.h"

#define BARE_FRAME 64

static inline void
bare_die(const char *what)
{
	perror(what);
	exit(1);
}

static inline struct atm_addr
bare_number(unsigned i)
{
	uint8_t nsap[ATM_NSAP_LEN] = { 0x47, 0x00, 0x05, 0x80 };

	nsap[17] = (uint8_t)(i >> 8);
	nsap[18] = (uint8_t)i;
	return atm_addr_nsap(nsap);
}

static inline double
bare_micros(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1e6 + (double)t.tv_nsec * 1e-3;
}

static inline struct sockaddr_atmsvc
bare_address(unsigned i)
{
	struct atm_addr a = bare_number(i);
	struct sockaddr_atmsvc sa;

	memset(&sa, 0, sizeof(sa));
	sa.sas_family = AF_ATMSVC;
	memcpy(sa.sas_addr.prv, a.num, ATM_ESA_LEN);
	return sa;
}

static inline int
bare_socket(unsigned i)
{
	struct sockaddr_atmsvc sa = bare_address(i);
	struct atm_qos q;
	int fd = socket(PF_ATMSVC, SOCK_DGRAM, 0);

	memset(&q, 0, sizeof(q));
	text2qos("ubr,aal5:sdu=9180", &q, 0);
	if (fd < 0 || setsockopt(fd, SOL_ATM, SO_ATMQOS, &q, sizeof(q)) != 0
	    || bind(fd, (struct sockaddr *)&sa, sizeof(sa)) != 0)
		bare_die("socket");
	return fd;
}

/* The other process: takes one call and sends back what comes. */
static inline void
bare_echo(int listener)
{
	int fd = accept(listener, NULL, NULL);
	char b[BARE_FRAME];
	ssize_t n;

	while ((n = read(fd, b, sizeof(b))) > 0)
		if (write(fd, b, (size_t)n) != n)
			bare_die("write");
	_exit(0);
}

/* A VC between two sockets of this process, or to an echo in another one. */
struct bare {
	int fd, peer, listener; /* peer: -1: the other process has it */
	int epoll;
	pid_t pid;
};

static inline void
bare_watch(const struct bare *b, int fd)
{
	struct epoll_event ev = { .events = EPOLLIN, .data.fd = fd };

	if (fd >= 0 && epoll_ctl(b->epoll, EPOLL_CTL_ADD, fd, &ev) != 0)
		bare_die("epoll_ctl");
}

/*
 * bare_open makes |b|.  A process that was copied pays for each page it writes
 * to, so this comes before anything else that is measured.
 */
static inline void
bare_open(struct bare *b, bool one_process)
{
	struct sockaddr_atmsvc to = bare_address(1);

	b->listener = bare_socket(1);
	b->fd = bare_socket(2);
	b->peer = -1;
	if (listen(b->listener, 1) != 0)
		bare_die("listen");
	b->pid = fork();
	if (b->pid == 0 && !one_process) {
		close(b->fd);
		bare_echo(b->listener);
	}
	if (b->pid == 0) {
		close(b->listener);
		if (connect(b->fd, (struct sockaddr *)&to, sizeof(to)) != 0)
			bare_die("connect");
		_exit(0);
	}
	if (one_process) { /* the child calls, we have both ends */
		b->peer = accept(b->listener, NULL, NULL);
		waitpid(b->pid, NULL, 0);
	} else if (connect(b->fd, (struct sockaddr *)&to, sizeof(to)) != 0)
		bare_die("connect");
	b->epoll = epoll_create1(0);
	bare_watch(b, b->fd);
	bare_watch(b, b->peer);
}

static inline void
bare_close(struct bare *b)
{
	close(b->fd);
	if (b->peer >= 0)
		close(b->peer);
	else
		waitpid(b->pid, NULL, 0);
	close(b->listener);
	close(b->epoll);
}

/* bare_hop sends a frame from |from|, and to |to| if that is here. */
static inline void
bare_hop(int from, int to, int epoll)
{
	char f[BARE_FRAME] = { 0 };
	struct epoll_event ev;

	if (write(from, f, BARE_FRAME) != BARE_FRAME)
		bare_die("write");
	if (to < 0)
		return;
	if (epoll >= 0
	    && (epoll_wait(epoll, &ev, 1, -1) != 1 || ev.data.fd != to))
		bare_die("epoll_wait");
	if (read(to, f, BARE_FRAME) != BARE_FRAME)
		bare_die("read");
}

/*
 * bare_rounds returns the microseconds of one of |n| round trips: by blocking
 * reads, as who knows what comes next, or with |epoll|, as who has more than
 * one VC to wait for.
 */
static inline double
bare_rounds(const struct bare *b, bool epoll, int n)
{
	int wait = epoll ? b->epoll : -1;
	double t = bare_micros();

	for (int i = 0; i < n; i++) {
		bare_hop(b->fd, b->peer, wait);
		if (b->peer >= 0)
			bare_hop(b->peer, b->fd, wait);
		else if (read(b->fd, (char[BARE_FRAME]){ 0 }, BARE_FRAME)
		    != BARE_FRAME)
			bare_die("read");
	}
	return (bare_micros() - t) / n;
}

#endif
