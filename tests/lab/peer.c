/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * peer: a leaf or a root on bare AF_ATMSVC sockets, for tests on several lab
 * kernels.  What it does and hears goes to its standard output, line by line.
 *
 *   peer leaf NSAP            accepts one call and prints what comes
 *   peer root NSAP NSAP ...   calls the first, adds the others; then reads
 *                             commands: "send TEXT", "drop REF", "wait" for
 *                             a leaf that leaves, "add NSAP"; ends at the end
 */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <linux/atmdev.h>

#include "marsh/atm/atm_errno.h"
#include "marsh/base/addr.h"

#define PATIENCE 20000 /* milliseconds */

static int
fail(const char *what)
{
	printf("%s: %s\n", what, strerror(errno));
	return 1;
}

static int
address(const char *text, struct sockaddr_atmsvc *s)
{
	struct atm_addr a;

	memset(s, 0, sizeof(*s));
	s->sas_family = AF_ATMSVC;
	if (atm_addr_parse(text, &a, NULL) != 0)
		return -1;
	memcpy(s->sas_addr.prv, a.num, ATM_ESA_LEN);
	return 0;
}

static int
make(int multi)
{
	struct atm_qos q;
	int s = socket(PF_ATMSVC, SOCK_DGRAM, 0);

	memset(&q, 0, sizeof(q));
	q.aal = ATM_AAL5;
	q.txtp.traffic_class = ATM_UBR;
	q.rxtp.traffic_class = multi ? ATM_NONE : ATM_UBR;
	q.txtp.max_sdu = q.rxtp.max_sdu = 9180;
	if (s < 0 || setsockopt(s, SOL_ATM, SO_ATMQOS, &q, sizeof(q)) != 0
	    || (multi && setsockopt(s, SOL_ATM, SO_MULTIPOINT, &multi,
		    sizeof(multi)) != 0))
		return -1;
	return s;
}

static int
leaf(const char *at)
{
	struct sockaddr_atmsvc a;
	int l = make(0), s, err = 0;
	socklen_t len = sizeof(err);
	char b[9200];
	ssize_t n;

	if (l < 0 || address(at, &a) != 0
	    || bind(l, (void *)&a, sizeof(a)) != 0 || listen(l, 4) != 0)
		return fail("listen");
	puts("listening");
	s = accept(l, NULL, NULL);
	if (s < 0)
		return fail("accept");
	puts("called");
	while ((n = read(s, b, sizeof(b))) > 0)
		printf("%.*s\n", (int)n, b);
	(void)getsockopt(s, SOL_SOCKET, SO_ERROR, &err, &len);
	printf("over, cause %u\n", atm_errno_cause(err));
	return 0;
}

static void
add(int s, const char *to)
{
	struct sockaddr_atmsvc a;
	int ref;

	if (address(to, &a) != 0) {
		puts("add: no address");
		return;
	}
	ref = ioctl(s, ATM_ADDPARTY, &a);
	if (ref >= 0)
		printf("added %d\n", ref);
	else
		printf("not added, cause %u\n", atm_errno_cause(errno));
}

static void
wait_left(int s)
{
	struct pollfd p = { s, 0, 0 };
	unsigned ref, cause;
	int err = 0, ack;
	socklen_t len = sizeof(err);

	if (poll(&p, 1, PATIENCE) != 1
	    || getsockopt(s, SOL_SOCKET, SO_ERROR, &err, &len) != 0
	    || !atm_left_parse(err, &ref, &cause)) {
		printf("nobody left (%d)\n", err);
		return;
	}
	ack = (int)ref;
	printf("%u left, cause %u\n", ref, cause);
	if (ioctl(s, ATM_DROPPARTY, &ack) != 0)
		(void)fail("drop");
}

static void
obey(int s, char *line)
{
	char *arg = strchr(line, ' ');
	int ref;

	line[strcspn(line, "\n")] = '\0';
	if (arg != NULL)
		*arg++ = '\0';
	if (strcmp(line, "wait") == 0) {
		wait_left(s);
	} else if (arg == NULL) {
		printf("%s?\n", line);
	} else if (strcmp(line, "send") == 0) {
		if (write(s, arg, strlen(arg)) < 0)
			(void)fail("send");
	} else if (strcmp(line, "drop") == 0) {
		ref = atoi(arg);
		printf("dropped %d: %d\n", ref, ioctl(s, ATM_DROPPARTY, &ref));
	} else if (strcmp(line, "add") == 0) {
		add(s, arg);
	}
}

static int
root(int n, char **to)
{
	struct sockaddr_atmsvc a;
	char line[256];
	int s = make(1);

	if (s < 0 || address(to[0], &a) != 0)
		return fail("socket");
	if (connect(s, (void *)&a, sizeof(a)) != 0)
		return fail("connect");
	puts("connected");
	for (int i = 1; i < n; i++)
		add(s, to[i]);
	while (fgets(line, sizeof(line), stdin) != NULL)
		obey(s, line);
	return 0;
}

int
main(int argc, char **argv)
{
	setvbuf(stdout, NULL, _IOLBF, 0);
	signal(SIGPIPE, SIG_IGN);
	if (argc == 3 && strcmp(argv[1], "leaf") == 0)
		return leaf(argv[2]);
	if (argc > 2 && strcmp(argv[1], "root") == 0)
		return root(argc - 2, argv + 2);
	fprintf(stderr, "usage: peer leaf NSAP | peer root NSAP ...\n");
	return 2;
}
