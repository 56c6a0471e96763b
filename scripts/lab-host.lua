#!/usr/bin/env marsh
-- SPDX-License-Identifier: BSD-2-Clause
-- One host of a cluster that spans several kernels (marsh(7), "Real SVCs"): on
-- each of them, with the number of its line,
--
--   marsh -b atm -i scripts/lab-host.lua mars          kernel 1, by convention
--   marsh -b atm -i scripts/lab-host.lua client 2      C2 on kernel 2, and so on
--   marsh -b atm -i scripts/lab-host.lua client 2 NSAP with another MARS
--
-- A client registers, joins 224.1.1.1 and sends 20 packets a second to it.
-- Without arguments all of them are here, on one net.  Shows RFC 2022 section
-- 5.4: clients know their MARS by a configured ATM address, and by no more.

local X, PPS = "224.1.1.1", 20
local M1_ADDR = "47.0005.80FFE1000000F21A26D1.0020484D0001.00"

local role, number, at = ...
number = math.tointeger(number)
if role ~= nil and role ~= "mars" and not (role == "client" and number) then
	io.stderr:write "usage: lab-host.lua [mars | client NUMBER [NSAP]]\n"
	os.exit(2)
end

local function client(i, mars_at)
	-- RFC 2022 5.4.1: 1 to 10 s; a kernel needs the time to boot.
	local c = mars.client("C" .. i) { mars = mars_at,
	    spa = "10.0.0." .. i, tau = { 8, 10 } }
	c:register()
	c:join(X)
	c:flow(X, PPS)
	say(c.name .. " is a client of " .. mars_at)
	return c
end

if role == "mars" then
	local M1 = mars.server "M1" {}
	say("M1 is a MARS at " .. M1.addr)
elseif role == "client" then
	client(number, at or M1_ADDR)
else
	mars.server "M1" {}
	for i = 2, 4 do client(i, "M1") end
	expect(run_until(function()
		for _, c in ipairs(net.clients) do
			local vc = c.vc[X]
			if not vc or #vc.leaves < 2 then return false end
		end
		return true
	end, 60)):is(true, "all clients send to each other")
end
