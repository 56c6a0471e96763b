-- SPDX-License-Identifier: BSD-2-Clause
-- A MARS serves a thousand clients in four groups each, crashes, comes back,
-- and everybody is where they were.  How long that takes is measured outside.
local net = fabric {}
local M1 = mars.server "M1" { net = net }
local clients = {}
for i = 1, 1000 do
	local c = mars.client("C" .. i) { net = net, mars = "M1" }
	clients[i] = c
	c:register()
	for g = 0, 3 do
		c:join(("224.1.%d.%d"):format(g, (i + g * 7) % 50))
	end
end
run_for(60)
M1:kill { back = 30 }
local function whole()
	if not M1.up then return false end
	for _, c in ipairs(clients) do
		if not c.registered then return false end
	end
	return true
end
run_for(40)
expect(run_until(whole, 600)):is(true)
run_for(60)
local members = 0
for _, names in pairs(M1.cache.hosts) do members = members + #names end
expect(members):is(4000)
