-- SPDX-License-Identifier: BSD-2-Clause
-- The cases that marsh's engine has to pass, with a second peer in its place: a
-- case that fails here is wrong itself.

local peer = dofile "tests/peer/scsp_peer.lua"
local n, bad = 0, 0
local function ok(is, what)
	n = n + 1
	if not is then bad = bad + 1 end
	print(("%sok %d - %s"):format(is and "" or "not ", n, what))
	return is
end

local rig = {}
rig.__index = rig

local engine = {}
engine.__index = engine
function engine:put(key, data) self.p:put(key, data) end
function engine:remove(key) self.p:put(key, "") end
function engine:listing() return self.p:listing() end
function engine:state() return self.p.hello, self.p.ca end

local function new(o)
	local r = setmetatable({ now = 0, flying = {}, fate = o.fate }, rig)
	local e = o.engine
	local key = e.key and { spi = e.spi, key = e.key }
	r.ends = { engine = peer.new { id = e.id, pid = e.pid, sgid = e.sgid,
	    auth = key, keys = key and { [key.spi] = key.key } },
	    peer = peer.new(o.peer) }
	r.e, r.p = setmetatable({ p = r.ends.engine }, engine), r.ends.peer
	r.ends.engine:up(0)
	r.p:up(0)
	return r
end

local function other(whom) return whom == "peer" and "engine" or "peer" end

function rig:put(frames, to)
	for _, f in ipairs(frames) do
		local copies = self.fate and self.fate(f, to) or 1
		if self.deaf and to == "engine" then copies = 0 end
		for _ = 1, copies do self:fly(f, to) end
	end
end

function rig:fly(f, to)
	table.insert(self.flying, { at = self.now + 0.001, to = to, f = f })
end

function rig:inject(f) self:fly(f, "engine") end

function rig:swap(o)
	self.p = peer.new(o)
	self.ends.peer = self.p
	self.p:up(self.now)
end

function rig:run(seconds, done)
	local stop = self.now + seconds
	while true do
		for _, whom in ipairs { "engine", "peer" } do
			self:put(self.ends[whom]:step(self.now), other(whom))
		end
		if done and done() then return true end
		local at, first = stop, nil
		for i, x in ipairs(self.flying) do
			if x.at < at then at, first = x.at, i end
		end
		for _, p in pairs(self.ends) do
			local d = p:deadline()
			if d and d < at then at, first = math.max(d, self.now), nil end
		end
		self.now = math.max(at, self.now)
		if at >= stop then return false end
		if first then
			local x = table.remove(self.flying, first)
			self:put(self.ends[x.to]:step(self.now, x.f), other(x.to))
		end
	end
end

local cases = dofile "tests/peer/scsp_cases.lua"(new, ok)
local names = {}
for name in pairs(cases) do table.insert(names, name) end
table.sort(names)
for _, name in ipairs(names) do
	if not arg[1] or arg[1] == name then cases[name]() end
end
print("1.." .. n)
os.exit(bad == 0)
