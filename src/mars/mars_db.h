/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MARS_DB_H
#define MARS_DB_H

/*
 * The database of a MARS for one layer 3 protocol (RFC 2022 section 6): members
 * by ATM address and by CMI, groups and blocks by layer 3 address, memberships
 * in both directions.  The work of one change does not depend on how many
 * members and groups there are, but for the logarithm of ordered iteration
 * when a group is born or dies.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "marsh/base/addr.h"
#include "marsh/base/mem.h"
#include "mars_blocks.h"
#include "mars_gset.h"
#include "mars_idset.h"
#include "mars_index.h"
#include "mars_order.h"

#define DB_PAGE 256 /* members, and groups, a page */
#define DB_PAGES 256

/* A block of one member; |far|: the block with the largest max up to here. */
struct own_block {
	uint32_t id;
	uint32_t far : 31, old : 1;
};

/*
 * Laid out for size, since there are up to 65535 of them, and with what every
 * message looks at in the first 64 octets.
 */
struct db_member {
	struct gset groups;
	uint8_t tl, stl; /* of the address; the number is in the page */
	uint8_t spa_len;
	uint8_t leaf;    /* from here on some are the server's, see below */
	uint32_t vc;     /* its pt-pt VC, 0: none */
	struct own_block *blocks; /* in order of min, then max */
	uint32_t blocks_n;
	uint8_t spa[L3_MAX];
	uint8_t *sub;    /* ATM_NSAP_LEN octets, or NULL */
	int64_t timer;   /* microseconds; 0: not in the timer heap */
	uint32_t blocks_cap;
	uint32_t vc_next, vc_prev;
	uint32_t delay_ms;   /* of the next leaf retry */
	uint16_t l, r, up;   /* links: timer heap, or queue of wanted leaves */
	uint8_t old : 1;     /* some memberships are old */
	uint8_t tell : 1;    /* joining them again goes out on CCVC */
	uint8_t missing : 1; /* since the MARS started again */
	uint8_t moved : 1;   /* registered at another MARS after it did here */
	uint8_t came : 1;    /* has been far: what is old is to be told */
	/*
	 * The server's own, zero in a new member: leaf, vc and its links, spa,
	 * timer, delay_ms, l, r, up and all behind.
	 */
};

/* NSAPs lie together, so that a reply is gathered by copying runs. */
struct db_page {
	uint8_t num[DB_PAGE][ATM_NSAP_LEN];
	struct db_member m[DB_PAGE];
};

struct db_group {
	struct l3_addr a; /* len 0: free, linked by |layer3| */
	uint32_t layer3;  /* memberships with layer3grp set */
	struct idset ids;
};

/* A CMI that is kept for an address, which need be no member. */
struct db_kept {
	uint8_t *sub; /* ATM_NSAP_LEN octets, or NULL */
	uint8_t num[ATM_NSAP_LEN];
	uint8_t tl, stl;
	uint16_t cmi;
};

struct db_keeps {
	struct db_kept *v;
	size_t n, cap;
	struct index by_addr; /* id: place in |v|, from 1 */
	uint64_t *cmis;       /* those kept, IDSET_WORDS words; NULL: none yet */
};

struct mars_db {
	const struct mem *mem;
	uint64_t seed;
	struct db_page *page[DB_PAGES];
	uint64_t used[IDSET_WORDS]; /* CMIs taken */
	struct db_keeps keeps;
	struct index by_addr;       /* id: CMI */
	struct index by_group;      /* id: group id, from 1 */
	struct db_group **gpage;
	size_t gpage_n, gpage_cap;
	uint32_t gused, gfree;
	struct order order;
	struct blocks blocks;
	uint32_t members, groups;
	uint32_t odd; /* members whose address is not a plain NSAP */
	uint64_t memberships;
};

/* db_init makes |db| empty; nothing is allocated. */
void db_init(struct mars_db *db, const struct mem *mem, uint64_t seed);
void db_fini(struct mars_db *db);

/* db_member returns the member |cmi|, which exists. */
static inline struct db_member *
db_member(const struct mars_db *db, unsigned cmi)
{
	return &db->page[cmi / DB_PAGE]->m[cmi % DB_PAGE];
}

static inline const uint8_t *
db_number(const struct mars_db *db, unsigned cmi)
{
	return db->page[cmi / DB_PAGE]->num[cmi % DB_PAGE];
}

static inline bool
db_taken(const struct mars_db *db, unsigned cmi)
{
	return db->used[cmi / 64] >> cmi % 64 & 1;
}

static inline struct db_group *
db_group(const struct mars_db *db, uint32_t gid)
{
	return &db->gpage[gid / DB_PAGE][gid % DB_PAGE];
}

/* db_find and db_find_nsap return the CMI of an ATM address, or 0. */
unsigned db_find(const struct mars_db *db, const struct atm_addr *a);
unsigned db_find_nsap(const struct mars_db *db, const uint8_t *nsap);

/* db_addr returns the ATM address of member |cmi|. */
struct atm_addr db_addr(const struct mars_db *db, unsigned cmi);

/* db_free_cmi returns the lowest CMI in [|lo|, |hi|] that is free and not kept. */
unsigned db_free_cmi(const struct mars_db *db, unsigned lo, unsigned hi);

/* db_add adds member |a| as |cmi|; MARSH_ENOMEM changes nothing. */
int db_add(struct mars_db *db, const struct atm_addr *a, unsigned cmi);

/* db_remove removes the member from all groups and blocks, and itself. */
void db_remove(struct mars_db *db, unsigned cmi);

/* db_group_find returns the id of group |g|, or 0. */
uint32_t db_group_find(const struct mars_db *db, const struct l3_addr *g);

/*
 * db_join adds a single-group membership; *|changed| tells whether it is new.
 * |layer3| is added to an old one.  MARSH_ENOMEM changes nothing.
 */
int db_join(struct mars_db *db, unsigned cmi, const struct l3_addr *g,
    bool layer3, bool *changed);

/* db_leave removes a single-group membership; false: there was none. */
bool db_leave(struct mars_db *db, unsigned cmi, const struct l3_addr *g);

/* db_joined tells whether |cmi| joined exactly the block |r|. */
bool db_joined(const struct mars_db *db, unsigned cmi,
    const struct l3_range *r);

/* db_block_join adds |r|, not joined by |cmi|; MARSH_ENOMEM as ever. */
int db_block_join(struct mars_db *db, unsigned cmi, const struct l3_range *r);

/* db_block_leave removes |r|, joined by |cmi|. */
void db_block_leave(struct mars_db *db, unsigned cmi,
    const struct l3_range *r);

/* db_in_block tells whether some block of |cmi| holds |g|. */
bool db_in_block(const struct mars_db *db, unsigned cmi,
    const struct l3_addr *g);

/*
 * db_of_group returns all members of |g|, by single join or block.  |bits|, of
 * IDSET_WORDS words, and |tmp| may be needed to build the answer in.
 */
const struct idset *db_of_group(const struct mars_db *db,
    const struct l3_addr *g, struct idset *tmp, uint64_t *bits);

/*
 * db_singles stores the ids of those groups in |r| that |cmi| joined singly, in
 * order of address, in a new vector *|v| of *|n| (|cap| octets to free).
 */
int db_singles(const struct mars_db *db, unsigned cmi,
    const struct l3_range *r, uint32_t **v, size_t *n, size_t *size);

/* db_age makes all memberships of |cmi| old; false: there are none. */
bool db_age(struct mars_db *db, unsigned cmi);

/*
 * db_set_old makes the membership |r| of |cmi| old or new; true: it exists and
 * was the other.
 */
bool db_set_old(struct mars_db *db, unsigned cmi, const struct l3_range *r,
    bool old);

/* db_oldest stores an old membership of |cmi|; false: there is none. */
bool db_oldest(const struct mars_db *db, unsigned cmi, struct l3_range *r);

/*
 * db_keep keeps |cmi| for |a|: MARSH_EEXIST when it is another's or |a| has
 * another one, by membership or kept.  MARSH_ENOMEM changes nothing.
 */
int db_keep(struct mars_db *db, const struct atm_addr *a, unsigned cmi);

/* db_forget ends that; false: it was not kept. */
bool db_forget(struct mars_db *db, const struct atm_addr *a, unsigned cmi);

/* db_kept returns the CMI kept for |a|, or 0. */
unsigned db_kept(const struct mars_db *db, const struct atm_addr *a);

/* db_may_have tells whether |a| may have |cmi|: see db_keep. */
bool db_may_have(const struct mars_db *db, const struct atm_addr *a,
    unsigned cmi);

void db_keeps_fini(struct mars_db *db);
const char *db_keeps_check(const struct mars_db *db);

/* db_check returns NULL, or what is inconsistent. */
const char *db_check(const struct mars_db *db);

/* For the files of the database among themselves. */
uint32_t db_addr_hash(const struct mars_db *db, const struct atm_addr *a);
const struct l3_addr *db_group_addr(const void *db, uint32_t gid);
uint32_t db_block_place(const struct mars_db *db, const struct db_member *m,
    const struct l3_range *r);

#endif
