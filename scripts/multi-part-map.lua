#!/usr/bin/env marsh
-- SPDX-License-Identifier: BSD-2-Clause
-- S10: a redirect map in two parts counts only as a whole.  Parts to C1 are
-- lost at random, two hundred times: the list changes when both parts of one
-- map came, and never otherwise - not by the first alone, not by the second
-- alone, and not by the first of one map and the second of another.
--
-- Shows RFC 2022 section 5.4.3 (parts as in 5.1.1).  A small MTU makes M1 split
-- a list of four: three entries, then one.

marsh.fabric_only "parts of messages are lost"

local k = lab.ft { mtu = 128 }
local lists = { "M1 M3 M4 M2", "M1 M2 M4 M3" }
local parts = k:log { op = "MAP", kind = "recv", node = "C1" }
local seen = { [""] = 0, ["3"] = 0, ["1"] = 0, ["31"] = 0, mixed = 0 }

local function arrived(from)
	local word = ""
	for i = from + 1, #parts do word = word .. parts[i].n end
	return word
end

local fault = k.net:loss { op = "MAP", to = "C1", p = 0.5 }
local wrong, before = 0, ""
for round = 1, 200 do
	local new, old = lists[round % 2 + 1], tostring(k.C1.list)
	local from = #parts
	k.M1:redirect(new)
	run_for(0.1)
	local got = arrived(from)
	seen[got] = seen[got] + 1
	if before == "3" and got == "1" then seen.mixed = seen.mixed + 1 end
	local want = got == "31" and new or old
	if tostring(k.C1.list) ~= want then
		wrong = wrong + 1
		say("round", round, "parts", got, "list", k.C1.list)
	end
	before = got
end
fault:heal()

expect(wrong):is(0, "the list changes exactly when both parts came")
expect(seen["31"] > 0):is(true, "whole maps came")
expect(seen["3"] > 0):is(true, "second parts were lost")
expect(seen["1"] > 0):is(true, "first parts were lost")
expect(seen.mixed > 0):is(true, "parts of two maps met")

k.M1:redirect "M1 M2 M3 M4"
run_for(1)
expect(k.clients.list):all("M1 M2 M3 M4", "the next whole map is installed")
expect(k.clients.mars):all("M1", "nobody has moved")
