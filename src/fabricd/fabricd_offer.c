/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A thread that shares nothing: messages go to it and results come back over a
 * pair of sockets.  It ends with the process, for it may be stuck in the kernel
 * when that is asked of it.
 */
#include "fabricd_offer.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

static void *
run(void *arg)
{
	struct fab_offer *o = arg;
	struct atmsvc_msg m;
	int err;

	while (recv(o->other, &m, sizeof(m), 0) == (ssize_t)sizeof(m)) {
		err = 0;
		if (write(o->sig, &m, sizeof(m)) != (ssize_t)sizeof(m))
			err = -errno;
		if (send(o->other, &err, sizeof(err), MSG_NOSIGNAL) < 0)
			break;
	}
	return NULL;
}

int
fab_offer_start(struct fab_offer *o, int sig)
{
	sigset_t all, was;
	int fd[2], err;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET, 0, fd) != 0)
		return -1;
	*o = (struct fab_offer){ .fd = fd[0], .other = fd[1], .sig = sig };
	(void)fcntl(fd[0], F_SETFD, FD_CLOEXEC);
	(void)fcntl(fd[1], F_SETFD, FD_CLOEXEC);
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &was);
	err = pthread_create(&o->thread, NULL, run, o);
	pthread_sigmask(SIG_SETMASK, &was, NULL);
	if (err == 0)
		return 0;
	close(fd[0]);
	close(fd[1]);
	errno = err;
	return -1;
}

void
fab_offer_write(struct fab_offer *o, const struct atmsvc_msg *m)
{
	(void)send(o->fd, m, sizeof(*m), MSG_NOSIGNAL);
}

int
fab_offer_done(struct fab_offer *o, int *err)
{
	return recv(o->fd, err, sizeof(*err), MSG_DONTWAIT)
	    == (ssize_t)sizeof(*err);
}
