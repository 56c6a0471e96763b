#!/usr/bin/env marsh
-- SPDX-License-Identifier: BSD-2-Clause
-- S05: the only MARS crashes and comes back empty half a second later.  The
-- clients are its memory: each registers and joins again, and the tables are
-- what they were.  Data goes on all the while.
--
-- Shows RFC 2022 section 5.4.1; draft-armitage-ion-mars-scsp-03 section 2.
-- Two random delays are pinned: JOINs follow registration as soon as the client is
-- a leaf of ClusterControlVC and paths are checked ten seconds after it, so that the check finds everybody there.  A
-- check that comes earlier sees a table half full (S35).  The empty MARS gives
-- out new CMIs: while old and new ones meet, some packets look like reflections
-- (cmi-black-hole.lua shows that alone).

local k = lab.one { tau = { 1, 9 }, tau_j = 0.1, tau_v = 10 }
local flows = { k.C1:flow(k.X, 10), k.C2:flow(k.X, 10) }
local paths = { k.C1.vc[k.X].id, k.C2.vc[k.X].id }
local m = k:meter()

k.M1:kill()
run_for(0.5)
expect(k.M1.role):is("Dead", "M1 is down")
k.M1:restart { cold = true }
expect(k.M1.cache.cmi):count(0, "M1 comes back knowing nobody")

run_until(function() return k.M1.ccvc.leaves:has "C1" and
    k.M1.ccvc.leaves:has "C2" and k.M1.ccvc.leaves:has "C3" end, 60)
expect(k.clients.rereg):within(1, 10, "each registers after its random delay")
run_for(1)
expect(k.M1.cache.hosts[k.X]):set("C1 C2 C3", "the group is rebuilt")
run_for(30)
settle()

expect(m.reg):is(3, "three registrations")
expect(m.join):is(3, "three JOINs")
expect(m.ccvc.JOIN):is(3, "all on ClusterControlVC: the table was empty")
expect(m.req):is(2, "the two senders check their paths")
expect(m.setup + m.add + m.drop):is(0, "no data VC is touched")
expect(k.C1.vc[k.X].id):is(paths[1], "C1 sends on the VC it had")
expect(k.C2.vc[k.X].id):is(paths[2], "so does C2")
expect(k.M1.map):list("M1", "the map holds M1 alone")
expect(k.clients.list):all("M1", "and so every client has it")
for _, f in ipairs(flows) do
	expect(f.sent > 300):is(true, f.from .. " has sent all the while")
	expect(f.lost - f.refl):is(0, "and lost nothing but to changing CMIs")
end
