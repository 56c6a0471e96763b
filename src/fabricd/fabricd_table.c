/* SPDX-License-Identifier: BSD-2-Clause */
/* The table that SIGUSR1 asks for: parts without rows are left out. */
#include "fabricd_run_int.h"

static void
trunks(const struct fab_run *r, FILE *f)
{
	struct fab_trunk_stats s;

	if (r->lines > 0)
		fprintf(f, "\nTRUNK  STATE  FRAMES-IN  FRAMES-OUT  LOST  "
		    "SKIPPED  BREAKS  QUEUED  CHANNEL\n");
	for (size_t i = 1; i <= r->lines; i++) {
		fab_trunk_stat(r->line[i].trunk, &s);
		fprintf(f, "%5zu  %-5s  %9lu  %10lu  %4lu  %7lu  %6lu  %6zu  "
		    "%s\n", i, fab_trunk_is_up(r->line[i].trunk) ? "up"
		    : "down", s.frames_in, s.frames_out, s.lost, s.skipped,
		    s.breaks, s.queued, r->line[i].name);
	}
}

void
fab_run_table(struct fab_run *r)
{
	FILE *f = r->cfg.log;

	if (r->cfg.hub)
		fab_run_say(r, "table of a hub");
	else
		fab_run_say(r, "table of interface %d", r->kern.itf);
	fprintf(f, "%lu frames, %lu to sockets, %lu to trunks, %lu lost, "
	    "%lu stray, %zu octets wait\n", r->frames, r->copies, r->relayed,
	    r->lost, r->stray, r->hold.octets);
	fab_call_summary(r->call, f);
	trunks(r, f);
	fab_routes_dump(&r->routes, f);
	fab_call_dump(r->call, f);
	fputc('\n', f);
	fflush(f);
}
