/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MARSH_WIRE_SCSP_MSG_H
#define MARSH_WIRE_SCSP_MSG_H

/*
 * The five SCSP messages (RFC 2334 appendix B) as octets and as one plain
 * struct.  Variable parts borrow from the input; nothing is aligned.  Offsets
 * count from the Version octet; the LLC/SNAP header is not included except
 * where a function says "frame".
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct frame;
struct mem;

#define SCSP_FIXED_LEN 8  /* Version to Start Of Extensions */
#define SCSP_MCP_LEN 12   /* Mandatory Common Part without the two IDs */
#define SCSP_CSAS_LEN 12  /* CSAS record without key and originator */
#define SCSP_MTU 9180     /* default; LLC/SNAP not counted */
#define SCSP_ID_MAX 255   /* octets of an ID or a Cache Key */
#define SCSP_MAC_LEN 16
#define SCSP_AUTH_LEN 28  /* authentication extension and End of Extensions */

#define SCSP_TYPES(X)                                                          \
	X(CA, 1, "CA")                                                         \
	X(CSU_REQ, 2, "CSU_REQ")                                               \
	X(CSU_REP, 3, "CSU_REP")                                               \
	X(CSUS, 4, "CSUS")                                                     \
	X(HELLO, 5, "HELLO")

enum scsp_type {
#define X(name, code, word) SCSP_##name = code,
	SCSP_TYPES(X)
#undef X
	SCSP_TYPE_COUNT = 6
};

/* scsp_type_word returns "CA", "CSU_REQ", ...; "?" for others. */
const char *scsp_type_word(unsigned type);

/* scsp_type_find returns the type called |word| (any case, an optional "SCSP_"
 * in front), or 0. */
unsigned scsp_type_find(const char *word);

/* Flags of a CA (B.2.1) */
#define SCSP_CA_M 0x8000 /* sender leads */
#define SCSP_CA_I 0x4000 /* sender negotiates */
#define SCSP_CA_O 0x2000 /* more CSAS records follow */

/* CSA Sequence Numbers (B.2.0.2) are signed. */
#define SCSP_SEQ_NONE INT32_MIN      /* no entry; never on the wire */
#define SCSP_SEQ_FIRST (INT32_MIN + 1)
#define SCSP_SEQ_LAST INT32_MAX

/* Why a decoder refused a message; also names of drop counters. */
#define SCSP_BADS(X)                                                           \
	X(NONE, "ok")                                                          \
	X(SHORT, "short")         /* octets end inside a field */               \
	X(VERSION, "version")                                                  \
	X(TYPE, "type")                                                        \
	X(SIZE, "size")           /* Packet Size beyond the octets, or too small */ \
	X(CHECKSUM, "checksum")                                                \
	X(EXTENSIONS, "extensions") /* Start Of Extensions, a list, a length */ \
	X(RECORD, "record")       /* Record Length, or records overrun */

enum scsp_bad {
#define X(name, word) SCSP_BAD_##name,
	SCSP_BADS(X)
#undef X
	SCSP_BAD_COUNT
};

/* scsp_bad_word returns the static word of |bad|. */
const char *scsp_bad_word(unsigned bad);

/* Octets that belong to somebody else. */
struct scsp_oct {
	const uint8_t *p;
	size_t len;
};

/* scsp_oct_equal compares length and octets. */
bool scsp_oct_equal(struct scsp_oct a, struct scsp_oct b);

/*
 * scsp_oct_cmp orders IDs as unsigned numbers, the shorter one padded with zeros
 * on the left: <0, 0 or >0.
 */
int scsp_oct_cmp(struct scsp_oct a, struct scsp_oct b);

struct scsp_msg {
	uint8_t type;
	uint16_t size;      /* Packet Size, as received */
	uint16_t pid, sgid;
	uint16_t flags;     /* CA only */
	uint32_t ca_seq;    /* CA only */
	uint16_t interval, dead, family; /* Hello only, as received */
	struct scsp_oct sender;
	struct scsp_oct receiver; /* len 0: only in a Hello */
	uint16_t nrec;
	struct scsp_oct recs;     /* |nrec| records, checked by scsp_decode */
	/* extensions, from the first to and with End; len 0: none */
	struct scsp_oct exts;
	bool auth;                /* an authentication extension is there */
	uint32_t spi;
	size_t mac_off;           /* of the MAC from the Version octet */
	size_t mac_len;
	bool vendor;              /* a vendor-private extension is there */
	uint32_t oui;             /* of the first one */
};

/* One record of a CA, CSUS, CSU Reply (CSAS) or CSU Request (CSA). */
struct scsp_rec {
	uint16_t hop;
	bool null;              /* N bit */
	int32_t seq;
	struct scsp_oct key, orig;
	struct scsp_oct body;   /* protocol-specific part; empty in a CSAS */
};

/* Where and why decoding stopped. */
struct scsp_decode_err {
	enum scsp_bad bad;
	const char *field; /* the RFC's name; static */
	size_t off;        /* from the Version octet */
};

/*
 * scsp_decode reads the |len| octets at |b| (no LLC/SNAP) into |m|, which borrows
 * from |b|.  Checksum, sizes, every record and every extension are checked, so
 * that later reads cannot fail; octets behind Packet Size are ignored.
 * The MAC is not verified.  Returns 0, or MARSH_ESHORT or MARSH_EPROTO with
 * |err| (may be NULL) filled; then only m->sender, pid and sgid may be used, and
 * only when m->sender.len is not 0 (the checksum was good).  Allocates nothing.
 */
int scsp_decode(const uint8_t *b, size_t len, struct scsp_msg *m,
    struct scsp_decode_err *err);

/*
 * scsp_next reads the record at *|off| of m->recs (start with 0) and moves on.
 * Returns false behind the last one.  Not for a Hello.
 */
bool scsp_next(const struct scsp_msg *m, size_t *off, struct scsp_rec *r);

/*
 * scsp_next_id gives the receiver IDs of a Hello one after another, the common
 * part's first; *|off| starts at 0.  Returns false behind the last one.
 */
bool scsp_next_id(const struct scsp_msg *m, size_t *off, struct scsp_oct *id);

/* scsp_csas_size and scsp_csa_size return the octets of |r| in a message. */
size_t scsp_csas_size(const struct scsp_rec *r);
size_t scsp_csa_size(const struct scsp_rec *r);

/* ---- writing ------------------------------------------------------------ */

/* A message being written.  Appending fails when the record does not fit. */
struct scsp_wr {
	uint8_t *b;
	size_t len, cap; /* |cap| leaves room for what scsp_end adds */
	size_t nrec_off;
	uint16_t nrec;
};

/*
 * scsp_begin starts |m| (type, pid, sgid, flags, ca_seq, interval, dead, family,
 * sender, receiver; the rest is ignored) in |cap| octets at |b|.  With |auth| it
 * keeps SCSP_AUTH_LEN octets free.  Returns false when not even that fits.
 */
bool scsp_begin(struct scsp_wr *w, uint8_t *b, size_t cap,
    const struct scsp_msg *m, bool auth);

/* scsp_put_csas appends the summary of |r| with hop count 1 (body ignored). */
bool scsp_put_csas(struct scsp_wr *w, const struct scsp_rec *r);
/* scsp_put_csa appends |r| with its body and hop count; a Null record has none. */
bool scsp_put_csa(struct scsp_wr *w, const struct scsp_rec *r);
/* scsp_put_id appends an Additional Receiver ID Record. */
bool scsp_put_id(struct scsp_wr *w, struct scsp_oct id);

/* What signs and verifies: HMAC-MD5-128 (RFC 2104), B.3.1. */
struct scsp_key {
	uint32_t spi;
	struct scsp_oct secret;
};

/*
 * scsp_end writes Number of Records, Packet Size, the authentication extension
 * (|key|, or NULL for none) and the checksum, and returns the message's length.
 */
size_t scsp_end(struct scsp_wr *w, const struct scsp_key *key);

/*
 * scsp_seal makes MAC (with |key| not NULL; the extension must be there) and
 * checksum of the |len| octets at |b| anew, after a change by hand.
 */
void scsp_seal(uint8_t *b, size_t len, const struct scsp_key *key);

/*
 * scsp_verify tells whether the MAC of |m|, decoded from |b|, is that of |key|;
 * false also when |m| has none or of another length.  Constant time.  |b| is not
 * changed.
 */
bool scsp_verify(const uint8_t *b, const struct scsp_msg *m,
    const struct scsp_key *key);

/* scsp_checksum returns the Internet checksum (RFC 1071) over |len| octets. */
uint16_t scsp_checksum(const uint8_t *b, size_t len);

/* scsp_frame returns a new frame of LLC/SNAP header and the |len| octets at
 * |b|, with reference count 1, or NULL. */
struct frame *scsp_frame(const struct mem *mem, const uint8_t *b, size_t len);

/*
 * scsp_format writes one readable line of at most |cap| octets (with NUL):
 * "CA M-O seq 5 A>B 3 records", "HELLO A>B,C 3 s x 3".  Returns |buf|.
 */
char *scsp_format(const struct scsp_msg *m, char *buf, size_t cap);

#endif
