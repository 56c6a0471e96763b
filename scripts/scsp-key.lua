#!/usr/bin/env marsh
-- SPDX-License-Identifier: BSD-2-Clause
-- Keys.  Two servers that share a secret align; with another secret nothing
-- passes, whoever wants it; a new key takes over from an old one without a
-- message lost; a key that ran out ends the link.
--
-- Shows RFC 2334 section B.3.1 (authentication extension, Security
-- Associations).  HMAC-MD5-128 over every message, Hellos too.

local A = scsp.server "A" { id = 1, hello = 1 }
local net = A.net -- the fabric, or with -b atm the kernel's
local B = scsp.server "B" { net = net, id = 2, hello = 1 }
A.cache:put("door", "open")
local p = scsp.peer(A, B, { key = { spi = 1, key = "a secret" } })

local function aligned() return p.aligned end

expect(run_until(aligned, 30)):is(true, "with the same secret they align")
expect(B.cache:get "door"):is("open", "and B knows what A knows")
expect(A.stats.drops.auth + B.stats.drops.auth):is(0, "nothing was refused")
expect(p.spi):is(1, "messages carry SPI 1")
settle()

say "a stranger who knows everything but the secret"
local forged = scsp.server "X" { net = net, id = 3, hello = 1 }
forged.cache:put("door", "stolen")
scsp.peer(A, forged, { key = { spi = 1, key = "a secret" } })
local q = scsp.peer(forged, A)
q:key { spi = 1, key = "a guess", at = forged }
local t = net.now
run_for(60)
expect(q.cafsm):is("Down", "with another secret nobody gets in")
expect(A.stats.drops.auth > 10):is(true, "A counts every attempt")
expect(A.cache):is({ door = "open" }, "and knows what it knew")
expect(net:log { op = "CA", from = "X", since = t }):none(
    "X does not even begin to align")
expect(p.aligned):is(true, "the link with B does not notice")
q:close()

say "roll-over: the new key is known to both before one of them uses it"
t = net.now
p:key { spi = 2, key = "another secret", at = B, send = false }
run_for(5)
expect(p.other.spi):is(1, "B verifies with either, and signs with the old one")
p:key { spi = 2, key = "another secret", at = A }
run_for(5)
expect(p.spi):is(2, "A signs with the new one")
p:key { spi = 2, key = "another secret", at = B }
p:unkey { spi = 1 }
A.cache:put("door", "shut")
run_for(5)
expect(p.other.spi):is(2, "and now so does B")
expect(B.cache:get "door"):is("shut", "changes pass")
expect(net:log { kind = "state", node = "A B", since = t }):none(
    "no state changed on the way")

say "a key of ten seconds, and no other"
local refused = A.stats.drops.auth
p:key { spi = 3, key = "a short life", lifetime = 10 }
p:unkey { spi = 2 }
run_for(9)
expect(p.aligned):is(true, "while it lasts, all is well")
run_for(20)
expect(p.spi):is(nil, "then there is no key to sign with")
expect(p.aligned):is(false, "and the two part")
expect(A.stats.drops.no_key > 0):is(true, "what cannot be signed is not sent")
A.cache:put("door", "nobody hears")
run_for(5)
expect(B.cache:get "door"):is("shut", "B keeps what it knew")
p:key { spi = 4, key = "for ever" }
expect(run_until(aligned, 60)):is(true, "a new key joins them again")
run_for(1)
expect(B.cache:get "door"):is("nobody hears", "and B hears of the change")
settle()
