#!/usr/bin/env marsh
-- SPDX-License-Identifier: BSD-2-Clause
-- S02: a new order of the backups is no redirect.  A map whose first entry is
-- the client's own MARS only replaces the list, whatever its hard bit says.
--
-- Shows RFC 2022 section 5.4.3; draft-armitage-ion-mars-scsp-03 section 3.4.

local k = lab.ft {}

local function announce(list, hard)
	local m = k:meter()
	k.M1:redirect(list, { hard = hard })
	run_for(20)
	local word = hard and "hard" or "soft"
	expect(k.clients.list):all(list, word .. ": the list is installed")
	expect(k.clients.mars):all("M1", word .. ": nobody moves")
	expect(m.reg + m.join + m.leave + m.req):is(0,
	    word .. ": no client sends a message")
	expect(m.call + m.setup + m.add + m.drop + m.release):is(0,
	    word .. ": no client touches a VC")
	expect(m.redirects):is(0, word .. ": nobody takes it for a redirect")
end

announce("M1 M3 M2 M4", false)
announce("M1 M4 M2 M3", true)
settle()
