#!/usr/bin/env marsh
-- SPDX-License-Identifier: BSD-2-Clause
-- What a change costs.  One server changes one entry: everybody tells it to all
-- its neighbours but the one it came from.  With k servers and E links that is
-- at most one CSU Request each way over every link, less one for each server but
-- the first: 2E - (k - 1) = 2E - k + 1, each answered by one CSU Reply.
--
-- Shows RFC 2334 section 2.3 (flooding, implicit acknowledgement).  On a tree
-- nothing is sent twice; in a ring two copies meet on the last link; in a mesh
-- almost everything is sent twice.  When two copies cross on a link, both are
-- answered all the same.  Only where two reach a server at the same moment, as in
-- a ring of an even number, it need not pass the one on to where the other came
-- from: the other has acknowledged it already.

local function servers(net, k)
	local out = {}
	for i = 1, k do
		out[i] = scsp.server("S" .. i, { net = net, id = i })
	end
	return out
end

local function binary_tree(s)
	local links = {}
	for i = 2, #s do links[#links + 1] = scsp.peer(s[i // 2], s[i]) end
	return links
end

local shapes = {
	{ "chain", 8, scsp.line },
	{ "star", 8, scsp.star },
	{ "tree", 15, binary_tree },
	{ "ring", 9, scsp.ring },
	{ "ring", 8, scsp.ring, 1 },
	{ "mesh", 4, scsp.mesh },
	{ "mesh", 8, scsp.mesh },
}

local rows = {}
for _, shape in ipairs(shapes) do
	local word, k, make, saved = table.unpack(shape)
	local net <close> = fabric { seed = 1 }
	local s = servers(net, k)
	local e = #make(s)
	settle()
	local sent, t = net:meter(), net.now
	local last = t
	local got = net:on("recv", function(ev)
		if ev.op == "CSU_REQ" then last = ev.t end
	end)
	s[1].cache:put("key", "value")
	run_for(1)
	got:cancel()
	local want = 2 * e - k + 1 - (saved or 0)
	local what = ("%s of %d"):format(word, k)
	expect(sent.csu_req):is(want, what .. ": 2E - k + 1 requests" ..
	    (saved and ", less one" or ""))
	expect(sent.csu_rep):is(want, what .. ": as many replies")
	local there = 0
	for _, server in ipairs(s) do
		if server.cache:get "key" == "value" then there = there + 1 end
	end
	expect(there):is(k, what .. ": everybody has it")
	rows[#rows + 1] = ("  %-10s %5d %6d %9d %8d %7.0f ms"):format(what, e,
	    2 * e - k + 1, sent.csu_req, sent.csu_rep, (last - t) * 1000)
	settle()
end
say(("  %-10s %5s %6s %9s %8s %10s"):format("shape", "links", "2E-k+1",
    "requests", "replies", "last at"))
say(table.concat(rows, "\n"))
