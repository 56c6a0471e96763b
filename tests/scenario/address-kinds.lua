-- SPDX-License-Identifier: BSD-2-Clause
-- Members with addresses of every kind, two of which differ in the subaddress
-- only; some calculate checksums, some verify them (RFC 2022 sections 3, 4.3.3
-- and 5.1.1: MARS-004, MARS-023, MARS-039).

net = fabric {}
M1 = mars.server "M1" { net = net, addr = "+15550000", checksum = true }
local sub = "+15551234567+47000580FFE1000000F21A26D80020480D3A%02X00"
C1 = mars.client "C1" { net = net, mars = "M1" }
C2 = mars.client "C2" { net = net, mars = "+15550000", addr = "+15551234567" }
C3 = mars.client "C3" { net = net, mars = "M1", addr = sub:format(3),
    checksum = true }
C4 = mars.client "C4" { net = net, mars = "M1", addr = sub:format(4),
    verify = true }
local all = { C1, C2, C3, C4 }
local X = "224.1.1.1"

for _, c in ipairs(all) do
	c:register()
	c:join(X)
end
settle()
expect(M1.cache.hosts[X]):set("C1 C2 C3 C4", "each is a member of its own")
for i, c in ipairs(all) do
	c:send(X, 1)
	settle()
	local others = {}
	for k, o in ipairs(all) do
		if k ~= i then others[#others + 1] = o.name end
	end
	expect(c.vc[X].leaves):set(others, c.name .. " sends to the others")
end
local answer = C3:request(X)
settle()
expect(answer):set("C1 C2 C3 C4", "an answer names all kinds")
C4:leave(X)
C2:join "224.2.0.0/16"
C2:join "224.2.0.7"
settle()
expect(C1.vc[X].leaves):set("C2 C3", "only C4 has left")
local list = C4:grouplist "224.0.0.0-239.255.255.255"
run_for(1)
expect(list):set({ X, "224.2.0.7" }, "groups of layer 3, no blocks")
