/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MARSH_BASE_ERR_H
#define MARSH_BASE_ERR_H

/*
 * Every error marsh reports, once: enum, the word scripts see as "code", and a
 * sentence.  Functions return 0 or a negative MARSH_E code unless they say so.
 */
#define MARSH_ERRORS(X)                                                        \
	X(ENOMEM, "no_memory", "out of memory")                                \
	X(EINVAL, "invalid", "invalid argument")                               \
	X(ENOENT, "not_found", "no such thing")                                \
	X(EEXIST, "exists", "exists already")                                  \
	X(ETAKEN, "taken", "another program has this address")                 \
	X(EFULL, "full", "no room left")                                       \
	X(ESTATE, "state", "not possible in this state")                       \
	X(ESHORT, "short", "message is shorter than its fields")               \
	X(EPROTO, "protocol", "protocol rule broken")                          \
	X(EOVERLAP, "overlap", "overlaps a block joined earlier")              \
	X(ENOTSUP, "unsupported",                                              \
	    "real SVCs cannot do that, the in-process fabric can")             \
	X(EIO, "io", "input/output error")                                     \
	X(EDEAD, "dead", "it is not running; restart it first")                \
	X(EINTERRUPTED, "interrupted", "interrupted")

enum marsh_err {
	MARSH_OK = 0,
	MARSH_ERR_FIRST_ = -100,
#define X(name, word, text) MARSH_##name,
	MARSH_ERRORS(X)
#undef X
};

/* marsh_err_text returns a static sentence for |err| (0 and negative codes). */
const char *marsh_err_text(int err);

/* marsh_err_word returns the static one-word code of |err| that scripts see. */
const char *marsh_err_word(int err);

#endif
