-- SPDX-License-Identifier: BSD-2-Clause
-- SCSP servers on the kernel's SVCs, one hop of sockets between each two: they
-- align, flood, lose one that comes back empty, use a pt-mpt VC for all, and a
-- bare port hears what they say.  Runs inside the lab kernel.
local net = atm {}

local function aligned(links)
	return function()
		for _, p in ipairs(links) do
			if not p.aligned then return false end
		end
		return true
	end
end

local function soon(what, fn) expect(run_until(fn, 30)):is(true, what) end

local function same(servers)
	return function()
		for _, s in ipairs(servers) do
			if s.digest ~= servers[1].digest then return false end
		end
		return true
	end
end

local A = scsp.server "A" { net = net, hello = 1, rexmt = 1 }
local B = scsp.server "B" { net = net, hello = 1, rexmt = 1 }
local C = scsp.server "C" { net = net, hello = 1, rexmt = 1 }
for i = 1, 300 do A.cache:put("key " .. i, ("a%d "):format(i):rep(20)) end
B.cache:put("of B", "b")
local links = scsp.line { A, B, C }
soon("three in a line align", aligned(links))
soon("and know the same", same { A, B, C })
expect(#C.cache):is(301, "all of it")

A.cache:put("key 1", "changed")
C.cache:remove "nothing"
soon("a change crosses two links",
    function() return C.cache:get "key 1" == "changed" end)

A:kill { cold = true }
soon("B notices that A is gone",
    function() return links[1].other.hfsm == "Down" end)
C.cache:put("meanwhile", "c")
A:restart { cold = true }
soon("A is back", aligned(links))
soon("and learns what it wrote itself", same { A, B, C })
expect(#A.cache):is(302, "and what came since")
A.cache:put("key 1", "changed again")
soon("what it writes now is the newest",
    function() return C.cache:get "key 1" == "changed again" end)

B:hang()
soon("a program that hangs is missed",
    function() return links[1].hfsm == "Waiting" end)
B:restart()
soon("until it goes on", aligned(links))

local m = {}
for i = 1, 3 do
	m[i] = scsp.server("M" .. i, { net = net, sgid = 2, hello = 1,
	    rexmt = 1, multipoint = true })
end
local mesh = scsp.mesh { table.unpack(m) }
soon("three with pt-mpt VCs align", aligned(mesh))
soon("and each is the root for the two others", function()
	for i = 1, 3 do
		local whole = 0
		for _, vc in ipairs(net:vcs_of { root = m[i] }) do
			if #vc.leaves == 2 then whole = whole + 1 end
		end
		if whole ~= 1 then return false end
	end
	return true
end)
run_for(0.1)
local sent = m[1].stats.tx.CSU_REQ
m[1].cache:put("for all", "at once")
soon("a change reaches all", same(m))
expect(m[1].stats.tx.CSU_REQ - sent):is(1, "by one message")

local R = net:raw "R"
local D = scsp.server "D" { net = net, hello = 1 }
local p = scsp.peer(D, R.addr)
local bytes, ref = R:recv(20)
expect(scsp.format(bytes or ""):find "HELLO" ~= nil):is(true,
    "a bare port is called, and hears a Hello")
R:send(ref, "\0\1\2\3")
run_for(0.5)
expect(D.stats.drops.not_scsp):is(1, "and may answer what it likes")
p:close()
