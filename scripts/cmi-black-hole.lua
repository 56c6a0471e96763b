#!/usr/bin/env marsh
-- SPDX-License-Identifier: BSD-2-Clause
-- S21: what happens when the new MARS does not know who had which CMI.  C2 comes
-- first and gets 1, which C1 still carries: each takes the other's packets for
-- its own come back, and throws them away.  It lasts until C1 has moved too.
--
-- Shows draft-armitage-ion-mars-scsp-03 section 3.3; RFC 2022 section 5.1.3
-- (reflected packets).  C1 is kept from noticing for three seconds, C3 for four.

local PPS = 100
local k = lab.ft { sync = "none", tau = 1, tau_j = 0, tau_v = 10 }
local f1 = k.C1:flow(k.X, PPS)
local f2 = k.C2:flow(k.X, PPS)
run_for(5)
expect(k.flows.lost):all(0, "all is well before")
expect(k.clients.cmi):is({ 1, 2, 3 }, "CMIs 1, 2 and 3")

k.C1:blind(3)
k.C3:blind(4)
k.M1:kill()
run_until(function() return k.C2.mars == "M2" and k.C2.registered end, 30)
local t2 = k.net.now
expect(k.C2.cmi):is(1, "C2 is first at M2 and gets CMI 1")
expect(k.C1.cmi):is(1, "which C1 carries too")
run_until(function() return k.C1.mars == "M2" and k.C1.registered end, 30)
local t1 = k.net.now
expect(k.C1.cmi):is(2, "C1 comes second and gets 2")
expect(t1 - t2):within(2.9, 3.1, "three seconds later")

run_for(2)
local want = PPS * (t1 - t2)
expect(f2.to.C1.lost):within(want - 1, want + 1,
    "C1 loses what C2 sends meanwhile")
expect(f1.to.C2.lost):within(want - 1, want + 1,
    "C2 loses what C1 sends")
expect(f1.lost + f2.lost):within(2 * want - 2, 2 * want + 2,
    "and nobody else loses anything")
expect(f1.to.C2.refl + f2.to.C1.refl):within(2 * want - 2, 2 * want + 2,
    "all of it taken for reflections")

run_for(30)
settle()
k.flows:reset()
run_for(10)
k.flows:stop()
run_for(1)
expect(k.flows.lost):all(0, "once all have moved, nothing is lost any more")
expect(k.clients.cmi):set("1 2 3", "all have a CMI of their own again")
