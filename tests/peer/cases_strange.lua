-- SPDX-License-Identifier: BSD-2-Clause
-- Cases of strange messages, of keys and of IDs; see scsp_cases.lua.

return function(t)

local codec, ok, ME, LOW, HIGH, THIRD, roles, key, text, settle, make, listen,
    heard, inject, done, put_engine, put_peer, one =
    t.codec, t.ok, t.ME, t.LOW, t.HIGH, t.THIRD, t.roles, t.key, t.text, t.settle,
    t.make, t.listen, t.heard, t.inject, t.done, t.put_engine, t.put_peer,
    t.one
local cases = {}

-- ---- strange messages ------------------------------------------------------

-- These change nothing.
-- SCSP-009, SCSP-073, SCSP-103, SCSP-110, SCSP-139, SCSP-140, SCSP-142,
-- SCSP-144, SCSP-156.
function cases.harmless()
	local r = one()
	local hello = { type = "hello", interval = 3, dead = 3, receivers = { ME },
	    receiver = "" }
	local function fine(what)
		r:run(0.2)
		local h, ca = r.e:state()
		ok(h == "Bidirectional" and ca == "Aligned", what)
		settle(r)
	end
	hello.sgid, hello.receivers = 2, {}
	inject(r, hello)
	fine "another server group"
	hello.sgid, hello.pid = r.p.sgid, 1
	inject(r, hello)
	fine "another protocol"
	hello.pid, hello.receivers = r.p.pid, { THIRD, LOW, ME }
	inject(r, hello)
	fine "several receivers, the engine is the last"
	hello.receivers = { ("\1"):rep(255), ME, "\1" }
	inject(r, hello)
	fine "receivers of other lengths"
	hello.receivers, hello.family = { ME }, 0x1234
	inject(r, hello)
	fine "a Family ID"
	hello.family = 0
	hello.exts = { { type = 2, value = "\0\0\x5eabc" }, { type = 77, value = "x" },
	    { type = 2, value = "\0\0\x5f" } }
	inject(r, hello)
	fine "extensions nobody knows"
	hello.exts = nil
	hello.pid, hello.sgid, hello.sender = r.p.pid, r.p.sgid, HIGH
	local frame = codec.encode(hello)
	r:inject(frame .. "\0\0\0")
	fine "octets behind the packet"
	local p = frame:sub(9)
	r:inject(codec.LLC .. codec.seal(p:sub(1, 12) .. "\xff\xff" .. p:sub(15, 20) ..
	    "\xff\xff\x1f\xff" .. p:sub(25)))
	fine "unused fields that are not zero"
	r:inject("\xaa\xaa\x03\0\0\x5e\0\x77" .. p)
	fine "a frame of another protocol"
	inject(r, { type = "ca", seq = 1, m = true, i = true, o = true, records = {},
	    receiver = THIRD })
	fine "a CA for another server"
	inject(r, { type = "csus", records = { { key = key(1), oid = ME, seq = 1 } },
	    receiver = THIRD })
	fine "a CSUS for another server"
	r.heard = {}
	inject(r, { type = "csus", records = { { key = key(1), oid = ME, seq = 1 } },
	    receiver = codec.ANY })
	inject(r, { type = "ca", seq = 1, m = true, i = true, o = true, records = {},
	    receiver = codec.ANY })
	fine "a CSUS and a CA for all"
	ok(heard(r, "csu_request") + heard(r, "ca") == 0, "nor are they answered")
	r.heard = {}
	inject(r, { type = "csu_request", sender = THIRD, records = { { hops = 3,
	    key = key(80), oid = THIRD, seq = 1, data = "x" } } })
	fine "an update of somebody else, on this VC"
	ok(heard(r, "csu_reply") == 0 and not text(r.e:listing()):find "00000050 ",
	    "nor is it taken")
	inject(r, { type = "csu_reply", records = { { key = key(1), oid = ME,
	    seq = 1 } } })
	fine "a reply to nothing"
	inject(r, { type = "csu_request", records = {} })
	fine "a CSU Request of nothing"
	inject(r, { type = "csu_reply", records = {} })
	fine "a CSU Reply of nothing"
	inject(r, { type = "csus", records = {} })
	fine "a CSUS of nothing"
	hello.interval, hello.dead = 0, 0
	inject(r, hello)
	fine "a Hello without interval and factor"
	done(r, "harmless messages")
end

-- Any of these is abnormal: Waiting, and then everything from the start.
-- SCSP-021, SCSP-105, SCSP-106, SCSP-107, SCSP-108, SCSP-111, SCSP-113,
-- SCSP-143.
function cases.malformed()
	local hello = codec.encode { type = "hello", interval = 3, dead = 3, pid = 3,
	    sgid = 1, sender = HIGH, receivers = { ME } }
	local ca = codec.encode { type = "ca", seq = 7, pid = 3, sgid = 1,
	    sender = HIGH, receiver = ME, records = {
	    { key = key(1), oid = THIRD, seq = 1 } } }
	local function with(frame, at, octets)
		local p = frame:sub(9)
		return codec.LLC ..
		    codec.seal(p:sub(1, at) .. octets .. p:sub(at + 1 + #octets))
	end
	local junk = {
		{ "a wrong checksum", hello:sub(1, -2) .. "\x99" },
		{ "another version", with(hello, 0, "\2") },
		{ "another type", with(hello, 1, "\9") },
		{ "too long a size", with(hello, 2, "\0\200") },
		{ "a size of nothing", with(hello, 2, "\0\4") },
		{ "half a head", codec.LLC .. "\1\5\0" },
		{ "nothing at all", codec.LLC },
		{ "an ID too long", with(hello, 24, "\255") },
		{ "a receiver that is not there", with(hello, 26, "\0\1") },
		{ "a record too many", with(ca, 22, "\0\2") },
		{ "a record too short", with(ca, 34, "\0\19") },
		{ "a key too long", with(ca, 36, "\255") },
		{ "extensions in the middle", with(ca, 6, "\0\20") },
		{ "extensions without an end", with(hello, 6, "\0\36") },
	}
	local r = one(nil, { peer = { interval = 10 } })
	local all = true
	for _, j in ipairs(junk) do
		r:inject(j[2])
		r:run(0.1)
		local state = r.e:state()
		ok(state == "Waiting", "malformed: " .. j[1])
		listen(r)
		r:run(4, function() return heard(r, "hello") > 0 end)
		local _, m = heard(r, "hello")
		all = all and m and #m.receivers == 0
		all = settle(r, 40) and all
	end
	ok(all, "who is waited for is not named; all are aligned again each time")
	done(r, "malformed messages")
end

-- Junk at random, from a neighbour that otherwise does what it should.
-- SCSP-021.
function cases.junk()
	local state = 7
	local function draw(most)
		state = (state * 1103515245 + 12345) & 0x7fffffff
		return (state >> 8) % most
	end
	local r = make(LOW, { peer = { batch = 3 } })
	put_engine(r, 1, 9)
	put_peer(r, 1, 9)
	r.p:clear()
	for _ = 1, 60 do
		local octets = {}
		for i = 1, 1 + draw(90) do octets[i] = string.char(draw(256)) end
		r:inject((draw(2) == 0 and codec.LLC or "") .. table.concat(octets))
		r:run(draw(40) / 10)
	end
	ok(settle(r, 60), "junk at random between the messages")
	done(r, "junk")
end

-- SCSP-012, SCSP-023.
function cases.strangers()
	local r = one()
	local hello = { type = "hello", interval = 3, dead = 3, receivers = {},
	    receiver = "" }
	inject(r, hello)
	r:run(0.1)
	ok(r.e:state() == "Unidirectional", "a Hello that does not name the engine")
	ok(settle(r, 40), "aligned again")
	hello.receivers, hello.sender = { ME }, THIRD
	inject(r, hello)
	r:run(0.1)
	local state = r.e:state()
	ok(state == "Waiting", "a Hello with another sender: " .. state)
	ok(settle(r, 40), "aligned again")
	-- Nothing but Hello counts before it is bidirectional.
	r = make(HIGH)
	r.p.step = function() return {} end
	listen(r)
	inject(r, { type = "csu_request", records = { { hops = 3, key = key(1),
	    oid = HIGH, seq = 1, data = "x" } } })
	inject(r, { type = "ca", seq = 1, m = true, i = true, o = true, records = {} })
	r:run(1)
	ok(heard(r, "csu_reply") + heard(r, "ca") == 0 and #r.e:listing() == 0,
	    "nothing but Hello counts at first")
end

-- A CA sequence number that runs over.
-- SCSP-131.
function cases.overflow()
	local r = make(HIGH, { peer = { batch = 1, n = 0xfffffffd } })
	put_peer(r, 1, 9)
	r.p:clear()
	r.p.n = 0xfffffffd
	ok(settle(r), "a CA sequence number that runs over")
	done(r, "overflow")
end

-- ---- keys and IDs ----------------------------------------------------------

-- SCSP-146, SCSP-148, SCSP-149, SCSP-155.
function cases.authentication()
	local key1 = { auth = { spi = 0x100, key = "scsp-test-key-01" },
	    keys = { [0x100] = "scsp-test-key-01" } }
	for _, role in ipairs(roles) do
		local r = make(role[2], { peer = key1, engine = {
		    spi = 0x100, key = "scsp-test-key-01" } })
		put_engine(r, 1, 3)
		put_peer(r, 1, 600)
		r.p:clear()
		ok(settle(r), "both have the key, the peer is " .. role[1])
		r.e:put(key(9), "x")
		r.p:put(key(9), "y")
		ok(settle(r, 5), "updates, too")
		done(r, "the right key")
		r = make(role[2], { peer = key1, engine = { spi = 0x100,
		    key = "scsp-test-key-02" } })
		put_engine(r, 1, 3)
		r:run(30)
		ok(r.e:state() == "Waiting" and #r.p.abnormals > 3 and
		    #r.p:listing() == 0, "another key: nobody is let in")
		r = make(role[2], { engine = { spi = 0x100,
		    key = "scsp-test-key-01" } })
		r:run(30)
		ok(r.e:state() == "Waiting", "no key: the same")
	end
end

-- SCSP-040, SCSP-109, SCSP-112, SCSP-135.
function cases.lengths()
	local long = ("\xf0"):rep(254)
	for _, id in ipairs { "\200", "\1\0\0\1\0\0\9", long } do
		local r = make(id, { peer = { pid = 1, sgid = 0xfffe },
		    engine = { pid = 1, sgid = 0xfffe, id = ME } })
		r.e:put("\0", "a short key")
		r.e:put(("k"):rep(255), "a long key")
		r.e:put("odd", ("d"):rep(501))
		r.p:put("a", "")
		r.p:put(("K"):rep(255), ("D"):rep(1001), ("\1"):rep(255), 5)
		r.p:clear()
		ok(settle(r), ("an ID of %d octets"):format(#id))
		ok(r.p.role == (codec.larger(id, ME) and "master" or "slave"),
		    "it is ordered as a number")
		r.e:put("odd", ("e"):rep(500))
		r.p:put("a", "b")
		ok(settle(r, 10), "updates, too")
		done(r, "lengths")
	end
end

-- A key may have no octets at all (B.2.0.2 has no least length).
function cases.no_key()
	local r = one()
	inject(r, { type = "csu_request", records = { { hops = 1, key = "",
	    oid = HIGH, seq = 1, data = "x" } } })
	r:run(1)
	ok(heard(r, "csu_reply") == 1 and r.e:state() == "Bidirectional",
	    "a record without a key")
	done(r, "no key")
end

return cases

end
