/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef TESTS_SVC_FAKE_H
#define TESTS_SVC_FAKE_H

/*
 * A kernel with ATM signalling, in user space: what the AF_ATMSVC backend asks
 * of its workers is done with socket pairs, whose other ends are the network.
 * Like the real one it makes joining block, ends sockets with frames unread,
 * and tells a root of a leaf that left by the root's pending error.  There is
 * one, and tests turn its knobs.
 */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "svc/svc_int.h"

#define FAKE_FDS 4096
#define FAKE_LEAVES 1024

struct fake_call {
	struct fake_call *next;
	int root; /* who calls */
	struct sockaddr_atmsvc from;
	struct atm_qos qos;
	struct atm_sap sap;
	int leaf;  /* the accepted socket */
	int err;
	bool done;
};

struct fake_sock {
	bool used, listening, multi, connected;
	int far;  /* the network's end of the pair */
	int gate; /* connecting: its other end tells that it is over */
	int err;
	int told; /* a departure that waits to be read */
	struct sockaddr_atmsvc addr;
	struct fake_call *head, **tail; /* listening: calls that wait */
	struct fake_call *call;         /* connecting */
	int peer;                       /* pt-pt: whom it is connected to */
	int leaf[FAKE_LEAVES];          /* root: socket by endpoint, -1 */
	int leaves;
};

static struct fake {
	pthread_mutex_t lock;
	pthread_cond_t change;
	struct fake_sock *sock[FAKE_FDS];
	bool dead;        /* no signalling */
	bool no_mpt;      /* SO_MULTIPOINT works, ADD PARTY is refused */
	bool no_session;  /* SO_MULTIPOINT is refused */
	bool mute_add;    /* ADD PARTY is never answered */
	bool hold_add;    /* ADD PARTY waits as long as this is set */
	unsigned add_ms;  /* ADD PARTY takes this long */
	unsigned full;    /* so many sends give ENOBUFS */
	unsigned adds, calls; /* that were made */
	struct atm_qos qos;   /* of the last call */
} fake = { .lock = PTHREAD_MUTEX_INITIALIZER,
	.change = PTHREAD_COND_INITIALIZER };

static inline struct fake_sock *
fake_get(int fd)
{
	return fd >= 0 && fd < FAKE_FDS ? fake.sock[fd] : NULL;
}

static inline int
fake_open(void)
{
	struct fake_sock *k;
	int p[2];

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK,
		0, p) != 0 || p[0] >= FAKE_FDS || fake.sock[p[0]] != NULL)
		abort();
	k = calloc(1, sizeof(*k));
	k->used = true;
	k->far = p[1];
	k->gate = k->peer = -1;
	k->tail = &k->head;
	fake.sock[p[0]] = k;
	return p[0];
}

/* fake_hup ends |fd| as the network does. */
static inline void
fake_hup(int fd, int err)
{
	struct fake_sock *k = fake_get(fd);

	if (k == NULL || k->far < 0)
		return;
	k->err = err;
	k->connected = false;
	close(k->far);
	k->far = -1;
}

static inline int
fake_listener(const struct sockaddr_atmsvc *a)
{
	for (int i = 0; i < FAKE_FDS; i++)
		if (fake.sock[i] != NULL && fake.sock[i]->listening
		    && memcmp(&fake.sock[i]->addr.sas_addr, &a->sas_addr,
			   sizeof(a->sas_addr)) == 0)
			return i;
	return -1;
}

/* fake_offer puts |c| before the listener of |to|; 0 or an errno. */
static inline int
fake_offer(struct fake_call *c, const struct sockaddr_atmsvc *to)
{
	int fd = fake_listener(to);
	struct fake_sock *k = fake_get(fd);

	if (k == NULL)
		return EADDRNOTAVAIL;
	*k->tail = c;
	k->tail = &c->next;
	if (write(k->far, "c", 1) != 1)
		abort();
	return 0;
}

static inline void
fake_answer(struct fake_call *c, int err)
{
	struct fake_sock *root = fake_get(c->root);

	c->err = err;
	c->done = true;
	if (root != NULL && root->call == c && root->gate >= 0) {
		if (write(root->gate, "d", 1) != 1)
			abort();
	}
	pthread_cond_broadcast(&fake.change);
}

static inline int
fake_listen(struct svc_job *j)
{
	j->fd = -1;
	if (fake.dead)
		return EUNATCH;
	if (fake_listener(&j->local) >= 0)
		return EADDRINUSE;
	j->fd = fake_open();
	fake_get(j->fd)->listening = true;
	fake_get(j->fd)->addr = j->local;
	return 0;
}

static inline void
fake_join(struct fake_call *c, int leaf)
{
	struct fake_sock *root = fake_get(c->root), *k = fake_get(leaf);

	c->leaf = leaf;
	k->connected = true;
	k->peer = c->root;
	if (!root->multi)
		root->peer = leaf;
}

static inline int
fake_accept(struct svc_job *j)
{
	struct fake_sock *k = fake_get(j->fd);
	struct fake_call *c = k->head;
	char b;

	if (fake.dead || k->err != 0)
		return EUNATCH;
	if (c == NULL)
		return EAGAIN;
	if (read(j->fd, &b, 1) != 1)
		abort();
	k->head = c->next;
	if (k->head == NULL)
		k->tail = &k->head;
	j->fd2 = fake_open();
	fake_join(c, j->fd2);
	j->peer = c->from;
	j->sap = c->sap;
	j->qos = c->qos;
	j->qos.txtp = c->qos.rxtp;
	j->qos.rxtp = c->qos.txtp;
	memset(&j->pvc, 0, sizeof(j->pvc));
	j->pvc.sap_addr.vci = j->fd2;
	fake_answer(c, 0);
	return 0;
}

static inline struct fake_call *
fake_call_new(const struct svc_job *j)
{
	struct fake_call *c = calloc(1, sizeof(*c));

	c->root = j->fd;
	c->from = j->local;
	c->qos = j->qos;
	c->sap = j->sap;
	return c;
}

/* The descriptor is a pipe until the call is answered, then the socket. */
static inline int
fake_connect(struct svc_job *j)
{
	struct fake_sock *k;
	int p[2], fd, err;

	j->fd = -1;
	fake.calls++;
	fake.qos = j->qos;
	if (fake.dead)
		return EUNATCH;
	if (j->multi && fake.no_session) {
		j->no_mpt = true;
		return EINVAL;
	}
	j->fd = fd = fake_open();
	k = fake_get(fd);
	k->multi = j->multi;
	for (int i = 0; i < FAKE_LEAVES; i++)
		k->leaf[i] = -1;
	if (pipe(p) != 0)
		abort();
	k->gate = p[1];
	k->call = fake_call_new(j);
	k->leaf[0] = dup(fd); /* kept until the call is answered */
	dup2(p[0], fd);
	close(p[0]);
	err = fake_offer(k->call, &j->peer);
	if (err != 0)
		fake_answer(k->call, err);
	return 0;
}

static inline int
fake_finish(struct svc_job *j)
{
	struct fake_sock *k = fake_get(j->fd);
	int err = k->call->err, keep = k->leaf[0];

	k->leaf[0] = k->call->leaf;
	free(k->call);
	k->call = NULL;
	close(k->gate);
	k->gate = -1;
	dup2(keep, j->fd);
	close(keep);
	if (err != 0)
		return err;
	k->leaves = 1;
	k->connected = true;
	memset(&j->pvc, 0, sizeof(j->pvc));
	j->pvc.sap_addr.vci = j->fd;
	return 0;
}

static inline void
fake_sleep(unsigned ms)
{
	struct timespec t = { ms / 1000, (long)(ms % 1000) * 1000000 };

	pthread_mutex_unlock(&fake.lock);
	nanosleep(&t, NULL);
	pthread_mutex_lock(&fake.lock);
}

static inline int
fake_add(struct svc_job *j)
{
	struct fake_sock *k = fake_get(j->fd);
	struct fake_call *c;
	int err;

	fake.adds++;
	while ((fake.mute_add || fake.hold_add) && !fake.dead)
		pthread_cond_wait(&fake.change, &fake.lock);
	if (fake.add_ms != 0)
		fake_sleep(fake.add_ms);
	if (fake.dead)
		return EUNATCH;
	if (fake.no_mpt) {
		j->no_mpt = true;
		return EOPNOTSUPP;
	}
	c = fake_call_new(j);
	err = fake_offer(c, &j->peer);
	while (err == 0 && !c->done)
		pthread_cond_wait(&fake.change, &fake.lock);
	err = err != 0 ? err : c->err;
	if (err == 0) {
		for (j->ep = 1; k->leaf[j->ep] >= 0; j->ep++)
			;
		k->leaf[j->ep] = c->leaf;
		k->leaves++;
	}
	free(c);
	return err;
}

static inline void
fake_drop(struct svc_job *j)
{
	struct fake_sock *k = fake_get(j->fd);

	if (j->ep < 0 || j->ep >= FAKE_LEAVES || k->leaf[j->ep] < 0)
		return;
	if (k->leaf[j->ep] != INT_MAX)
		fake_hup(k->leaf[j->ep], 0);
	k->leaf[j->ep] = -1;
	k->leaves--;
	if (k->told != 0 && (k->told & ATM_EP_MAX) == j->ep)
		k->told = 0;
}

/* fake_left tells the root of leaf |fd| that it left. */
static inline void
fake_left(int root, int fd)
{
	struct fake_sock *k = fake_get(root);

	for (int i = 0; k != NULL && i < FAKE_LEAVES; i++) {
		if (k->leaf[i] != fd || k->far < 0)
			continue;
		k->leaf[i] = INT_MAX; /* until it is acknowledged */
		k->told = atm_left_code((unsigned)i, ATM_CAUSE_NORMAL);
		if (write(k->far, "l", 1) != 1)
			abort();
	}
}

static inline void
fake_refuse_all(struct fake_sock *k, int err)
{
	while (k->head != NULL) {
		struct fake_call *c = k->head;

		k->head = c->next;
		fake_answer(c, err);
	}
}

static inline void
fake_forget_call(struct fake_sock *k)
{
	for (int i = 0; i < FAKE_FDS && k->call != NULL; i++) {
		struct fake_sock *l = fake.sock[i];

		for (struct fake_call **at = l ? &l->head : NULL;
		     at != NULL && *at != NULL; at = &(*at)->next) {
			char b;

			if (*at != k->call)
				continue;
			*at = (*at)->next;
			if (*at == NULL)
				l->tail = at;
			if (read(i, &b, 1) != 1)
				abort();
			break;
		}
	}
	if (k->call != NULL && k->call->done && k->call->err == 0)
		fake_hup(k->call->leaf, 0);
	free(k->call);
	if (k->gate >= 0) {
		close(k->gate);
		close(k->leaf[0]);
		k->leaf[0] = -1;
	}
}

static inline void
fake_close(struct svc_job *j)
{
	struct fake_sock *k = fake_get(j->fd), *peer;

	fake_refuse_all(k, ECONNREFUSED);
	fake_forget_call(k);
	for (int i = 0; k->multi && i < FAKE_LEAVES; i++)
		if (k->leaf[i] >= 0 && k->leaf[i] != INT_MAX)
			fake_hup(k->leaf[i], 0);
	peer = fake_get(k->peer);
	if (k->connected && peer != NULL && !peer->multi && !k->multi)
		fake_hup(k->peer, 0);
	else if (k->connected && peer != NULL && peer->multi)
		fake_left(k->peer, j->fd);
	if (k->far >= 0)
		close(k->far);
	fake.sock[j->fd] = NULL;
	free(k);
	close(j->fd);
}

static inline void
fake_run(void *ctx, struct svc_job *j)
{
	(void)ctx;
	pthread_mutex_lock(&fake.lock);
	j->no_mpt = false;
	j->err = 0;
	switch (j->op) {
	case SVC_OP_LISTEN:
		j->err = fake_listen(j);
		break;
	case SVC_OP_ACCEPT:
		j->err = fake_accept(j);
		break;
	case SVC_OP_CALL:
		j->err = fake_connect(j);
		break;
	case SVC_OP_FINISH:
		j->err = fake_finish(j);
		break;
	case SVC_OP_ADD:
		j->err = fake_add(j);
		break;
	case SVC_OP_DROP:
		fake_drop(j);
		break;
	case SVC_OP_CLOSE:
		fake_close(j);
		break;
	}
	pthread_mutex_unlock(&fake.lock);
}

static inline ssize_t
fake_send(void *ctx, int fd, const void *buf, size_t len)
{
	struct fake_sock *k, *to;
	ssize_t n = (ssize_t)len;

	(void)ctx;
	pthread_mutex_lock(&fake.lock);
	k = fake_get(fd);
	if (fake.full > 0) {
		fake.full--;
		errno = ENOBUFS;
		n = -1;
	} else if (k == NULL || !k->connected) {
		errno = EPIPE;
		n = -1;
	}
	for (int i = 0; n >= 0 && k->multi && i < FAKE_LEAVES; i++) {
		to = fake_get(k->leaf[i]);
		if (to != NULL && to->far >= 0
		    && write(to->far, buf, len) < 0)
			continue; /* lost, as in a full buffer */
	}
	to = n >= 0 && !k->multi ? fake_get(k->peer) : NULL;
	if (to != NULL && to->far >= 0 && write(to->far, buf, len) < 0)
		n = -1, errno = ENOBUFS;
	pthread_mutex_unlock(&fake.lock);
	return n;
}

static inline ssize_t
fake_recv(void *ctx, int fd, void *buf, size_t cap)
{
	(void)ctx;
	return recv(fd, buf, cap, MSG_DONTWAIT);
}

static inline int
fake_error(void *ctx, int fd)
{
	struct fake_sock *k;
	int err = 0;
	char b;

	(void)ctx;
	pthread_mutex_lock(&fake.lock);
	k = fake_get(fd);
	if (k != NULL && k->err != 0)
		err = k->err;
	else if (k != NULL && k->told != 0 && read(fd, &b, 1) == 1)
		err = k->told;
	pthread_mutex_unlock(&fake.lock);
	return err;
}

/* fake_kill lets signalling die; fake_revive starts it again. */
static inline void
fake_kill(void)
{
	pthread_mutex_lock(&fake.lock);
	fake.dead = true;
	for (int i = 0; i < FAKE_FDS; i++) {
		struct fake_sock *k = fake.sock[i];

		if (k == NULL)
			continue;
		fake_refuse_all(k, EUNATCH);
		if (k->call != NULL && !k->call->done)
			fake_answer(k->call, EUNATCH);
		k->listening = false;
		fake_hup(i, EUNATCH);
	}
	pthread_cond_broadcast(&fake.change);
	pthread_mutex_unlock(&fake.lock);
}

static inline void
fake_set(bool *knob, bool on)
{
	pthread_mutex_lock(&fake.lock);
	*knob = on;
	pthread_cond_broadcast(&fake.change);
	pthread_mutex_unlock(&fake.lock);
}

/* fake_count returns how many sockets there are. */
static inline unsigned
fake_count(void)
{
	unsigned n = 0;

	pthread_mutex_lock(&fake.lock);
	for (int i = 0; i < FAKE_FDS; i++)
		n += fake.sock[i] != NULL;
	pthread_mutex_unlock(&fake.lock);
	return n;
}

static const struct svc_sys fake_sys = {
	.run = fake_run,
	.send = fake_send,
	.recv = fake_recv,
	.error = fake_error,
};

#endif
