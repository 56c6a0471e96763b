/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CMD_CMD_WORDS_H
#define CMD_CMD_WORDS_H

/* Words that arguments may be: fixed ones and those of the present world. */
#include "cmd/cmd_int.h"

/* NULL-terminated: message types with DATA and ANY, kinds of events, knobs. */
const char *const *cmd_words_ops(void);
const char *const *cmd_words_events(void);
const char *const *cmd_words_knobs(const struct cmd_host *h);

/* cmd_topic_find returns the topic |s| names or alone abbreviates, or NULL. */
const char *cmd_topic_find(const char *s);

/* cmd_topic_kind returns what kind of argument follows "show |topic|". */
enum cmd_arg_kind cmd_topic_kind(const char *topic);

/*
 * cmd_nodes_check tells whether |s| names a node of |kind| (CMD_NODES: several,
 * joined by ','), or fills |why| with the nearest name.
 */
bool cmd_nodes_check(const struct cmd_host *h, enum cmd_arg_kind kind,
    const char *s, char *why, size_t cap);

/* cmd_offer appends |word| as a line if it begins with |part|. */
void cmd_offer(const char *word, const char *part, struct sbuf *out);

/* These append names that begin with |part|, one a line. */
void cmd_offer_nodes(const struct cmd_host *h, enum cmd_arg_kind kind,
    const char *part, struct sbuf *out);
void cmd_offer_keys(const struct cmd_host *h, const char *server,
    const char *part, struct sbuf *out);
void cmd_offer_groups(const struct cmd_host *h, const char *part,
    struct sbuf *out);
void cmd_offer_files(const char *part, struct sbuf *out);

#endif
