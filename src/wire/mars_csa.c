/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The words of the MARS part of a CSA record (RFC 2443 section 3): of its
 * States, of refusals, and of the roles of MARS Group Status.
 */
#include "mars_csa_int.h"

const char *
mars_csa_word(unsigned state)
{
	switch (state) {
#define X(name, code, word)                                                    \
	case code:                                                             \
		return word;
	MARS_CSA_STATES(X)
#undef X
	default:
		return "?";
	}
}

const char *
mars_csa_bad_word(unsigned bad)
{
	static const char *const words[] = {
#define X(name, word) word,
		MARS_CSA_BADS(X)
#undef X
	};

	return bad < MARS_CSA_BAD_COUNT ? words[bad] : "?";
}

const char *
mars_role_word(unsigned role)
{
	static const char *const words[MARS_ROLE_COUNT] = {
		[MARS_ROLE_NONE] = "-",
		[MARS_ROLE_STARTING] = "Starting",
		[MARS_ROLE_BACKUP] = "Backup",
		[MARS_ROLE_CANDIDATE] = "Candidate",
		[MARS_ROLE_ACTIVE] = "Active",
		[MARS_ROLE_HANDOVER] = "Handover",
		[MARS_ROLE_LEAVING] = "Leaving",
	};

	return role < MARS_ROLE_COUNT ? words[role] : "?";
}
