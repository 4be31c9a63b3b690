#!/bin/bash
# SPDX-License-Identifier: MIT
# check.sh NAME=COMMAND...: runs the steps one after another and counts what passed and failed.
#
# A step is a shell command, run at the top of the tree without standard input, for at most
# $CHECK_TIMEOUT seconds [1800]. Its output goes to build/check/NAME.log, and is counted as
#   TAP           "ok", "not ok" and "# SKIP" lines that start a line; a plan "1..N" that was not
#                 fulfilled counts as failures (several programs in one step are fine)
#   cmocka        its closing "[  PASSED  ] N test(s)" and "[  FAILED  ] ... N test(s)" lines
#   plain         the line "N passed, N failed"
# and, if it has none of these, as one test. A step that exits non-zero failed at least once.
#
# Makefile fragments add steps, each one shell word, and what has to be built before them:
#   CHECK_STEPS += 'unit=build/selftests/unit/all' 'vm=tools/vm/boot.sh --need tests x.sh'
#   CHECK_DEPS += build/selftests/unit/all
# CHECK_ONLY=name1,name2 runs only those.
. "$(dirname "$0")/common.sh"

# Prints: passed failed skipped
count()
{
	awk -v rc="$2" '
	{ sub(/\r$/, "") }
	/^ok .*# *SKIP/ { tap++; skipped++; next }
	/^ok( |$)/ { tap++; passed++ }
	/^not ok .*# *TODO/ { tap++; skipped++; next }
	/^not ok( |$)/ { tap++; failed++ }
	/^1\.\.[0-9]+/ { split($1, p, /\.\./); plan += p[2] }
	/^\[  PASSED  \] [0-9]+ test/ { passed += $4 }
	/^\[  FAILED  \] .*[0-9]+ test\(s\), listed below/ { match($0, /[0-9]+ test\(s\)/); failed += substr($0, RSTART) }
	/^\[  SKIPPED \] .*[0-9]+ test\(s\), listed below/ { match($0, /[0-9]+ test\(s\)/); skipped += substr($0, RSTART) }
	/^[0-9]+ passed, [0-9]+ failed/ { passed += $1; failed += $3 }
	END {
		if (plan > tap)
			failed += plan - tap
		if (rc != 0 && !failed)
			failed = 1
		if (rc == 0 && !passed && !failed && !skipped)
			passed = 1
		print passed + 0, failed + 0, skipped + 0
	}' "$1"
}

logs=$top/build/check
mkdir -p "$logs"
cd "$top"
passed=0 failed=0 start=$(now)
for s; do
	name=${s%%=*}
	case ,${CHECK_ONLY:-$name}, in
	*,"$name",*) ;;
	*) continue ;;
	esac
	log=$logs/$name.log
	begin=$(now)
	[ ! -t 2 ] || printf '[  ...  ] %s\r' "$name" >&2
	rc=0
	timeout -k 10 "${CHECK_TIMEOUT:-1800}" bash -c "${s#*=}" </dev/null >"$log" 2>&1 || rc=$?
	read -r p f k < <(count "$log" "$rc")
	passed=$((passed + p)) failed=$((failed + f))
	why=
	[ "$k" = 0 ] || why=", $k skipped"
	if [ "$f" != 0 ]; then
		case $rc in
		124 | 137) why+=", timed out" ;;
		0) ;;
		*) why+=", exit status $rc" ;;
		esac
		why+=", log: $log"
	fi
	took "$begin" "$name: $p passed, $f failed$why"
	if [ "$f" != 0 ]; then
		(grep -nE '^not ok|^\[  FAILED|error:|warning:' "$log" | head -n 20
			echo ...
			tail -n 10 "$log") | sed 's/^/    /' >&2
	fi
done
took "$start" "check"
echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
