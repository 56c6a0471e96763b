/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The kernel's addresses and ours.  A private address is an NSAP; a public one
 * is an E.164 number; both together are a number with an NSAP subaddress (UNI
 * 3.1 section 5.4.5.13, RFC 2022 section 3).
 */
#include "fabricd_addr.h"

#include <string.h>
#include <sys/socket.h>

#include "marsh/base/err.h"

int
fab_addr_get(const struct sockaddr_atmsvc *s, struct atm_addr *a)
{
	const uint8_t *prv = s->sas_addr.prv;
	const char *pub = s->sas_addr.pub;
	const char *end = memchr(pub, '\0', sizeof(s->sas_addr.pub));

	memset(a, 0, sizeof(*a));
	if (end == NULL)
		return MARSH_EINVAL;
	if (prv[0] == 0 && end == pub)
		return MARSH_ENOENT;
	if (end == pub) {
		*a = atm_addr_nsap(prv);
		return 0;
	}
	return atm_addr_set(a, (uint8_t)(ATM_TL_E164 | (end - pub)),
	    (const uint8_t *)pub, prv[0] != 0 ? ATM_NSAP_LEN : 0, prv);
}

struct sockaddr_atmsvc
fab_addr_put(const struct atm_addr *a)
{
	struct sockaddr_atmsvc s;
	size_t n = atm_tl_len(a->tl);

	memset(&s, 0, sizeof(s));
	s.sas_family = AF_ATMSVC;
	if ((a->tl & ATM_TL_E164) != 0 && n <= ATM_E164_LEN) {
		memcpy(s.sas_addr.pub, a->num, n);
		if (atm_tl_len(a->stl) != 0)
			memcpy(s.sas_addr.prv, a->sub, ATM_ESA_LEN);
	} else if (n == ATM_NSAP_LEN) {
		memcpy(s.sas_addr.prv, a->num, ATM_ESA_LEN);
	}
	return s;
}

static bool
blli_equal(const struct atm_blli *a, const struct atm_blli *b)
{
	return a->l2_proto == b->l2_proto && a->l3_proto == b->l3_proto
	    && memcmp(&a->l2, &b->l2, sizeof(a->l2)) == 0
	    && memcmp(&a->l3, &b->l3, sizeof(a->l3)) == 0;
}

static bool
bhli_equal(const struct atm_bhli *a, const struct atm_bhli *b)
{
	return a->hl_type == b->hl_type && a->hl_length == b->hl_length
	    && memcmp(a->hl_info, b->hl_info, sizeof(a->hl_info)) == 0;
}

static bool
blli_any(const struct atm_sap *s)
{
	return blli_in_use(s->blli[0]) != 0;
}

/* Any alternative that the caller offers will do. */
static bool
blli_common(const struct atm_sap *l, const struct atm_sap *c)
{
	for (int i = 0; i < ATM_MAX_BLLI && blli_in_use(l->blli[i]); i++)
		for (int k = 0; k < ATM_MAX_BLLI && blli_in_use(c->blli[k]); k++)
			if (blli_equal(&l->blli[i], &c->blli[k]))
				return true;
	return false;
}

int
fab_sap_fits(const struct atm_sap *l, const struct atm_sap *c)
{
	bool exact = true;

	if (l->bhli.hl_type == ATM_HL_NONE || c->bhli.hl_type == ATM_HL_NONE)
		exact = l->bhli.hl_type == c->bhli.hl_type;
	else if (!bhli_equal(&l->bhli, &c->bhli))
		return 0;
	if (!blli_any(l) || !blli_any(c))
		exact = exact && blli_any(l) == blli_any(c);
	else if (!blli_common(l, c))
		return 0;
	return exact ? 2 : 1;
}

bool
fab_sap_equal(const struct atm_sap *a, const struct atm_sap *b)
{
	if (!bhli_equal(&a->bhli, &b->bhli))
		return false;
	for (int i = 0; i < ATM_MAX_BLLI; i++)
		if (!blli_equal(&a->blli[i], &b->blli[i]))
			return false;
	return true;
}
