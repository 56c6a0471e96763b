/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Where we are: an ATM switch tells its hosts the first octets of their
 * addresses (ILMI, UNI 3.1 section 5.8), and the kernel keeps them with the
 * interface.  Only addresses below them can be called from elsewhere.
 */
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <linux/atmdev.h>

#include "svc_int.h"

#define ITFS 32  /* interfaces looked at */
#define ADDRS 16 /* addresses of each */

/* first stores the first NSAP of interface |itf|. */
static bool
first(int fd, int itf, struct atm_addr *a)
{
	struct sockaddr_atmsvc sa[ADDRS];
	struct atmif_sioc req = { .number = itf, .length = sizeof(sa),
		.arg = sa };

	memset(sa, 0, sizeof(sa));
	if (ioctl(fd, ATM_GETADDR, &req) < 0)
		return false;
	for (size_t i = 0; i < ADDRS; i++)
		if (sa[i].sas_addr.pub[0] == '\0'
		    && sa[i].sas_addr.prv[0] != 0
		    && svc_addr_from(&sa[i], a) == 0)
			return true;
	return false;
}

bool
svc_home(int itf, struct atm_addr *a)
{
	int fd = socket(PF_ATMSVC, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	bool found = false;

	if (fd < 0)
		return false;
	if (itf >= 0)
		found = first(fd, itf, a);
	else
		for (int i = 0; i < ITFS && !found; i++)
			found = first(fd, i, a);
	close(fd);
	return found;
}
