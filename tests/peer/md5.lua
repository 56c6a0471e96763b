-- SPDX-License-Identifier: BSD-2-Clause
-- MD5 (RFC 1321) and HMAC-MD5 (RFC 2104), short and slow: the key of a test
-- must not be checked by the code that is tested.

local md5 = {}

local K, turn = {}, {
	{ 7, 12, 17, 22 }, { 5, 9, 14, 20 }, { 4, 11, 16, 23 }, { 6, 10, 15, 21 },
}
for i = 1, 64 do K[i] = math.floor(math.abs(math.sin(i)) * 2 ^ 32) end

local function block(words, A, B, C, D)
	local a, b, c, d = A, B, C, D
	for i = 0, 63 do
		local round, f, g = i // 16, nil, nil
		if round == 0 then
			f, g = b & c | ~b & d, i
		elseif round == 1 then
			f, g = d & b | ~d & c, (5 * i + 1) % 16
		elseif round == 2 then
			f, g = b ~ c ~ d, (3 * i + 5) % 16
		else
			f, g = c ~ (b | ~d), 7 * i % 16
		end
		local x = (a + f + K[i + 1] + words[g + 1]) & 0xffffffff
		local n = turn[round + 1][i % 4 + 1]
		a, d, c = d, c, b
		b = b + (x << n | x >> 32 - n) & 0xffffffff
	end
	return A + a & 0xffffffff, B + b & 0xffffffff, C + c & 0xffffffff,
	    D + d & 0xffffffff
end

-- md5.sum(octets): the 16 octets of the digest.
function md5.sum(s)
	local a, b, c, d = 0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476
	local text = s .. "\x80" .. ("\0"):rep(-(#s + 9) % 64) ..
	    string.pack("<I8", #s * 8)
	for at = 1, #text, 64 do
		a, b, c, d = block({ string.unpack("<" .. ("I4"):rep(16), text, at) },
		    a, b, c, d)
	end
	return string.pack("<I4I4I4I4", a, b, c, d)
end

-- md5.hmac(key, octets): the 16 octets of the code.
function md5.hmac(key, s)
	if #key > 64 then key = md5.sum(key) end
	key = key .. ("\0"):rep(64 - #key)
	local function pad(with)
		return (key:gsub(".", function(c)
			return string.char(c:byte() ~ with)
		end))
	end
	return md5.sum(pad(0x5c) .. md5.sum(pad(0x36) .. s))
end

return md5
