-- SPDX-License-Identifier: BSD-2-Clause
-- Cases of updates: changes, removals, answers, several neighbours; see scsp_cases.lua.

return function(t)

local peer, codec, ok, ME, LOW, HIGH, THIRD, roles, key, text, aligned,
    quiet, settle, make, again, copy, listen, heard, inject, done,
    put_engine, put_peer, one =
    t.peer, t.codec, t.ok, t.ME, t.LOW, t.HIGH, t.THIRD, t.roles, t.key,
    t.text, t.aligned, t.quiet, t.settle, t.make, t.again, t.copy, t.listen,
    t.heard, t.inject, t.done, t.put_engine, t.put_peer, t.one
local cases = {}

-- ---- updates ---------------------------------------------------------------

-- SCSP-077, SCSP-080, SCSP-115, SCSP-120, SCSP-122.
function cases.updates()
	for _, role in ipairs(roles) do
		local r = make(role[2], { strict = true })
		settle(r)
		listen(r)
		r.e:put(key(1), "one")
		ok(settle(r, 5), "a new entry of the engine, peer " .. role[1])
		local _, csu = heard(r, "csu_request")
		local first = csu and csu.records[1]
		ok(first and first.hops > 1 and first.oid == ME,
		    "it may go further than one hop")
		r.e:put(key(1), "two")
		ok(settle(r, 5) and r.p:get(key(1), ME).data == "two", "it changes")
		ok(first and r.p:get(key(1), ME).seq == first.seq + 1,
		    "with the next number")
		for i = 1, 50 do
			r.e:put(key(i), "engine " .. i)
			r.p:put(key(i), "peer " .. i)
		end
		ok(settle(r, 10), "fifty on both sides at once")
		listen(r)
		r.p:put(key(1), "")
		ok(settle(r, 5), "an entry without data")
		local n = heard(r, "csu_reply")
		ok(n == 1 and heard(r, "csu_request") == 0, "acknowledged, not returned")
		done(r, "updates")
	end
end

-- Changes at every step of an alignment.
-- SCSP-065.
function cases.meanwhile()
	for _, role in ipairs(roles) do
		for step = 0, 24 do
			local n, r = 0, nil
			r = make(role[2], { peer = { batch = 2 },
			    fate = function()
				n = n + 1
				if n == step then
					r.later = true
				end
			end })
			put_engine(r, 1, 3)
			put_peer(r, 11, 15)
			r.p:clear()
			local good = r:run(30, function() return r.later end) or
			    step == 0 or n < step
			r.e:put(key(1), "meanwhile")
			r.e:put(key(90), "meanwhile")
			r.p:put(key(11), "meanwhile")
			r.p:put(key(91), "meanwhile")
			ok(good and settle(r, 30),
			    ("changes at frame %d, the peer is %s"):format(step, role[1]))
		end
	end
end

function cases.remove()
	for _, role in ipairs(roles) do
		local r = make(role[2])
		put_engine(r, 1, 3)
		r.p:clear()
		settle(r)
		r.e:remove(key(2))
		ok(settle(r, 10), "an entry that the engine removes, peer " .. role[1])
		again(r)
		ok(settle(r), "a new peer hears nothing else")
		r.e:put(key(2), "again")
		ok(settle(r, 10) and r.p:get(key(2), ME).data == "again",
		    "the entry is there again")
		done(r, "removal")
	end
end

-- SCSP-090, SCSP-091, SCSP-119.
function cases.null()
	local r
	r = make(HIGH, { fate = function(frame, to)
		if to == "peer" and codec.decode(frame).type == "csus" then
			r.p:vanish(key(12))
		end
	end })
	put_peer(r, 11, 13)
	r.p:clear()
	ok(settle(r) and #r.e:listing() == 2,
	    "an entry of the peer that is gone when it is asked for")
	listen(r)
	inject(r, { type = "csus", records = { { key = key(77), oid = ME, seq = 5 } } })
	r:run(1)
	local _, csu = heard(r, "csu_request")
	local q = csu and csu.records[1]
	ok(q and q.null and q.seq == 5 and q.key == key(77) and q.data == "" and
	    q.hops == 1, "an entry of the engine that never was: a Null record")
	r:run(12)
	ok(aligned(r) and #r.p.abnormals == 0, "acknowledged with it")
	-- Whether it sends what it has or a Null record, it must say something.
	r.heard = {}
	inject(r, { type = "csus", records = { { key = key(11), oid = HIGH,
	    seq = 500 } } })
	r:run(1)
	_, csu = heard(r, "csu_request")
	q = csu and csu.records[1]
	ok(q and q.key == key(11) and (q.null and q.seq == 500 or
	    not q.null and q.seq == r.p:get(key(11)).seq),
	    "an entry in a state it has not reached")
	done(r, "Null records")
end

-- ---- the answers to single messages ----------------------------------------

-- SCSP-079, SCSP-080, SCSP-089, SCSP-091, SCSP-094, SCSP-096, SCSP-100,
-- SCSP-121.
function cases.replies()
	local r = one()
	local function csu(records, to)
		r.heard = {}
		inject(r, { type = "csu_request", records = records, receiver = to })
		r:run(1)
		return heard(r, "csu_reply")
	end
	local n, m = csu { { hops = 1, key = key(2), oid = THIRD, seq = 2,
	    data = "old" } }
	ok(n == 1 and m.records[1].seq == 6 and m.receiver == HIGH,
	    "an older record is answered with what is cached")
	n, m = csu { { hops = 1, key = key(2), oid = THIRD, seq = 6,
	    data = "peer 2" } }
	ok(n == 1 and m.records[1].seq == 6, "an equal one is acknowledged")
	n, m = csu({ { hops = 4, key = key(8), oid = THIRD, seq = 1, data = "x" } },
	    codec.ANY)
	ok(n == 1 and m.receiver == HIGH and m.records[1].hops == 1,
	    "one to all is answered to its sender")
	ok(csu({ { hops = 4, key = key(9), oid = THIRD, seq = 1, data = "x" } },
	    THIRD) == 0, "one to another server is not")
	n, m = csu { { hops = 0, key = key(10), oid = THIRD, seq = 1, data = "x" } }
	ok(n == 1, "a hop count of zero is as good as one")
	n, m = csu { { hops = 1, key = key(11), oid = THIRD, seq = codec.FIRST,
	    data = "x" }, { hops = 1, key = key(12), oid = THIRD,
	    seq = codec.FIRST, data = "y" } }
	ok(n >= 1 and #m.records == 2, "two records, one reply")
	n, m = csu { { hops = 1, key = key(13), oid = THIRD, seq = -1, data = "x" } }
	n, m = csu { { hops = 1, key = key(13), oid = THIRD, seq = 0, data = "y" } }
	ok(n == 1 and m.records[1].seq == 0, "numbers have a sign")
	n, m = csu { { hops = 1, key = key(13), oid = THIRD, seq = -5, data = "z" } }
	ok(n == 1 and m.records[1].seq == 0, "and the lower one is older")
	local before = text(r.e:listing())
	csu { { hops = 1, key = key(14), oid = THIRD, seq = codec.NONE, data = "x" } }
	ok(text(r.e:listing()) == before, "the reserved number is never stored")
	n, m = csu { { hops = 1, key = key(2), oid = THIRD, seq = 99, null = true } }
	ok(n == 1 and m.records[1].null and text(r.e:listing()) == before,
	    "a Null record is acknowledged as such and changes nothing")
	ok(r.e:state() == "Bidirectional", "and nothing of it was abnormal")
	done(r, "replies")
end

-- A reply that names a newer record has it asked for.
-- SCSP-088.
function cases.newer_reply()
	local r = one()
	r.p.got_csu_request = function() end
	r.e:put(key(1), "changed")
	r:run(1)
	local _, m = heard(r, "csu_request")
	local q = m and m.records[1]
	ok(q, "the engine changes an entry")
	if not q then return end
	r.p.cache[peer.name(q.key, q.oid)] = { key = q.key, oid = q.oid,
	    seq = q.seq + 7, data = "from before" }
	inject(r, { type = "csu_reply", records = { { key = q.key, oid = q.oid,
	    seq = q.seq + 7 } } })
	r.p.got_csu_request = nil
	r:run(1)
	ok(heard(r, "csus") == 1, "a reply with a newer number: it asks")
	ok(settle(r, 20), "and both are equal again")
	done(r, "a newer reply")
end

-- The reply never comes: at the end the neighbour is given up, and comes back.
-- SCSP-083, SCSP-084.
function cases.no_reply()
	local r = one()
	r.p.got_csu_request = function() end
	local waiting
	r.e:put(key(1), "changed")
	r:run(60, function()
		waiting = waiting or r.e:state() == "Waiting"
		return waiting
	end)
	local n, m = heard(r, "csu_request")
	ok(waiting, "no acknowledgement is an abnormal event")
	ok(n == 5 and m.receiver == HIGH, "after it was sent 5 times: " .. n)
	r.p.got_csu_request = nil
	ok(settle(r, 60), "all is well again")
	r = one()
	r.p.got_csus = function() end
	r.p:put(key(70), "x")
	settle(r)
	again(r, copy(r.p.cache))
	r.p:put(key(70), "y")
	r.p:put(key(71), "y")
	r.p.got_csus = function() end
	r.p.flood = function() end
	waiting = false
	r:run(90, function()
		waiting = waiting or r.p.ca == "Aligned" and r.e:state() == "Waiting"
		return waiting
	end)
	ok(waiting, "nor is a CSUS without answer waited for for ever")
	r.p.got_csus, r.p.flood = nil, nil
	ok(settle(r, 60), "all is well again")
end

-- An update that crosses the same update is its acknowledgement.
-- SCSP-092, SCSP-093.
function cases.implicit()
	local r = one()
	r.p.got_csu_request = function() end
	r.e:put(key(1), "changed")
	r:run(0.5)
	local _, m = heard(r, "csu_request")
	if not ok(m, "the engine changes an entry") then return end
	r.heard = {}
	inject(r, { type = "csu_request", records = { m.records[1] } })
	r:run(10)
	ok(heard(r, "csu_request") == 0, "it hears it from us: acknowledged")
	ok(heard(r, "csu_reply") == 1, "and acknowledges itself")
	r.p.got_csu_request = nil
	ok(r.e:state() == "Bidirectional", "nothing was abnormal")
end

-- Our own record comes back, newer: it is ours that must win.
-- SCSP-128.
function cases.own()
	for _, role in ipairs(roles) do
		local r = one(role[2])
		local e = r.p:get(key(1), ME)
		if not ok(e, "an entry of the engine") then return end
		inject(r, { type = "csu_request", records = { { hops = 1,
		    key = key(1), oid = ME, seq = e.seq + 1000, data = "not so" } } })
		ok(r:run(20, function()
			local now = r.p:get(key(1), ME)
			return now.data == "engine 1" and now.seq > e.seq + 1000 and
			    quiet(r)
		end), "the engine's own record, newer: it says what is true")
		local cache = copy(r.p.cache)
		local own = cache[peer.name(key(1), ME)]
		own.seq, own.data = own.seq + 1000, "not so"
		again(r, cache)
		ok(r:run(40, function()
			local now = r.p:get(key(1), ME)
			return now.data == "engine 1" and quiet(r)
		end), "and in a summary, too")
		done(r, "own records")
	end
end

-- ---- several neighbours ----------------------------------------------------

-- What comes from one neighbour goes to the others, one hop less.
-- SCSP-078, SCSP-116, SCSP-118.
function cases.flood()
	local r = make(HIGH, { engine = { also = { LOW } } })
	local q = r.other
	if not q then return end
	local function both()
		return quiet(r) and q.ca == "Aligned" and not next(q.queue) and
		    text(q:listing()) == text(r.p:listing())
	end
	put_engine(r, 1, 3)
	put_peer(r, 1, 3)
	r.p:clear()
	ok(r:run(30, both), "two neighbours, aligned")
	r.p.hops = 5
	r.p:put(key(50), "x")
	ok(r:run(5, both) and q:get(key(50), HIGH).hops == 4,
	    "an update goes on, one hop less")
	r.p.hops = 1
	listen(r)
	r.p:put(key(51), "y")
	r:run(5)
	ok(not q:get(key(51), HIGH), "with no hop left it stays")
	ok(heard(r, "csu_reply") == 1 and #r.e:listing() == #r.p:listing(),
	    "though it is taken and acknowledged")
	r.p.hops = 16
	r.p:put(key(51), "z")
	ok(r:run(5, both), "the next one does not")
	local cache = copy(r.p.cache)
	for _, e in pairs(cache) do
		if e.oid == HIGH then e.seq, e.data = e.seq + 1, "newer" end
	end
	again(r, cache)
	ok(r:run(60, both), "what was asked for goes on, too")
	done(r, "flooding")
	ok(#q.complaints == 0, "nor does the other complain")
end

-- The same over one VC to all: one Hello names them both, and an update is sent
-- once.
-- SCSP-019, SCSP-095, SCSP-097, SCSP-098.
function cases.multipoint()
	local r = make(HIGH, { engine = { also = { LOW }, multipoint = true } })
	local q = r.other
	if not q then return end
	put_engine(r, 1, 3)
	put_peer(r, 1, 3)
	r.p:clear()
	local function both()
		return quiet(r) and q.ca == "Aligned" and not next(q.queue) and
		    text(q:listing()) == text(r.p:listing())
	end
	ok(r:run(40, both), "a VC to all: aligned")
	listen(r)
	r:run(12)
	local n, m = heard(r, "hello")
	ok(n >= 4 and #m.receivers == 2, "a Hello names both")
	r.heard = {}
	r.e:put(key(60), "to all")
	ok(r:run(5, both), "an update of the engine")
	n, m = heard(r, "csu_request")
	ok(n == 1 and (m.receiver == codec.ANY or m.receiver == HIGH),
	    "sent once, to " .. (m.receiver == codec.ANY and "all" or "each"))
	q.got_csu_request = function() end
	r.heard = {}
	r.e:put(key(61), "to all")
	r:run(5)
	q.got_csu_request = nil
	ok(r:run(20, both), "one of them does not hear it: it is sent again")
	n = heard(r, "csu_request", function(x) return x.receiver ~= LOW end)
	ok(n == 1, "to that one alone")
	done(r, "a VC to all")
	ok(#q.complaints == 0, "nor does the other complain")
end

return cases

end
