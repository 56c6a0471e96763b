-- SPDX-License-Identifier: BSD-2-Clause
-- SCSP (RFC 2334 appendix B) for Wireshark and tshark, and in it the MARS part of
-- RFC 2443 and the MARS Group Status of redundant MARSs.  marsh.lua loads this file and hands it what both need; started by
-- itself, as Wireshark does with all that is in its directory, it does nothing.
local common = ...
if type(common) ~= "table" then
	return
end
local PRO, has, protocol, cursor =
    common.PRO, common.has, common.protocol, common.cursor

local scsp = Proto("scsp", "SCSP (RFC 2334)")

local TYPES = { "CA", "CSU_REQ", "CSU_REP", "CSUS", "HELLO" }
local PIDS = { "ATMARP", "NHRP", "MARS", "DHCP", "LNNI" }
local EXTS = { [0] = "End", "Authentication", "Vendor-private" }
-- RFC 2443 section 3, and of Version 0xFF
local STATES = { "MARS Server Redirect Entry", "MCS Serve/Register",
	"Client Join/Register", "Client Leave/Deregister",
	"MCS Unserve/Deregister", [0xE1] = "MARS Group Status" }
local TLVS = { [0] = "Null", [0x3801] = "SERVER", [0x3802] = "PART",
	[0x3803] = "SLICE", [0x3804] = "ADJ" }
local ROLES = { "Starting", "Backup", "Candidate", "Active", "Handover", "Leaving" }
local MODES = { [0] = "none", "hard", "soft" }

local g = {
	version = ProtoField.uint8("scsp.version", "Version"),
	type = ProtoField.uint8("scsp.type", "Type Code", base.DEC, TYPES),
	name = ProtoField.string("scsp.name", "Message"),
	size = ProtoField.uint16("scsp.size", "Packet Size"),
	checksum = ProtoField.uint16("scsp.checksum", "Checksum", base.HEX),
	exts = ProtoField.uint16("scsp.exts", "Start Of Extensions"),
	ca_seq = ProtoField.uint32("scsp.ca_seq", "CA Sequence Number"),
	interval = ProtoField.uint16("scsp.interval", "HelloInterval (s)"),
	dead = ProtoField.uint16("scsp.dead", "DeadFactor"),
	family = ProtoField.uint16("scsp.family", "Family ID"),
	pid = ProtoField.uint16("scsp.pid", "Protocol ID", base.DEC, PIDS),
	sgid = ProtoField.uint16("scsp.sgid", "Server Group ID"),
	master = ProtoField.bool("scsp.flags.m", "Master", 16, nil, 0x8000),
	init = ProtoField.bool("scsp.flags.i", "Initialization", 16, nil, 0x4000),
	more = ProtoField.bool("scsp.flags.o", "More", 16, nil, 0x2000),
	sender_len = ProtoField.uint8("scsp.sender_len", "Sender ID Len"),
	receiver_len = ProtoField.uint8("scsp.receiver_len", "Recvr ID Len"),
	nrec = ProtoField.uint16("scsp.nrec", "Number of Records"),
	sender = ProtoField.string("scsp.sender", "Sender ID"),
	receiver = ProtoField.string("scsp.receiver", "Receiver ID"),
	record = ProtoField.none("scsp.record", "Record"),
	hop = ProtoField.uint16("scsp.hop", "Hop Count"),
	record_len = ProtoField.uint16("scsp.record_len", "Record Length"),
	key_len = ProtoField.uint8("scsp.key_len", "Cache Key Len"),
	orig_len = ProtoField.uint8("scsp.orig_len", "Orig ID Len"),
	null = ProtoField.bool("scsp.null", "Null record", 16, nil, 0x8000),
	seq = ProtoField.int32("scsp.seq", "CSA Sequence Number"),
	key = ProtoField.bytes("scsp.key", "Cache Key"),
	orig = ProtoField.string("scsp.orig", "Originator ID"),
	body = ProtoField.bytes("scsp.body", "Protocol-specific part"),
	ext = ProtoField.uint16("scsp.ext.type", "Extension", base.DEC, EXTS),
	ext_len = ProtoField.uint16("scsp.ext.len", "Length"),
	value = ProtoField.bytes("scsp.ext.value", "Value"),
	spi = ProtoField.uint32("scsp.ext.spi", "Security Parameter Index"),
	mac = ProtoField.bytes("scsp.ext.mac", "MAC"),
	oui = ProtoField.uint24("scsp.ext.oui", "Vendor ID", base.HEX),
	hardware = ProtoField.uint16("scsp.mars.hardware", "Hardware Type", base.HEX),
	pro = ProtoField.uint16("scsp.mars.pro", "Protocol", base.HEX, PRO),
	snap = ProtoField.bytes("scsp.mars.snap", "Protocol SNAP"),
	mars_version = ProtoField.uint8("scsp.mars.version", "Version"),
	state = ProtoField.uint8("scsp.mars.state", "State", base.DEC, STATES),
	layer3 = ProtoField.bool("scsp.mars.layer3grp", "Layer 3 group", 16, nil, 0x8000),
	register = ProtoField.bool("scsp.mars.register", "Register", 16, nil, 0x2000),
	sequence = ProtoField.uint16("scsp.mars.sequence", "Sequence", base.DEC, nil, 0xFF),
	cmi = ProtoField.uint16("scsp.mars.cmi", "Cluster Member ID"),
	spln = ProtoField.uint8("scsp.mars.spln", "Source protocol length"),
	gpln = ProtoField.uint8("scsp.mars.gpln", "Group length"),
	shtl = ProtoField.uint8("scsp.mars.shtl", "ATM number type/length", base.HEX),
	sstl = ProtoField.uint8("scsp.mars.sstl", "ATM subaddress type/length", base.HEX),
	spa = ProtoField.string("scsp.mars.spa", "Source protocol address"),
	sha = ProtoField.string("scsp.mars.sha", "Source ATM number"),
	ssa = ProtoField.string("scsp.mars.ssa", "Source ATM subaddress"),
	min = ProtoField.string("scsp.mars.min", "From group"),
	max = ProtoField.string("scsp.mars.max", "To group"),
	tlv = ProtoField.uint16("scsp.mars.tlv", "TLV", base.HEX, TLVS),
	tlv_len = ProtoField.uint16("scsp.mars.tlv.len", "Length"),
	tlv_value = ProtoField.bytes("scsp.mars.tlv.value", "Value"),
	format = ProtoField.uint8("scsp.mars.server.format", "Format"),
	closed = ProtoField.bool("scsp.mars.server.no_new_clients", "No new clients", 8, nil, 0x80),
	refresh = ProtoField.uint16("scsp.mars.server.interval", "Refresh interval (s)"),
	incarnation = ProtoField.uint32("scsp.mars.server.incarnation", "Incarnation"),
	clients = ProtoField.uint16("scsp.mars.server.clients", "Clients"),
	capacity = ProtoField.uint16("scsp.mars.server.capacity", "Capacity"),
	part = ProtoField.uint16("scsp.mars.part", "Partition"),
	role = ProtoField.uint8("scsp.mars.part.role", "Role", base.DEC, ROLES),
	priority = ProtoField.uint8("scsp.mars.part.priority", "Priority"),
	mode = ProtoField.uint8("scsp.mars.part.mode", "Redirect mode", base.DEC, MODES),
	preempt = ProtoField.bool("scsp.mars.part.preempt", "Preempt", 8, nil, 0x80),
	ready = ProtoField.bool("scsp.mars.part.ready", "Ready", 8, nil, 0x40),
	successor = ProtoField.string("scsp.mars.part.successor", "Successor"),
	lo = ProtoField.uint16("scsp.mars.slice.lo", "First CMI"),
	hi = ProtoField.uint16("scsp.mars.slice.hi", "Last CMI"),
	adj = ProtoField.string("scsp.mars.adj", "Aligned towards"),
	error = ProtoField.string("scsp.error", "Malformed"),
}
scsp.fields = g

-- IDs of MARSs are IPv4 addresses; an empty one is nobody.
local function id(buf, at, len)
	return len == 0 and "-" or protocol(buf(at, len))
end

local function internet_sum(buf, size)
	local sum = 0
	for i = 0, size - 2, 2 do
		sum = sum + buf(i, 2):uint()
	end
	if size % 2 == 1 then
		sum = sum + buf(size - 1, 1):uint() * 256
	end
	while sum > 0xFFFF do
		sum = sum % 0x10000 + math.floor(sum / 0x10000)
	end
	return sum
end

-- The known TLVs of a MARS Group Status by type: length of the value, or what it
-- is a multiple of, and what adds it from |at| on, returning a summary.
local TLV_LEN = { [0x3801] = 12, [0x3802] = 12, [0x3803] = 6 }
local TLV_ADD = {
	[0x3801] = function (buf, tree, at)
		tree:add(g.format, buf(at, 1))
		tree:add(g.closed, buf(at + 1, 1))
		tree:add(g.refresh, buf(at + 2, 2))
		tree:add(g.incarnation, buf(at + 4, 4))
		tree:add(g.clients, buf(at + 8, 2))
		tree:add(g.capacity, buf(at + 10, 2))
	end,
	[0x3802] = function (buf, tree, at)
		tree:add(g.part, buf(at, 2))
		tree:add(g.role, buf(at + 2, 1))
		tree:add(g.priority, buf(at + 3, 1))
		tree:add(g.mode, buf(at + 4, 1))
		tree:add(g.preempt, buf(at + 5, 1))
		tree:add(g.ready, buf(at + 5, 1))
		tree:add(g.successor, buf(at + 8, 4), buf(at + 8, 4):uint() == 0
		    and "-" or id(buf, at + 8, 4))
		return ("%d %s %d"):format(buf(at, 2):uint(),
		    ROLES[buf(at + 2, 1):uint()] or "?", buf(at + 3, 1):uint())
	end,
	[0x3803] = function (buf, tree, at)
		tree:add(g.part, buf(at, 2))
		tree:add(g.lo, buf(at + 2, 2))
		tree:add(g.hi, buf(at + 4, 2))
	end,
	[0x3804] = function (buf, tree, at, len)
		for i = at, at + len - 4, 4 do
			tree:add(g.adj, buf(i, 4), id(buf, i, 4))
		end
	end,
}

local function status_tlv(buf, tree, at, kind, len)
	local sub = tree:add(g.tlv, buf(at, 2))
	sub:add(g.tlv_len, buf(at + 2, 2))
	local known = TLV_LEN[kind] == len or kind == 0x3804 and len % 4 == 0
	if known then
		return TLV_ADD[kind](buf, sub, at + 4, len)
	elseif len > 0 then
		sub:add(g.tlv_value, buf(at + 4, len))
	end
end

-- The TLVs from |at| on, up to the Null TLV; returns what the summary says, and
-- what is wrong.
local function status(buf, tree, at)
	local said = {}
	at = at + (4 - at % 4) % 4
	while at + 4 <= buf:len() do
		local kind, len = buf(at, 2):uint(), buf(at + 2, 2):uint()
		if kind % 0x4000 == 0 then
			tree:add(g.tlv, buf(at, 2))
			return table.concat(said, ", "), at + 4 ~= buf:len()
			    and "octets behind the Null TLV" or nil
		elseif at + 4 + len > buf:len() then
			return table.concat(said, ", "), "a TLV runs past the end"
		end
		said[#said + 1] = status_tlv(buf, tree, at, kind, len)
		at = at + 4 + len + (4 - len % 4) % 4
	end
	return table.concat(said, ", "), "no Null TLV"
end

-- RFC 2443 section 3: the MARS part of a record, where it has that shape.
local function mars_part(buf, tree)
	if buf:len() < 20 or buf(0, 2):uint() ~= 0x000F then
		return false
	end
	local spln, gpln = buf(16, 1):uint(), buf(17, 1):uint()
	local shtl, sstl = buf(18, 1):uint(), buf(19, 1):uint()
	local stop = 20 + spln + shtl % 0x40 + sstl % 0x40 + 2 * gpln
	local is_status = buf(10, 2):uint() == 0xFFE1
	if stop > buf:len() or stop ~= buf:len() and not is_status then
		return false
	end
	local sub = tree:add(scsp, buf(), "MARS (RFC 2443)")
	sub:add(g.hardware, buf(0, 2))
	sub:add(g.pro, buf(2, 2))
	sub:add(g.snap, buf(4, 5))
	sub:add(g.mars_version, buf(10, 1))
	sub:add(g.state, buf(11, 1))
	for _, name in ipairs { "layer3", "register", "sequence" } do
		sub:add(g[name], buf(12, 2))
	end
	sub:add(g.cmi, buf(14, 2))
	for i, name in ipairs { "spln", "gpln", "shtl", "sstl" } do
		sub:add(g[name], buf(15 + i, 1))
	end
	local c = cursor(buf, sub, 20, g)
	local who = c.protocol("spa", spln)
	c.number("sha", shtl)
	c.number("ssa", sstl)
	local lo, hi = c.protocol("min", gpln), c.protocol("max", gpln)
	local said = STATES[buf(11, 1):uint()] or "unknown state"
	if who then said = said .. " " .. who end
	if lo then said = said .. " " .. (lo == hi and lo or lo .. "-" .. hi) end
	if is_status then
		local more, bad = status(buf, sub, stop)
		if more ~= "" then said = said .. " " .. more end
		if bad then sub:add(g.error, bad) end
	end
	sub:append_text(": " .. said)
	return true
end

-- One record of the octets |at| to |stop|; returns its length, or nil and why.
local function record(buf, tree, at, stop, kind, pid)
	if stop - at < 12 then
		return nil, "fewer records than Number of Records"
	end
	local len = buf(at + 2, 2):uint()
	local key, orig = buf(at + 4, 1):uint(), buf(at + 5, 1):uint()
	local bare = 12 + key + orig
	if len < bare or at + len > stop or (kind ~= 2 and len ~= bare) then
		return nil, "a Record Length that does not fit"
	end
	local sub = tree:add(g.record, buf(at, len))
	sub:add(g.hop, buf(at, 2))
	sub:add(g.record_len, buf(at + 2, 2))
	sub:add(g.key_len, buf(at + 4, 1))
	sub:add(g.orig_len, buf(at + 5, 1))
	sub:add(g.null, buf(at + 6, 2))
	sub:add(g.seq, buf(at + 8, 4))
	if key > 0 then sub:add(g.key, buf(at + 12, key)) end
	if orig > 0 then
		sub:add(g.orig, buf(at + 12 + key, orig), id(buf, at + 12 + key, orig))
	end
	sub:append_text((" %s of %s, seq %d"):format(
	    key > 0 and buf(at + 12, key):bytes():tohex(true) or "-",
	    id(buf, at + 12 + key, orig), buf(at + 8, 4):int()))
	if len > bare then
		local body = buf(at + bare, len - bare)
		if pid ~= 3 or not mars_part(body:tvb(), sub) then
			sub:add(g.body, body)
		end
	end
	return len
end

-- An Additional Receiver ID Record; also adds to the list |heard|.
local function receiver(buf, tree, at, stop, heard)
	local len = at < stop and buf(at, 1):uint()
	if not len or at + 1 + len > stop then
		return nil, "fewer receiver IDs than Number of Records"
	end
	heard[#heard + 1] = id(buf, at + 1, len)
	tree:add(g.receiver, buf(at, 1 + len), heard[#heard])
	return 1 + len
end

local function extension(buf, tree, at, kind, len)
	local sub = tree:add(g.ext, buf(at, 2))
	sub:add(g.ext_len, buf(at + 2, 2))
	at = at + 4
	if kind == 1 and len >= 4 then
		sub:add(g.spi, buf(at, 4))
		if len > 4 then sub:add(g.mac, buf(at + 4, len - 4)) end
	elseif kind == 2 and len >= 3 then
		sub:add(g.oui, buf(at, 3))
		if len > 3 then sub:add(g.value, buf(at + 3, len - 3)) end
	elseif len > 0 then
		sub:add(g.value, buf(at, len))
	end
end

-- Returns nothing, or what is wrong with the extensions from |at| on.
local function extensions(buf, tree, at, size)
	while at + 4 <= size do
		local kind, len = buf(at, 2):uint(), buf(at + 2, 2):uint()
		if at + 4 + len > size then
			return "an extension runs past the end"
		end
		extension(buf, tree, at, kind, len)
		at = at + 4 + len
		if kind == 0 then
			return at ~= size and "octets behind the End of Extensions"
			    or len ~= 0 and "an End of Extensions with a value" or nil
		end
	end
	return "no End of Extensions"
end

-- What CA and Hello have before the common part, and the flags of a CA, which
-- begins at |at|; returns what the summary line says.
local function head(buf, tree, kind, at)
	if kind == 1 then
		local bits = buf(at + 6, 2):uint()
		tree:add(g.ca_seq, buf(8, 4))
		for _, name in ipairs { "master", "init", "more" } do
			tree:add(g[name], buf(at + 6, 2))
		end
		return ("CA %s%s%s seq %.0f"):format(has(bits, 0x8000) and "M" or "-",
		    has(bits, 0x4000) and "I" or "-", has(bits, 0x2000) and "O" or "-",
		    buf(8, 4):uint())
	elseif kind == 5 then
		tree:add(g.interval, buf(8, 2))
		tree:add(g.dead, buf(10, 2))
		tree:add(g.family, buf(14, 2))
	end
	return TYPES[kind]
end

-- The common part at |at|; returns where it ends and its numbers.
local function common_part(buf, tree, at)
	tree:add(g.pid, buf(at, 2))
	tree:add(g.sgid, buf(at + 2, 2))
	tree:add(g.sender_len, buf(at + 8, 1))
	tree:add(g.receiver_len, buf(at + 9, 1))
	tree:add(g.nrec, buf(at + 10, 2))
	return at + 12, buf(at, 2):uint(), buf(at + 8, 1):uint(),
	    buf(at + 9, 1):uint(), buf(at + 10, 2):uint()
end

-- The records from |at| to |stop|; returns nothing, or what is wrong.
local function records(buf, tree, at, stop, kind, pid, count, heard)
	for _ = 1, count do
		local len, why
		if kind == 5 then
			len, why = receiver(buf, tree, at, stop, heard)
		else
			len, why = record(buf, tree, at, stop, kind, pid)
		end
		if not len then
			return why
		end
		at = at + len
	end
	return at ~= stop and "more octets than Number of Records accounts for" or nil
end

-- Returns what the summary line says, and what is wrong.
local function parts(buf, tree, kind, size)
	local at = kind == 1 and 12 or kind == 5 and 16 or 8
	if size < at + 12 then
		return TYPES[kind], "Packet Size is too small"
	end
	local said = head(buf, tree, kind, at)
	local pid, slen, rlen, count
	at, pid, slen, rlen, count = common_part(buf, tree, at)
	if at + slen + rlen > size then
		return said, "the IDs run past the end"
	end
	local heard = { rlen > 0 and id(buf, at + slen, rlen) or nil }
	said = said .. " " .. id(buf, at, slen) .. ">"
	if slen > 0 then tree:add(g.sender, buf(at, slen), id(buf, at, slen)) end
	at = at + slen
	if rlen > 0 then tree:add(g.receiver, buf(at, rlen), heard[1]) end
	at = at + rlen
	local exts = buf(6, 2):uint()
	local stop = exts == 0 and size or exts
	if stop < at or stop > size then
		return said, "Start Of Extensions does not fit"
	end
	local bad = records(buf, tree, at, stop, kind, pid, count, heard)
	said = said .. (#heard > 0 and table.concat(heard, ",") or "-")
	if kind == 5 then
		said = ("%s %d s x %d"):format(said, buf(8, 2):uint(), buf(10, 2):uint())
	else
		said = ("%s %d record%s"):format(said, count, count == 1 and "" or "s")
	end
	return said, bad or (exts ~= 0 and extensions(buf, tree, exts, size) or nil)
end

local function message(buf, tree)
	if buf:len() < 8 then
		return "SCSP", "shorter than 8 octets"
	end
	tree:add(g.version, buf(0, 1))
	tree:add(g.type, buf(1, 1))
	tree:add(g.size, buf(2, 2))
	tree:add(g.checksum, buf(4, 2))
	tree:add(g.exts, buf(6, 2))
	local kind, size = buf(1, 1):uint(), buf(2, 2):uint()
	if buf(0, 1):uint() ~= 1 then
		return "SCSP", "another version than 1"
	elseif not TYPES[kind] then
		return "SCSP", "unknown type " .. kind
	end
	tree:add(g.name, buf(1, 1), TYPES[kind])
	if size > buf:len() or size < 8 then
		return TYPES[kind], "Packet Size is not that of the frame"
	end
	local said, bad = parts(buf, tree, kind, size)
	if internet_sum(buf, size) ~= 0xFFFF then
		bad = "the checksum is wrong"
	end
	return said, bad
end

function scsp.dissector(buf, pinfo, root)
	pinfo.cols.protocol = "SCSP"
	local tree = root:add(scsp, buf())
	local said, bad = message(buf, tree)
	if bad then
		tree:add(g.error, bad)
	end
	tree:append_text(": " .. said)
	pinfo.cols.info = said .. (bad and " [malformed]" or "")
	return buf:len()
end

return scsp
