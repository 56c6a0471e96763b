-- SPDX-License-Identifier: BSD-2-Clause
-- The cache of the peer and its updates (RFC 2334, 2.3 and 2.4): CSU Requests
-- and Replies, the retransmit queue, answers to a CSUS.

return function(codec)

local U = {}

function U:may_update() return self.ca == "Update Cache" or self.ca == "Aligned" end

-- ---- sending -------------------------------------------------------------------

-- Sends records in as many CSU Requests as it takes, each with its timer.
function U:transmit(items)
	local some, left = {}, self:room "csu_request"
	local function flush()
		if #some == 0 then return end
		local request = { due = self.now + self.csu_rexmt }
		table.insert(self.requests, request)
		for _, q in ipairs(some) do
			q.request, q.sent = request, q.sent + 1
		end
		self:send { type = "csu_request", records = some }
		some, left = {}, self:room "csu_request"
	end
	for _, q in ipairs(items) do
		local n = 12 + #q.key + #q.oid + #(q.data or "")
		if #some == self.batch or n > left then flush() end
		table.insert(some, q)
		left = left - n
	end
	flush()
end

-- A record for the queue; there is one instance of an entry on it at most.
function U:enqueue(x, e, hops, null)
	local old = self.queue[x]
	local q = { key = e.key, oid = e.oid, seq = e.seq, hops = hops, null = null,
	    data = not null and e.data or nil,
	    sent = old and old.seq == e.seq and old.sent or 0 }
	self.queue[x] = q
	return q
end

function U:flood(x)
	if self:may_update() then
		self:transmit { self:enqueue(x, self.cache[x], self.hops) }
	elseif self.ca ~= "Down" then
		self.changed[x] = true
	end
end

-- What changed while updates were not allowed.
function U:flood_changed()
	local items, names = {}, {}
	for x in pairs(self.changed) do table.insert(names, x) end
	table.sort(names)
	for _, x in ipairs(names) do
		local e = self.cache[x]
		if e then table.insert(items, self:enqueue(x, e, self.hops)) end
	end
	self.changed = {}
	self:transmit(items)
end

function U:retransmit()
	local late, left = {}, {}
	for _, r in ipairs(self.requests) do
		table.insert(r.due <= self.now and late or left, r)
	end
	if #late == 0 then return end
	self.requests = left
	for _, r in ipairs(late) do
		local items = {}
		for _, q in pairs(self.queue) do
			if q.request == r then
				if q.sent >= self.csu_max then
					return self:abnormal "no acknowledgement"
				end
				table.insert(items, q)
			end
		end
		table.sort(items, function(a, b)
			return self.name(a.key, a.oid) < self.name(b.key, b.oid)
		end)
		self:transmit(items)
	end
end

-- A timer that nothing hangs on is none.
function U:dequeue(x)
	local q = self.queue[x]
	self.queue[x] = nil
	for _, other in pairs(self.queue) do
		if other.request == q.request then return end
	end
	for i, r in ipairs(self.requests) do
		if r == q.request then table.remove(self.requests, i) end
	end
end

-- ---- receiving -------------------------------------------------------------------

-- A record of ours that the neighbour has newer than we do: from before a
-- restart.  Ours is the truth if we have one; else theirs is what is left of it.
function U:defend(x, r)
	local e = self.cache[x]
	if not e then return false end
	if r.seq >= codec.LAST - self.restart then
		self:purge(x, e, e.next or e.data)
	else
		e.seq = r.seq + self.restart
		self:flood(x)
	end
	return true
end

-- The numbers of an entry are used up: it is taken out of all caches, and when
-- that is acknowledged it begins again (B.2.0.2).
function U:purge(x, e, data)
	e.seq, e.data, e.next = codec.LAST, "", data
	self:flood(x)
end

function U:purged(x)
	local e = self.cache[x]
	if not e or not e.next or e.seq ~= codec.LAST then return end
	e.seq, e.data, e.next = codec.FIRST, e.next, nil
	self:flood(x)
end

-- The answer to one record of a CSU Request.
function U:take(x, r)
	local e = self.cache[x]
	local has = e and e.seq or codec.NONE
	local reply = { key = r.key, oid = r.oid, seq = r.seq, null = r.null }
	if r.null then
		self:answered(x, r.seq, true)
		return reply
	end
	local q = self.queue[x]
	if codec.newer(r.seq, has) then
		if q then self:dequeue(x) end
		self:answered(x, r.seq)
		if r.seq == codec.LAST and r.oid ~= self.id then
			self.cache[x] = nil -- purged: its numbers begin again
		elseif r.oid ~= self.id or not self:defend(x, r) then
			self.cache[x] = { key = r.key, oid = r.oid, seq = r.seq,
			    data = r.data, hops = r.hops,
			    old = r.oid == self.id }
			if self.changed_by_peer then self.changed_by_peer(r) end
		end
	elseif r.seq == has then
		if q and q.seq == r.seq then self:dequeue(x) end
		self:answered(x, r.seq)
	else
		reply.seq = has
	end
	return reply
end

function U:got_csu_request(m)
	if not self:may_update() then return end
	local replies = {}
	for _, r in ipairs(m.records) do
		table.insert(replies, self:take(self.name(r.key, r.oid), r))
	end
	if #replies > 0 then
		self:send { type = "csu_reply", records = replies }
	end
	self:solicited()
end

function U:got_csu_reply(m)
	if not self:may_update() then return end
	for _, r in ipairs(m.records) do
		local x = self.name(r.key, r.oid)
		local q = self.queue[x]
		if q and q.seq == r.seq then
			self:dequeue(x)
			self:purged(x)
		elseif q and codec.newer(r.seq, q.seq) then
			self:dequeue(x)
			local e = self.cache[x]
			if codec.newer(r.seq, e and e.seq or codec.NONE) then
				self:request(x, r)
			end
		end
	end
	self:solicited()
end

function U:got_csus(m)
	if not self:may_update() then return end
	self.copy, self.due.hold = nil, nil
	for _, q in pairs(self.strict and self.queue or {}) do
		if q.solicited and self.now < self.asked + 1 then
			self:complain "csus: the one before is not answered"
		end
	end
	self.asked = self.now
	local items = {}
	for _, r in ipairs(m.records) do
		local x = self.name(r.key, r.oid)
		local e = self.cache[x]
		-- An instance that is older than the one asked for is not it.
		if e and e.seq >= r.seq then
			table.insert(items, self:enqueue(x, e, 1))
		else
			table.insert(items, self:enqueue(x, r, 1, true))
		end
		self.queue[x].solicited = true
	end
	self:transmit(items)
end

-- ---- the cache -----------------------------------------------------------------

-- p:put(key, data [, oid [, seq]]): an entry of ours changes, or with more
-- arguments, what the cache has from before.  An entry from before our restart
-- goes on with a number that nobody has seen (B.2.0.2).
function U:put(key, data, oid, seq)
	local x = self.name(key, oid or self.id)
	local e = self.cache[x]
	local step = e and e.old and self.restart or 1
	if not seq and e and e.seq >= codec.LAST - step then
		return self:purge(x, e, data)
	end
	self.cache[x] = { key = key, oid = oid or self.id, data = data,
	    seq = seq or e and e.seq + step or self.first }
	if not seq then self:flood(x) end
end

-- p:vanish(key [, oid]): the entry is gone and nobody is told.
function U:vanish(key, oid)
	local x = self.name(key, oid or self.id)
	self.cache[x] = nil
	if self.queue[x] then self:dequeue(x) end
end

function U:get(key, oid) return self.cache[self.name(key, oid or self.id)] end

-- p:listing(): the cache as a list of texts, in order; those of equal caches
-- are equal.
function U:listing()
	local all = {}
	for _, e in pairs(self.cache) do
		local hex = function(s)
			return (s:gsub(".", function(c)
				return ("%02x"):format(c:byte())
			end))
		end
		table.insert(all, ("%s %s %d %s"):format(hex(e.oid), hex(e.key),
		    e.seq, e.data))
	end
	table.sort(all)
	return all
end

return U

end
