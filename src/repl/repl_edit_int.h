/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef REPL_REPL_EDIT_INT_H
#define REPL_REPL_EDIT_INT_H

/* What the editing of a line and its own keys share. */
#include <histedit.h>
#include <stdio.h>
#include <wchar.h>

#include "repl/repl_int.h"

struct repl_edit {
	EditLine *el;
	History *hist;
	FILE *out;  /* libedit's own: stdout is for what scripts print */
	FILE *null;
	struct repl *r;
	const char *ce; /* clears to the end of the line */
	char prompt[REPL_PROMPT_MAX];
	bool more;
	int64_t drawn;
	bool cleared; /* Ctrl-C */
	bool ahead;   /* so far all keys were there before the prompt */
	mbstate_t mb;
};

/* repl_edit_of returns what |el| belongs to. */
struct repl_edit *repl_edit_of(EditLine *el);

/* repl_edit_print shows |text| above the line edited. */
void repl_edit_print(struct repl_edit *e, const char *text, size_t len);

/* repl_keys binds TAB, `?` and Ctrl-D. */
void repl_keys(EditLine *el);

#endif
