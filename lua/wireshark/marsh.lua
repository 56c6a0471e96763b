-- SPDX-License-Identifier: BSD-2-Clause
-- MARS control messages and Type #1/#2 data (RFC 2022 sections 4 to 7, 11) for
-- Wireshark and tshark:  tshark -X lua_script:marsh.lua -r run.pcap
-- SCSP (RFC 2334) is dissected by the file beside this one.
--
-- Their own dissector takes PID 3 for NHRP, with which MARS shares it;
-- mar$op.version (octet 16) tells the two apart: MARS 0, NHRP 1.
-- Wireshark's Lua is 5.2 or 5.4 by version, so there are no bit operators here.

local mars = Proto("mars", "MARS (RFC 2022)")
local data = Proto("mars_data", "Multicast over ATM data (RFC 2022)")

local OPS = {
	"MARS_REQUEST", "MARS_MULTI", "MARS_MSERV", "MARS_JOIN", "MARS_LEAVE",
	"MARS_NAK", "MARS_UNSERV", "MARS_SJOIN", "MARS_SLEAVE",
	"MARS_GROUPLIST_REQUEST", "MARS_GROUPLIST_REPLY", "MARS_REDIRECT_MAP",
	"MARS_MIGRATE",
}
-- The shape of each message's mandatory part: Request, Multi, Join, Grouplist
-- reply, reDirect map.
local SHAPE = { "R", "M", "J", "J", "J", "R", "J", "J", "J", "J", "G", "D", "M" }
local PRO = { [0x0800] = "IPv4", [0x86DD] = "IPv6", [0x0080] = "long form" }

local f = {
	afn = ProtoField.uint16("mars.afn", "Address family", base.HEX),
	pro = ProtoField.uint16("mars.pro", "Protocol", base.HEX, PRO),
	snap = ProtoField.bytes("mars.snap", "Protocol SNAP"),
	chksum = ProtoField.uint16("mars.chksum", "Checksum", base.HEX),
	extoff = ProtoField.uint16("mars.extoff", "Extensions offset"),
	version = ProtoField.uint8("mars.op.version", "Version"),
	op = ProtoField.uint8("mars.op.type", "Operation", base.DEC),
	name = ProtoField.string("mars.op.name", "Message"),
	shtl = ProtoField.uint8("mars.shtl", "Source number type/length", base.HEX),
	sstl = ProtoField.uint8("mars.sstl", "Source subaddress type/length", base.HEX),
	spln = ProtoField.uint8("mars.spln", "Source protocol length"),
	tpln = ProtoField.uint8("mars.tpln", "Target protocol length"),
	thtl = ProtoField.uint8("mars.thtl", "Target number type/length", base.HEX),
	tstl = ProtoField.uint8("mars.tstl", "Target subaddress type/length", base.HEX),
	tnum = ProtoField.uint16("mars.tnum", "Targets"),
	last = ProtoField.bool("mars.seq.last", "Last part", 16, nil, 0x8000),
	part = ProtoField.uint16("mars.seq.part", "Part", base.DEC, nil, 0x7FFF),
	resv = ProtoField.uint16("mars.resv", "Reserved", base.HEX),
	pnum = ProtoField.uint16("mars.pnum", "Pairs"),
	layer3 = ProtoField.bool("mars.flags.layer3grp", "Layer 3 group", 16, nil, 0x8000),
	copy = ProtoField.bool("mars.flags.copy", "Copy", 16, nil, 0x4000),
	register = ProtoField.bool("mars.flags.register", "Register", 16, nil, 0x2000),
	punched = ProtoField.bool("mars.flags.punched", "Hole-punched", 16, nil, 0x1000),
	sequence = ProtoField.uint16("mars.flags.sequence", "Sequence", base.DEC, nil, 0xFF),
	cmi = ProtoField.uint16("mars.cmi", "Cluster Member ID"),
	hard = ProtoField.bool("mars.redirf.hard", "Hard redirect", 8, nil, 0x80),
	msn = ProtoField.uint32("mars.msn", "MARS sequence number"),
	sha = ProtoField.string("mars.sha", "Source ATM number"),
	ssa = ProtoField.string("mars.ssa", "Source ATM subaddress"),
	spa = ProtoField.string("mars.spa", "Source protocol address"),
	tpa = ProtoField.string("mars.tpa", "Group"),
	min = ProtoField.string("mars.min", "From group"),
	max = ProtoField.string("mars.max", "To group"),
	tha = ProtoField.string("mars.tha", "Target ATM number"),
	tsa = ProtoField.string("mars.tsa", "Target ATM subaddress"),
	mgrp = ProtoField.string("mars.mgrp", "Group with members"),
	tlv = ProtoField.bytes("mars.tlv", "Extension"),
	error = ProtoField.string("mars.error", "Malformed"),
}
mars.fields = f

local function has(value, bit)
	return math.floor(value / bit) % 2 == 1
end

local function number(buf, tl)
	if has(tl, 0x40) then
		return "+" .. buf:string()
	end
	return buf:bytes():tohex(true)
end

local function protocol(buf)
	if buf:len() == 4 then
		return tostring(buf:ipv4())
	elseif buf:len() == 16 then
		return tostring(buf:ipv6())
	end
	return buf:bytes():tohex(true)
end

-- A cursor over the addresses; past the end it notes the error once.
local function cursor(buf, tree, at, fields)
	fields = fields or f
	local c = { at = at, bad = nil }
	local function take(field, len, text)
		if c.bad or len == 0 then
			return
		end
		if c.at + len > buf:len() then
			c.bad = ("the message ends inside %s"):format(field)
			return
		end
		local range = buf(c.at, len)
		c.at = c.at + len
		local shown = text(range)
		tree:add(fields[field], range, shown)
		return shown
	end
	function c.number(field, tl)
		return take(field, tl % 0x40, function (r) return number(r, tl) end)
	end
	function c.protocol(field, len)
		return take(field, len, protocol)
	end
	return c
end

local function flags(buf, tree)
	for _, name in ipairs { "layer3", "copy", "register", "punched", "sequence" } do
		tree:add(f[name], buf(24, 2))
	end
end

local function parts(buf, tree, shape, op)
	tree:add(f.tnum, buf(24, 2))
	if op == 13 then
		tree:add(f.resv, buf(26, 2))
	else
		tree:add(f.last, buf(26, 2))
		tree:add(f.part, buf(26, 2))
	end
end

-- Each shape adds its addresses and returns what the summary line says.
local shapes = {}

function shapes.R(buf, tree, c, spln)
	tree:add(f.thtl, buf(21, 1))
	tree:add(f.tstl, buf(22, 1))
	tree:add(f.tpln, buf(23, 1))
	c.protocol("spa", spln)
	return c.protocol("tpa", buf(23, 1):uint())
end

local function targets(buf, c, n)
	local thtl, tstl = buf(21, 1):uint(), buf(22, 1):uint()
	for _ = 1, n do
		c.number("tha", thtl)
		c.number("tsa", tstl)
		if c.bad then
			return
		end
	end
end

function shapes.M(buf, tree, c, spln, op)
	tree:add(f.thtl, buf(21, 1))
	tree:add(f.tstl, buf(22, 1))
	tree:add(f.tpln, buf(23, 1))
	parts(buf, tree, "M", op)
	c.protocol("spa", spln)
	local group = c.protocol("tpa", buf(23, 1):uint())
	targets(buf, c, buf(24, 2):uint())
	return ("%s, %d addresses"):format(group, buf(24, 2):uint())
end

function shapes.J(buf, tree, c, spln)
	local tpln, n = buf(21, 1):uint(), buf(22, 2):uint()
	tree:add(f.tpln, buf(21, 1))
	tree:add(f.pnum, buf(22, 2))
	flags(buf, tree)
	tree:add(f.cmi, buf(26, 2))
	c.protocol("spa", spln)
	local bits = buf(24, 2):uint()
	local said = {}
	if has(bits, 0x2000) then said[1] = "register" end
	if has(bits, 0x4000) then said[#said + 1] = "copy" end
	for i = 1, tpln > 0 and n or 0 do
		local lo, hi = c.protocol("min", tpln), c.protocol("max", tpln)
		if c.bad then
			break
		end
		if i <= 3 then
			said[#said + 1] = lo == hi and lo or lo .. "-" .. hi
		end
	end
	if n > 3 then said[#said + 1] = ("%d pairs"):format(n) end
	return table.concat(said, " ")
end

function shapes.G(buf, tree, c, spln, op)
	tree:add(f.thtl, buf(21, 1))
	tree:add(f.tstl, buf(22, 1))
	tree:add(f.tpln, buf(23, 1))
	parts(buf, tree, "G", op)
	c.protocol("spa", spln)
	for _ = 1, buf(24, 2):uint() do
		c.protocol("mgrp", buf(23, 1):uint())
	end
	return ("%d groups"):format(buf(24, 2):uint())
end

function shapes.D(buf, tree, c, _, op)
	tree:add(f.thtl, buf(21, 1))
	tree:add(f.tstl, buf(22, 1))
	tree:add(f.hard, buf(23, 1))
	parts(buf, tree, "D", op)
	targets(buf, c, buf(24, 2):uint())
	return ("%s, %d servers"):format(
	    has(buf(23, 1):uint(), 0x80) and "hard" or "soft", buf(24, 2):uint())
end

local function extensions(buf, tree)
	local at = buf(14, 2):uint()
	at = at - at % 4
	while at ~= 0 do
		if at + 4 > buf:len() then
			return "the extensions run past the end"
		end
		local kind, len = buf(at, 2):uint() % 0x4000, buf(at + 2, 2):uint()
		if at + 4 + len > buf:len() then
			return "an extension runs past the end"
		end
		tree:add(f.tlv, buf(at, 4 + len))
		if kind == 0 then
			return nil
		end
		at = at + 4 + len + (4 - len % 4) % 4
	end
end

local function fixed(buf, tree)
	tree:add(f.afn, buf(0, 2))
	tree:add(f.pro, buf(2, 2))
	if buf(2, 2):uint() == 0x0080 then
		tree:add(f.snap, buf(4, 5))
	end
	tree:add(f.chksum, buf(12, 2))
	tree:add(f.extoff, buf(14, 2))
	tree:add(f.version, buf(16, 1))
	tree:add(f.op, buf(17, 1))
	tree:add(f.shtl, buf(18, 1))
	tree:add(f.sstl, buf(19, 1))
end

local iana = DissectorTable.get("llc.iana_pid")
local nhrp = iana:get_dissector(3)

function mars.dissector(buf, pinfo, root)
	if buf:len() > 16 and buf(16, 1):uint() ~= 0 and nhrp then
		return nhrp:call(buf, pinfo, root)
	end
	pinfo.cols.protocol = "MARS"
	local tree = root:add(mars, buf())
	local op = buf:len() >= 32 and buf(17, 1):uint() or 0
	local name = OPS[op]
	if not name then
		tree:add(f.error, buf:len() < 32 and "shorter than 32 octets"
		    or "unknown operation " .. op)
		pinfo.cols.info = "MARS, malformed"
		return buf:len()
	end
	tree:add(f.name, buf(17, 1), name)
	fixed(buf, tree)
	local shape = SHAPE[op]
	tree:add(f.spln, buf(20, 1))
	local c = cursor(buf, tree, 32)
	if shape ~= "R" then
		tree:add(f.msn, buf(28, 4))
	end
	c.number("sha", buf(18, 1):uint())
	c.number("ssa", buf(19, 1):uint())
	local said = shapes[shape](buf, tree, c, buf(20, 1):uint(), op)
	local bad = c.bad or extensions(buf, tree)
	if bad then
		tree:add(f.error, bad)
	end
	tree:append_text(": " .. name)
	pinfo.cols.info = name .. " " .. (said or "") .. (bad and " [malformed]" or "")
	return buf:len()
end

-- ---- data: section 5.5 -----------------------------------------------------

local d = {
	cmi = ProtoField.uint16("mars_data.cmi", "Cluster Member ID of the sender"),
	source = ProtoField.bytes("mars_data.source", "Source ID"),
	pro = ProtoField.uint16("mars_data.pro", "Protocol", base.HEX, PRO),
	snap = ProtoField.bytes("mars_data.snap", "Protocol SNAP"),
}
data.fields = d

local ethertype = DissectorTable.get("ethertype")

-- head: octets before the protocol; skip: octets after a long form's SNAP.
local function payload(buf, pinfo, root, tree, head, short, skip)
	local pro = buf(head, 2):uint()
	tree:add(d.pro, buf(head, 2))
	if pro == 0x0080 then
		tree:add(d.snap, buf(head + 2, 5))
		pro = buf(head + 5, 2):uint()
		return ethertype:try(pro, buf(head + 7 + skip):tvb(), pinfo, root)
	end
	return ethertype:try(pro, buf(head + 2 + short):tvb(), pinfo, root)
end

function data.dissector(buf, pinfo, root)
	pinfo.cols.protocol = "MARS data"
	if buf:len() < 13 then
		return 0
	end
	local tree = root:add(data, buf(0, 4), "Multicast over ATM, Type #1")
	tree:add(d.cmi, buf(0, 2))
	payload(buf, pinfo, root, tree, 2, 0, 3)
	return buf:len()
end

local data2 = Proto("mars_data2", "Multicast over ATM data, Type #2")
function data2.dissector(buf, pinfo, root)
	pinfo.cols.protocol = "MARS data"
	if buf:len() < 17 then
		return 0
	end
	local tree = root:add(data, buf(0, 12), "Multicast over ATM, Type #2")
	tree:add(d.source, buf(0, 8))
	payload(buf, pinfo, root, tree, 8, 2, 1)
	return buf:len()
end

iana:add(1, data)
iana:add(3, mars)
iana:add(4, data2)

local dir = debug.getinfo(1, "S").source:match("^@(.*[/\\])") or "./"
local scsp = loadfile(dir .. "marsh_scsp.lua")
if scsp then
	iana:add(5, scsp { PRO = PRO, has = has, protocol = protocol, cursor = cursor })
end
