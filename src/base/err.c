/* SPDX-License-Identifier: BSD-2-Clause */
#include "marsh/base/err.h"

const char *
marsh_err_text(int err)
{
	switch (err) {
	case MARSH_OK:
		return "success";
#define X(name, word, text)                                                    \
	case MARSH_##name:                                                     \
		return text;
	MARSH_ERRORS(X)
#undef X
	default:
		return "unknown error";
	}
}

const char *
marsh_err_word(int err)
{
	switch (err) {
	case MARSH_OK:
		return "ok";
#define X(name, word, text)                                                    \
	case MARSH_##name:                                                     \
		return word;
	MARSH_ERRORS(X)
#undef X
	default:
		return "unknown";
	}
}
