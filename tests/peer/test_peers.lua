-- SPDX-License-Identifier: BSD-2-Clause
-- Two peers against each other, no marsh: caches drawn at random, and a line that
-- loses, doubles and delays.  They align, and stay so.

local peer = dofile "tests/peer/scsp_peer.lua"
local n, bad = 0, 0
local function ok(is, what)
	n = n + 1
	if not is then bad = bad + 1 end
	print(("%sok %d - %s"):format(is and "" or "not ", n, what))
end

local seed = 1
local function draw(most) -- 0 <= draw < most
	seed = (seed * 1103515245 + 12345) & 0x7fffffff
	return (seed >> 8) % most
end

-- A pair of peers and the line between them.
local line = {}
line.__index = line

function line.new(a, b, fate)
	local w = setmetatable({ now = 0, ends = { a, b }, flying = {}, fate = fate },
	    line)
	a:up(0)
	b:up(0)
	return w
end

function line:put(frames, to)
	for _, f in ipairs(frames) do
		local copies, lag = 1, 0.01
		if self.fate then copies, lag = self.fate(f, to) end
		for _ = 1, copies do
			table.insert(self.flying, { at = self.now + lag, to = to, f = f })
		end
	end
end

-- Runs for some seconds, or until done() says so; tells whether it did.
function line:run(seconds, done)
	local stop = self.now + seconds
	while true do
		for i, p in ipairs(self.ends) do
			self:put(p:step(self.now), 3 - i)
		end
		if done and done() then return true end
		local at, first = stop, nil
		for i, x in ipairs(self.flying) do
			if x.at < at then at, first = x.at, i end
		end
		for _, p in ipairs(self.ends) do
			local d = p:deadline()
			if d and d < at then at, first = d, nil end
		end
		self.now = math.max(self.now, at)
		if at >= stop then return false end
		if first then
			local x = table.remove(self.flying, first)
			self:put(self.ends[x.to]:step(self.now, x.f), 3 - x.to)
		end
	end
end

local function equal(a, b)
	return table.concat(a:listing(), "\n") == table.concat(b:listing(), "\n")
end
local function aligned(a, b)
	return a.ca == "Aligned" and b.ca == "Aligned" and equal(a, b)
end
local ID1, ID2, ID3 = "\10\0\0\1", "\10\0\0\2", "\10\0\0\3"
local function key(i) return string.pack(">I4", i) end

-- Entries of three originators, at random on either side or both, one newer.
local function fill(a, b, count)
	for i = 1, count do
		local oid, seq = ({ ID1, ID2, ID3 })[draw(3) + 1], draw(100) - 50
		local where = draw(4)
		if where ~= 0 then a:put(key(i), "v" .. seq, oid, seq) end
		if where ~= 1 then
			local more = where == 3 and draw(3) - 1 or 0
			b:put(key(i), "v" .. seq + more, oid, seq + more)
		end
	end
end

local function pair(o)
	local a = { id = ID1 }
	local b = { id = ID2 }
	for k, v in pairs(o or {}) do a[k], b[k] = v, v end
	return peer.new(a), peer.new(b)
end

for _, count in ipairs { 0, 1, 2, 20, 1000 } do
	local a, b = pair { strict = true }
	fill(a, b, count)
	local w = line.new(a, b)
	ok(w:run(8, function() return aligned(a, b) end),
	    count .. " entries: aligned")
	ok(a.role == "slave" and b.role == "master", "the higher ID is master")
	a:put(key(5000), "of a")
	b:put(key(5001), "of b")
	ok(w:run(1, function() return equal(a, b) and not next(a.queue) and
	    not next(b.queue) end), "a change on both sides")
	w:run(30)
	ok(#a.complaints + #b.complaints == 0 and #a.abnormals == 0,
	    "nothing to complain of")
	local none = peer.new { id = ID1 }
	w.ends[1] = none
	none:up(w.now)
	ok(w:run(20, function() return aligned(none, b) end),
	    "one forgets everything and gets it back")
end

local runs = tonumber(os.getenv "RUNS") or 150
for _, loss in ipairs { 10, 30 } do
	local settled, kept = 0, 0
	for i = 1, runs do
		seed = i
		local a, b = pair { batch = 3, csu_max = 30, csus_max = 30 }
		fill(a, b, draw(24))
		local function fate()
			local copies = draw(100) < loss and 0 or draw(100) < 5 and 2 or 1
			return copies, 0.01 + draw(20) / 100
		end
		local w = line.new(a, b, fate)
		if w:run(2000, function() return aligned(a, b) end) then
			settled = settled + 1
		end
		for k = 1, draw(5) do (k % 2 == 0 and a or b):put(key(k), "new" .. k) end
		if w:run(2000, function() return aligned(a, b) end) then
			kept = kept + 1
		end
	end
	ok(settled == runs, ("%d of %d align, %d %% are lost"):format(settled, runs, loss))
	ok(kept == runs, ("and %d again after changes"):format(kept))
end

-- Each type lost once, in either direction, costs a retransmission.
for _, type in ipairs { "hello", "ca", "csus", "csu_request", "csu_reply" } do
	for _, from in ipairs { 1, 2 } do
		local a, b = pair()
		fill(a, b, 20)
		local lost = false
		local w = line.new(a, b, function(f, to)
			local m = peer.codec.decode(f)
			local hit = not lost and m.type == type and to ~= from
			lost = lost or hit
			return hit and 0 or 1, 0.01
		end)
		ok(w:run(30, function() return aligned(a, b) end) and lost and
		    #a.abnormals == 0, ("a lost %s of %d"):format(type, from))
	end
end

do -- authentication
	local right = { auth = { spi = 7, key = "k" }, keys = { [7] = "k" } }
	local a, b = pair(right)
	fill(a, b, 5)
	ok(line.new(a, b):run(10, function() return aligned(a, b) end),
	    "aligned with authentication")
	local c = peer.new { id = ID3, auth = { spi = 7, key = "other" } }
	a = pair(right)
	ok(not line.new(a, c):run(30, function() return a.hello ~= "Waiting" end) and
	    #a.abnormals > 5, "never with the wrong key")
end

do -- a record that is gone when it is asked for
	local a, b = pair()
	b:put(key(1), "gone")
	b:put(key(2), "there")
	local w = line.new(a, b, function(f)
		local m = peer.codec.decode(f)
		if m.type == "csus" then b:vanish(key(1)) end
		return 1, 0.01
	end)
	ok(w:run(10, function() return aligned(a, b) end) and #a:listing() == 1,
	    "a Null record answers")
end
print("1.." .. n)
os.exit(bad == 0)
