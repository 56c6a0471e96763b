#!/usr/bin/env marsh
-- SPDX-License-Identifier: BSD-2-Clause
-- Two servers make their caches equal: the Server Cache Synchronization Protocol
-- told step by step, with the ladder of every step.  Shows RFC 2334 sections
-- 2.1 (Hello), 2.2 (Cache Alignment) and 2.3 (Client State Update).

local tour = require "marsh.tour"
local say, chapter, picture, ladder =
    tour.say, tour.chapter, tour.picture, tour.ladder

local A = scsp.server "A" { id = 1 }
local net = A.net -- the fabric, or with -b atm the kernel's
local B = scsp.server "B" { net = net, id = 2 }

chapter "Two servers that know different things"
say [[
Each server has a cache.  An entry has a key, the server that wrote it (its
originator) and a sequence number that grows with every change.  A knows
two things, B one, and they have never spoken.]]
A.cache:put("printer", "room 4")
A.cache:put("gateway", "10.0.0.1")
B.cache:put("clock", "10.0.0.7")
local p = scsp.peer(A, B, { hello = 1 })
picture(net)

chapter "Hello: can we hear each other?"
say [[
Every second each sends a Hello that names whom it hears.  Unidirectional
means: I hear you.  Bidirectional: you hear me, too.]]
local t0 = net.now
run_until(function() return p.hfsm == "Bidirectional" and
    p.other.hfsm == "Bidirectional" end, 30)
ladder(net, t0, "A B")
expect(p.hfsm):is("Bidirectional", "A knows that B hears it")
expect(p.other.hfsm):is("Bidirectional", "and B that A does")
expect(#B.cache):is(1, "nothing is exchanged yet")

chapter "Master and slave"
say [[
Both claim to lead (M), to begin (I) and to have more (O).  The larger ID
wins: B leads.  A takes over B's number and answers without M and I.]]
t0 = net.now
run_until(function() return p.master ~= nil and p.other.master ~= nil end, 30)
ladder(net, t0, "A B")
expect(p.master):is(false, "A, with the smaller ID, follows")
expect(p.other.master):is(true, "B leads")

chapter "Summaries, and what is missing"
say [[
They list what they have: key, originator, number, but no content.  What the
other has newer goes on a list (CRL), is asked for (CSUS), is sent (CSU
Request) and acknowledged (CSU Reply).  Then the two are aligned.]]
t0 = net.now
run_until(function() return p.aligned end, 30)
run_for(0.1)
ladder(net, t0, "A B")
expect(p.aligned):is(true, "both are aligned")
expect(p.crl + p.other.crl):is(0, "nothing is missing")
expect(A.cache):is({ printer = "room 4", gateway = "10.0.0.1",
    clock = "10.0.0.7" }, "A knows all three entries")
expect(B.cache):is(A.cache, "and so does B")
local asked = net:log { op = "CSUS" }
expect(asked):count(2, "each asked once for all that it missed")
expect(asked[1].n + asked[2].n):is(3, "for three entries")

chapter "A change goes out at once"
say [[
From now on a change does not wait: the originator sends it, and who gets it
passes it on and acknowledges.]]
t0 = net.now
A.cache:put("printer", "room 9")
run_for(0.1)
ladder(net, t0, "A B")
expect(B.cache:get "printer"):is("room 9", "B has the new content")
expect(net:log { op = "CSU_REQ", since = t0 }):count(1, "by one message")
expect(p.queue):is(0, "which was acknowledged")

chapter "Something is withdrawn"
say [[
A removed entry stays as a tombstone for an hour, so that nobody who missed
it can bring the old one back.]]
A.cache:remove "gateway"
run_for(0.1)
expect(B.cache:get "gateway"):is(nil, "it is gone at B")
local graves = 0
for _, e in ipairs(B.cache:entries()) do
	if e.tombstone then graves = graves + 1 end
end
expect(graves):is(1, "B remembers that it is gone")

chapter "Quiet"
say [[
Then only the Hellos go on.  The ladder folds them into a line.]]
t0 = net.now
run_for(60)
ladder(net, t0, "A B")
expect(net:log { op = "CA|CSUS|CSU_REQ|CSU_REP", since = t0 }):none(
    "a minute without a message but Hellos")
settle()
