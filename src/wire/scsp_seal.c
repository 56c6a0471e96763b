/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What stands for a whole message: its checksum (RFC 2334 B.1) and its MAC
 * (B.3.1).  The MAC is made first, over a message whose Checksum and MAC are
 * zero, and the checksum then covers the MAC.  Zeros are fed to HMAC in
 * place of those two fields, so that verifying does not write to a message that
 * others may share.
 */
#include <assert.h>

#include <nettle/hmac.h>
#include <nettle/memops.h>

#include "scsp_int.h"
#include "sum_int.h"

uint16_t
scsp_checksum(const uint8_t *b, size_t len)
{
	return (uint16_t)~sum_fold(sum_octets(b, len));
}

/* HMAC-MD5 (RFC 2104) of the |len| octets at |b| whose MAC is at |mac_off|. */
static void
hmac(const uint8_t *b, size_t len, size_t mac_off, const struct scsp_key *key,
    uint8_t mac[SCSP_MAC_LEN])
{
	static const uint8_t zero[SCSP_MAC_LEN];
	size_t behind = mac_off + SCSP_MAC_LEN;
	struct hmac_md5_ctx h;

	hmac_md5_set_key(&h, key->secret.len, key->secret.p);
	hmac_md5_update(&h, OFF_CHECKSUM, b);
	hmac_md5_update(&h, OFF_EXTS - OFF_CHECKSUM, zero);
	hmac_md5_update(&h, mac_off - OFF_EXTS, b + OFF_EXTS);
	hmac_md5_update(&h, SCSP_MAC_LEN, zero);
	hmac_md5_update(&h, len - behind, b + behind);
	hmac_md5_digest(&h, SCSP_MAC_LEN, mac);
}

/* The offset of the MAC in a message that marsh has put an extension into. */
static size_t
mac_at(const uint8_t *b, size_t len)
{
	size_t at = get16(b + OFF_EXTS);

	assert(at != 0);
	for (;;) {
		unsigned type = get16(b + at);
		size_t n = get16(b + at + EXT_LEN);

		assert(type != EXT_END && at + EXT_VALUE + n <= len);
		if (type == EXT_AUTH) {
			assert(n == EXT_SPI_LEN + SCSP_MAC_LEN);
			return at + EXT_MAC;
		}
		at += EXT_VALUE + n;
	}
}

void
scsp_seal(uint8_t *b, size_t len, const struct scsp_key *key)
{
	size_t at;

	if (key != NULL) {
		at = mac_at(b, len);
		hmac(b, len, at, key, b + at);
	}
	put16(b + OFF_CHECKSUM, 0);
	put16(b + OFF_CHECKSUM, scsp_checksum(b, len));
}

bool
scsp_verify(const uint8_t *b, const struct scsp_msg *m,
    const struct scsp_key *key)
{
	uint8_t mac[SCSP_MAC_LEN];

	if (!m->auth || m->mac_len != SCSP_MAC_LEN || m->spi != key->spi)
		return false;
	hmac(b, m->size, m->mac_off, key, mac);
	return memeql_sec(mac, b + m->mac_off, sizeof(mac)) != 0;
}
