#!/usr/bin/env marsh
-- SPDX-License-Identifier: BSD-2-Clause
-- S09: only the MARS that a client is registered with may redirect it.  After a
-- soft move to M2, C3 is still a leaf of M1's ClusterControlVC for a moment; a
-- map that M1 sends just then must not pull it back.
--
-- Shows RFC 2022 section 5.4.3 (a map is accepted from the current MARS only).
-- A slow network (one second each way) makes the moment long.

local k = lab.ft { delay = 1 }
local m = k:meter()
k.M1:redirect "M2 M1 M3 M4"
expect(run_until(function() return k.C3.mars == "M2" end, 60)):is(true,
    "C3 has moved to M2")
expect(k.C3.registered):is(true, "and is registered there")
expect(k.M1.ccvc.leaves):has("C3", "but it is still a leaf at M1")

-- M1, late, announces itself.
local late = k:log { op = "MAP", kind = "recv", node = "C3", on = k.M1.ccvc,
    since = k.net.now }
k.M1:redirect "M1 M2 M3 M4"
run_for(5)
expect(late):count(1, "the late map reaches C3")
expect(k.C3.stats.drops.untrusted):is(1, "which counts and drops it")
expect(k.C3.mars):is("M2", "C3 does not go back")
expect(k.C3.list):list("M2 M1 M3 M4", "nor does it believe the list")

run_for(60)
expect(m.reg):is(3, "one registration each: no ping-pong")
expect(m.redirects):is(3, "one redirect each")
expect(k.M1.ccvc.leaves):none("M1 has lost its leaves")
expect(k.M2.ccvc.leaves):set("C1 C2 C3", "M2 has them")
expect(k.clients.list):all("M2 M1 M3 M4", "M2's list is the one that counts")
