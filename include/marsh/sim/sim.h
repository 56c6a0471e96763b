/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MARSH_SIM_SIM_H
#define MARSH_SIM_SIM_H

/*
 * The emulated ATM world: endpoints on switches joined by links, pt-pt and
 * root-initiated pt-mpt calls with ADD and DROP PARTY, UNI causes, limits,
 * delay, jitter, loss and faults, in virtual time.  Events are ordered by
 * (time, order of making); the same seed and the same requests give the same
 * run.  It knows no protocol: a frame is octets.
 *
 * A leaf gets every frame that reaches it after it was told of the VC, in the
 * order sent.  Calls to a port that is up are accepted by the network.
 *
 * Everything takes one delay from end to end, answers another one back, and
 * nothing that travels between two ends of a VC overtakes what left before it.
 * When calls and ADD PARTYs fail, and why:
 *
 *   cause  told after
 *   1      one delay   nobody has that address
 *          two delays  the port left while the set-up was under way
 *   3      one delay   no path between the switches, or the ports are cut
 *          two delays  that happened while the set-up was under way
 *   27     two delays  the port is down
 *   38     two delays  the path broke while the answer was under way
 *   45     one delay   the caller's port has vc_max VCs already
 *          two delays  the called port has
 *   47     one delay   the VC has leaf_max leaves, or there is no memory
 *   89     one delay   ADD of an address that the root has as a leaf, or on a
 *                      VC that is no pt-mpt VC of this port
 *   other  two delays  sim_refuse
 *
 * A reference lives until its port releases it or is told that it is gone.  A
 * leaf lives for its root until DROP, ERR_L_DROP or ERR_L_RQFAILED; of a leaf
 * that it dropped, or a VC that it released, it hears nothing more, but that
 * an L_MULTI_RQ is answered even when its leaf was dropped meanwhile.  ADDs
 * that are under way when their L_MULTI_RQ fails end with its reference.
 * References that mean nothing and VCs that cannot be meant are ignored and
 * counted.  Cause 0 becomes 16, with UNI 3.0 31.
 *
 * The present moment of a world that runs until MTIME_NEVER is its last event.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "marsh/atm/atm_net.h"
#include "marsh/base/mem.h"

struct sim;

struct sim_cfg {
	uint64_t seed;
	struct mtime start;   /* 10000 s */
	struct mspan delay;   /* one way, port to port on one switch; 1 ms */
	struct mspan jitter;  /* 0..jitter is added to each; order is kept */
	double loss;          /* probability that a leaf misses a frame */
	uint32_t vc_max;      /* VCs of one port, rooted and terminated
				 together; above: cause 45 */
	uint32_t leaf_max;    /* leaves of one VC; above: cause 47 */
	unsigned uni;         /* 30 or 31: which causes are used */
};

/* sim_defaults fills |cfg|: seed 1, 1 ms, no jitter or loss, 1e6, 32767, 31. */
void sim_defaults(struct sim_cfg *cfg);

/* sim_new returns an empty world with one switch (number 0), or NULL. */
struct sim *sim_new(const struct sim_cfg *cfg, const struct mem *mem);

/*
 * sim_net returns |s| as a network; atm_net_close on it frees |s|.  The pointer
 * is the same for the life of |s|.
 */
struct atm_net *sim_net(struct sim *s);

/* ---- topology ---------------------------------------------------------- */

/* sim_switch_add returns the number of a new switch, or MARSH_ENOMEM. */
int sim_switch_add(struct sim *s);

/*
 * sim_link joins switches |a| and |b|; the delays of the links on the shortest
 * path (fewest links, then lowest numbers) are added to cfg.delay.  Returns a
 * link number, or MARSH_EINVAL or MARSH_ENOMEM.  Switches without a path
 * refuse calls with cause 3.
 */
int sim_link(struct sim *s, unsigned a, unsigned b, struct mspan delay);

/* sim_link_set takes a link down (VCs over it are released, 38) or up. */
int sim_link_set(struct sim *s, unsigned link, bool up);

/*
 * sim_place moves |port| to |sw|; only before it has VCs.  Returns 0,
 * MARSH_EINVAL (no such port or switch) or MARSH_ESTATE (it has VCs).
 */
int sim_place(struct sim *s, atm_port port, unsigned sw);

/* ---- faults ------------------------------------------------------------ */

/*
 * sim_cut stops everything between ports |a| and |b|: VCs and leaves between
 * them are released (cause 38), calls fail (cause 3).  Cuts count: two cuts of
 * one pair need two heals.  Returns 0 or MARSH_ENOMEM.
 */
int sim_cut(struct sim *s, atm_port a, atm_port b);
void sim_heal(struct sim *s, atm_port a, atm_port b);

/* sim_refuse lets calls to |port| fail with |cause|; 0 accepts again. */
void sim_refuse(struct sim *s, atm_port port, unsigned cause);

/*
 * sim_hang swallows all indications of |port| while calls to it are still
 * accepted, as by a machine whose program is stuck.  Its timer stays armed: one
 * that passed fires when the port hangs no more.
 */
void sim_hang(struct sim *s, atm_port port, bool hung);

/*
 * sim_down takes |port| off the network without forgetting its address: its
 * VCs are released (cause 27), calls to it fail (27), requests of it are
 * swallowed and nothing is told to it.  sim_up brings it back, without VCs; its
 * timer is kept as by sim_hang.
 */
void sim_down(struct sim *s, atm_port port);
void sim_up(struct sim *s, atm_port port);

/* sim_loss sets the probability that a leaf misses a frame. */
void sim_loss(struct sim *s, double p);

/* sim_delay sets delay and jitter of what is sent from now on. */
void sim_delay(struct sim *s, struct mspan delay, struct mspan jitter);

/* ---- watching ---------------------------------------------------------- */

/* sim_watch_set installs |w| (copied); members may be NULL. */
void sim_watch_set(struct sim *s, const struct atm_watch *w);

/* sim_next_vc stores the live VC with the lowest id above |after|. */
bool sim_next_vc(const struct sim *s, uint32_t after, struct atm_vc_info *info);

/* sim_vc_leaf stores connected leaf |i| (0-based, in order of joining). */
bool sim_vc_leaf(const struct sim *s, uint32_t vc, size_t i, atm_port *port,
    atm_ref *ref);

/* sim_vc_id returns the network-wide id of |port|'s VC |ref|, or 0. */
uint32_t sim_vc_id(const struct sim *s, atm_port port, atm_ref ref);

/*
 * sim_port_vcs counts the VCs that |port| roots and those it terminates, calls
 * under way included at the caller.
 */
void sim_port_vcs(const struct sim *s, atm_port port, uint32_t *rooted,
    uint32_t *terminated);

/* sim_stats returns the live counters, borrowed. */
const struct atm_net_stats *sim_stats(const struct sim *s);

/* sim_check verifies inner consistency (no leaked VC); NULL or a text. */
const char *sim_check(const struct sim *s);

#endif
