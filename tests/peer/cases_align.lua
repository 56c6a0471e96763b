-- SPDX-License-Identifier: BSD-2-Clause
-- Cases of alignment: caches of all kinds, losses, restarts; see scsp_cases.lua.

return function(t)

local codec, ok, LOW, HIGH, THIRD, roles, key, aligned, settle, make, again,
    copy, listen, heard, done, put_engine, put_peer =
    t.codec, t.ok, t.LOW, t.HIGH, t.THIRD, t.roles, t.key, t.aligned,
    t.settle, t.make, t.again, t.copy, t.listen, t.heard, t.done,
    t.put_engine, t.put_peer
local cases = {}

-- ---- alignment -------------------------------------------------------------

local caches = {
	{ "empty caches", function() end },
	{ "the engine has entries", function(r) put_engine(r, 1, 5) end },
	{ "the peer has entries", function(r)
		put_peer(r, 11, 15)
		put_peer(r, 1, 3, THIRD)
	end },
	{ "both have entries", function(r)
		put_engine(r, 1, 5)
		put_peer(r, 1, 5)
		put_peer(r, 3, 9, THIRD)
	end },
	{ "more entries than fit a CA", function(r)
		put_engine(r, 1, 1000)
		put_peer(r, 1, 300)
	end, { peer = { batch = 40 } } },
	{ "more of the engine alone", function(r) put_engine(r, 1, 1000) end },
	{ "more of the peer alone", function(r) put_peer(r, 1, 1000) end },
}

-- SCSP-001, SCSP-031, SCSP-035, SCSP-048, SCSP-055, SCSP-066, SCSP-067,
-- SCSP-070, SCSP-072, SCSP-074, SCSP-137.
function cases.caches()
	for _, role in ipairs(roles) do
		for _, case in ipairs(caches) do
			local r = make(role[2], case[3] or { strict = true })
			case[2](r)
			r.p:clear()
			local what = ("%s, the peer is %s"):format(case[1], role[1])
			ok(settle(r), what .. ": aligned, equal")
			ok(r.p.role == role[1], "in this role")
			r:run(20)
			ok(aligned(r) and #r.p.abnormals == 0, "and it lasts")
			done(r, what)
		end
	end
end

-- What both know, and then a peer that knows some of it better or worse.
-- SCSP-064, SCSP-067, SCSP-117.
function cases.newer()
	for _, role in ipairs(roles) do
		local r = make(role[2])
		put_peer(r, 1, 30, THIRD)
		r.p:clear()
		ok(settle(r), "a peer brings entries")
		local cache = copy(r.p.cache)
		again(r, cache)
		listen(r)
		ok(settle(r), "it comes back with equal ones, as " .. role[1])
		ok(heard(r, "csus") + heard(r, "csu_request") == 0,
		    "nothing is asked for and nothing sent")
		local i, better, worse = 0, 0, 0
		for _, x in ipairs(r.p.list) do
			local e = cache[x]
			i = i + 1
			if i % 3 == 0 then
				e.seq, e.data, better = e.seq + 1, "better", better + 1
			elseif i % 3 == 1 then
				e.seq, e.data, worse = e.seq - 1, "worse", worse + 1
			end
		end
		again(r, cache)
		listen(r)
		ok(settle(r), "it comes back with newer and older ones")
		local _, csus = heard(r, "csus")
		ok(csus and #csus.records == better, "the newer are asked for")
		local _, csu = heard(r, "csu_request")
		ok(csu and #csu.records == worse and csu.records[1].hops == 1,
		    "the older are sent, no further than one hop")
		done(r, "newer and older")
	end
end

-- ---- losses ----------------------------------------------------------------

local types = { "hello", "ca", "csus", "csu_request", "csu_reply" }

-- SCSP-030, SCSP-049, SCSP-051, SCSP-062, SCSP-069, SCSP-083.
function cases.loss()
	for _, role in ipairs(roles) do
		for _, kind in ipairs(types) do
			for _, to in ipairs { "engine", "peer" } do
				for nth = 1, kind == "ca" and 6 or 2 do
					local n, lost = 0, false
					local r = make(role[2], { peer = { batch = 4 },
					    fate = function(frame, whom)
						local m = codec.decode(frame)
						if whom ~= to or m.type ~= kind then
							return 1
						end
						n = n + 1
						if n == nth then lost = true end
						return n == nth and 0 or 1
					end })
					put_engine(r, 1, 9)
					put_peer(r, 11, 21)
					r.p:clear()
					local good = settle(r, 60)
					r.e:put(key(50), "later")
					r.p:put(key(51), "later")
					good = good and settle(r, 20)
					ok(good and #r.p.abnormals == 0 and (lost or nth > 1),
					    ("%s %d to the %s is lost, the peer is %s")
					    :format(kind, nth, to, role[1]))
				end
			end
		end
	end
end

function cases.doubles()
	for _, role in ipairs(roles) do
		local r = make(role[2], { peer = { batch = 4 },
		    fate = function() return 2 end })
		put_engine(r, 1, 9)
		put_peer(r, 11, 21)
		r.p:clear()
		ok(settle(r, 60), "everything arrives twice, the peer is " .. role[1])
		r.e:put(key(50), "later")
		r.p:put(key(51), "later")
		ok(settle(r, 20), "updates, too")
		done(r, "doubles")
	end
end

function cases.noise()
	for seed = 1, 20 do
		local state = seed
		local function draw(most)
			state = (state * 1103515245 + 12345) & 0x7fffffff
			return (state >> 8) % most
		end
		local r = make(seed % 2 == 0 and LOW or HIGH, { peer = { batch = 3,
		    csu_max = 5 }, fate = function()
			return draw(100) < 15 and 0 or draw(100) < 5 and 2 or 1
		end })
		put_engine(r, 1, draw(20))
		put_peer(r, 11, 11 + draw(20))
		put_peer(r, 1, 10, THIRD)
		r.p:clear()
		local good = settle(r, 600)
		put_engine(r, 5, 9)
		put_peer(r, 9, 14)
		ok(good and settle(r, 600), ("a bad line, number %d"):format(seed))
	end
end

-- ---- restarts --------------------------------------------------------------

-- SCSP-058, SCSP-063.
function cases.restart()
	for _, role in ipairs(roles) do
		local r = make(role[2])
		put_engine(r, 1, 3)
		put_peer(r, 11, 13)
		r.p:clear()
		settle(r)
		r.p:put(key(11), "second")
		settle(r)
		local cache = copy(r.p.cache)
		again(r)
		ok(settle(r) and #r.p:listing() == 6,
		    "a peer that forgot everything, " .. role[1])
		r.p:put(key(11), "third")
		ok(settle(r), "its next change counts")
		again(r, cache)
		ok(settle(r), "a peer that remembers, but not the last")
		again(r, nil, { first = 1000000 }) -- of a clock (B.2.0.2: unique)
		r.p:put(key(12), "from the start")
		ok(settle(r) and r.p:get(key(12)).data == "from the start",
		    "a peer that starts from the beginning")
		again(r)
		r:run(60, function() return r.p.ca == "Summarize" end)
		again(r)
		ok(settle(r), "a peer that restarts while it aligns")
		r.p:negotiate "by hand"
		r.p:send_ca({ m = true, i = true, o = true }, {})
		ok(settle(r), "a peer that begins alignment anew")
		done(r, "restarts")
	end
end

-- SCSP-017, SCSP-027.
function cases.silence()
	local r = make(HIGH)
	put_engine(r, 1, 3)
	r.p:clear()
	settle(r)
	r.deaf = true
	r:run(60, function() return r.e:state() == "Waiting" end)
	local hello, ca = r.e:state()
	ok(hello == "Waiting" and ca == "Down", "a peer that is silent is waited for")
	put_engine(r, 4, 5)
	r.deaf = false
	ok(settle(r, 60), "and aligned with when it speaks again")
end

return cases

end
