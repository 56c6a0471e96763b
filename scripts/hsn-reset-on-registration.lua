#!/usr/bin/env marsh
-- SPDX-License-Identifier: BSD-2-Clause
-- S08: registration sets the Host Sequence Number.  Clients that saw 500 at M1
-- move to a MARS whose CSN is 7, or 9000: neither looks like a gap, so a soft
-- redirect checks no path; a hard one checks each path once anyway.
--
-- Shows draft-armitage-ion-mars-scsp-03 section 2; RFC 2022 section 5.1.4.2.
-- Random delays are pinned so that paths are checked when all have joined again.

local X = "224.1.1.1"

local function cluster(csn1, csn2)
	local net = fabric {}
	local M1 = mars.server "M1" { net = net, group = "M1 M2", csn = csn1 }
	local M2 = mars.server "M2" { net = net, group = "M2 M1", csn = csn2 }
	for i = 1, 3 do
		mars.client("C" .. i) { net = net, mars = M1, backups = "M2",
		    tau = 1, tau_j = 0, tau_v = 10 }
	end
	net.clients:register()
	run_for(5)
	net.clients:join(X)
	run_for(15)
	net.nodes.C1:flow(X, 10)
	net.nodes.C2:flow(X, 10)
	run_for(15)
	expect(net.clients.hsn):all(M1.csn, "HSN follows M1: " .. M1.csn)
	return net, M1, M2
end

local function move(csn1, csn2, hard)
	local net, M1, M2 = cluster(csn1, csn2)
	local m = net:meter()
	local word = ("%s from %d to %d: "):format(hard and "hard" or "soft",
	    M1.csn, csn2)
	M1:redirect("M2 M1", { hard = hard })
	run_until(function()
		return #net:log { kind = "register", node = "M2" } >= 3
	end, 30)
	run_for(0.5)
	expect(net.clients.mars):all("M2", word .. "all are with M2")
	expect(net.clients.hsn):all(M2.csn, word .. "HSN is M2's CSN")
	if not hard then
		expect(M2.csn):is(csn2, word .. "which is what it was")
	end
	run_for(90)
	expect(m.ccvc.MAP > 1):is(true, word .. "M2's map went out")
	expect(net.clients.hsn):all(M2.csn, word .. "and HSN follows")
	return m, word
end

for _, csn2 in ipairs { 7, 9000 } do
	local m, word = move(500, csn2, false)
	expect(m.revalidations):is(0, word .. "no path is checked")
	expect(m.req):is(0, word .. "no REQUEST")
end

local m, word = move(500, 7, true)
expect(m.req):is(2, word .. "each sender checks its path once")
