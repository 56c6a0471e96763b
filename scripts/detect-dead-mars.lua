#!/usr/bin/env marsh
-- SPDX-License-Identifier: BSD-2-Clause
-- S03: how long it takes to notice that the MARS is gone.  At once if the
-- network says so; a minute if one asks it something; four minutes of silence
-- if one only listens.  One lost map is no reason, four in a row are.
--
-- Shows RFC 2022 section 5.4 (when a MARS is suspected), 5.2.2 (five
-- retransmissions ten seconds apart) and Appendix E (four minutes).

marsh.fabric_only "messages are lost and calls refused, minutes of silence pass"

-- Seconds until C1 notices.
local function noticed(k, t, timeout)
	run_until(function() return k.C1.failed_at ~= nil end, timeout)
	return k.C1.failed_at and k.C1.failed_at - t
end

local function scenario(act, timeout, knobs)
	local k = lab.ft(knobs or {})
	local t = k.net.now
	act(k)
	return noticed(k, t, timeout), k, t
end

-- (a) A crash: the network releases its VCs.
local d = scenario(function(k) k.M1:kill() end, 60)
expect(d):within(0, 0.1, "(a) a crash is noticed at once")

-- (b) It hangs, and C1 only listens.
local k, t
d, k, t = scenario(function(c) c.M1:hang() end, 300)
local last = k:log { op = "MAP", kind = "recv", node = "C1" }
local age = t - (last[-1] and last[-1].t or 0)
expect(d):within(180, 240, "(b) silence is noticed after 180 to 240 s")
expect(d + age):within(239.9, 240.1, "(b) four minutes after the last map")

-- (c) It hangs, and C1 joins another group.
d, k, t = scenario(function(c)
	c.M1:hang()
	c.C1:join "224.2.2.2"
end, 300)
expect(d):within(50, 61, "(c) a JOIN without an answer: a minute")
local joins = k:log { op = "JOIN", from = "C1", to = "M1", since = t,
    group = "224.2.2.2" }
expect(joins):count(6, "(c) one JOIN and five retransmissions")

-- (d) It hangs, and C1 asks who is in a group.
d, k, t = scenario(function(c)
	c.M1:hang()
	c.C1:send("224.2.2.2")
end, 300)
local asked = k:log { op = "REQUEST", from = "C1", since = t }
expect(#asked > 1):is(true, "(d) a REQUEST is repeated")
expect(d):within(#asked * 10 - 0.1, #asked * 10 + 0.1,
    "(d) ten seconds for each that was not answered")

-- (e) C1's VC to the MARS was closed for idleness; the next call is refused.
k = lab.ft { mars_idle = 60 }
run_for(100)
expect(k.net:vcs_of { root = "C1", kind = "pp" }):none(
    "(e) C1 has no VC to its MARS")
expect(k.C1.registered):is(true, "(e) and is still registered")
k.net:refuse "M1"
t = k.net.now
k.C1:join "224.2.2.2"
expect(noticed(k, t, 60)):within(0, 0.1, "(e) a refused call: at once")

-- Never: on one lost map.
k = lab.ft {}
t = k.net.now
k.net:loss { op = "MAP", to = "C1", n = 1 }
run_for(230)
expect(k.C1.failed_at):is(nil, "one lost map: nothing happens")
expect(k.C1.stats.failures):is(0, "one lost map: no failure")

-- But on four in a row.
k = lab.ft {}
run_for(60)
t = k.net.now
k.net:loss { op = "MAP", to = "C1", n = 4 }
d = noticed(k, t, 300)
expect(d):within(180, 240, "four lost maps: C1 gives its MARS up")
expect(k.C2.stats.failures):is(0, "four lost maps: C2, which heard them, not")
