-- SPDX-License-Identifier: BSD-2-Clause
-- A server of RFC 2334 with one neighbour, in plain Lua: a second reading of the
-- RFC that marsh's engine is held against.  Nothing of marsh is in it, and it
-- does neither input nor output:
--
--   p = peer.new { id = "\10\0\0\1", ... }   options below
--   p:up(now)                 there is a VC to the neighbour; p:down(now): no more
--   p:step(now, frame|nil)    takes a frame, does what is due; a list of frames
--   p:deadline()              when it wants to be called again, or nil
--   p:put(key, data), p:vanish(key [, oid]), p:get(key [, oid]), p:listing()
--   p.hello, p.ca             the states of its two machines
--   p.complaints              what the neighbour did against the RFC
--
-- This file has the Hello protocol (2.1); scsp_align.lua has cache alignment
-- (2.2), scsp_update.lua the updates (2.3).

local codec = dofile "tests/peer/scsp_codec.lua"
local peer = { codec = codec }
peer.__index = peer

-- Seconds, and counts.  The RFC has no defaults.
local defaults = {
	pid = 3, sgid = 1,
	interval = 3, dead = 3,   -- of our Hello
	ca_rexmt = 3, guard = 30, -- a slave's patience in Cache Summarize
	csus_rexmt = 3, csus_max = 5,
	csu_rexmt = 2, csu_max = 5,
	hops = 16, restart = 1 << 20,
	mtu = 9180,               -- octets of a packet
	batch = 10000,            -- records of a packet, if fewer than fit
	first = codec.FIRST,      -- of an entry never seen before
	also = {},                -- receivers a Hello names besides the neighbour
	auth = nil,               -- { spi, key } to sign with
	keys = nil,               -- { [spi] = key } of what is let in
}

function peer.new(o)
	local p = setmetatable({ cache = {}, out = {}, due = {}, requests = {},
	    queue = {}, log = {}, complaints = {}, heard = {}, said = {},
	    hello = "Down", ca = "Down", now = 0, n = 0, abnormals = {} }, peer)
	for k, v in pairs(defaults) do p[k] = v end
	for k, v in pairs(o) do p[k] = v end
	p:clear()
	return p
end

-- The name of an entry in tables.
function peer.name(key, oid) return string.pack(">s1s1", key, oid) end

function peer:note(text) table.insert(self.log, { self.now, text }) end

function peer:complain(text)
	table.insert(self.complaints, ("%.3f %s"):format(self.now, text))
end

-- Builds, counts and queues a frame; returns it.
function peer:send(m)
	m.pid, m.sgid, m.sender = self.pid, self.sgid, self.id
	m.receiver = m.receiver or self.dcs
	m.auth, m.exts = self.auth, self.exts
	local frame = codec.encode(m)
	self.said[m.type] = (self.said[m.type] or 0) + 1
	table.insert(self.out, frame)
	return frame
end

-- How many octets of records fit a packet of this type.
function peer:room(kind)
	return self.mtu - (kind == "ca" and 24 or 20) - #self.id - #self.dcs -
	    (self.auth and 28 or 0)
end

-- ---- Hello (2.1) -----------------------------------------------------------------

function peer:send_hello()
	local to = {}
	for _, id in ipairs(self.also) do to[#to + 1] = id end
	if self.dcs then to[#to + 1] = self.dcs end
	self:send { type = "hello", interval = self.interval, dead = self.dead,
	    receivers = to, receiver = "" }
	self.due.hello = self.now + self.interval
end

function peer:enter_hello(state, why)
	if state == self.hello then return end
	local was = self.hello
	self.hello = state
	self:note(("Hello %s: %s"):format(state, why))
	if state == "Waiting" or state == "Down" then
		self.dcs, self.due.dead = nil, nil
	end
	if state == "Bidirectional" then
		self:align_begin()
	elseif was == "Bidirectional" then
		self:align_down()
	end
end

function peer:up(now)
	self.now = now
	if self.hello ~= "Down" then return end
	self:enter_hello("Waiting", "there is a VC")
	self:send_hello()
end

function peer:down(now)
	self.now = now
	self:enter_hello("Down", "the VC is gone")
	self.due = {}
end

-- Any abnormal event ends in Waiting, except that of a peer that is down.
function peer:abnormal(why)
	table.insert(self.abnormals, why)
	self:note("abnormal: " .. why)
	if self.hello ~= "Down" then self:enter_hello("Waiting", why) end
end

function peer:got_hello(m)
	if self.hello == "Down" then return end
	if self.dcs and self.dcs ~= m.sender then
		return self:abnormal("the neighbour has another ID")
	end
	if self.last_hello and self.strict and
	    self.now > self.last_hello + m.interval + 0.5 then
		self:complain "hello: later than its interval"
	end
	self.last_hello = self.now
	self.dcs = m.sender
	self.dead_interval = math.max(m.interval, 1) * math.max(m.dead, 1)
	self.due.dead = self.now + self.dead_interval
	local listed = false
	for _, id in ipairs(m.receivers) do listed = listed or id == self.id end
	if listed then
		self:enter_hello("Bidirectional", "it hears us")
	else
		self:enter_hello("Unidirectional", "it does not hear us")
	end
end

-- ---- frames in, time -------------------------------------------------------------

function peer:receive(frame)
	local m, why = codec.decode(frame)
	if m == false then return end -- another protocol's
	if not m then return self:abnormal("malformed: " .. why) end
	if self.keys and not codec.verify(m, self.keys) then
		return self:abnormal("authentication")
	end
	if m.pid ~= self.pid or m.sgid ~= self.sgid then return end
	self.heard[m.type] = (self.heard[m.type] or 0) + 1
	for _, what in ipairs(m.odd) do self:complain(what) end
	if m.size > 9180 then self:complain "a packet of more than 9180 octets" end
	if self.listen then self.listen(m, self) end
	if m.type == "hello" then return self:got_hello(m) end
	local to_all = m.receiver ~= "" and m.receiver:find("^\xff+$")
	if m.receiver ~= self.id and not (to_all and m.type:find "^csu_") then
		return
	end
	if self.hello ~= "Bidirectional" or m.sender ~= self.dcs then return end
	self["got_" .. m.type](self, m)
end

local order = { "dead", "hello", "ca", "hold", "guard", "csus" }

function peer:expire(name)
	self.due[name] = nil
	if name == "hello" then
		self:send_hello()
	elseif name == "dead" then
		self:enter_hello("Waiting", "silence")
	else
		self["expire_" .. name](self)
	end
end

function peer:deadline()
	local at
	for _, t in pairs(self.due) do at = math.min(at or t, t) end
	for _, r in ipairs(self.requests) do at = math.min(at or r.due, r.due) end
	return at
end

function peer:step(now, frame)
	self.now = now
	if frame then self:receive(frame) end
	for _, name in ipairs(order) do
		if self.due[name] and self.due[name] <= now then self:expire(name) end
	end
	self:retransmit()
	local out = self.out
	self.out = {}
	return out
end

for _, part in ipairs { "scsp_align", "scsp_update" } do
	for k, f in pairs(dofile("tests/peer/" .. part .. ".lua")(codec)) do
		peer[k] = f
	end
end

return peer
