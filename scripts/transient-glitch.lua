#!/usr/bin/env marsh
-- SPDX-License-Identifier: BSD-2-Clause
-- S04: a glitch of half a second between C2 and its MARS.  C2 sees its VCs
-- released, waits its random time, and registers again with the same MARS:
-- it keeps its CMI, joins again, and checks its path.  Nobody else is bothered.
--
-- Shows RFC 2022 section 5.4.1 (first response to MARS problems) and the hold
-- that section 6.1.2 needs: a MARS that forgot a member at once would give an
-- incomplete answer meanwhile (second part).

marsh.fabric_only "a link is cut"

local function glitch(purge)
	local k = lab.ft { pps = 10, purge = purge }
	run_for(1)
	local fault = k.net:cut("C2", "M1")
	local m, t = { all = k:meter(), C1 = k:meter "C1", C3 = k:meter "C3" },
	    k.net.now
	run_for(0.5)
	fault:heal()
	return k, m, t
end

-- The MARS holds C2's place for thirty seconds (the default).
local k, meters, t = glitch(30)
local m = meters.all
local tried = k:log { kind = "vc", use = "pp", node = "C2", since = t,
    what = "open|fail" }
run_until(function() return k.C2.registered end, 60)
expect(k.C2.rereg):within(1, 10, "C2 is back within its random delay")
expect(k.C2.mars):is("M1", "with the same MARS")
expect(k.C2.cmi):is(2, "with the same CMI")
run_for(30)
settle()
expect(m.reg):is(1, "one registration")
expect(m.join):is(1, "one JOIN, again for X")
expect(m.ccvc.JOIN):is(0, "which changes nothing, so it goes back privately")
expect(m.revalidations):is(1, "C2 checks its path to X")
expect(#tried > 0):is(true, "C2 calls its MARS again")
for i = 1, #tried do
	expect(tried[i].peer):is("M1", "C2 calls M1 and nobody else")
end
expect(k:log { to = "M2 M3 M4", since = t }):none("the backups hear nothing")
expect(k.M1.ccvc.leaves):set("C1 C2 C3", "C2 is a leaf again")
for _, name in ipairs { "C1", "C3" } do
	local own = meters[name]
	expect(own.reg + own.join + own.leave):is(0, name .. " sends nothing")
	expect(own.call + own.setup + own.add + own.drop + own.release):is(0,
	    name .. " touches no VC")
end
expect(k.flows.lost):all(0, "no packet is lost")
expect(k.flows.dup):all(0, "none comes twice")

-- With purge=immediate the letter of section 6.1.2 holds: C2 is forgotten at
-- once.  No MARS_LEAVE says so, but who asks meanwhile is told of one less.
k, meters, t = glitch("immediate")
local answer = k.C3:request(k.X)
run_for(0.4)
expect(k.C2.registered):is(false, "immediate: C2 is still away")
expect(answer):set("C1 C3", "immediate: an answer meanwhile omits it")
run_for(60)
expect(k:log { op = "LEAVE", since = t }):none("immediate: no LEAVE is sent")
expect(k.M1.cache.hosts[k.X]):set("C1 C2 C3", "immediate: C2 is back in X")
settle()

-- Held is held: a newcomer meanwhile gets a CMI of its own, and who asks is told
-- of C2.  He may have called it in vain, so C2's JOIN then tells everybody again.
k = lab.ft {}
local fault = k.net:cut("C2", "M1")
local C4 = mars.client "C4" { net = k.net, mars = "M1" }
C4:register()
answer = k.C3:request(k.X)
run_for(0.5)
expect(C4.cmi):is(4, "meanwhile: a newcomer gets the next CMI, not C2's")
expect(answer):set("C1 C2 C3", "meanwhile: an answer names C2")
fault:heal()
m = k:meter()
settle(60)
expect(k.C2.cmi):is(2, "meanwhile: C2 has its CMI again")
expect(m.ccvc.JOIN):is(1, "meanwhile: its JOIN is told to all")
