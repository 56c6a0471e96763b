/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MARSH_SVC_SVC_H
#define MARSH_SVC_SVC_H

/*
 * AF_ATMSVC as a network: each port is a listening SVC socket, each VC a socket
 * of its own, pt-mpt roots use SO_MULTIPOINT, ATM_ADDPARTY and ATM_DROPPARTY.
 * What blocks in the kernel (bind, ADD and DROP PARTY, which also lock the
 * socket) runs on workers; frames for that VC wait in order meanwhile.  Where
 * the signalling has no pt-mpt the root fans out over pt-pt calls, says so once
 * and goes on.  Time is CLOCK_MONOTONIC.
 */
#include <stdbool.h>
#include <stddef.h>

#include "marsh/atm/atm_look.h"
#include "marsh/atm/atm_net.h"
#include "marsh/base/mem.h"

struct svc;

struct svc_cfg {
	int itf;          /* ATM interface number for local addresses, -1: any */
	const char *qos;  /* libatm's text2qos syntax, NULL: "ubr,aal5" */
	size_t queue_max; /* frames that wait for one VC; more are lost */
	size_t vc_max;    /* VCs of all ports; calls above are refused */
	bool fan_out;     /* do not even try pt-mpt */
	struct mspan patience; /* with the first ADD PARTY: signalling that does
				  not answer it has no pt-mpt */
};

/* svc_defaults fills |cfg|: any, NULL, 1024, 16384, false, 15 s. */
void svc_defaults(struct svc_cfg *cfg);

/*
 * svc_available tells whether this kernel has AF_ATMSVC and a signalling
 * daemon; otherwise |why| gets one sentence that names what is missing and the
 * ways out (the in-process fabric, the lab kernel).
 */
bool svc_available(char *why, size_t cap);

/*
 * svc_home stores the first NSAP that is registered at ATM interface |itf| (-1:
 * any): its first 13 octets are the switch's, and begin the addresses of all
 * hosts there.  False: there is none.
 */
bool svc_home(int itf, struct atm_addr *a);

/*
 * svc_new returns a network without ports, or NULL with |why| filled.  atm_net
 * operations work on svc_net(); atm_net_next waits in poll() until an event,
 * until |until|, or until svc_wake.  atm_net_close frees |s|.
 */
struct svc *svc_new(const struct svc_cfg *cfg, const struct mem *mem,
    char *why, size_t cap);
struct atm_net *svc_net(struct svc *s);

/* svc_wake makes a waiting atm_net_next return 0 early; signal safe. */
void svc_wake(struct svc *s);

/*
 * svc_fd returns a descriptor that is readable when atm_net_next has work, and
 * is to be asked again before each poll(), as atm_net_fd.
 */
int svc_fd(struct svc *s);

/* Crash and stuck program, as the simulator's sim_down, sim_up, sim_hang. */
void svc_down(struct svc *s, atm_port port);
void svc_up(struct svc *s, atm_port port);
void svc_hang(struct svc *s, atm_port port, bool hung);

/* Looking: as the simulator's functions of the same names. */
void svc_watch_set(struct svc *s, const struct atm_watch *w);
bool svc_next_vc(const struct svc *s, uint32_t after, struct atm_vc_info *info);
bool svc_vc_leaf(const struct svc *s, uint32_t vc, size_t i,
    struct atm_addr *addr, atm_port *port, atm_ref *ref);
uint32_t svc_vc_id(const struct svc *s, atm_port port, atm_ref ref);
const struct atm_net_stats *svc_stats(const struct svc *s);

/*
 * svc_note returns a sentence to tell people once (fan-out in use), or NULL.
 * With a watcher of notes it gets them at once instead.
 */
const char *svc_note(struct svc *s);

/* svc_check verifies inner consistency; NULL or a text. */
const char *svc_check(const struct svc *s);

#endif
