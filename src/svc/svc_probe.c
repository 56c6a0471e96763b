/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Is there AF_ATMSVC here, and signalling that answers?  Only bind() tells, and
 * with a signalling daemon that hangs it never comes back, whatever is done to
 * it; so a thread of its own asks, and is left behind when it gets no answer.
 */
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "svc_int.h"

#define WAYS_OUT                                                               \
	"use the in-process fabric (marsh without -b atm) or the lab kernel "  \
	"(make lab)"
#define PATIENCE 3 /* seconds */

/* Not on a stack: an abandoned thread still looks at it. */
static struct {
	pthread_mutex_t lock;
	pthread_cond_t more;
	int fd;
	int err;
	bool asking;
} probe = { .lock = PTHREAD_MUTEX_INITIALIZER,
	.more = PTHREAD_COND_INITIALIZER };

static int
try_bind(int fd)
{
	struct sockaddr_atmsvc sa;
	struct atm_qos q;
	char why[1];

	memset(&sa, 0, sizeof(sa));
	sa.sas_family = AF_ATMSVC;
	if (svc_qos_parse(NULL, &q, why, 0) != 0
	    || setsockopt(fd, SOL_ATM, SO_ATMQOS, &q, sizeof(q)) != 0)
		return errno;
	return bind(fd, (struct sockaddr *)&sa, sizeof(sa)) == 0 ? 0 : errno;
}

static void *
ask(void *arg)
{
	int fd = probe.fd, err = try_bind(fd);

	(void)arg;
	close(fd);
	pthread_mutex_lock(&probe.lock);
	probe.err = err;
	probe.asking = false;
	pthread_cond_signal(&probe.more);
	pthread_mutex_unlock(&probe.lock);
	return NULL;
}

static int
spawn(void)
{
	sigset_t all, old;
	pthread_t id;
	int err;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &old);
	err = pthread_create(&id, NULL, ask, NULL);
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	if (err == 0)
		pthread_detach(id);
	return err;
}

/* answer returns what bind() said on |fd|, which it takes, or ETIMEDOUT. */
static int
answer(int fd)
{
	struct timespec end;
	int err = 0;

	clock_gettime(CLOCK_REALTIME, &end);
	end.tv_sec += PATIENCE;
	pthread_mutex_lock(&probe.lock);
	if (probe.asking) {
		close(fd);
	} else {
		probe.fd = fd;
		probe.asking = true;
		err = spawn();
		if (err != 0) {
			close(fd);
			probe.asking = false;
		}
	}
	while (probe.asking && err == 0)
		err = pthread_cond_timedwait(&probe.more, &probe.lock, &end);
	if (err == 0)
		err = probe.err;
	pthread_mutex_unlock(&probe.lock);
	return err;
}

bool
svc_available(char *why, size_t cap)
{
	int fd = socket(PF_ATMSVC, SOCK_DGRAM | SOCK_CLOEXEC, 0), err;

	if (fd < 0 && (errno == EAFNOSUPPORT || errno == ESOCKTNOSUPPORT)) {
		snprintf(why, cap, "This kernel has no AF_ATMSVC sockets: "
		    WAYS_OUT ".");
		return false;
	}
	if (fd < 0) {
		snprintf(why, cap, "AF_ATMSVC sockets cannot be made (%s): "
		    WAYS_OUT ".", strerror(errno));
		return false;
	}
	err = answer(fd);
	if (err == EUNATCH)
		snprintf(why, cap, "No ATM signalling daemon runs on this "
		    "kernel: start fabricd, or " WAYS_OUT ".");
	else if (err == ETIMEDOUT)
		snprintf(why, cap, "This kernel's ATM signalling daemon does "
		    "not answer: restart it, or " WAYS_OUT ".");
	return err != EUNATCH && err != ETIMEDOUT;
}
