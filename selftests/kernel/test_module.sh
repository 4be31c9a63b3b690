#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# Loading and unloading the module, binding and unbinding the device, idle and busy. TAP.
# $RILL_KO is the module.

here=$(dirname "$0")
ko=${RILL_KO:-/rill/rill.ko}
driver=/sys/bus/pci/drivers/rill
rounds=5
n=0
failed=0
out=$(mktemp)

echo "TAP version 13"

# test NAME COMMAND...: one test
test()
{
	name=$1
	shift
	n=$((n + 1))
	if "$@" >"$out" 2>&1; then
		echo "ok $n module.$name"
	else
		sed 's/^/# /' "$out"
		echo "not ok $n module.$name"
		failed=$((failed + 1))
	fi
}

skip()
{
	n=$((n + 1))
	echo "ok $n module.$1 # SKIP $2"
}

loaded()
{
	grep -q '^rill ' /proc/modules
}

nodes()
{
	find /dev/accel -type c 2>/dev/null | wc -l
}

# The PCI address of the device, if it is bound.
bound()
{
	for d in "$driver"/0000:*; do
		[ -e "$d" ] && basename "$d"
	done
}

is_bound()
{
	[ -n "$(bound)" ]
}

# wait_for COMMAND...: until it succeeds, for ten seconds
wait_for()
{
	tries=0
	while ! "$@"; do
		tries=$((tries + 1))
		if [ "$tries" -gt 100 ]; then
			echo "waited in vain for: $*"
			return 1
		fi
		sleep 0.1
	done
}

works()
{
	"$here/test_pass" -r pass.home_uring.bits
}

fails()
{
	if "$@"; then
		echo "should have failed: $*"
		return 1
	fi
}

# Starts work that is to end with errno $1.
start_work()
{
	: >"$out.work"
	"$here/work_in_flight" "$1" >"$out.work" 2>&1 &
	work=$!
	wait_for grep -q . "$out.work"
	grep -q '^ready$' "$out.work" || { cat "$out.work"; return 1; }
}

end_work()
{
	wait "$work"
	rc=$?
	cat "$out.work"
	return $rc
}

is_there()
{
	loaded && [ -n "$address" ] && [ "$(nodes)" = 1 ] && works
}

is_gone()
{
	! loaded && [ "$(nodes)" = 0 ] && [ ! -e "$driver" ]
}

busy_while_open()
{
	exec 3<>"$(find /dev/accel -type c | head -n 1)"
	fails rmmod rill
	rc=$?
	loaded || rc=1
	exec 3>&-
	[ $rc = 0 ] && works
}

busy_while_working()
{
	start_work 125 || return 1
	fails rmmod rill
	rc=$?
	kill -9 "$work"
	wait "$work"
	[ $rc = 0 ] && works
}

busy_while_mapped()
{
	: >"$out.work"		# or the last one's "ready" is found
	"$here/work_in_flight" 125 >"$out.work" 2>&1 &
	work=$!
	wait_for grep -q ready "$out.work" || return 1
	fails rmmod rill || return 1
	kill -9 "$work"
	wait "$work"
	wait_for rmmod rill && is_gone && insmod "$ko" && works
}

reload()
{
	i=0
	while [ $i -lt $rounds ]; do
		rmmod rill && is_gone || return 1
		insmod "$ko" && [ "$(nodes)" = 1 ] && works || return 1
		i=$((i + 1))
	done
}

no_work_in_between()
{
	i=0
	while [ $i -lt $rounds ]; do
		rmmod rill && insmod "$ko" || return 1
		i=$((i + 1))
	done
	works
}

rebind_idle()
{
	i=0
	while [ $i -lt $rounds ]; do
		echo "$address" >"$driver/unbind" && [ "$(nodes)" = 0 ] || return 1
		echo "$address" >"$driver/bind" && [ "$(nodes)" = 1 ] && works || return 1
		i=$((i + 1))
	done
}

unbind_while_open()
{
	exec 3<>"$(find /dev/accel -type c | head -n 1)"
	echo "$address" >"$driver/unbind" && [ "$(nodes)" = 0 ] || return 1
	fails rmmod rill || return 1
	exec 3>&-
	wait_for rmmod rill && is_gone && insmod "$ko" && works
}

unbind_while_working()
{
	i=0
	while [ $i -lt $rounds ]; do
		start_work 19 || return 1
		echo "$address" >"$driver/unbind" || return 1
		end_work || return 1
		echo "$address" >"$driver/bind" && works || return 1
		i=$((i + 1))
	done
}

# Who holds up the driver's reading of his memory does not hold up the device's removal.
unbind_while_reading()
{
	: >"$out.work"
	mkfifo "$out.hold"
	"$here/read_in_fault" <"$out.hold" >"$out.work" 2>&1 &
	work=$!
	exec 3>"$out.hold"
	wait_for grep -q . "$out.work"
	# It has the end of the pipe that is to be closed here, unless it is a process of its own.
	sh -c 'echo "$1" >"$2/unbind"; : >"$3"' sh "$address" "$driver" "$out.unbound" 3>&- &
	unbind=$!
	wait_for [ -e "$out.unbound" ]
	rc=$?
	exec 3>&-
	end_work || rc=1
	wait "$unbind"
	rm -f "$out.hold" "$out.unbound"
	echo "$address" >"$driver/bind" && works && [ $rc = 0 ]
}

# The new device works while the old one's file is still open.
bind_while_open()
{
	exec 3<>"$(find /dev/accel -type c | head -n 1)"
	echo "$address" >"$driver/unbind" && echo "$address" >"$driver/bind" && works
	rc=$?
	exec 3>&-
	[ $rc = 0 ] && works
}

remove_while_working()
{
	start_work 19 || return 1
	echo 1 >"/sys/bus/pci/devices/$address/remove" || return 1
	end_work && [ "$(nodes)" = 0 ] && [ -z "$(bound)" ]
}

# Linux does not give a device found by a rescan an address that the firmware calls reserved,
# though the firmware itself may have. $1 is a line of the device's "resource" file.
reserved()
{
	start=$(($1))
	while IFS='- :' read -r from to name; do
		[ "$name" = Reserved ] && [ $start -ge $((0x$from)) ] && [ $start -le $((0x$to)) ] &&
			return
	done </proc/iomem
	return 1
}

rescan()
{
	echo 1 >/sys/bus/pci/rescan
	wait_for is_bound && works
}

reset_while_working()
{
	start_work 5 || return 1
	echo 1 >"/sys/bus/pci/devices/$address/reset" || return 1
	end_work && works
}

kernel_log_is_clean()
{
	# What boot-time messages say is not ours.
	! dmesg | sed -n '/test_module: start/,$p' |
		grep -E '\bBUG\b|WARNING:|Oops|KASAN|UBSAN|INFO: |rill.*(\berror|\*ERROR\*)|refcount|leak'
}

echo "test_module: start" >/dev/kmsg
address=$(bound | head -n 1)
test is_there is_there
test busy_while_open busy_while_open
test busy_while_working busy_while_working
test busy_while_mapped busy_while_mapped
test reload reload
test no_work_in_between no_work_in_between
test rebind_idle rebind_idle
test unbind_while_open unbind_while_open
test bind_while_open bind_while_open
test unbind_while_working unbind_while_working
if [ -e /proc/sys/vm/unprivileged_userfaultfd ]; then
	test unbind_while_reading unbind_while_reading
else
	skip unbind_while_reading "the kernel has no userfaultfd"
fi
if [ -w "/sys/bus/pci/devices/$address/reset" ]; then
	test reset_while_working reset_while_working
else
	skip reset_while_working "the device has no reset of its own"
fi
ddr=$(sed -n 3p "/sys/bus/pci/devices/$address/resource")
test remove_while_working remove_while_working
if reserved "${ddr%% *}"; then
	skip rescan "the firmware has put the DDR where Linux would not"
else
	test rescan rescan
fi
test kernel_log_is_clean kernel_log_is_clean
rm -f "$out" "$out.work"
echo "1..$n"
[ $failed = 0 ]
