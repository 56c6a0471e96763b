-- SPDX-License-Identifier: BSD-2-Clause
-- The peer's codec, alone: known packets, and what must not be let in.

local codec = dofile "tests/peer/scsp_codec.lua"
local md5 = dofile "tests/peer/md5.lua"
local n, bad = 0, 0
local function ok(is, what)
	n = n + 1
	if not is then bad = bad + 1 end
	print(("%sok %d - %s"):format(is and "" or "not ", n, what))
end
local function hex(s)
	return (s:gsub(".", function(c) return ("%02x"):format(c:byte()) end))
end
local function bin(s)
	return (s:gsub("%s", ""):gsub("..", function(h)
		return string.char(tonumber(h, 16))
	end))
end

ok(hex(md5.sum "") == "d41d8cd98f00b204e9800998ecf8427e", "MD5 of nothing")
ok(hex(md5.sum(("1234567890"):rep(8))) == "57edf4a22be3c955ac49da2e2107b67a",
    "MD5 of two blocks")
ok(hex(md5.hmac("Jefe", "what do ya want for nothing?")) ==
    "750c783e6ab0b503eaa86e310a5db738", "HMAC-MD5")
ok(hex(md5.hmac(("\xaa"):rep(80),
    "Test Using Larger Than Block-Size Key - Hash Key First")) ==
    "6b1ab7fe4bd7bf8f0b62e6ce61b9d0cd", "HMAC-MD5 with a long key")
ok(codec.sum(bin "0001f203f4f5f6f7") == 0x220d, "the checksum")

local m1, m2 = bin "0a000001", bin "0a000002"
local nsap = "47000580ffe1000000f21a26d80020ea00"
local known = {
	{ "Hello", { type = "hello", interval = 3, dead = 3, sender = m1,
	    receivers = { m2 } }, [[
	01 05 00 24 e6 c5 00 00 00 03 00 03 00 00 00 00
	00 03 00 01 00 00 00 00 04 04 00 00 0a 00 00 01 0a 00 00 02]] },
	{ "CA", { type = "ca", seq = 0x386d4381, m = true, sender = m2,
	    receiver = m1, records = {
	    { seq = codec.FIRST, key = bin "00000001", oid = m2 },
	    { seq = 100, key = bin "00000002", oid = m1 } } }, [[
	01 01 00 48 4e 1d 00 00 38 6d 43 81 00 03 00 01
	00 00 80 00 04 04 00 02 0a 00 00 02 0a 00 00 01
	00 01 00 14 04 04 00 00 80 00 00 01 00 00 00 01
	0a 00 00 02 00 01 00 14 04 04 00 00 00 00 00 64
	00 00 00 02 0a 00 00 01]] },
	{ "CSU Request", { type = "csu_request", sender = m1, receiver = m2,
	    records = { { hops = 16, seq = codec.FIRST, key = bin "00000102",
	    oid = m1, data = bin("000f080000000000000000038000010104041400" ..
	    "0a00010a" .. nsap .. "112200e0010203e0010203") } } }, [[
	01 02 00 64 64 8b 00 00 00 03 00 01 00 00 00 00
	04 04 00 01 0a 00 00 01 0a 00 00 02 00 10 00 48
	04 04 00 00 80 00 00 01 00 00 01 02 0a 00 00 01
	00 0f 08 00 00 00 00 00 00 00 00 03 80 00 01 01
	04 04 14 00 0a 00 01 0a 47 00 05 80 ff e1 00 00
	00 f2 1a 26 d8 00 20 ea 00 11 22 00 e0 01 02 03 e0 01 02 03]] },
	{ "CSU Request of a server", { type = "csu_request", sender = m1,
	    receiver = m2, records = { { hops = 16, seq = codec.FIRST + 2,
	    key = bin "00000000", oid = m1, data =
	    bin("000f080000000000000000010000000000001400" .. nsap .. "0ee000")
	    } } }, [[
	01 02 00 58 fb c0 00 00 00 03 00 01 00 00 00 00
	04 04 00 01 0a 00 00 01 0a 00 00 02 00 10 00 3c
	04 04 00 00 80 00 00 03 00 00 00 00 0a 00 00 01
	00 0f 08 00 00 00 00 00 00 00 00 01 00 00 00 00
	00 00 14 00 47 00 05 80 ff e1 00 00 00 f2 1a 26
	d8 00 20 ea 00 0e e0 00]] },
	{ "Hello of three receivers", { type = "hello", interval = 3, dead = 3,
	    sender = m1, receivers = { m2, bin "0a000003", bin "0a000004" } }, [[
	01 05 00 2e d5 a7 00 00 00 03 00 03 00 00 00 00
	00 03 00 01 00 00 00 00 04 04 00 02 0a 00 00 01
	0a 00 00 02 04 0a 00 00 03 04 0a 00 00 04]] },
	{ "authenticated Hello", { type = "hello", interval = 3, dead = 3,
	    sender = m1, receivers = { m2 },
	    auth = { spi = 0x100, key = "scsp-test-key-01" } }, [[
	01 05 00 40 2b b7 00 24 00 03 00 03 00 00 00 00
	00 03 00 01 00 00 00 00 04 04 00 00 0a 00 00 01
	0a 00 00 02 00 01 00 14 00 00 01 00 34 3e a6 04
	c9 9c a2 af b2 fd 50 97 0a 41 65 54 00 00 00 00]] },
	{ "Null record", { type = "csu_request", sender = m2, receiver = m1,
	    records = { { null = true, seq = 100, key = bin "00000002", oid = m1 } } },
	    [[
	01 02 00 30 58 41 00 00 00 03 00 01 00 00 00 00
	04 04 00 01 0a 00 00 02 0a 00 00 01 00 01 00 14
	04 04 80 00 00 00 00 64 00 00 00 02 0a 00 00 01]] },
}

local function same(a, b)
	if type(a) ~= "table" then return a == b end
	for k, v in pairs(a) do
		if k ~= "auth" and not same(v, (b or {})[k]) then return false end
	end
	return true
end

local flips, let_in, crashed = 0, 0, 0
local function let(p)
	flips = flips + 1
	local fine, m = pcall(codec.decode, codec.LLC .. p)
	if not fine then crashed = crashed + 1 elseif m then let_in = let_in + 1 end
end
for _, example in ipairs(known) do
	local what, m, octets = table.unpack(example)
	m.pid, m.sgid = 3, 1
	local p = bin(octets)
	ok(codec.encode(m) == codec.LLC .. p, what .. ", made")
	local got, why = codec.decode(codec.LLC .. p)
	ok(got and same(m, got), what .. ", read " .. (why or ""))
	ok(got and #got.odd == 0, "and nothing is odd about it")
	for at = 1, #p do
		for bit = 0, 7 do
			let(p:sub(1, at - 1) ..
			    string.char(p:byte(at) ~ 1 << bit) .. p:sub(at + 1))
		end
		let(p:sub(1, at - 1))
	end
end
ok(let_in == 0, ("of %d broken packets none is let in"):format(flips))
ok(crashed == 0, "and none breaks the codec")

-- A change of some octets, with its checksum right.
local function changed(i, at, octets)
	local p = bin(known[i][3])
	p = p:sub(1, at) .. octets .. p:sub(at + 1 + #octets)
	return codec.decode(codec.LLC .. codec.seal(p))
end
ok(not changed(1, 3, "\x25"), "one octet more than there is")
ok(not changed(2, 23, "\3"), "one record more than there is")
ok(not changed(2, 35, "\19"), "a record that is too short for its key")
ok(not changed(2, 20, "\4\255"), "an ID longer than the packet")
ok(not changed(6, 7, "\8"), "extensions inside the mandatory part")
ok(not changed(6, 62, "\0\1"), "extensions without an end")
ok(not changed(1, 0, "\2"), "another version")
ok(not changed(1, 1, "\6"), "another type")
ok(changed(2, 12, "\0\3"), "a change that harms nothing")
local good = codec.decode(codec.LLC .. bin(known[6][3]))
local keys = { [0x100] = "scsp-test-key-01" }
ok(codec.verify(good, keys), "the right key")
ok(not codec.verify(good, { [0x100] = "scsp-test-key-02" }), "the wrong key")
ok(not codec.verify(good, { [0x101] = keys[0x100] }), "another index")
ok(not codec.verify(changed(6, 50, "\0"), keys), "a code that is another one")
ok(codec.decode "\xaa\xaa\x03\0\0\x5e\0\x03" == false, "a frame of MARS is none")
ok(codec.larger("\1\0", "\255") and not codec.larger("\0\1", "\1") and
    codec.larger("\xff", "\x7f"), "IDs are numbers")
print("1.." .. n)
os.exit(bad == 0)
