#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# bench.sh [--json]: measures, with the peers beside marsh in the same run, and
# prints one table: median of RUNS runs and their spread.  Rounds are
# interleaved so that what else the machine does falls on everybody alike.
# goals.tsv says what must be reached.  Environment: B, RUNS.
cd "$(dirname "$0")/../.." || exit 2
B=${B:-build} RUNS=${RUNS:-5}
json=
[ "$1" = --json ] && json=1
dir=$(mktemp -d)
redis= replica=
stop() {
	for p in $redis $replica; do
		kill "$p" 2>/dev/null && wait "$p" 2>/dev/null
	done
	rm -rf "$dir"
}
trap stop EXIT
trap 'exit 130' INT TERM
status=0
say() { echo "bench: $*" >&2; }
note() { echo "$*" >>"$dir/notes"; say "$*"; }
: >"$dir/notes"

# own_redis PORT ...: a redis-server of our own, on the first of these loopback
# ports that is free, without persistence; its pid and port are $pid and $at.
own_redis() {
	for at; do
		redis-server --port $at --bind 127.0.0.1 --save "" \
		    --appendonly no --dir "$dir" --daemonize no \
		    >"$dir/redis.log" 2>&1 &
		pid=$!
		for try in 1 2 3 4 5 6 7 8 9 10; do
			# Ours answers; a stranger on that port has another pid.
			if redis-cli -p $at info server 2>/dev/null |
			    grep -q "^process_id:$pid"; then
				return
			fi
			kill -0 "$pid" 2>/dev/null || break
			sleep 0.2
		done
		kill "$pid" 2>/dev/null
	done
	return 1
}

start_redis() {
	if ! command -v redis-server >/dev/null ||
	    ! command -v redis-benchmark >/dev/null; then
		note "no peer: redis-server is not installed (apt-get install redis-server)"
		return
	fi
	if own_redis 26379 26380 26381 27379 28379; then
		redis=$pid port=$at
	else
		note "no peer: redis-server did not start"
	fi
}

# A million times SADD of one of 10,000 members of 20 octets to one of 10,000
# groups, the shape of bench_server's memberships.
redis_sadd() {
	redis-cli -p $port flushall >/dev/null
	redis-benchmark -p $port -P 64 -c 4 -n 1000000 -r 10000 --csv \
	    SADD group:__rand_int__ nsapaddr__rand_int__ 2>/dev/null |
	    awk -F '"' 'END { print "redis_sadd", $4, "/s" }'
}

# What both redis-servers and their children took of the processor so far.
redis_cpu() {
	for p in $port $to; do
		redis-cli -p $p info cpu
	done | tr -d '\r' | awk -F: '
		/^used_cpu_(sys|user)(_children)?:/ { s += $2 } END { print s }'
}

# A million keys of 8 octets with values of 64 to an empty replica, straight from
# memory through a socket to memory, until all of them are there: the shape of
# bench_scsp's scsp_align_1m.
redis_resync() {
	own_redis 26382 26383 27382 28382 || return
	replica=$pid to=$at
	redis-cli -p $port flushall >/dev/null
	awk 'BEGIN { for (i = 0; i < 1e6; i++) printf "SET %08d %064d\r\n", i, i }' |
	    redis-cli -p $port --pipe >/dev/null
	redis-cli -p $port config set repl-diskless-sync yes \
	    repl-diskless-sync-delay 0 >/dev/null
	redis-cli -p $to config set repl-diskless-load on-empty-db >/dev/null
	cpu=$(redis_cpu) from=$(date +%s%N)
	redis-cli -p $to replicaof 127.0.0.1 $port >/dev/null
	until redis-cli -p $to info replication |
	    grep -q '^master_link_status:up' &&
	    [ "$(redis-cli -p $to dbsize)" = 1000000 ]; do
		kill -0 "$replica" "$redis" 2>/dev/null || return
	done
	to_ns=$(date +%s%N)
	sleep 0.2 # the child that sent is waited for
	echo "$from $to_ns $cpu $(redis_cpu)" | awk '{
		print "redis_resync_1m", ($2 - $1) / 1e9, "s"
		print "redis_resync_1m_cpu", $4 - $3, "s"
	}'
	kill "$replica" && wait "$replica" 2>/dev/null
	replica=
	redis-cli -p $port flushall >/dev/null
}

# A kernel with ATM SVCs is built if need be, and must boot here.  What runs in
# it has one processor: its processes are two of the host's that take turns, and
# moving between processors costs more than what is measured.
lab=
find_lab() {
	boot="sh tests/lab/boot.sh -t 60"
	command -v taskset >/dev/null && boot="taskset -c $(($(nproc) - 1)) $boot"
	if sh tests/lab/kernel.sh >"$dir/kernel" 2>"$dir/why" &&
	    sh tests/lab/boot.sh -t 60 true >"$dir/why" 2>&1; then
		lab=$(cd "$B/lab" && ls | grep -E '^bench_[a-z0-9_]+$')
	else
		note "no rows of the lab (svc_*, lab_start): $(tail -n 1 "$dir/why")" \
		    "- 'make lab-kernel' builds its kernel where it can be"
	fi
}

# bench ROUND NAME COMMAND ...: runs one and keeps its rows.
bench() {
	say "round $1 of $RUNS: $2"
	name=$2
	shift 2
	"$@" >"$dir/out" 2>"$dir/err" || {
		status=1
		note "$name failed: $(tail -n 1 "$dir/err")"
	}
	cat "$dir/err" >&2
	grep -E '^[a-z0-9_]+ [0-9.e+]+ [^ ]+$' "$dir/out" >>"$dir/results"
}

start_redis
find_lab
list=$(cd "$B/bench" && ls | grep -E '^bench_[a-z0-9_]+$')
round=0
while [ $round -lt "$RUNS" ]; do
	round=$((round + 1))
	for b in $list; do
		bench $round "$b" "$B/bench/$b"
		# The peer's turn comes between ours.
		if [ -n "$redis" ] && [ "$b" = bench_server ]; then
			say "round $round of $RUNS: redis-benchmark"
			redis_sadd >>"$dir/results"
		fi
		if [ -n "$redis" ] && [ "$b" = bench_scsp ]; then
			say "round $round of $RUNS: a replica of redis-server"
			redis_resync >>"$dir/results"
		fi
	done
	say "round $round of $RUNS: starts"
	t=$("$B/bench/spawn" 101 "$B/marsh" -e '') &&
	    echo "marsh_start $t ms" >>"$dir/results" || status=1
	for b in $lab; do # $boot is several words
		# shellcheck disable=SC2086
		bench $round "lab $b" $boot sh tests/lab/with.sh "$B/lab/$b"
	done
	if [ -n "$lab" ]; then
		t=$("$B/bench/spawn" 1 sh tests/lab/boot.sh -t 60 \
		    sh tests/lab/with.sh "$B/bin/marsh" -b atm -e '') &&
		    echo "$t" | awk '{ print "lab_start", $1 / 1000, "s" }' \
		    >>"$dir/results" || status=1
	fi
	if [ -n "$redis" ]; then
		t=$("$B/bench/spawn" 101 redis-cli -p $port PING) &&
		    echo "redis_cli_ping $t ms" >>"$dir/results"
	fi
done

awk -v json="$json" -v goals=tests/bench/goals.tsv -v notes="$dir/notes" \
    -f tests/bench/table.awk "$dir/results"
exit $status
