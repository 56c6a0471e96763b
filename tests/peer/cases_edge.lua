-- SPDX-License-Identifier: BSD-2-Clause
-- Cases at the edges: parts of answers, numbers that end, records that are too
-- long, neighbours that go too far; see scsp_cases.lua.

return function(t)

local peer, codec, ok, ME, LOW, HIGH, THIRD = t.peer, t.codec, t.ok, t.ME, t.LOW,
    t.HIGH, t.THIRD
local key, text, aligned, quiet, settle, make, again, copy, listen, heard,
    inject, done, put_engine, put_peer, one = t.key, t.text, t.aligned, t.quiet,
    t.settle, t.make, t.again, t.copy, t.listen, t.heard, t.inject, t.done,
    t.put_engine, t.put_peer, t.one
local cases = {}

-- Half of what was sent is acknowledged: the other half is sent again.
-- SCSP-081, SCSP-083.
function cases.half_acknowledged()
	local r = one()
	r.p.got_csu_request = function() end
	for i = 31, 34 do r.e:put(key(i), "x") end
	r:run(0.5)
	local sent, reply = {}, {}
	for _, m in ipairs(r.heard) do
		for _, q in ipairs(m.type == "csu_request" and m.records or {}) do
			table.insert(sent, q)
		end
	end
	ok(#sent == 4, "four entries are sent")
	for i = 1, 2 do
		local q = sent[i]
		reply[i] = { key = q.key, oid = ME, seq = q.seq }
		r.p:put(q.key, q.data, ME, q.seq)
	end
	inject(r, { type = "csu_reply", records = reply })
	r.heard = {}
	r:run(3)
	local left, n = {}, 0
	for _, m in ipairs(r.heard) do
		for _, q in ipairs(m.type == "csu_request" and m.records or {}) do
			left[q.key], n = true, n + 1
		end
	end
	ok(n == 2 and left[sent[3].key] and left[sent[4].key],
	    "two are acknowledged, the other two are sent again")
	r.p.got_csu_request = nil
	ok(settle(r, 20), "and taken")
	done(r, "half acknowledged")
end

-- Half of what was asked for comes: the other half is asked for again.
-- SCSP-069.
function cases.half_answered()
	for _, id in ipairs { LOW, HIGH } do
		local r = make(id)
		put_peer(r, 1, 10)
		r.p:clear()
		listen(r)
		local asked
		r.p.got_csus = function(p, m)
			asked = asked or m
			local some = { type = "csus", records = {} }
			for i = 1, 5 do some.records[i] = m.records[i] end
			p.got_csus = nil
			p:got_csus(some)
		end
		r:run(40, function() return asked end)
		ok(asked and #asked.records == 10, "ten records are asked for")
		r.heard = {}
		ok(settle(r, 10), "five are sent, and the others in the end")
		local n, m = heard(r, "csus")
		ok(n == 1 and #m.records == 5, "it asked for these alone")
		done(r, "half answered")
	end
end

-- Entries named twice in a message.
function cases.twice()
	local r = one()
	local function csu(a, b)
		r.heard = {}
		inject(r, { type = "csu_request", records = {
		    { hops = 1, key = key(5), oid = THIRD, seq = a, data = "v" .. a },
		    { hops = 1, key = key(5), oid = THIRD, seq = b, data = "v" .. b } } })
		r:run(1)
		local best = text(r.e:listing()):match "0707? 00000005 (%d+ v%d+)"
		return best or text(r.e:listing()):match "00000005 (%d+ v%d+)"
	end
	ok(csu(4, 5) == "5 v5", "an older and a newer one: the newer")
	ok(csu(9, 8) == "9 v9", "a newer and an older one: the newer")
	r.heard = {}
	local x = { key = key(1), oid = ME, seq = codec.FIRST }
	inject(r, { type = "csus", records = { x, x } })
	r:run(1)
	ok(heard(r, "csu_request") >= 1, "asked for twice in a message: it answers")
	r:run(15)
	ok(r.e:state() == "Bidirectional", "nothing of it is abnormal")
	done(r, "twice")
end

-- Records of strange shape.
function cases.shapes()
	local r = one()
	local function try(q, what)
		r.heard = {}
		q.hops, q.oid, q.key = 3, q.oid or THIRD, q.key or key(40)
		inject(r, { type = "csu_request", records = { q } })
		r:run(1)
		local n, m = heard(r, "csu_reply")
		ok(n == 1 and m.records[1].key == q.key and m.records[1].oid == q.oid and
		    m.records[1].seq == q.seq, what)
	end
	try({ seq = 1, data = ("x"):rep(9100) }, "a record that fills a packet")
	try({ seq = 2, null = true, data = "x" }, "a Null record with data")
	try({ seq = 3, data = "" }, "a record without data")
	try({ seq = 4, data = "x", oid = "" }, "an originator without octets")
	try({ seq = 4, data = "x", oid = ("o"):rep(255), key = ("k"):rep(255) },
	    "the longest originator and key")
	try({ seq = codec.LAST - 1, data = "x", key = key(41) }, "the last number but one")
	ok(r.e:state() == "Bidirectional", "nothing of it is abnormal")
	done(r, "shapes")
end

-- Our own records from a neighbour, with numbers at the end of their space.
-- SCSP-123, SCSP-124, SCSP-128.
function cases.own_last()
	for _, seq in ipairs { codec.LAST - 20, codec.LAST - 1, codec.LAST } do
		local r = one()
		inject(r, { type = "csu_request", records = { { hops = 1, key = key(1),
		    oid = ME, seq = seq, data = "not so" } } })
		if seq < codec.LAST then r.p:put(key(1), "not so", ME, seq) end
		ok(r:run(1200, function()
			local e = r.p:get(key(1), ME)
			return e and e.data == "engine 1" and quiet(r)
		end), ("the engine's own record comes with number %d"):format(seq))
		ok(r:run(1200, function()
			return pcall(r.e.put, r.e, key(1), "after")
		end), "it may be changed after that, or after a while")
		ok(r:run(1200, function()
			local e = r.p:get(key(1), ME)
			return e and e.data == "after" and quiet(r)
		end), "and is")
		ok(r.p:get(key(1), ME).seq < codec.FIRST + 9, "with the first numbers")
		local n = 0
		for _, count in pairs(r.p.heard) do n = n + count end
		ok(n < r.now + 50, ("without a storm: %d messages in %.0f s"):format(n, r.now))
		done(r, "the last number")
	end
end

-- An entry whose numbers are used up is purged, and begins again (B.2.0.2).
function cases.purge()
	local r = one()
	r.p:put(key(60), "old", HIGH, codec.LAST - 1)
	r.p:flood(peer.name(key(60), HIGH))
	ok(settle(r, 10), "an entry with the last number but one")
	inject(r, { type = "csu_request", records = { { hops = 5, key = key(60),
	    oid = HIGH, seq = codec.LAST, data = "" } } })
	r:run(1)
	ok(heard(r, "csu_reply") >= 1, "it is purged, and that acknowledged")
	r.p:vanish(key(60))
	r:run(5)
	r.p:put(key(60), "new")
	r:run(30)
	ok(r.p:get(key(60)).seq == codec.FIRST, "it begins again")
	local found
	for _, line in ipairs(r.e:listing()) do
		found = found or line:match "0000003c .*new$"
	end
	ok(found, "with the first number, and the engine takes it")
	ok(r.e:state() == "Bidirectional", "nothing of it is abnormal")
end

-- Somebody says that an entry of the engine's is gone.
-- SCSP-128.
function cases.killed_by_others()
	local r = one()
	local e = r.p:get(key(1), ME)
	inject(r, { type = "csu_request", records = { { hops = 1, key = key(1),
	    oid = ME, seq = e.seq + 5, data = "" } } })
	ok(r:run(20, function()
		local now = r.p:get(key(1), ME)
		return now.data == "engine 1" and now.seq > e.seq + 5 and quiet(r)
	end), "it is not, says the engine")
	done(r, "killed by others")
end

-- What a cache has, but for its data.
local function names(p)
	local list = p:listing()
	for i, line in ipairs(list) do list[i] = line:match "^%x* %x* %S+" end
	return text(list)
end

-- Valid messages with some octets changed, and their checksums right.
function cases.mutants()
	for seed = 1, 8 do
		local state = seed
		local function draw(most)
			state = (state * 1103515245 + 12345) & 0x7fffffff
			return (state >> 8) % most
		end
		local r, n = nil, 0
		local busy = true
		r = make(seed % 2 == 0 and LOW or HIGH, { peer = { batch = 3 },
		    fate = function(frame, to)
			if to == "engine" and busy and draw(4) == 0 then
				local p = frame:sub(9)
				for _ = 1, 1 + draw(2) do
					local at = draw(#p)
					p = p:sub(1, at) .. string.char(draw(256)) ..
					    p:sub(at + 2)
				end
				n = n + 1
				r:inject(codec.LLC .. codec.seal(p))
			end
			return 1
		end })
		put_engine(r, 1, 5)
		put_peer(r, 1, 9)
		put_peer(r, 1, 9, THIRD)
		r.p:clear()
		for i = 1, 40 do
			r:run(draw(50) / 10)
			r.p:put(key(draw(20)), "p" .. i)
			r.e:put(key(1 + draw(20)), "e" .. i)
		end
		busy = false
		-- Acknowledgements were forged, and the data of some records.
		again(r, copy(r.p.cache))
		ok(r:run(400, function()
			local _, ca = r.e:state()
			return ca == "Aligned" and r.p.ca == ca and
			    not next(r.p.queue) and names(r.p) == names(r.e)
		end), ("%d broken messages with a right checksum, run %d")
		    :format(n, seed))
	end
end

-- The engine dies, and comes back with nothing.
-- SCSP-125, SCSP-126.
function cases.engine_restart()
	local r = one()
	if not r.restart then return end
	local seq = r.p:get(key(1), ME).seq
	r:restart()
	ok(settle(r, 60), "the engine forgets everything and gets it back")
	r.e:put(key(1), "after")
	ok(settle(r, 10) and r.p:get(key(1), ME).data == "after",
	    "and goes on with its own")
	ok(r.p:get(key(1), ME).seq >= seq + (1 << 20), "a constant above the last")
	r:restart(function() r.e:put(key(2), "before it is aligned") end)
	ok(settle(r, 60) and r.p:get(key(2), ME).data == "before it is aligned",
	    "what it says before it hears of its past counts, too")
	done(r, "restart of the engine")
	r = one()
	r:restart(function() r.e:put(key(2), "at once") end)
	ok(settle(r, 60) and r.p:get(key(2), ME).data == "at once",
	    "even against a past of one number")
end

-- The neighbour remembers an engine of the same ID that was there before.  One
-- that used the first number alone cannot be told from this one.
function cases.reborn()
	for _, id in ipairs { LOW, HIGH } do
		for _, more in ipairs { 1, 1000 } do
			local r = make(id)
			r.p:put(key(1), "of the one before", ME, codec.FIRST + more)
			r.p:put(key(2), "of the one before", ME, codec.FIRST + more)
			r.p:clear()
			r.e:put(key(1), "engine 1")
			ok(settle(r), ("an engine was there before, and came to %d")
			    :format(more))
			ok(r.p:get(key(1), ME).data == "engine 1",
			    "what it says now is what counts")
			done(r, "the one before")
		end
	end
end

-- The VC goes, and comes back.
-- SCSP-022.
function cases.release()
	local r = one()
	if not r.release then return end
	r:release()
	r.e:put(key(70), "meanwhile")
	r.p:put(key(71), "meanwhile")
	ok(settle(r, 120), "the VC is released: aligned over the next one")
	done(r, "release")
end

-- What fits one line does not fit another.
function cases.too_long()
	local r = make(HIGH, { engine = { also = { LOW }, also_key = { spi = 5,
	    key = "k" } } })
	local q = r.other
	if not q then return end
	put_peer(r, 1, 3)
	r.p:clear()
	r:run(30, function() return quiet(r) and q.ca == "Aligned" end)
	listen(r)
	r.p:put(key(50), ("x"):rep(9180 - 28 - 20))
	r:run(30)
	ok(heard(r, "csu_reply") >= 1, "a record that just fits is acknowledged")
	r.p:put(key(51), "y")
	r:run(5)
	ok(q.ca == "Aligned" and q:get(key(51), HIGH), "though it cannot go on")
	done(r, "too long")
end

-- Keys beside others: an unknown index, and two at once.
-- SCSP-152.
function cases.keys()
	local both = { [1] = "one", [2] = "two" }
	local r = make(HIGH, { peer = { auth = { spi = 1, key = "one" }, keys = both },
	    engine = { spi = 1, key = "one" } })
	put_engine(r, 1, 2)
	ok(settle(r), "one key")
	if not r.key then return end
	r:key(2, "two")
	r.p.auth = { spi = 2, key = "two" }
	r:run(20)
	r.p:put(key(9), "x")
	ok(settle(r, 5) and #r.p.abnormals == 0, "another one beside it")
	r.p.auth = { spi = 3, key = "two" }
	r:run(5)
	ok(r.e:state() == "Waiting", "an index nobody knows")
	r.p.auth = { spi = 2, key = "two" }
	ok(settle(r, 30), "and back")
	r.p.exts = { { type = 2, value = "\0\0\x5eodd" }, { type = 9, value = "" } }
	r:run(10)
	ok(aligned(r) and #r.p.abnormals <= 1, "other extensions before the key")
	done(r, "keys")
end

return cases

end
