#!/usr/bin/env marsh
-- SPDX-License-Identifier: BSD-2-Clause
-- The guided tour: a MARS cluster forms, traffic flows, the MARS dies and comes
-- back empty, and its clients rebuild it.  `make demo` runs this; it takes less
-- than a minute.  Shows RFC 2022 sections 5.1, 5.2, 5.4.1 and 6.1.

local tour = require "marsh.tour"
local say, chapter, picture, ladder =
    tour.say, tour.chapter, tour.picture, tour.ladder

local X = "224.1.1.1"

chapter "A MARS and three clients"
say [[
IP multicast needs to know who listens.  On an ATM network nobody can hear
a group by accident: every sender needs a virtual circuit with each member
as a leaf.  The MARS (RFC 2022) is the place where members and senders
meet.  Here is one, with three hosts that have not spoken to it yet.]]
local M1 = mars.server "M1" {}
local net = M1.net -- the fabric, or with -b atm the kernel's
local C = {}
for i = 1, 3 do
	C[i] = mars.client("C" .. i) { net = net, mars = M1 }
end
local C1, C2, C3 = table.unpack(C)
picture(net)

chapter "They register"
say [[
Each client calls the MARS and sends a MARS_JOIN with the register flag.
The MARS adds it as a leaf of its ClusterControlVC, gives it a Cluster
Member Identifier (CMI) and sends the message back as the receipt.]]
local t0 = net.now
C1:register()
C2:register()
C3:register()
run_for(1)
ladder(net, t0, "C1 C2 C3 M1")
expect(M1.ccvc.leaves):set("C1 C2 C3", "all three are leaves of ClusterControlVC")
expect(C1.cmi ~= C2.cmi and C2.cmi ~= C3.cmi and C1.cmi ~= C3.cmi):is(true,
    "each has a CMI of its own")

chapter "They join a group"
say [[
Joining 224.1.1.1 is another MARS_JOIN.  The MARS notes it and repeats it
on ClusterControlVC, so that whoever sends to the group can add the leaf.]]
t0 = net.now
for _, c in ipairs(C) do
	c:join(X)
end
run_for(1)
ladder(net, t0, "C1 C2 C3 M1")
expect(M1.cache.hosts[X]):list("C1 C2 C3", "the MARS knows the group's members")

chapter "C1 sends: ask once, then straight to everybody"
say [[
C1's first packet makes it ask the MARS (MARS_REQUEST); the answer
(MARS_MULTI) lists the members, and C1 opens a point-to-multipoint VC to
them.  From then on packets never touch the MARS.]]
t0 = net.now
local flow = C1:flow(X, 20)
run_for(0.2)
ladder(net, t0, "C1 C2 C3 M1")
picture(net)
run_for(9.8)
expect(C1.vc[X].leaves):set("C2 C3", "C1's VC has the other members as leaves")
expect(flow.lost):is(0, "ten seconds of traffic: no packet lost")
expect(flow.dup):is(0, "and none twice")

chapter "The MARS crashes"
say [[
Its VCs are released and its tables are gone.  The packets go on: they use
C1's own VC.  The clients notice, and each waits a random 1 to 10 seconds
before it tries to register again, so that they do not all come at once.]]
t0 = net.now
M1:kill { back = 0.5, cold = true }
run_for(0.4)
picture(net)
expect(M1.up):is(false, "the MARS is dead")
expect(C1.vc[X].leaves):set("C2 C3", "C1's data VC stands")

chapter "The clients are the memory"
say [[
Half a second later a new MARS stands at the same address, with empty
tables.  As each client re-registers it joins its groups again: in less
than half a minute the MARS knows everything it knew before.]]
settle(60)
ladder(net, t0, "C1 C2 C3 M1")
picture(net)
expect(M1.cache.hosts[X]):set("C1 C2 C3", "the new MARS knows all members again")
expect(C1.registered and C2.registered and C3.registered):is(true,
    "all clients are registered")
for _, c in ipairs(C) do
	expect(c.rereg):within(1, 10, c.name .. " was back within 1 to 10 s")
end

chapter "What the crash cost"
say [[
C1 had to ask the new MARS who the members are.  Whoever had not joined
again by then was dropped from C1's VC, and added back by its own JOIN: a
short gap for that receiver, and none for the others.  Several MARSs that
share their tables close that gap.]]
local rows = {}
for _, c in ipairs { C2, C3 } do
	local rx = flow.to[c.name]
	rows[#rows + 1] = { "C1 to " .. c.name, flow.sent, rx.lost, rx.dup }
end
tour.table({ "flow", "sent", "lost", "twice" }, rows)
expect(flow.dup):is(0, "no packet came twice")

chapter "Now you"
say [[
  build/marsh                         type `load lab.one`, then `show cluster`
  build/marsh -i scripts/first-cluster.lua      this cluster, at your fingertips
  build/marsh scripts/soft-and-hard-redirect.lua      and the others there
  man -l man/marsh.1                  every option and command]]
