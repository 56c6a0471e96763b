#!/usr/bin/env marsh
-- SPDX-License-Identifier: BSD-2-Clause
-- A peer that hangs in the middle of alignment: its VC stands, its program does
-- not answer.  The other repeats itself for as long as the dead interval, gives
-- up, and begins from the beginning when the peer answers again.
--
-- Shows RFC 2334 sections 2.1 (DeadFactor, Bidirectional left: everything of
-- that alignment is forgotten) and 2.2.2.  A third server is not disturbed, and
-- changes made meanwhile are not lost.

local A = scsp.server "A" { id = 1, hello = 1, rexmt = 0.5, mtu = 600 }
local net = A.net -- the fabric, or with -b atm the kernel's
local B = scsp.server "B" { net = net, id = 2, hello = 1, rexmt = 0.5,
    mtu = 600 }
local C = scsp.server "C" { net = net, id = 3, hello = 1 }
for i = 1, 200 do
	A.cache:put(("key-%03d"):format(i), ("value %d of A"):format(i))
	B.cache:put(("key-%03d"):format(i), ("value %d of B"):format(i))
end
local side = scsp.peer(A, C)
expect(run_until(function() return side.aligned end, 30)):is(true,
    "A and C align")
run_for(1)
expect(#C.cache):is(200, "C has all of A's entries")

local p = scsp.peer(A, B)
expect(run_until(function() return p.cafsm == "Summarize" and
    #net:log { op = "CA", from = "A", to = "B" } > 4 end, 30)):is(true,
    "A and B are in the middle of their summaries")
local t = net.now
B:hang()
say(("B hangs at %.3f s"):format(t))
run_for(1.9)
expect(p.cafsm):is("Summarize", "A notices nothing at first")
A.cache:put("meanwhile", "changed while B hung")
expect(run_until(function() return p.hfsm == "Waiting" end, 10)):is(true,
    "after the dead interval A gives up")
expect(net.now - t):within(1.9, 4.1, "which is three Hellos of a second")
expect(p.cafsm):is("Down", "and forgets the alignment")
expect(p.queue + p.crl + p.summaries):is(0, "with all its lists")
say(net:ladder { from = t - 0.01, nodes = "A B", max = 40 })
run_for(60)
expect(C.cache:get "meanwhile"):is("changed while B hung",
    "C heard of the change in time")
expect(side.aligned):is(true, "and stayed aligned")
expect(side.since < t):is(true, "all the while")

say "B's program goes on where it was"
local t2 = net.now
B:restart()
expect(run_until(function() return p.aligned end, 60)):is(true,
    "B aligns from the beginning")
run_for(5)
expect(#A.cache):is(401, "all entries are there")
expect(B.digest):is(A.digest, "B has what A has")
expect(C.digest):is(A.digest, "and C, too, though it never met B")
expect(net:log { op = "CA", from = "B", since = t2 }[1].init):is(true,
    "the first message was a new negotiation")
settle()
