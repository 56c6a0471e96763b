-- SPDX-License-Identifier: BSD-2-Clause
-- marsh's SCSP engine against a peer that was written from the RFC alone: the
-- engine is a server on the fabric, the peer a bare port at the other end of its
-- VC, and everything the peer says it says in octets.
-- marsh -q tests/peer/scsp_interop.lua

local time = require "marsh.time"
local peer = dofile "tests/peer/scsp_peer.lua"

local failed = 0
local function ok(is, what)
	is = is and true or false
	if not expect(is):is(true, what) then failed = failed + 1 end
	return is
end

local function hex(s)
	return (s:gsub(".", function(c) return ("%02x"):format(c:byte()) end))
end

-- ---- the engine ----------------------------------------------------------------

local engine = {}
engine.__index = engine

local function check(done, why)
	if not done then error(why, 2) end
end
function engine:put(key, data) check(self.node.cache:put(key, data)) end
function engine:remove(key) check(self.node.cache:remove(key)) end
function engine:state()
	local p = self.node.peers[1]
	local words = { Update = "Update Cache" }
	return p.hfsm, words[p.cafsm] or p.cafsm
end

-- marsh shows an originator by its server's name, as a number or with dots.
function engine:octets(id)
	if math.type(id) then return string.pack(">I4", id) end
	if id == self.node.name then return self.id end
	local a, b, c, d = id:match "^(%d+)%.(%d+)%.(%d+)%.(%d+)$"
	return a and string.char(a, b, c, d) or id
end

function engine:listing()
	local all = {}
	for _, e in ipairs(self.node.cache:entries()) do
		table.insert(all, ("%s %s %d %s"):format(
		    hex(self:octets(e.originator)), hex(e.key), e.seq, e.value))
	end
	table.sort(all)
	return all
end

-- ---- the line ------------------------------------------------------------------

-- A peer on a port of its own.
local port = {}
port.__index = port

function port.new(r, name, options)
	local w = setmetatable({ r = r, raw = r.net:raw(name) }, port)
	w:become(options)
	w.raw:on("frame", function(i) w:arrived(i.bytes) end)
	w.raw:on("call", function(i)
		if i.leaf then return end -- what comes of it is heard, too
		w.ref = i.ref
		w.p:up(r.net.now)
		w:turn()
	end)
	for _, kind in ipairs { "released", "dropped" } do
		w.raw:on(kind, function(i)
			if i.ref ~= w.ref then return end
			w.ref = nil
			w.p:down(r.net.now)
		end)
	end
	return w
end

function port:become(options)
	self.p = peer.new(options)
	if self.ref then
		self.p:up(self.r.net.now)
		self:turn()
	end
end

function port:send(frame)
	if self.ref then self.raw:send(self.ref, frame) end
end

-- What is due is done, with a frame or without; and when to come again.
function port:turn(frame)
	for _, f in ipairs(self.p:step(self.r.net.now, frame)) do
		local copies = self.r.fate and self.r.fate(f, "engine") or 1
		for _ = 1, self.r.deaf and 0 or copies do self:send(f) end
	end
	local d = self.p:deadline()
	if self.alarm then self.alarm:cancel() end
	self.alarm = d and self.r.net:at(math.max(d, self.r.net.now) + 2e-6,
	    function()
		self.alarm = nil
		self:turn()
	end)
end

function port:arrived(frame)
	for _ = 1, self.r.fate and self.r.fate(frame, "peer") or 1 do
		self:turn(frame)
	end
end

-- ---- the rig -------------------------------------------------------------------

local rig = {}
rig.__index = function(r, key)
	if key == "now" then return r.net.now end
	if key == "p" then return r.port.p end
	if key == "other" then return r.second and r.second.p end
	return rig[key]
end

local last

local function dotted(id)
	return #id == 4 and ("%d.%d.%d.%d"):format(id:byte(1, 4)) or id
end

local function new(o)
	if last then last:close() end
	local net = fabric {}
	last = net
	local r = setmetatable({ net = net, fate = o.fate }, rig)
	local e = o.engine
	local A = scsp.server "A" { net = net, id = dotted(e.id), pid = e.pid,
	    sgid = e.sgid, hello = 3, dead = 3, multipoint = e.multipoint }
	r.e = setmetatable({ node = A, id = e.id }, engine)
	r.port = port.new(r, "P", o.peer)
	scsp.peer(A, tostring(r.port.raw.addr))
	if e.key then A.peers[1]:key { spi = e.spi, key = e.key } end
	for _, id in ipairs(e.also or {}) do
		local k = e.also_key
		r.second = port.new(r, "Q", { id = id, auth = k,
		    keys = k and { [k.spi] = k.key } })
		scsp.peer(A, tostring(r.second.raw.addr))
		if k then A.peers[2]:key { spi = k.spi, key = k.key } end
	end
	return r
end

function rig:inject(frame) self.port:send(frame) end
function rig:swap(o) self.port:become(o) end
function rig:key(spi, key) self.e.node.peers[1]:key { spi = spi, key = key } end
function rig:release() self.port.raw:release(self.port.ref) end
function rig:restart(first)
	self.e.node:kill()
	self:run(1)
	self.e.node:restart { cold = true }
	if first then first() end
end
function rig:run(seconds, done)
	self.port:turn()
	if self.second then self.second:turn() end
	return time.until_in(self.net, done or function() end, seconds) and true
end

local cases = dofile "tests/peer/scsp_cases.lua"(new, ok)
local names = {}
for name in pairs(cases) do table.insert(names, name) end
table.sort(names)
local only = os.getenv "CASE"
for _, name in ipairs(names) do
	if not only or only == name then
		local done, why = xpcall(cases[name], debug.traceback)
		ok(done, "the case " .. name)
		if not done then io.stdout:write("# ", tostring(why), "\n") end
	end
end
