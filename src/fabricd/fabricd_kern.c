/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Attaching to the kernel.  The interface lives as long as its socket: it goes
 * with this process, whatever ends it.
 */
#include "fabricd_kern.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/atm_tcp.h>
#include <linux/atmdev.h>
#include <linux/capability.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "fabricd_addr.h"

/* glibc has it for those who ask for more than POSIX. */
#ifndef SO_RCVBUFFORCE
#define SO_RCVBUFFORCE 33
#endif

#define RECEIVE_BUFFER (4 << 20)
#define NO_ATM                                                                 \
	"; this kernel has no ATM SVCs: load atm.ko, or use the lab's"         \
	" (make lab)"
#define REMEDY ": run as root, or in the lab (make lab)"
#define NO_TCP "; this kernel has no ATMTCP: load atmtcp.ko"

/* capabilities returns those in effect, a bit each; 0 when nobody says. */
static unsigned long long
capabilities(void)
{
	unsigned long long x = 0;
	char line[128];
	FILE *f = fopen("/proc/self/status", "r");

	while (f != NULL && fgets(line, sizeof(line), f) != NULL)
		if (sscanf(line, "CapEff: %llx", &x) == 1)
			break;
	if (f != NULL)
		fclose(f);
	return x;
}

/*
 * Signalling names sockets by kernel pointers, so whoever attaches needs the
 * rights of those who may write to hardware as well.
 */
static const char *
missing(void)
{
	unsigned long long has = capabilities();
	bool net = (has >> CAP_NET_ADMIN & 1) != 0;
	bool raw = (has >> CAP_SYS_RAWIO & 1) != 0;

	if (net && raw)
		return "; the root of a container is not enough: run it"
		       " outside, or in the lab (make lab)";
	if (net)
		return "; CAP_SYS_RAWIO is missing" REMEDY;
	if (raw)
		return "; CAP_NET_ADMIN is missing" REMEDY;
	return "; CAP_NET_ADMIN and CAP_SYS_RAWIO are missing" REMEDY;
}

/* hint tells what to do about |err|; |none|: about what is unknown here. */
static const char *
hint(int err, const char *none)
{
	switch (err) {
	case EPERM:
	case EACCES:
		return missing();
	case EADDRINUSE:
		return "; another signalling daemon is attached";
	case EBUSY:
		return "; the interface is another process's";
	case EMEDIUMTYPE:
		return "; the interface is not one of ATMTCP";
	case EAFNOSUPPORT:
	case EPROTONOSUPPORT:
	case ENOTTY:
	case EINVAL:
	case ENOSYS:
		return none;
	default:
		return "";
	}
}

static int
fail(struct fab_kern *k, char *why, size_t cap, const char *what,
    const char *none)
{
	int err = errno;

	snprintf(why, cap, "%s: %s%s", what, strerror(err), hint(err, none));
	fab_kern_close(k);
	return -1;
}

/*
 * Not of PF_ATMSVC: the end of such a socket answers each message that is still
 * unread with one more to signalling, which is the socket itself; a daemon that
 * is killed with mail unread would keep the kernel busy for ever.
 */
static int
control_socket(void)
{
	int fd = socket(PF_ATMPVC, SOCK_DGRAM, 0);

	if (fd >= 0) {
		(void)fcntl(fd, F_SETFD, FD_CLOEXEC);
		(void)fcntl(fd, F_SETFL, O_NONBLOCK);
	}
	return fd;
}

int
fab_kern_open(struct fab_kern *k, int itf, char *why, size_t cap)
{
	int size = RECEIVE_BUFFER;

	*k = (struct fab_kern){ -1, -1, -1 };
	/*
	 * In this order: when the process ends, the interface goes first and
	 * the signalling last, whose EUNATCH then is what clients see.
	 */
	k->tcp = control_socket();
	k->sig = k->tcp < 0 ? -1 : control_socket();
	if (k->sig < 0)
		return fail(k, why, cap, "socket(PF_ATMPVC)", NO_ATM);
	if (ioctl(k->sig, ATMSIGD_CTRL, 0) < 0)
		return fail(k, why, cap, "ATMSIGD_CTRL", NO_ATM);
	k->itf = ioctl(k->tcp, SIOCSIFATMTCP, itf);
	if (k->itf < 0)
		return fail(k, why, cap, "SIOCSIFATMTCP", NO_TCP);
	/* A full buffer here is ENOBUFS for whoever sends. */
	if (setsockopt(k->tcp, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size))
	    != 0)
		(void)setsockopt(k->tcp, SOL_SOCKET, SO_RCVBUF, &size,
		    sizeof(size));
	return 0;
}

int
fab_kern_address(const struct fab_kern *k, const struct fab_prefix *p)
{
	struct atm_addr a = fab_prefix_addr(p);
	struct sockaddr_atmsvc s = fab_addr_put(&a);
	struct atmif_sioc rq = { k->itf, sizeof(s), &s };

	return ioctl(k->sig, ATM_ADDADDR, &rq);
}

void
fab_kern_close(struct fab_kern *k)
{
	int err = errno;

	if (k->tcp >= 0)
		close(k->tcp);
	if (k->sig >= 0)
		close(k->sig);
	k->sig = k->tcp = -1;
	errno = err;
}
