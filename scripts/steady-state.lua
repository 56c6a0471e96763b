#!/usr/bin/env marsh
-- SPDX-License-Identifier: BSD-2-Clause
-- S01: a cluster at rest.  Ten minutes without a fault: the MARS sends its
-- redirect map once a minute, and nobody else sends anything.
--
-- Shows RFC 2022 section 5.4.3 (MARS_REDIRECT_MAP at regular intervals) and
-- 6.1.3 (it goes out on ClusterControlVC); draft-armitage-ion-mars-scsp-03
-- sections 2 and 3.  The backups do not speak to M1 here, so they hold nothing.
-- Where time is the clock's (-b atm) it takes its ten minutes.

local k = lab.ft {}
local start, csn = k.net.now, k.M1.ccvc.csn
local sent = k:meter()
local clients = k:log { from = "C1 C2 C3", since = start }
local backups = k:log { from = "M2 M3 M4", since = start }
local maps = k:log { op = "MAP", on = k.M1.ccvc, since = start }

run_for(600)

expect(maps):count(10, "ten maps in ten minutes")
expect(sent.ccvc.MAP):is(10, "the counter of M1 says the same")
expect(k.M1.map):list("M1 M2 M3 M4", "with the whole group in it")
expect(k.M1.map.hard):is(false, "and without a redirect")
expect(k.M1.ccvc.csn):is(csn + 10, "CSN counts them")
expect(k.clients.hsn):all(k.M1.ccvc.csn, "and every HSN follows")
expect(k.clients.list):all("M1 M2 M3 M4", "every client keeps the list")

local own = k:log { from = "C1 C2 C3", kind = "send", node = "C1 C2 C3",
    since = start }
expect(own):none("no client sends anything")
expect(backups):none("no backup sends anything to a client")
for _, s in ipairs(k.servers "M2 M3 M4") do
	expect(s.ccvc.open):is(false, s.name .. " has no ClusterControlVC")
end
expect(k.M1.ccvc.leaves):set("C1 C2 C3", "all three hang on M1's")
expect(clients):none("and M1 relays nothing of theirs")
settle()
