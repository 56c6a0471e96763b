#!/usr/bin/env marsh
-- SPDX-License-Identifier: BSD-2-Clause
-- S11: after a fail-over every client joins its groups again.  The new MARS knew
-- nobody, so it repeats each JOIN to the cluster; a sender that has the member
-- as a leaf already does nothing but count it.
--
-- Shows draft-armitage-ion-mars-scsp-03 section 2; RFC 2022 section 5.1.4.1
-- (a JOIN of a leaf that is there is ignored).  No packet is sent meanwhile, so
-- no path is checked and nothing but the JOINs can change one.

local k = lab.ft {}
local paths = { tostring(k.C1.vc[k.X].leaves), tostring(k.C2.vc[k.X].leaves) }
local m, t = k:meter(), k.net.now
k.M1:kill()
settle()

expect(k:where()):is({ C1 = "M2", C2 = "M2", C3 = "M2" }, "all are with M2")
local joins = k:log { op = "JOIN", on = k.M2.ccvc, group = k.X, since = t }
expect(joins):count(3, "three JOINs on M2's ClusterControlVC")
local who = {}
for i = 1, #joins do who[i] = joins[i].from end
expect(who):set("C1 C2 C3", "one of each client")
expect(m.setup + m.add + m.drop):is(0, "no client touches a data VC")
expect(k.C1.vc[k.X].leaves):list(paths[1], "C1's leaves are what they were")
expect(k.C2.vc[k.X].leaves):list(paths[2], "so are C2's")
expect(k.clients.hsn):all(k.M2.ccvc.csn, "every HSN follows M2's CSN")
