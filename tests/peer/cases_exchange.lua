-- SPDX-License-Identifier: BSD-2-Clause
-- Cases of the exchange itself, message by message; see scsp_cases.lua.

return function(t)

local codec, ok, ME, LOW, HIGH, THIRD = t.codec, t.ok, t.ME, t.LOW, t.HIGH, t.THIRD
local key, settle, make, again, listen, heard, inject, done, put_engine, put_peer =
    t.key, t.settle, t.make, t.again, t.listen, t.heard, t.inject, t.done,
    t.put_engine, t.put_peer
local cases = {}

-- A peer whose CAs are written by hand.
local function by_hand(r)
	r.p.got_ca = function() end
	r.p.align_begin = function(p) p:negotiate "by hand" end
	listen(r)
end
local function by_itself(r) r.p.got_ca, r.p.align_begin = nil, nil end

local function first_ca(m) return m.m and m.i and m.o and #m.records == 0 end

-- The peer answers no CA: the engine repeats its first one, and nothing that is
-- no first step of an alignment moves it.
-- SCSP-029, SCSP-030, SCSP-031, SCSP-039, SCSP-075.
function cases.negotiation()
	local r = make(HIGH)
	put_engine(r, 1, 3)
	by_hand(r)
	r:run(40, function() return heard(r, "ca") >= 2 end)
	local n, m = heard(r, "ca", first_ca)
	ok(n >= 2 and m.octets == r.heard[#r.heard].octets,
	    "the first CA is sent again")
	local same, seq = true, m.seq
	for _, x in ipairs(r.heard) do
		if x.type == "ca" then same = same and x.octets == m.octets end
	end
	ok(same, "as it was")
	local function ignored(what, ca)
		ca.type = "ca"
		inject(r, ca)
		r:run(0.2)
		local _, state = r.e:state()
		ok(state == "Negotiation", "no role comes of " .. what)
	end
	ignored("a CA with M but not I", { seq = seq, m = true, o = true, records = {} })
	ignored("a first CA with records", { seq = 5, m = true, i = true, o = true,
	    records = { { key = key(1), oid = THIRD, seq = 1 } } })
	ignored("a slave's CA of a higher ID", { seq = seq, records = {} })
	r.heard = {}
	inject(r, { type = "csu_request", records = { { hops = 3, key = key(1),
	    oid = THIRD, seq = 1, data = "too early" } } })
	inject(r, { type = "csus", records = { { key = key(1), oid = ME, seq = 1 } } })
	r:run(0.5)
	ok(heard(r, "csu_reply") + heard(r, "csu_request") == 0 and
	    #r.e:listing() == 3, "updates are neither taken nor sent yet")
	by_itself(r)
	r.p:negotiate "by hand"
	r.p:send_ca({ m = true, i = true, o = true }, {})
	ok(settle(r), "but it is the slave when a first CA comes")
	done(r, "negotiation")
end

-- SCSP-036, SCSP-039.
function cases.low_negotiation()
	local r = make(LOW)
	by_hand(r)
	r:run(40, function() return heard(r, "ca") >= 1 end)
	local _, m = heard(r, "ca")
	inject(r, { type = "ca", seq = m.seq + 7 & 0xffffffff, records = {} })
	r:run(0.2)
	local _, state = r.e:state()
	ok(state == "Negotiation", "a slave's CA of another exchange is ignored")
	inject(r, { type = "ca", seq = 9, m = true, i = true, o = true, records = {} })
	r:run(0.2)
	_, state = r.e:state()
	ok(state == "Negotiation", "as is the first CA of a lower ID")
	by_itself(r)
	ok(settle(r), "and then it is the master")
	done(r, "negotiation")
end

-- By hand: a slave of the engine.
-- SCSP-037, SCSP-038, SCSP-044, SCSP-045, SCSP-046, SCSP-047, SCSP-049,
-- SCSP-050, SCSP-058, SCSP-063.
function cases.master()
	local r = make(LOW)
	put_engine(r, 1, 3)
	by_hand(r)
	r:run(40, function() return heard(r, "ca") >= 1 end)
	local _, m = heard(r, "ca")
	local n0 = m.seq
	local function say(seq, o, records)
		r.heard = {}
		inject(r, { type = "ca", seq = seq & 0xffffffff, o = o,
		    records = records or {} })
		r:run(0.2)
		local n, answer = heard(r, "ca")
		return n, answer
	end
	local one = { { key = key(1), oid = THIRD, seq = 1 } }
	local n, a = say(n0, true, one)
	ok(n == 1 and a.m and not a.i and not a.o and #a.records == 3 and
	    a.seq == n0 + 1 & 0xffffffff, "the master's summaries, number + 1")
	n = say(n0, true, one)
	ok(n == 0, "a double of the slave's is discarded")
	n, a = say(n0 + 1, true, one)
	ok(n == 1 and a.m and not a.o and #a.records == 0 and
	    a.seq == n0 + 2 & 0xffffffff, "the slave has more: an empty CA")
	local before = a and a.octets
	r.heard = {}
	r:run(30, function() return heard(r, "ca") > 0 end)
	_, a = heard(r, "ca")
	ok(a and a.octets == before, "the master repeats it")
	n, a = say(n0 + 9, false, {})
	ok(n == 1 and first_ca(a) and a.seq ~= n0,
	    "a number out of order: from the start, with a number of its own")
	n0 = a.seq
	n, a = say(n0, false, {})
	ok(n == 1 and #a.records == 3 and a.seq == n0 + 1 & 0xffffffff,
	    "the cache from the start")
	say(n0 + 1, false, {})
	local _, state = r.e:state()
	ok(state == "Aligned", "the end: nothing was asked for, " .. state)
	n = say(n0 + 1, false, {})
	_, state = r.e:state()
	ok(n == 0 and state == "Aligned", "a double of the last is discarded")
	n, a = say(n0 + 4, false, {})
	_, state = r.e:state()
	ok(n == 1 and first_ca(a) and state == "Negotiation",
	    "another CA of a slave: from the start")
	by_itself(r)
	again(r)
	ok(settle(r), "and it ends well")
	done(r, "a master")
end

-- By hand: a master of the engine, which has too much for one CA.
-- SCSP-032, SCSP-033, SCSP-034, SCSP-043, SCSP-051, SCSP-052, SCSP-053,
-- SCSP-054, SCSP-056, SCSP-057, SCSP-059, SCSP-061, SCSP-062, SCSP-063.
function cases.slave()
	local r = make(HIGH)
	put_engine(r, 1, 600)
	by_hand(r)
	r:run(40, function() return heard(r, "ca") >= 1 end)
	local function say(seq, flags, records)
		r.heard = {}
		inject(r, { type = "ca", seq = seq & 0xffffffff, m = true,
		    i = flags.i, o = flags.o, records = records or {} })
		r:run(0.2)
		return heard(r, "ca")
	end
	local n0 = 0x7ffffffe
	local n, a = say(n0, { i = true, o = true })
	ok(n == 1 and not a.m and not a.i and a.o and a.seq == n0 and
	    #a.records > 100, "a slave's first summaries, in the master's number")
	local count, octets = #a.records, a.octets
	n, a = say(n0, { i = true, o = true })
	ok(n == 1 and not a.m and a.seq == n0 and #a.records == count,
	    "the same question again: the same answer")
	n, a = say(n0 + 1, { o = true })
	octets = a and a.octets
	ok(n == 1 and not a.o and a.seq == n0 + 1 and #a.records + count == 600,
	    "the rest of them, without O")
	local _, state = r.e:state()
	ok(state == "Summarize", "the master has more: it goes on")
	n, a = say(n0 + 1, { o = true })
	ok(n == 1 and a.octets == octets, "a double: the answer, octet by octet")
	n, a = say(n0 + 2, { o = false }, { { key = key(1), oid = THIRD, seq = 1 } })
	octets = a and a.octets
	_, state = r.e:state()
	ok(n == 1 and not a.o and #a.records == 0 and a.seq == n0 + 2,
	    "the master's last: an empty CA")
	ok(state == "Update Cache" and heard(r, "csus") == 1, "and it asks")
	n, a = say(n0 + 2, { o = false })
	ok(n == 1 and a.octets == octets, "the master lost that: it gets it again")
	inject(r, { type = "csus", records = { { key = key(1), oid = ME,
	    seq = codec.FIRST } } })
	r:run(0.2)
	n, a = say(n0 + 2, { o = false })
	_, state = r.e:state()
	ok(n == 1 and first_ca(a) and state == "Negotiation",
	    "after a CSUS it has it no more: from the start")
	n, a = say(n0 + 20, { i = true, o = true })
	n, a = say(n0 + 23, { o = false })
	ok(n == 1 and first_ca(a), "a number out of order: from the start")
	by_itself(r)
	again(r)
	ok(settle(r), "and it ends well")
	done(r, "a slave")
end

-- The copy of its last CA that a slave keeps, and for how long.
-- SCSP-060, SCSP-062.
function cases.hold()
	local r = make(HIGH)
	settle(r)
	listen(r)
	local last = { type = "ca", seq = r.p.n - 1 & 0xffffffff, m = true,
	    records = {} }
	inject(r, last)
	r:run(0.2)
	local n, m = heard(r, "ca")
	ok(n == 1 and m.seq == last.seq and not m.m, "it is sent again when asked for")
	r:run(20)
	r.heard = {}
	r.p.got_ca = function() end
	inject(r, last)
	r:run(0.2)
	n, m = heard(r, "ca")
	ok(n == 1 and first_ca(m), "after a while it is gone, and all begins anew")
	r.p.got_ca = nil
	ok(settle(r, 60), "and ends well")
end

-- A master that falls silent, but for its Hellos.
function cases.guard()
	local r = make(HIGH)
	by_hand(r)
	r:run(40, function() return heard(r, "ca") >= 1 end)
	inject(r, { type = "ca", seq = 77, m = true, i = true, o = true, records = {} })
	r:run(0.2)
	local _, state = r.e:state()
	ok(state == "Summarize", "a slave")
	r.heard = {}
	r:run(60, function() return heard(r, "ca") > 0 end)
	local n, m = heard(r, "ca")
	ok(n == 1 and first_ca(m), "does not wait for its master for ever")
	by_itself(r)
	again(r)
	ok(settle(r), "and it ends well")
end

-- The interval is the one the neighbour says, not our own.
-- SCSP-013, SCSP-015, SCSP-017.
function cases.interval()
	local r = make(HIGH, { peer = { interval = 2, dead = 4 } })
	ok(settle(r), "a peer with an interval of its own")
	r:run(20)
	local last = r.p.due.hello - 2
	r.deaf = true
	r:run(60, function() return r.e:state() == "Waiting" end)
	ok(r.now - last > 7.9 and r.now - last < 8.5,
	    ("given up after 4 times 2 s: %.2f"):format(r.now - last))
	r.deaf = false
	r:swap { id = HIGH, interval = 1, dead = 2 }
	ok(settle(r), "it comes back with a shorter one")
	r:run(5)
	last = r.p.due.hello - 1
	r.deaf = true
	r:run(60, function() return r.e:state() == "Waiting" end)
	ok(r.now - last > 1.9 and r.now - last < 2.5,
	    ("given up after 2 times 1 s: %.2f"):format(r.now - last))
end

-- A new alignment has a number that was not there before.
-- SCSP-131.
function cases.numbers()
	local r = make(HIGH)
	local seen, twice, count = {}, false, 0
	for _ = 1, 6 do
		listen(r)
		settle(r)
		local n, m = heard(r, "ca", first_ca)
		if n > 0 then
			twice = twice or seen[m.seq]
			seen[m.seq], count = true, count + 1
		end
		again(r)
		r.p.also = {}
	end
	ok(count > 1 and not twice, "each alignment has a number of its own")
end

return cases

end
