/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MARSH_BASE_MTIME_H
#define MARSH_BASE_MTIME_H

/*
 * Time is a struct so that a point in time, a span and a plain number cannot be
 * mixed by accident.  Both count microseconds; a clock starts where its owner
 * says (the simulator: 10000 s, so that "zero" is never a valid now).
 */
#include <stdbool.h>
#include <stdint.h>

struct mtime {
	int64_t us;
};
struct mspan {
	int64_t us;
};

#define MTIME_NEVER ((struct mtime){ INT64_MAX })
#define MSPAN_SEC(s) ((struct mspan){ (int64_t)(s) * 1000000 })
#define MSPAN_MS(ms) ((struct mspan){ (int64_t)(ms) * 1000 })
#define MSPAN_US(us) ((struct mspan){ (int64_t)(us) })

/* mtime_is_never tells whether |t| is "not set". */
static inline bool
mtime_is_never(struct mtime t)
{
	return t.us == INT64_MAX;
}

/* mtime_add returns |t| + |d|; never stays never, and overflow becomes never. */
static inline struct mtime
mtime_add(struct mtime t, struct mspan d)
{
	if (mtime_is_never(t) || (d.us > 0 && t.us > INT64_MAX - d.us))
		return MTIME_NEVER;
	return (struct mtime){ t.us + d.us };
}

/* mtime_sub returns |a| - |b|; both must be set. */
static inline struct mspan
mtime_sub(struct mtime a, struct mtime b)
{
	return (struct mspan){ a.us - b.us };
}

/* mtime_min returns the earlier of the two; never is later than everything. */
static inline struct mtime
mtime_min(struct mtime a, struct mtime b)
{
	return a.us < b.us ? a : b;
}

/* mtime_reached tells whether |t| is set and not after |now|. */
static inline bool
mtime_reached(struct mtime t, struct mtime now)
{
	return t.us <= now.us && !mtime_is_never(t);
}

#endif
