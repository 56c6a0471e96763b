/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The kernel's side: what each job is in system calls.  The run functions
 * execute on workers and touch nothing but their job.
 *
 * What net/atm does that is not what it seems to do:
 *  - A non-blocking connect() is completed by a second one, which opens the VC
 *    at the driver and may block.
 *  - accept() blocks whatever the socket's flags once a call is there.
 *  - ATM_ADDPARTY returns 0 when something else than its answer woke it: the
 *    answer is then found as a negative SO_ERROR later.
 *  - SO_ERROR gives a departed leaf as atm_left_code(), see atm_errno.h.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <linux/atmdev.h>

#include "svc_int.h"

#define BACKLOG 128
#define LOOKS 3000 /* milliseconds that a cut short ADD PARTY is looked for */

static int
socket_new(void)
{
	return socket(PF_ATMSVC, SOCK_DGRAM | SOCK_CLOEXEC, 0);
}

static int
option(int fd, int name, const void *v, socklen_t n)
{
	return setsockopt(fd, SOL_ATM, name, v, n) == 0 ? 0 : errno;
}

static int
nonblocking(int fd)
{
	int flags = fcntl(fd, F_GETFL);

	if (flags < 0 || fcntl(fd, F_SETFL, flags | O_NONBLOCK) != 0)
		return errno;
	return 0;
}

static int
bound(int fd, const struct sockaddr_atmsvc *sa)
{
	return bind(fd, (const struct sockaddr *)sa, sizeof(*sa)) == 0 ? 0
								      : errno;
}

/* announce makes |sa| an address of interface |itf|, as atmaddr(8) does. */
static int
announce(int fd, int itf, struct sockaddr_atmsvc *sa)
{
	struct atmif_sioc req = { itf, sizeof(*sa), sa };

	if (itf < 0 || ioctl(fd, ATM_ADDADDR, &req) == 0 || errno == EEXIST)
		return 0;
	return errno;
}

static int
start_listening(struct svc_job *j)
{
	int err;

	j->fd = socket_new();
	if (j->fd < 0)
		return errno;
	err = option(j->fd, SO_ATMQOS, &j->qos, sizeof(j->qos));
	if (err == 0)
		err = option(j->fd, SO_ATMSAP, &j->sap, sizeof(j->sap));
	if (err == 0)
		err = announce(j->fd, j->itf, &j->local);
	if (err == 0)
		err = bound(j->fd, &j->local);
	if (err == 0 && listen(j->fd, BACKLOG) != 0)
		err = errno;
	if (err == 0)
		err = nonblocking(j->fd);
	return err;
}

static int
start_call(struct svc_job *j)
{
	int on = 1, err;

	j->fd = socket_new();
	if (j->fd < 0)
		return errno;
	err = option(j->fd, SO_ATMQOS, &j->qos, sizeof(j->qos));
	if (err == 0)
		err = option(j->fd, SO_ATMSAP, &j->sap, sizeof(j->sap));
	if (err == 0 && j->multi) {
		err = option(j->fd, SO_MULTIPOINT, &on, sizeof(on));
		j->no_mpt = err != 0;
	}
	if (err == 0)
		err = bound(j->fd, &j->local);
	if (err == 0)
		err = nonblocking(j->fd);
	if (err == 0
	    && connect(j->fd, (struct sockaddr *)&j->peer, sizeof(j->peer)) != 0
	    && errno != EINPROGRESS)
		err = errno;
	return err;
}

static void
where(int fd, struct sockaddr_atmpvc *pvc)
{
	socklen_t len = sizeof(*pvc);

	memset(pvc, 0, sizeof(*pvc));
	if (getsockopt(fd, SOL_ATM, SO_ATMPVC, pvc, &len) != 0)
		memset(pvc, 0, sizeof(*pvc));
}

static bool
says_no_mpt(int err)
{
	return err == EOPNOTSUPP || err == ENOSYS || err == ENOTTY
	    || err == ENOPROTOOPT;
}

static int
finish_call(struct svc_job *j)
{
	int r, err;

	r = connect(j->fd, (struct sockaddr *)&j->peer, sizeof(j->peer));
	err = r == -1 ? errno : ECONNRESET; /* a departure is no errno */
	if (r != 0) {
		j->no_mpt = j->multi && says_no_mpt(err);
		return err;
	}
	where(j->fd, &j->pvc);
	return 0;
}

static int
take_call(struct svc_job *j)
{
	socklen_t len = sizeof(j->peer);
	int err;

	memset(&j->peer, 0, sizeof(j->peer));
	j->fd2 = accept(j->fd, NULL, NULL);
	if (j->fd2 < 0)
		return errno;
	err = fcntl(j->fd2, F_SETFD, FD_CLOEXEC) != 0 ? errno
						     : nonblocking(j->fd2);
	getpeername(j->fd2, (struct sockaddr *)&j->peer, &len);
	len = sizeof(j->qos);
	if (getsockopt(j->fd2, SOL_ATM, SO_ATMQOS, &j->qos, &len) != 0)
		err = errno;
	len = sizeof(j->sap);
	if (getsockopt(j->fd2, SOL_ATM, SO_ATMSAP, &j->sap, &len) != 0)
		memset(&j->sap, 0, sizeof(j->sap));
	where(j->fd2, &j->pvc);
	if (err != 0) {
		close(j->fd2);
		j->fd2 = -1;
	}
	return err;
}

static int
pending(int fd)
{
	int v = 0;
	socklen_t len = sizeof(v);

	return getsockopt(fd, SOL_SOCKET, SO_ERROR, &v, &len) == 0 ? v : EBADF;
}

/* look waits for the answer to an ADD PARTY that was cut short. */
static int
look(struct svc_job *j)
{
	const struct timespec ms = { 0, 1000000 };
	unsigned ep, cause;

	for (int i = 0; i < LOOKS; i++) {
		struct pollfd p = { .fd = j->fd };
		int v = pending(j->fd);

		if (v < 0) {
			j->ep = -v;
			return 0;
		}
		if (atm_left_parse(v, &ep, &cause))
			j->left = v;
		else if (v != 0)
			return v;
		if (poll(&p, 1, 0) == 1 && (p.revents & POLLHUP) != 0)
			return EPIPE;
		nanosleep(&ms, NULL);
	}
	j->ep = 0; /* then 0 is what signalling calls the endpoint */
	return 0;
}

static int
add_party(struct svc_job *j)
{
	int ep = ioctl(j->fd, ATM_ADDPARTY, &j->peer);
	int err = errno;

	if (ep > 0) {
		j->ep = ep;
		return 0;
	}
	if (ep == 0)
		return look(j);
	j->no_mpt = says_no_mpt(err) || err == EINVAL;
	return err;
}

static void
run(void *ctx, struct svc_job *j)
{
	(void)ctx;
	j->no_mpt = false;
	j->err = 0;
	switch (j->op) {
	case SVC_OP_LISTEN:
		j->err = start_listening(j);
		break;
	case SVC_OP_ACCEPT:
		j->err = take_call(j);
		break;
	case SVC_OP_CALL:
		j->err = start_call(j);
		break;
	case SVC_OP_FINISH:
		j->err = finish_call(j);
		break;
	case SVC_OP_ADD:
		j->err = add_party(j);
		break;
	case SVC_OP_DROP:
		if (ioctl(j->fd, ATM_DROPPARTY, &j->ep) < 0)
			j->err = errno;
		break;
	case SVC_OP_CLOSE:
		close(j->fd);
		break;
	}
}

static ssize_t
send_frame(void *ctx, int fd, const void *buf, size_t len)
{
	(void)ctx;
	return send(fd, buf, len, MSG_DONTWAIT | MSG_NOSIGNAL);
}

static ssize_t
recv_frame(void *ctx, int fd, void *buf, size_t cap)
{
	(void)ctx;
	return recv(fd, buf, cap, MSG_DONTWAIT);
}

static int
take_error(void *ctx, int fd)
{
	(void)ctx;
	return pending(fd);
}

const struct svc_sys svc_sys_kernel = {
	.run = run,
	.send = send_frame,
	.recv = recv_frame,
	.error = take_error,
};
