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
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <linux/atmdev.h>

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

/*
 * at_itf tries to do away with an address that nobody has at interface |itf|:
 * what is missing to announce one there is said, and nothing is changed.
 */
static bool
at_itf(int fd, int itf, char *why, size_t cap)
{
	struct sockaddr_atmsvc nobody = { .sas_family = AF_ATMSVC };
	struct atmif_sioc req = { itf, sizeof(nobody), &nobody };

	if (ioctl(fd, ATM_DELADDR, &req) == 0
	    || (errno != ENODEV && errno != EPERM))
		return true;
	if (errno == ENODEV)
		snprintf(why, cap, "itf: this kernel has no ATM interface %d: "
		    "leave itf away, or take one of those that "
		    "/proc/net/atm/devices lists.", itf);
	else
		snprintf(why, cap, "itf: CAP_NET_ADMIN is missing, without "
		    "which no address can be announced at interface %d: run "
		    "as root, or leave itf away, fabricd needs none.", itf);
	return false;
}

/* svc_probe tells whether the kernel takes |qos| and |itf|; |why| if not. */
bool
svc_probe(const struct atm_qos *qos, int itf, char *why, size_t cap)
{
	int fd = socket(PF_ATMSVC, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	bool fine = fd < 0 || itf < 0 || at_itf(fd, itf, why, cap);

	if (fine && fd >= 0
	    && setsockopt(fd, SOL_ATM, SO_ATMQOS, qos, sizeof(*qos)) != 0) {
		snprintf(why, cap, "qos: this kernel refuses it (%s): take "
		    "another, such as \"ubr,aal5\".", strerror(errno));
		fine = false;
	}
	if (fd >= 0)
		close(fd);
	return fine;
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
		    "not answer, and until it does this program cannot end: "
		    "kill and start it again, or " WAYS_OUT ".");
	return err != EUNATCH && err != ETIMEDOUT;
}
