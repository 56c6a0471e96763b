/* SPDX-License-Identifier: BSD-2-Clause */
#include "marsh/base/trace.h"

#include <string.h>

static const char *const words[] = {
#define X(name, word) word,
	TRACE_KINDS(X)
#undef X
};

const char *
trace_kind_word(enum trace_kind kind)
{
	return kind < TRACE_KIND_COUNT ? words[kind] : "?";
}

int
trace_kind_find(const char *word)
{
	for (int i = 0; i < TRACE_KIND_COUNT; i++)
		if (strcmp(words[i], word) == 0)
			return i;
	return -1;
}
