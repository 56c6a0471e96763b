#!/usr/bin/env marsh
-- SPDX-License-Identifier: BSD-2-Clause
-- S06: the only MARS dies and stays dead.  Its clients try again for ever, but
-- not often; what they send goes on, since data never passes the MARS.
--
-- Shows RFC 2022 sections 5.4.1 and 5.4.2: a random delay of 1 to 10 s, and a
-- wait of at least a minute before the list is walked again.  Takes an hour where
-- time is the clock's (-b atm).

local k = lab.one { pps = 1 }
k.M1:kill()
run_for(3600)

expect(k.clients.registered):all(false, "nobody is registered")
expect(k.clients.attempts):within(52, 60, "52 to 60 attempts in an hour")
for _, c in ipairs(k.clients) do
	expect(c.stats.alarms):within(1, 1000, c.name .. " raises an alarm")
end
expect(k.C1.vc[k.X].leaves):set("C2 C3", "C1's VC stands")
expect(k.C2.vc[k.X].leaves):set("C1 C3", "C2's VC stands")
k.flows:stop()
run_for(1) -- what is on its way arrives
expect(k.flows.sent):within(3590, 3610, "an hour of packets")
expect(k.flows.lost):all(0, "none is lost")

local ok, why, code = k.C3:join "224.9.9.9"
run_for(60)
expect(k.C3.unconfirmed:has "224.9.9.9" or not ok):is(true,
    "a new group cannot be joined")
local answer = k.C3:request(k.X)
run_for(60)
expect(answer and answer.done and not answer.nak or false):is(false,
    "and nobody can ask who is in one")
