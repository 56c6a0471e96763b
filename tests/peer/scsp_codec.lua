-- SPDX-License-Identifier: BSD-2-Clause
-- Frames of SCSP (RFC 2334, appendix B) in plain Lua, written from the RFC and
-- not from the codec of marsh, which it is held against.
--
-- codec.encode(msg) makes a frame with its LLC/SNAP header:
--   type        "hello", "ca", "csu_request", "csu_reply" or "csus"
--   pid, sgid, sender, receiver; IDs are octet strings
--   interval, dead, family, receivers (all of them)      of a Hello
--   seq, m, i, o                                         of a CA
--   records     { hops, seq, key, oid, null, data }, ... of all but a Hello
--   auth        { spi, key }
--   exts        { { type, value }, ... }, others than authentication
-- codec.decode(frame) gives such a message, with `odd`, the list of what is
-- against the RFC and yet readable, or nil and why it is malformed, or false if
-- it is no frame of SCSP.

local md5 = dofile "tests/peer/md5.lua"
local pack, unpack = string.pack, string.unpack

local codec = { LLC = "\xaa\xaa\x03\x00\x00\x5e\x00\x05", ANY = "\xff\xff\xff\xff",
    FIRST = -0x7fffffff, LAST = 0x7fffffff, NONE = -0x80000000 }
local number = { ca = 1, csu_request = 2, csu_reply = 3, csus = 4, hello = 5 }
local word = {}
for name, n in pairs(number) do word[n] = name end

-- The checksum of RFC 1071.
function codec.sum(s)
	local sum = 0
	if #s % 2 == 1 then s = s .. "\0" end
	for at = 1, #s, 2 do sum = sum + unpack(">I2", s, at) end
	while sum > 0xffff do sum = (sum & 0xffff) + (sum >> 16) end
	return ~sum & 0xffff
end

-- codec.newer(a, b): sequence numbers are signed (B.2.0.2).
function codec.newer(a, b) return a > b end

-- codec.larger(a, b): IDs as numbers; the shorter one has zeros in front.
function codec.larger(a, b)
	local n = math.max(#a, #b)
	return ("\0"):rep(n - #a) .. a > ("\0"):rep(n - #b) .. b
end

-- The octets of a record, stand-alone if it has no data.
function codec.csas(r)
	local data = r.data or ""
	return pack(">I2I2BBI2i4", r.hops or 1, 12 + #r.key + #r.oid + #data, #r.key,
	    #r.oid, r.null and 0x8000 or 0, r.seq) .. r.key .. r.oid .. data
end

local function common(m, flags, count, receiver)
	return pack(">I2I2I2I2BBI2", m.pid, m.sgid, 0, flags, #m.sender, #receiver,
	    count) .. m.sender .. receiver
end

local function mandatory(m)
	if m.type == "hello" then
		local more = {}
		for i = 2, #m.receivers do
			more[#more + 1] = pack(">s1", m.receivers[i])
		end
		return pack(">I2I2I2I2", m.interval, m.dead, 0, m.family or 0) ..
		    common(m, 0, #more, m.receivers[1] or "") .. table.concat(more)
	end
	local records = {}
	for i, r in ipairs(m.records) do records[i] = codec.csas(r) end
	records = table.concat(records)
	if m.type == "ca" then
		local flags = (m.m and 0x8000 or 0) | (m.i and 0x4000 or 0) |
		    (m.o and 0x2000 or 0)
		return pack(">I4", m.seq) ..
		    common(m, flags, #m.records, m.receiver) .. records
	end
	return common(m, 0, #m.records, m.receiver) .. records
end

-- Sets the checksum of a packet, the last thing done to it.
function codec.seal(p)
	p = p:sub(1, 4) .. "\0\0" .. p:sub(7)
	return p:sub(1, 4) .. pack(">I2", codec.sum(p)) .. p:sub(7)
end

function codec.encode(m)
	local body, exts = mandatory(m), ""
	for _, e in ipairs(m.exts or {}) do
		exts = exts .. pack(">I2s2", e.type, e.value)
	end
	local mac
	if m.auth then
		exts = exts .. pack(">I2I2I4", 1, 20, m.auth.spi)
		mac = 8 + #body + #exts
		exts = exts .. ("\0"):rep(16)
	end
	if exts ~= "" then exts = exts .. "\0\0\0\0" end
	local p = pack(">BBI2I2I2", 1, number[m.type], 8 + #body + #exts, 0,
	    exts ~= "" and 8 + #body or 0) .. body .. exts
	if mac then -- B.3.1.4: over all of it, with both sums zero
		p = p:sub(1, mac) .. md5.hmac(m.auth.key, p) .. p:sub(mac + 17)
	end
	return codec.LLC .. codec.seal(p)
end

-- ---- decoding ------------------------------------------------------------------

local function need(ok, why)
	if not ok then error({ why = why }, 0) end
	return ok
end

local function take(s, format, at, limit, what)
	need(at + string.packsize(format) - 1 <= limit, what .. " is cut off")
	return unpack(format, s, at)
end

local function octets(s, at, n, limit, what)
	need(at + n - 1 <= limit, what .. " is cut off")
	return s:sub(at, at + n - 1), at + n
end

local function record(m, s, at, limit)
	local r, length, k, l, bits = {}, nil, nil, nil, nil
	r.hops, length, k, l, bits, r.seq =
	    take(s, ">I2I2BBI2i4", at, limit, "a record")
	need(length >= 12 + k + l, "a record is shorter than its key and originator")
	need(at + length - 1 <= limit, "a record is cut off")
	r.key = octets(s, at + 12, k, limit, "a key")
	r.oid = octets(s, at + 12 + k, l, limit, "an originator")
	r.data = s:sub(at + 12 + k + l, at + length - 1)
	r.null = bits & 0x8000 ~= 0 or nil
	local function odd(is, what)
		if is then m.odd[#m.odd + 1] = m.type .. ": " .. what end
	end
	odd(bits & 0x7fff ~= 0, "unused bits of a record")
	if m.type ~= "csu_request" then
		odd(r.data ~= "", "a summary with data")
		odd(r.hops ~= 1, "a summary of " .. r.hops .. " hops")
		odd(r.null and m.type ~= "csu_reply", "N in a summary")
	end
	odd(r.null and r.data ~= "", "a Null record with data")
	odd(r.seq == codec.NONE and m.type ~= "csu_reply", "the reserved number")
	return r, at + length
end

local function records(m, s, at, count, limit)
	if m.type ~= "hello" then m.records = {} end
	for _ = 1, count do
		if m.type == "hello" then
			local id
			local n = take(s, "B", at, limit, "a receiver")
			id, at = octets(s, at + 1, n, limit, "a receiver")
			table.insert(m.receivers, id)
		else
			local r
			r, at = record(m, s, at, limit)
			table.insert(m.records, r)
		end
	end
	return at
end

local function extensions(m, p, at)
	local seen = {}
	m.exts = {}
	while true do
		local t, n = take(p, ">I2I2", at, #p, "an extension")
		if t == 0 and n == 0 then break end
		local value = octets(p, at + 4, n, #p, "an extension")
		need(t == 2 or not seen[t], "an extension is there twice")
		seen[t] = true
		table.insert(m.exts, { type = t, value = value })
		if t == 1 then
			need(n >= 4, "authentication is cut off")
			m.auth = { spi = unpack(">I4", value), mac = value:sub(5),
			    at = at + 8 }
		end
		at = at + 4 + n
	end
	if at + 3 ~= #p then m.odd[#m.odd + 1] = "octets behind the extensions" end
end

local function head(p)
	local version, kind, size, _, exts = take(p, ">BBI2I2I2", 1, #p, "the head")
	need(version == 1, "another version")
	need(word[kind], "another type")
	need(size <= #p and size >= 20, "the size is wrong")
	p = p:sub(1, size)
	need(codec.sum(p) == 0, "the checksum is wrong")
	need(exts == 0 or exts < size, "extensions behind the packet")
	return { type = word[kind], size = size, odd = {} }, p, exts
end

local function whole(p)
	local m, exts
	m, p, exts = head(p)
	local limit, at, unused, unused2 = exts == 0 and #p or exts, 9, 0, nil
	if m.type == "ca" then
		m.seq, at = take(p, ">I4", 9, limit, "CA"), 13
	elseif m.type == "hello" then
		m.interval, m.dead, unused, m.family =
		    take(p, ">I2I2I2I2", 9, limit, "Hello")
		at = 17
		if m.interval == 0 or m.dead == 0 then
			table.insert(m.odd, "hello: an interval or factor of zero")
		end
	end
	local flags, s, r, count
	m.pid, m.sgid, unused2, flags, s, r, count =
	    take(p, ">I2I2I2I2BBI2", at, limit, "the common part")
	m.sender, at = octets(p, at + 12, s, limit, "the sender")
	m.receiver, at = octets(p, at, r, limit, "the receiver")
	if m.type == "hello" then m.receivers = { r > 0 and m.receiver or nil } end
	at = records(m, p, at, count, limit)
	need(exts == 0 or exts >= at - 1, "extensions inside the mandatory part")
	m.m, m.i, m.o = flags & 0x8000 ~= 0, flags & 0x4000 ~= 0, flags & 0x2000 ~= 0
	local function odd(is, what)
		if is then table.insert(m.odd, m.type .. ": " .. what) end
	end
	odd(unused + unused2 ~= 0, "an unused field")
	odd(flags & (m.type == "ca" and 0x1fff or 0xffff) ~= 0, "unused flags")
	odd(at ~= limit + 1, "octets behind the records")
	odd(r == 0 and m.type ~= "hello", "no receiver")
	odd(s == 0, "no sender")
	if exts ~= 0 then extensions(m, p, exts + 1) end
	m.octets = p
	return m
end

function codec.decode(frame)
	if frame:sub(1, 8) ~= codec.LLC then return false end
	local ok, m = pcall(whole, frame:sub(9))
	if ok then return m end
	if type(m) ~= "table" then error(m, 0) end
	return nil, m.why
end

-- codec.verify(msg, keys): the message has a code under one of our SPIs.
function codec.verify(m, keys)
	local a = m.auth
	if not a or not keys[a.spi] or #a.mac ~= 16 then return false end
	local p = m.octets
	p = p:sub(1, 4) .. "\0\0" .. p:sub(7, a.at - 1) .. ("\0"):rep(16) ..
	    p:sub(a.at + 16)
	return md5.hmac(keys[a.spi], p) == a.mac
end

return codec
