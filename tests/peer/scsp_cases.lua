-- SPDX-License-Identifier: BSD-2-Clause
-- What an engine of SCSP has to do with a neighbour that was written by somebody
-- else.  The rig brings the engine, the peer and the line between them:
--
--   r = rig { engine = { id=, ... }, peer = { ... }, fate = fn }
--     fate(frame, to) tells how many copies of a frame arrive, to "engine" or
--     "peer"; nil for one
--   r.p                          the peer
--   r.e:put(key, data), r.e:remove(key), r.e:listing(), r.e:state()
--   r:run(seconds [, done])      time passes, at most until done() is true
--   r:swap(o)                    the peer is another one from now on
--   r:inject(frame)              the engine gets this, at once
-- The engine's ID is 10.0.0.5; peers are below or above it.

return function(rig, ok)

local peer = dofile "tests/peer/scsp_peer.lua"
local codec = peer.codec
local ME, LOW, HIGH, THIRD = "\10\0\0\5", "\10\0\0\1", "\10\0\0\9", "\10\0\0\7"
local function key(i) return string.pack(">I4", i) end
local function text(list) return table.concat(list, "\n") end
local function equal(r) return text(r.p:listing()) == text(r.e:listing()) end
local function aligned(r)
	local hello, ca = r.e:state()
	return r.p.ca == "Aligned" and ca == "Aligned" and hello == "Bidirectional"
	    and equal(r)
end
local function quiet(r) return aligned(r) and not next(r.p.queue) end

-- Runs until both are aligned and nothing is on its way; tells whether.
local function settle(r, seconds)
	return r:run(seconds or 30, function() return quiet(r) end)
end

local function make(id, o)
	o = o or {}
	local p = { id = id, strict = o.strict }
	for k, v in pairs(o.peer or {}) do p[k] = v end
	local e = { id = ME }
	for k, v in pairs(o.engine or {}) do e[k] = v end
	local r = rig { engine = e, peer = p, fate = o.fate }
	r.id, r.options = id, p
	return r
end

-- Another incarnation of the peer, with what it remembers.
local function again(r, cache, o)
	local p = {}
	for k, v in pairs(r.options) do p[k] = v end
	for k, v in pairs(o or {}) do p[k] = v end
	r:swap(p)
	for x, e in pairs(cache or {}) do r.p.cache[x] = e end
	r.p:clear()
end

local function copy(cache)
	local out = {}
	for x, e in pairs(cache) do
		out[x] = { key = e.key, oid = e.oid, seq = e.seq, data = e.data }
	end
	return out
end

-- Listens to the engine: what it says is in r.heard.
local function listen(r)
	r.heard = {}
	r.p.listen = function(m) table.insert(r.heard, m) end
end
local function heard(r, kind, which)
	local n, last = 0, nil
	for _, m in ipairs(r.heard) do
		if m.type == kind and (not which or which(m)) then
			n, last = n + 1, m
		end
	end
	return n, last
end

-- The engine gets a message with these fields, from the peer.
local function inject(r, m)
	for k, v in pairs { pid = r.p.pid, sgid = r.p.sgid, sender = r.p.id,
	    receiver = ME, auth = r.p.auth } do
		if m[k] == nil then m[k] = v end
	end
	r:inject(codec.encode(m))
end

local function done(r, what)
	local c = r.p.complaints
	ok(#c == 0, what .. ": nothing to complain of" ..
	    (#c > 0 and ": " .. c[1] or ""))
end

local function put_engine(r, from, to)
	for i = from, to do r.e:put(key(i), "engine " .. i) end
end
local function put_peer(r, from, to, oid)
	for i = from, to do
		r.p:put(key(i), "peer " .. i, oid, oid and i * 3 or nil)
	end
end

-- A peer and an engine that are aligned, and have something.
local function one(id, o)
	local r = make(id or HIGH, o)
	put_engine(r, 1, 2)
	put_peer(r, 1, 3, THIRD)
	r.p:clear()
	ok(settle(r), "aligned")
	listen(r)
	return r
end

local roles = { { "slave", LOW }, { "master", HIGH } }

local t = { peer = peer, codec = codec, ok = ok, ME = ME, LOW = LOW, HIGH = HIGH,
    THIRD = THIRD, roles = roles, key = key, text = text, aligned = aligned,
    quiet = quiet, settle = settle, make = make, again = again, copy = copy,
    listen = listen, heard = heard, inject = inject, done = done,
    put_engine = put_engine, put_peer = put_peer, one = one }
local cases = {}
for _, part in ipairs { "exchange", "align", "update", "strange", "edge" } do
	for name, case in pairs(dofile("tests/peer/cases_" .. part .. ".lua")(t)) do
		cases[name] = case
	end
end
return cases

end
