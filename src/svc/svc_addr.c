/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Addresses, QoS and SAP between our values and the kernel's structures, in
 * libatm's syntax where people write them (libatm(3), qos(7), sap(7)).
 *
 * RFC 2022 section 3 knows a Number and, behind an E.164 one, a Subaddress; a
 * sockaddr_atmsvc has a public (E.164) and a private (NSAP) part.  A Subaddress
 * is the private part behind a public one.  The kernel's E.164 numbers end
 * after 12 digits, ours after 15: the longer ones cannot be called.
 */
#include <stdio.h>
#include <string.h>

#include "marsh/base/err.h"
#include "svc_int.h"

/* LLC/SNAP, RFC 1755 section 3.3: B-LLI layer 2 is LAN LLC. */
#define SAP "blli:l2=iso8802"
/* An IP packet of 9180 octets (RFC 2225) behind the longest header of ours. */
#define SDU 9200
#define TAG_MAGIC 0x4d

/* svc_addr_to fills |sa|; 0, or MARSH_EINVAL when no kernel can call |a|. */
int
svc_addr_to(const struct atm_addr *a, struct sockaddr_atmsvc *sa)
{
	size_t len = atm_tl_len(a->tl);

	memset(sa, 0, sizeof(*sa));
	sa->sas_family = AF_ATMSVC;
	if (len == 0)
		return MARSH_EINVAL;
	if ((a->tl & ATM_TL_E164) == 0) {
		memcpy(sa->sas_addr.prv, a->num, ATM_ESA_LEN);
		return 0;
	}
	if (len > ATM_E164_LEN)
		return MARSH_EINVAL;
	memcpy(sa->sas_addr.pub, a->num, len);
	if (atm_tl_len(a->stl) != 0)
		memcpy(sa->sas_addr.prv, a->sub, ATM_ESA_LEN);
	return 0;
}

/* svc_addr_from fills |a|; MARSH_EINVAL and a zero |a| for no address. */
int
svc_addr_from(const struct sockaddr_atmsvc *sa, struct atm_addr *a)
{
	const char *pub = sa->sas_addr.pub;
	size_t n = 0;

	while (n <= ATM_E164_LEN && pub[n] != '\0')
		n++;
	if (n == 0)
		return atm_addr_set(a, ATM_NSAP_LEN, sa->sas_addr.prv, 0, NULL);
	return atm_addr_set(a, (uint8_t)(ATM_TL_E164 | n),
	    (const uint8_t *)pub, sa->sas_addr.prv[0] != 0 ? ATM_NSAP_LEN : 0,
	    sa->sas_addr.prv);
}

static int
complain(char *why, size_t cap, const char *text, const char *what)
{
	if (cap != 0)
		snprintf(why, cap, "qos: \"%s\" %s; for example "
		    "\"ubr,aal5\" or \"cbr,aal5:max_pcr=1000\".", text, what);
	return MARSH_EINVAL;
}

/*
 * svc_qos_parse reads |text| (NULL: "ubr,aal5") into |q|; MARSH_EINVAL with a
 * sentence in |why|.
 */
int
svc_qos_parse(const char *text, struct atm_qos *q, char *why, size_t cap)
{
	if (text == NULL)
		text = "ubr,aal5";
	memset(q, 0, sizeof(*q));
	if (text2qos(text, q, 0) < 0)
		return complain(why, cap, text,
		    "is no QoS as qos(7) describes it");
	if (q->aal == ATM_NO_AAL)
		q->aal = ATM_AAL5;
	if (q->aal != ATM_AAL5)
		return complain(why, cap, text, "is not AAL5");
	if (q->txtp.traffic_class == ATM_NONE
	    || q->rxtp.traffic_class == ATM_NONE)
		return complain(why, cap, text, "is not for both directions");
	if (q->txtp.max_sdu == 0)
		q->txtp.max_sdu = SDU;
	if (q->rxtp.max_sdu == 0)
		q->rxtp.max_sdu = SDU;
	return 0;
}

/* svc_qos_root returns what a pt-mpt root asks for: nothing comes back. */
struct atm_qos
svc_qos_root(const struct atm_qos *q)
{
	struct atm_qos root = *q;

	memset(&root.rxtp, 0, sizeof(root.rxtp));
	root.rxtp.traffic_class = ATM_NONE;
	return root;
}

/*
 * svc_tag_set makes the SAP of our calls.  The high layer information names the
 * caller's VC, so that both ends in one process are shown as one, and what the
 * VC is for; listeners that know nothing of it take such calls all the same.
 */
void
svc_tag_set(struct atm_sap *sap, uint16_t tag, uint32_t vc, unsigned use)
{
	uint8_t *b = sap->bhli.hl_info;

	memset(sap, 0, sizeof(*sap));
	text2sap(SAP, sap, 0);
	if (vc == 0)
		return;
	sap->bhli.hl_type = ATM_HL_USER;
	sap->bhli.hl_length = ATM_MAX_HLI;
	b[0] = TAG_MAGIC;
	b[1] = (uint8_t)use;
	b[2] = (uint8_t)(tag >> 8);
	b[3] = (uint8_t)tag;
	for (int i = 0; i < 4; i++)
		b[4 + i] = (uint8_t)(vc >> (24 - 8 * i));
}

/* svc_tag_get tells whether |sap| is of a call of ours, and which. */
bool
svc_tag_get(const struct atm_sap *sap, uint16_t *tag, uint32_t *vc,
    unsigned *use)
{
	const uint8_t *b = sap->bhli.hl_info;

	if (sap->bhli.hl_type != ATM_HL_USER
	    || sap->bhli.hl_length != ATM_MAX_HLI || b[0] != TAG_MAGIC
	    || b[1] >= ATM_USE_COUNT)
		return false;
	*use = b[1];
	*tag = (uint16_t)(b[2] << 8 | b[3]);
	*vc = (uint32_t)b[4] << 24 | (uint32_t)b[5] << 16
	    | (uint32_t)b[6] << 8 | b[7];
	return true;
}
