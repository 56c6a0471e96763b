#!/usr/bin/env marsh
-- SPDX-License-Identifier: BSD-2-Clause
-- S07: a soft and a hard redirect with the same list.  After a soft one the
-- clients only register with M2 and keep everything else; after a hard one they
-- trust nothing that they learned, join again and check their paths.
--
-- Shows RFC 2022 section 5.4.3; draft-armitage-ion-mars-scsp-03 section 2.
-- A soft redirect needs a target that knows the members.  MARSs do not speak to
-- each other here, so M2 learns them the long way: the clients were with it
-- before, and it holds the places of those who leave for an hour.  (A path is
-- checked ten seconds after the hard redirect, when all have joined again.)

local function prepared()
	local k = lab.ft { purge = 3600, tau_j = 0, tau_v = 10 }
	for _, c in ipairs(k.clients) do -- in order, for the same CMIs
		k.M1:redirect("M2 M1 M3 M4", { hard = true, only = c })
		run_until(function() return c.mars == "M2" and c.registered
		end, 30)
	end
	run_for(5)
	k.M2:redirect("M1 M2 M3 M4", { hard = true, only = k.clients })
	run_for(60)
	for _, f in ipairs(k.flows) do f:rate(5) end
	run_for(20)
	k.flows:reset()
	expect(k.clients.mars):all("M1", "the clients are with M1")
	expect(k.M2.cache.hosts[k.X]):set("C1 C2 C3", "M2 knows them too")
	return k
end

local function move(hard)
	local k = prepared()
	local word = hard and "hard: " or "soft: "
	local cmi = tostring(k.clients.cmi)
	local paths = { k.C1.vc[k.X].id, k.C2.vc[k.X].id }
	local vcs = #k.net.vcs
	local m = k:meter()
	k.M1:redirect("M2 M1 M3 M4", { hard = hard })
	run_for(59)
	expect(k.clients.mars):all("M2", word .. "all are with M2")
	expect(k.clients.registered):all(true, word .. "and registered")
	expect(tostring(k.clients.cmi)):is(cmi, word .. "with their CMIs")
	expect(k.M2.ccvc.leaves):set("C1 C2 C3", word .. "leaves of M2's CCVC")
	expect(k.M1.ccvc.leaves):none(word .. "none of M1's")
	expect(m.reg):is(3, word .. "three registrations")
	expect(m.call):is(3, word .. "three calls to M2")
	expect(m.leave):is(0, word .. "no LEAVE")
	expect(m.ccvc.JOIN):is(0, word .. "nothing on ClusterControlVC")
	expect(#k.net.vcs):is(vcs, word .. "as many VCs as before: none is left")
	expect(m.setup + m.add + m.drop):is(0, word .. "no data VC is touched")
	expect(k.C1.vc[k.X].id):is(paths[1], word .. "C1 sends on its old VC")
	expect(k.C2.vc[k.X].id):is(paths[2], word .. "C2 too")
	k.flows:stop()
	settle()
	expect(k.flows.lost):all(0, word .. "no packet is lost")
	return k, m
end

local k, soft = move(false)
expect(soft.join + soft.req):is(0, "soft: no JOIN, no REQUEST")
expect(soft.revalidations):is(0, "soft: no path is checked")
expect(k.clients.rereg):within(0, 1, "soft: a round trip or two, no delay")

local hard
k, hard = move(true)
expect(hard.join):is(3, "hard: every client joins again")
expect(hard.req):is(2, "hard: every sender checks its path")
expect(k.clients.rereg):within(1, 10, "hard: after a random delay")

-- A JOIN and its copy, a REQUEST and its MULTI: what the soft one saves.
local function messages(m)
	return m.join + m.req + m.priv.MULTI +
	    (m.priv.JOIN - m.reg) -- copies of registrations are in both
end
expect(messages(hard) - messages(soft)):is(2 * 3 + 2 * 2,
    "the soft redirect saves ten messages")
