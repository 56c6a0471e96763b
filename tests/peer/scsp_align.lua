-- SPDX-License-Identifier: BSD-2-Clause
-- Cache alignment of the peer (RFC 2334, 2.2): who is master, the exchange of
-- summaries, and the solicitation of what the neighbour has newer.

return function(codec)

local A = {}

function A:enter_ca(state, why)
	if state == self.ca then return end
	self:note(("CA %s: %s"):format(state, why))
	self.ca = state
end

-- Everything of one alignment is gone; a new one summarises from the start.
function A:clear()
	self.crl, self.crl_order, self.csus, self.tries = {}, {}, nil, 0
	self.queue, self.requests, self.changed = {}, {}, {}
	self.copy, self.last, self.role, self.more = nil, nil, nil, nil
	for _, name in ipairs { "ca", "hold", "guard", "csus" } do
		self.due[name] = nil
	end
	self.list, self.at = {}, 1
	for x in pairs(self.cache) do table.insert(self.list, x) end
	table.sort(self.list)
	-- Never one the neighbour has seen before (B.2.1).
	self.n = math.max(self.n + 1, math.floor(self.now * 1000)) & 0xffffffff
end

function A:align_down()
	self:clear()
	self:enter_ca("Down", "not bidirectional")
end

function A:send_ca(flags, records)
	self.last = self:send { type = "ca", seq = self.n, m = flags.m, i = flags.i,
	    o = flags.o, records = records }
	self.more = flags.o
	if self.role ~= "slave" then self.due.ca = self.now + self.ca_rexmt end
end

function A:negotiate(why)
	self:clear()
	self:enter_ca("Negotiation", why)
end

function A:align_begin()
	self:negotiate "it hears us"
	self:send_ca({ m = true, i = true, o = true }, {})
end

-- The next summaries that fit, and whether there are others behind them.
function A:next_batch()
	local records, left = {}, self:room "ca"
	while self.at <= #self.list do
		local e = self.cache[self.list[self.at]]
		if e then
			local n = 12 + #e.key + #e.oid
			if #records == self.batch or #records > 0 and n > left then
				return records, true
			end
			left = left - n
			table.insert(records, { key = e.key, oid = e.oid, seq = e.seq })
		end
		self.at = self.at + 1
	end
	return records, false
end

-- 2.2.2.1: what the neighbour has newer.
function A:process(m)
	for _, r in ipairs(m.records) do
		local x = self.name(r.key, r.oid)
		local e = self.cache[x]
		if codec.newer(r.seq, e and e.seq or codec.NONE) then
			self:request(x, r)
		end
	end
end

function A:request(x, r)
	if not self.crl[x] then table.insert(self.crl_order, x) end
	self.crl[x] = { key = r.key, oid = r.oid, seq = r.seq }
end

-- 2.2.1, in Master/Slave Negotiation; true if a role came of it.
function A:negotiation(m)
	if m.m and m.i and m.o and #m.records == 0 and
	    codec.larger(m.sender, self.id) then
		self.due.ca = nil
		self.role, self.n = "slave", m.seq
		self:enter_ca("Summarize", "slave")
		local records, more = self:next_batch()
		self:send_ca({ o = more }, records)
		self.due.guard = self.now + self.guard
		return true
	elseif not m.m and not m.i and codec.larger(self.id, m.sender) and
	    self.last and m.seq == self.n then
		self.due.ca = nil
		self.role = "master"
		self:enter_ca("Summarize", "master")
		self:process(m)
		self:master_next()
		return true
	end
	return false
end

-- A CA that has no place in the exchange starts it again; what it says counts.
function A:renegotiate(m, why)
	self:negotiate(why)
	if not self:negotiation(m) then
		self:send_ca({ m = true, i = true, o = true }, {})
	end
end

function A:master_next()
	self.n = self.n + 1 & 0xffffffff
	local records, more = self:next_batch()
	self:send_ca({ m = true, o = more }, records)
end

function A:as_master(m)
	if m.seq == self.n - 1 & 0xffffffff then return end
	if m.seq ~= self.n then return self:renegotiate(m, "a number of no use") end
	self.due.ca = nil
	self:process(m)
	if self.at > #self.list and not self.more and not m.o then
		self.n = self.n + 1 & 0xffffffff
		return self:update_cache()
	end
	self:master_next()
end

function A:as_slave(m)
	if m.seq == self.n then
		table.insert(self.out, self.last)
		return
	elseif m.seq ~= self.n + 1 & 0xffffffff then
		return self:renegotiate(m, "a number of no use")
	end
	self.due.guard = self.now + self.guard
	self:process(m)
	self.n = m.seq
	local records, more = self:next_batch()
	self:send_ca({ o = more }, records)
	if not more and not m.o then
		-- The master may not have got it and ask again.
		self.copy, self.due.guard = self.last, nil
		self.due.hold = self.now + self:patience()
		self:update_cache()
	end
end

function A:patience() return self.dead_interval end

function A:got_ca(m)
	local wrong = m.i or m.m == (self.role == "master")
	if self.ca == "Negotiation" then
		self:negotiation(m)
	elseif self.ca == "Summarize" then
		if wrong then
			self:renegotiate(m, "a CA of another exchange")
		elseif self.role == "master" then
			self:as_master(m)
		else
			self:as_slave(m)
		end
	elseif not wrong and self.role == "master" and
	    m.seq == self.n - 1 & 0xffffffff then
		return
	elseif not wrong and self.copy and m.seq == self.n then
		table.insert(self.out, self.copy)
		self.due.hold = self.now + self:patience()
	else
		self:renegotiate(m, "a new alignment")
	end
end

function A:expire_ca()
	table.insert(self.out, self.last)
	self.said.ca = self.said.ca + 1
	self.due.ca = self.now + self.ca_rexmt
end

function A:expire_hold() self.copy = nil end

function A:expire_guard()
	self:negotiate "a master that is silent"
	self:send_ca({ m = true, i = true, o = true }, {})
end

-- ---- Update Cache (2.2.3) ----------------------------------------------------------

function A:update_cache()
	self:enter_ca("Update Cache", self.role)
	self:flood_changed()
	if next(self.crl) then self:solicit() else self:aligned() end
end

function A:aligned() self:enter_ca("Aligned", self.role) end

-- A CSUS of what is unanswered and then of what was never asked for.
function A:solicit()
	local records, fresh, still = {}, {}, {}
	for _, x in ipairs(self.crl_order) do
		local r = self.crl[x]
		if r then
			table.insert(still, x)
			table.insert(r.asked and records or fresh, r)
		end
	end
	self.crl_order = still
	for _, r in ipairs(fresh) do table.insert(records, r) end
	local some, left = {}, self:room "csus"
	self.csus = {}
	for _, r in ipairs(records) do
		left = left - 12 - #r.key - #r.oid
		if #some == self.batch or #some > 0 and left < 0 then break end
		r.asked = true
		self.csus[self.name(r.key, r.oid)] = true
		table.insert(some, { key = r.key, oid = r.oid, seq = r.seq })
	end
	self.due.csus = self.now + self.csus_rexmt
	self:send { type = "csus", records = some }
end

-- Record x came, or a Null record for it.
function A:answered(x, seq, null)
	local r = self.crl[x]
	if not r or not null and seq < r.seq then return end
	self.crl[x], self.tries = nil, 0
	if self.csus then self.csus[x] = nil end
end

-- After the records of a message: the next CSUS, or the end of it.
function A:solicited()
	if self.csus and not next(self.csus) then
		self.csus, self.due.csus = nil, nil
	end
	if not next(self.crl) then
		if self.ca == "Update Cache" then self:aligned() end
	elseif not self.csus then
		self:solicit()
	end
end

function A:expire_csus()
	self.tries = self.tries + 1
	if self.tries >= self.csus_max then
		return self:abnormal "its records do not come"
	end
	self:solicit()
end

return A

end
