/* SPDX-License-Identifier: BSD-2-Clause */
/* SCSP servers, their links and bare ports from Lua, and what is refused. */
#include <stdio.h>
#include <stdlib.h>

#include "golden.h"
#include "lua_run.h"
#include "marsh/wire/scsp_msg.h"

#define TWO                                                                    \
	"net = fabric{}  A = scsp.server 'A' { net = net }"                   \
	"  B = scsp.server 'B' {}  p = scsp.peer(A, B)\n"

static void
servers_and_their_fields(void **state)
{
	(void)state;
	good("net = fabric{}\n"
	    "A = scsp.server 'A' { id = 7, sgid = 2, pid = 5, hello = 1,"
	    " dead = 4, family = 9, hops = 20 }\n"
	    "assert(A.id == 7 and A.sgid == 2 and A.pid == 5 and A.hello == 1)\n"
	    "assert(A.dead == 4 and A.family == 9 and A.hops == 20)\n"
	    "assert(A.kind == 'scsp' and A.state == 'Alone' and A.up)\n"
	    "assert(not A.aligned and #A.peers == 0 and #A.cache == 0)\n"
	    "B = scsp.server('B', { id = '10.0.0.9' })\n"
	    "assert(B.id == '10.0.0.9')\n"
	    "C = scsp.server('C', { id = 'an ID of octets' })\n"
	    "assert(C.id == 'an ID of octets')\n"
	    "D = scsp.server 'D' {}  assert(D.id == 4)\n"
	    "assert(#net.nodes == 4 and #net.servers == 0)");
}

static void
the_cache_is_a_table(void **state)
{
	(void)state;
	good(TWO
	    "for _, k in ipairs { 'c', 'a', 'b' } do"
	    " assert(A.cache:put(k, k .. 1)) end\n"
	    "B.cache:put('a', 'mine')  assert(settle())\n"
	    "keys = {}  for k, v in pairs(A.cache) do"
	    " keys[#keys + 1] = k .. '=' .. v end\n"
	    "assert(table.concat(keys, ' ') == 'a=a1 a=mine b=b1 c=c1')\n"
	    "assert(#A.cache == 4 and A.cache:get 'a' == 'a1')\n"
	    "assert(A.cache:get('a', B) == 'mine' and B.cache:get 'a' == 'mine')\n"
	    "assert(B.cache:get('a', 'A') == 'a1' and B.cache:get('a', 1) == 'a1')\n"
	    "assert(A.cache:get 'z' == nil)\n"
	    "A.cache:remove 'b'  run_for(1)  assert(#B.cache == 3)\n"
	    "e = B.cache:entries()  assert(#e == 4)\n"
	    "assert(e[1].key == 'a' and e[1].originator == 'A')\n"
	    "assert(e[2].originator == 'B' and e[2].own and not e[1].own)\n"
	    "assert(e[3].tombstone and e[3].seq == e[1].seq + 1)\n"
	    "local a, b, c = B.cache:remove 'c'\n"
	    "assert(a == nil and c == 'not_found')\n"
	    "assert(tostring(A.cache) == '3 entries')\n"
	    "assert(A.digest == B.digest)");
	good("B.cache:put('bin\\0\\255', '\\0\\1')  run_for(1)\n"
	    "assert(A.cache:get 'bin\\0\\255' == '\\0\\1')");
}

static void
links_tell_both_sides(void **state)
{
	(void)state;
	good(TWO
	    "assert(p.hfsm == 'Down' and p.cafsm == 'Down' and p.master == nil)\n"
	    "assert(wait(A, 'aligned', 30))  run_for(1)\n"
	    "assert(p.hfsm == 'Bidirectional' and p.cafsm == 'Aligned')\n"
	    "assert(p.master == false and p.other.master == true)\n"
	    "assert(p.a == A and p.b == B and p.other.a == B)\n"
	    "assert(p.other.other == p and p.name == 'A-B' and p.aligned)\n"
	    "assert(p.queue == 0 and p.crl == 0 and p.vc.kind == 'scsp')\n"
	    "assert(p.spi == false and p.hello == 3 and p.id == 2)\n"
	    "assert(A.peers[1] == p and A.peers.B == p and A.aligned)\n"
	    "assert(A.state == 'Aligned' and p.tx > 3 and p.rx > 3)\n"
	    "A.cache:put('k', 'v')  assert(A.peers.queue[1] == 1)\n"
	    "run_for(1)  assert(p:solicit('k', A))\n"
	    "assert(p:close() and not p.linked and p.cafsm == 'Down')\n"
	    "run_for(20)  assert(not p.aligned and B.state == 'Alone')\n"
	    "q = scsp.peer('A', 'B')  run_for(20)  assert(q.aligned)\n"
	    "assert(scsp.peer(B, A) == q.other)\n"
	    "assert(settle())");
}

static void
shapes(void **state)
{
	(void)state;
	good("net = fabric{}  s = {}\n"
	    "for i = 1, 4 do s[i] = scsp.server('S' .. i, {}) end\n"
	    "m = scsp.mesh { s[1], s[2], s[3], s[4], hello = 1, dead = 2 }\n"
	    "assert(#m == 6 and s[4].hello == 1 and s[1].dead == 2)\n"
	    "assert(settle())  expect(m.cafsm):all 'Aligned'");
	good("net = fabric{}  for i = 1, 4 do scsp.server('S' .. i, {}) end\n"
	    "assert(tostring(scsp.line { 'S1 S2', 'S3' }) == 'S1-S2 S2-S3')\n"
	    "assert(tostring(scsp.star { 'S4 S1' }) == 'S4-S1')");
	good("net = fabric{}  for i = 1, 4 do scsp.server('S' .. i, {}) end\n"
	    "assert(tostring(scsp.ring 'S1 S2 S3 S4') =="
	    " 'S1-S2 S2-S3 S3-S4 S4-S1')\n"
	    "assert(#scsp.ring { net.nodes[1], net.nodes[3] } == 1)\n"
	    "assert(settle())");
}

static void
machines_and_messages(void **state)
{
	(void)state;
	good(TWO "A.cache:put('k', 'v')  settle()\n"
	    "m = net:meter()\n"
	    "f = net:loss { op = 'CSU_REQ', to = 'B', n = 1 }\n"
	    "A.cache:put('k', 'w')  run_for(1)\n"
	    "assert(B.cache:get 'k' == 'v' and p.queue == 1 and f.hits == 1)\n"
	    "run_for(2)  assert(B.cache:get 'k' == 'w')\n"
	    "assert(m.csu_req == 2 and m.csu_rep == 1 and A.stats.rexmt.CSU_REQ"
	    " == 1)\n"
	    "f:heal()  q = net:log { op = 'CSU_REQ', from = 'A' }\n"
	    "assert(q[-1].n == 1 and q[-1].op == 'CSU_REQ' and"
	    " q[-1].use == 'scsp')\n"
	    "ca = net:log { op = 'CA', kind = 'send' }[1]\n"
	    "assert(ca.master and ca.init and ca.more and ca.msn > 0)");
	good("do local f <close> = B:kill() run_for(20)\n"
	    "assert(B.state == 'Dead' and #B.cache == 0 and p.hfsm == 'Down')\n"
	    "local a, b, c = B.cache:put('x', 'y') assert(c == 'dead') end\n"
	    "assert(settle())  assert(B.cache:get 'k' == 'w')\n"
	    "A:restart { cold = true }  assert(#A.cache == 0)\n"
	    "assert(settle())  assert(A.cache:get 'k' == 'w')\n"
	    "B:hang()  run_for(1)  assert(B.state == 'Hung')\n"
	    "assert(net:draw():find 'HUNG')  B:stop()");
}

static void
keys(void **state)
{
	(void)state;
	good("net = fabric{}  A = scsp.server 'A' {}  B = scsp.server 'B' {}\n"
	    "p = scsp.peer(A, B, { key = 'secret' })  run_for(20)\n"
	    "assert(p.aligned and p.spi == 1)\n"
	    "p:key { spi = 2, key = 'other', at = 'A' }  run_for(20)\n"
	    "assert(not p.aligned and B.stats.drops.auth > 0)\n"
	    "assert(p:key { spi = 2, key = 'other', at = B, lifetime = 60 })\n"
	    "run_for(30)  assert(p.aligned and p.other.spi == 2)\n"
	    "run_for(60)  assert(p.spi == 2 and p.other.spi == 1)\n"
	    "assert(p:unkey { spi = 1 } and p:unkey { spi = 2 })\n"
	    "assert(p.spi == nil and p.other.spi == nil)\n"
	    "run_for(30)  assert(not p.aligned)\n"
	    "assert(p:open())  run_for(30)  assert(p.aligned and p.spi == false)\n"
	    "local a, b, c = p:unkey { spi = 9 }  assert(c == 'not_found')");
}

static void
bare_ports(void **state)
{
	(void)state;
	good("net = fabric{}  R = net:raw 'R'  T = net:raw('T', {})\n"
	    "assert(R.kind == 'raw' and R.addr ~= T.addr and R.waiting == 0)\n"
	    "ref = T:call(R)  assert(T.vcs[ref].state == 'calling')\n"
	    "run_for(1)  assert(T.vcs[ref].state == 'up' and"
	    " T.vcs[ref].peer == 'R')\n"
	    "i = R:next(1)  assert(i.kind == 'call' and i.peer == 'T')\n"
	    "assert(T:next(1).request == 'L_CALL_RQ')\n"
	    "T:send(ref, 'octets\\0')\n"
	    "bytes, back, from = R:recv(1)\n"
	    "assert(bytes == 'octets\\0' and back == i.ref and from == 'T')\n"
	    "local a, b, c = R:recv(0.5)  assert(a == nil and c == 'timeout')\n"
	    "got = {}  h = R:on('frame', function(f) got[#got + 1] = f.bytes\n"
	    "	R:send(f.ref, 'echo ' .. f.bytes) end)\n"
	    "T:send(ref, 'one')  T:send(ref, 'two')\n"
	    "assert(T:recv(1) == 'echo one' and T:recv(1) == 'echo two')\n"
	    "assert(#got == 2)  h:cancel()\n"
	    "gone = 0  R:on('released', function() gone = gone + 1 end)\n"
	    "T:release(ref)  run_for(1)  assert(gone == 1 and not next(R.vcs))\n"
	    "a, b, c = T:send(ref, 'x')  assert(c == 'not_found')");
	good("S = net:raw 'S'  ref = T:multi(R, 'data')  T:add(ref, S)\n"
	    "run_for(1)  T:send(ref, 'to all')\n"
	    "assert(S:recv(1) == 'to all' and R.vcs[next(R.vcs)].leaf)\n"
	    "T:drop(ref, R)  run_for(1)  assert(not next(R.vcs))");
	/* a stranger's Hello: refused and counted, and read by scsp.format */
	good("A = scsp.server 'A' {}  B = scsp.server 'B' {}\n"
	    "H = net:raw 'H'  scsp.peer(A, H.addr)  run_for(1)\n"
	    "f = H:recv(5)  assert(scsp.format(f):find '^HELLO 0.0.0.1>')\n"
	    "assert(scsp.format(f:sub(9)) == scsp.format(f))\n"
	    "local a, b, c = scsp.format(f:sub(1, 20))  assert(c == 'protocol')\n"
	    "ref = H:call(B, 'scsp')  run_for(1)\n"
	    "local ok = H:send(ref, f)  run_for(1)\n"
	    "assert(B.stats.drops.stranger > 0 or not ok)");
}

/* The line of tests/golden/|name|, with octet |at| (from 0) another. */
static void
line_is(const char *name, size_t at, uint8_t octet, const char *want)
{
	char code[4096], *p = code;
	size_t len;
	uint8_t *b = golden_read(name, &len);

	b[at] = octet;
	scsp_seal(b, len, NULL);
	p += sprintf(p, "local s = scsp.format('");
	for (size_t i = 0; i < len; i++)
		p += sprintf(p, "\\x%02x", b[i]);
	sprintf(p, "')  assert(s == '%s', s)", want);
	good(code);
	free(b);
}

/* Records of PID 3 are read as MARS records, where they are some. */
static void
mars_records(void **state)
{
	(void)state;
	line_is("scsp_csu_req", 0, 1, "CSU_REQ 10.0.0.1>10.0.0.2 1 record: "
	    "join from 47.0005.80FFE1000000F21A26D8.0020EA001122.00 at "
	    "10.0.1.10 <224.1.2.3> layer3grp cmi 257");
	line_is("scsp_csu_req_status", 0, 1, "CSU_REQ 10.0.0.1>10.0.0.2 1 "
	    "record: status from 47.0005.80FFE1000000F21A26D8.0020EA000EE0.00"
	    ": 1 Active 200 preempt ready cmi 1:257-511 clients 42/500 "
	    "aligned 2");
	/* another protocol; another State; no body; a summary */
	line_is("scsp_csu_req", 9, 1, "CSU_REQ 10.0.0.1>10.0.0.2 1 record");
	line_is("scsp_csu_req", 59, 6, "CSU_REQ 10.0.0.1>10.0.0.2 1 record");
	line_is("scsp_csu_req_null", 0, 1,
	    "CSU_REQ 10.0.0.2>10.0.0.1 1 record");
	line_is("scsp_csus", 0, 1, "CSUS 10.0.0.2>10.0.0.1 1 record");
}

static const struct row refused[] = {
	{ "local s = scsp.server 'A' {}", "a node called 'A' already" },
	{ "local s = scsp.server 'C' { sgidd = 1 }",
	    "scsp.server has no option 'sgidd' (did you mean 'sgid'?)" },
	{ "local s = scsp.server 'C' { id = {} }",
	    "id: a number, an IPv4 address or octets expected" },
	{ "local s = scsp.server 'C' { id = '' }", "id: 1 to 255" },
	{ "local s = scsp.server 'C' { id = -1 }", "id: -1 is outside" },
	{ "local s = scsp.server 'C' { id = 1 }", "id: 'A' has that ID" },
	{ "local s = scsp.server 'C' { own = 'x' }", "own: \"adopt\"" },
	{ "local s = scsp.server 'C' { hello = 0 }", "hello: 0 is" },
	{ "local s = scsp.server 'C' { rexmt = 0 }", "rexmt: " },
	{ "local s = scsp.server 'C' { reply_delay = 1 }",
	    "reply_delay: at most 0.2 s" },
	{ "local s = scsp.server 'C' { multipoint = 1 }",
	    "multipoint: true or false expected" },
	{ "local s = scsp.server('C').cache", "is not made yet" },
	{ "local s = scsp.sever", "did you mean 'server'?" },
	{ "A.cahce:put('x', 'y')", "did you mean 'cache'?" },
	{ "A.cache:putt('x', 'y')", "did you mean 'put'?" },
	{ "A.cache.x = 'y'", "cache:put(key, value)" },
	{ "A.cache:put('', 'y')", "key: 1 to 255 octets" },
	{ "A.cache:put(5, 'y')", "key: a string of octets expected" },
	{ "A.cache:put('x', '')", "value: an empty one" },
	{ "A.cache:put('x')", "value: a string of octets expected" },
	{ "A.cache:get('x', 'nobody at all' .. ('y'):rep(300))",
	    "originator: 1 to 255 octets" },
	{ "A.cache:get('x', 'M')", "'M' is no SCSP server" },
	{ "A.cache:put('x', ('y'):rep(9180))",
	    "too long for a message of 9180 octets" },
	{ "local s = scsp.server 'C' { tombstone = 9 }",
	    "tombstone: at least csu_rexmt x csu_max, 10.0 s" },
	{ "help(5)", "an object or a word expected" },
	{ "scsp.peer(A)", "two servers expected" },
	{ "scsp.peer(A, A)", "b: another server than A expected" },
	{ "scsp.peer(A, 'Z')", "b: no node is called 'Z'" },
	{ "scsp.peer(A, M)", "does not speak SCSP" },
	{ "scsp.peer(A, B, { helo = 1 })", "did you mean 'hello'?" },
	{ "scsp.peer(A, B, { hello = 1 })", "give them to scsp.server" },
	{ "scsp.peer(A, B, { key = 5 })", "key: a secret or" },
	{ "scsp.mesh { A }", "two or more servers expected" },
	{ "scsp.line { A, 'Z' }", "server: no node is called 'Z'" },
	{ "scsp.ring { A, B, hullo = 1 }", "did you mean 'hello'?" },
	{ "print(p.hfms)", "did you mean 'hfsm'?" },
	{ "p:key 'x'", "key: a table such as" },
	{ "p:key {}", "the secret is missing" },
	{ "p:key { key = ('x'):rep(65) }", "key: 1 to 64 octets" },
	{ "p:key { key = 'x', spi = 0 }", "spi: 0 is outside" },
	{ "p:key { key = 'x', at = 'M' }", "no end of this link" },
	{ "p:solicit()", "key: a string of octets" },
	{ "net:raw()", "name: a string expected" },
	{ "net:raw('R', { adr = 1 })", "did you mean 'addr'?" },
	{ "R:call()", "addr: one node" },
	{ "R:call(A, 'x')", "use: no VC is of the kind 'x'" },
	{ "R:send(0, 'x')", "ref: 0 is outside" },
	{ "R:send(1, '')", "bytes: 1 to 65535 octets" },
	{ "R:recv('x')", "timeout: a number of seconds" },
	{ "R:on('frame')", "fn: a function expected" },
	{ "R:on('fram', print)", "no event is called 'fram'" },
	{ "A:elect()", "no field 'elect'" },
};

static void
what_is_refused(void **state)
{
	(void)state;
	good(TWO "M = mars.server 'M' {}  R = net:raw 'R'");
	BAD_ROWS(refused);
	good("local a, b, c = A.cache:remove 'nix'  assert(c == 'not_found')\n"
	    "assert(b == 'A has no such entry of its own')\n"
	    "a, b, c = p:solicit 'x'  assert(c == 'state')\n"
	    "a, b, c = R:release(5)  assert(c == 'not_found')\n"
	    "net:close()  ok, why = pcall(function() return p.hfsm end)\n"
	    "assert(not ok and why:find 'its net was closed')");
}

static void
what_is_printed(void **state)
{
	(void)state;
	good(TWO "A.cache:put('k', 'v')  settle()\n"
	    "assert(tostring(p) == 'A-B: Bidirectional, Aligned')\n"
	    "local long = require('marsh.pretty').long\n"
	    "assert(long(A.cache):find '^k: \"v\"  of A, seq 0x80000001$')\n"
	    "assert(tostring(B.cache:entries()) == '\"k\": \"v\"  of A, seq 0x80000001')\n"
	    "assert(tostring(A.cache:entries()[1]):find ', own$')\n"
	    "assert(long(A.stats):find 'CSU_REQ: 1')\n"
	    "assert(net:ladder{}:find 'CSU_REQ 1 record')\n"
	    "assert(net:draw():find 'A .* B  Aligned')\n"
	    "local text, rows = marsh.core.show(net, 'scsp', 'A')\n"
	    "assert(rows[1].dcs == 'B' and rows[1].cache == 'Aligned')\n"
	    "text, rows = marsh.core.show(net, 'cache', 'B')\n"
	    "assert(rows[1].key == 'k' and rows[1].originator == 'A')\n"
	    "help 'scsp'  help(A)  help(p)  dump(A)  dump(p)");
}

static enum script_status
command(const char *word, const char *const *kv, size_t n)
{
	const char *keys[4], *values[4];

	for (size_t i = 0; i < n; i++) {
		keys[i] = kv[2 * i];
		values[i] = kv[2 * i + 1];
	}
	return script_command(S, word, keys, values, n);
}

static void
commands(void **state)
{
	static const char *const put[] = { "node", "A", "key", "k", "value",
		"a value of words" };
	static const char *const quoted[] = { "node", "A", "key", "q",
		"value", "'x y'" };
	static const char *const ask[] = { "node", "B", "other", "A", "key",
		"k" };
	static const char *const until[] = { "what", "A Aligned" };

	(void)state;
	good(TWO);
	assert_int_equal(command("until", until, 1), SCRIPT_OK);
	good("assert(A.state == 'Aligned')  t = net.now");
	assert_int_equal(command("until", until, 1), SCRIPT_OK);
	good("assert(net.now == t)");
	assert_int_equal(command("put", put, 3), SCRIPT_OK);
	assert_int_equal(command("put", quoted, 3), SCRIPT_OK);
	good("run_for(1)  assert(B.cache:get 'k' == 'a value of words')\n"
	    "assert(B.cache:get 'q' == 'x y')");
	assert_int_equal(command("solicit", ask, 3), SCRIPT_OK);
	good("run_for(1)  assert(#net:log{ op = 'CSUS', from = B } == 1)");
	assert_int_equal(command("remove", put, 2), SCRIPT_OK);
	good("run_for(1)  assert(#B.cache == 1)");
	assert_int_equal(command("remove", put, 2), SCRIPT_ERROR);
	good("p:close()");
	assert_int_equal(command("solicit", ask, 3), SCRIPT_ERROR);
	assert_non_null(strstr(script_message(S), "B has no link with A"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		LUA_TEST(servers_and_their_fields),
		LUA_TEST(the_cache_is_a_table),
		LUA_TEST(links_tell_both_sides),
		LUA_TEST(shapes),
		LUA_TEST(machines_and_messages),
		LUA_TEST(keys),
		LUA_TEST(bare_ports),
		LUA_TEST(mars_records),
		LUA_TEST(what_is_refused),
		LUA_TEST(what_is_printed),
		LUA_TEST(commands),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
