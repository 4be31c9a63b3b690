#!/bin/bash
# SPDX-License-Identifier: MIT
usage()
{
	cat <<'END'
usage: boot.sh [option...] SCRIPT [ARGUMENT...]
       boot.sh [option...] --shell      a prompt in the guest
       boot.sh [option...] --prepare    only build what the guest needs

Boots the guest, runs SCRIPT (busybox sh) there as root with rill.ko loaded, and powers off. What
the script prints comes out on standard output. Its working folder is the share, a folder of the
host; afterwards that holds what the script wrote, and output.log, console.log and dmesg.
Fails if the script fails, on a guest panic, on a hang, and on a splat in dmesg.

  --share DIR       the share [build/vm/NAME-OF-SCRIPT]
  --timeout SECONDS before the guest is taken for hung [300]
  --mark TEXT       fail unless the script prints this
  --need THING      fail unless it was built: driver, rill or tests (else it is left out)
  --allow REGEX     lines of dmesg that are no splat, though they look like one
  --device OPTIONS  more properties for "-device rill", as in rows=4,cols=4
  --no-device       a machine without the chip
  --no-driver       do not load rill.ko
  --module OPTIONS  parameters for rill.ko
  --kernel debug    a kernel with KASAN, lockdep and kmemleak
  --memory MB       [1536]
  --append TEXT     more for the kernel's command line

In the guest: rill and its like are on the path, tests are in /rill/tests, the share is /share.
RILL_DEVICE_OPTS adds to --device, RILL_QEMU_OPTS to QEMU's command line. RILL_ACCEL=kvm or tcg: not what was found to work.
END
	exit "$1"
}
. "$(dirname "$0")/common.sh"

refuse()
{
	echo "boot.sh: $1; see --help" >&2
	exit 2
}

start=$(now)
share='' limit=300 mark='' allow='^$' need='' device=yes load=yes module='' kernel=debian memory=1536
append=''
mode=script
while [ $# -gt 0 ]; do
	case $1 in
	--share | --timeout | --mark | --need | --allow | --device | --module | --kernel | --memory | --append)
		[ $# -ge 2 ] || refuse "$1 takes a value" ;;
	esac
	case $1 in
	--share) share=$2; shift ;;
	--timeout) limit=$2; shift ;;
	--mark) mark=$2; shift ;;
	--need) need+=" $2"; shift ;;
	--allow) allow=$2; shift ;;
	--device) RILL_DEVICE_OPTS=$2${RILL_DEVICE_OPTS:+,$RILL_DEVICE_OPTS}; shift ;;
	--no-device) device='' ;;
	--no-driver) load='' ;;
	--module) module=$2; shift ;;
	--kernel) kernel=$2; shift ;;
	--memory) memory=$2; shift ;;
	--append) append+=" $2"; shift ;;
	--shell | --prepare) mode=${1#--} ;;
	-h | --help) usage 0 ;;
	-*) refuse "there is no option $1" ;;
	*) break ;;
	esac
	shift
done
[ "$mode" != script ] || [ $# -gt 0 ] || usage 2 >&2
[ "$mode" != script ] || [ -f "$1" ] || refuse "there is no script $1"
[[ $limit =~ ^[1-9][0-9]*$ ]] || refuse "--timeout: '$limit' is not a number of seconds"
[[ $memory =~ ^[1-9][0-9]*$ ]] || refuse "--memory: '$memory' is not a number of MB"

# Puts what the guest runs into one folder, which the guest mounts read-only.
stage()
{
	local ko=$1 root=$2 f libs

	mkdir -p "$root/bin" "$root/lib" "$root/tests" "$root/share/rill"
	[ -z "$ko" ] || rsync -t "$ko" "$root/"
	[ ! -e "$top/build/rill" ] || rsync -t "$top/build/rill" "$root/bin/"
	rsync -rt --delete "$top/runtime/ndf/programs" "$root/share/rill/"
	if [ -d "$top/build/selftests/kernel" ]; then
		rsync -rt --delete --exclude '*.[od]' "$top/build/selftests/kernel/" "$root/tests/"
	fi
	libs=$(find "$root/bin" "$root/tests" -type f -perm -1 -exec ldd {} + 2>/dev/null |
		sed -nE 's|^.*[[:space:]](/[^ ]+) \(0x.*|\1|p' | sort -u)
	for f in $libs; do
		rsync -tL "$f" "$root/lib/"
	done
}

qemu=$("$vm/qemu.sh")
k=$("$vm/kernel.sh" --kernel "$kernel")
accel=$("$vm/accel.sh" "$qemu" "$k")
ko=''
if [ -n "$load" ] && [ -f "$top/Kbuild" ]; then
	ko=$("$vm/driver.sh" --kernel "$kernel")
else
	load=''
fi
# shellcheck disable=SC2046
initramfs=$("$vm/initramfs.sh" "$k" $([ -z "$ko" ] || modinfo -F depends "$ko" | tr , ' '))
for n in $need; do
	case $n in
	driver) [ -n "$ko" ] ;;
	rill) [ -e "$top/build/rill" ] ;;
	tests) [ -d "$top/build/selftests/kernel" ] ;;
	*) refuse "--need: '$n' is not driver, rill or tests" ;;
	esac || die "needs the $n, which is not built"
done
[ "$mode" != prepare ] || exit 0

root=$top/build/vm/root-$kernel
name=$(basename "${1:-shell}" .sh)
: "${share:=$top/build/vm/$name}"
mkdir -p "$share/.vm" "$root"
share=$(cd "$share" && pwd)
exec {fd}>"$share/.vm/lock"
flock -n "$fd" || die "a guest is using $share already"
(
	flock 8
	stage "$ko" "$root"
) 8>"$root.lock"

rm -f "$share"/{dmesg,kmemleak,console.log,output.log} "$share"/.vm/{status,up,script,run}
echo "driver='$load' module_opts='$module'" >"$share/.vm/run"
if [ "$mode" = script ]; then
	cp "$1" "$share/.vm/script"
	shift
	echo "set -- ${*@Q}" >>"$share/.vm/run"
fi

# shellcheck disable=SC2054
args=(
	-nodefaults -no-user-config -no-reboot -display none -vga none -nic none
	-machine q35 -cpu max -smp 2 -m "$memory"
	-kernel "$k/kernel" -initrd "$initramfs"
	-append "console=ttyS0 quiet panic=-1 oops=panic softlockup_panic=1 watchdog_thresh=30 \
hung_task_panic=1 mitigations=off random.trust_cpu=on $append"
	-chardev "file,id=log,path=$share/console.log" -serial chardev:log
	-device virtio-serial-pci -device virtconsole,chardev=out
	-fsdev "local,id=share,path=$share,security_model=none"
	-device virtio-9p-pci,fsdev=share,mount_tag=share
	-fsdev "local,id=rill,path=$root,security_model=none,readonly=on"
	-device virtio-9p-pci,fsdev=rill,mount_tag=rill
)
[ -z "$device" ] || args+=(-device "rill${RILL_DEVICE_OPTS:+,$RILL_DEVICE_OPTS}")

if [ "$mode" = shell ]; then
	echo "Ctrl-A X ends the guest; the kernel's log is $share/console.log" >&2
	# shellcheck disable=SC2086
	exec "$qemu/bin/qemu-system-x86_64" $accel "${args[@]}" \
		-chardev stdio,id=out,mux=on,signal=off ${RILL_QEMU_OPTS:-}
fi

set +e
# shellcheck disable=SC2086
timeout --foreground "$limit" "$qemu/bin/qemu-system-x86_64" $accel "${args[@]}" \
	-chardev file,id=out,path=/dev/stdout ${RILL_QEMU_OPTS:-} </dev/null |
	tee "$share/output.log"
rc=${PIPESTATUS[0]}
set -e

splats='\bBUG\b|WARNING:|Oops|KASAN|UBSAN|possible .*(locking|deadlock)|INFO: .*(blocked|stall|suspicious)|rill.*\berror'
fail=''
show=$share/console.log
status=$(cat "$share/.vm/status" 2>/dev/null || true)
if [ "$rc" = 124 ]; then
	fail="the guest hung for $limit s"
elif [ "$rc" != 0 ]; then
	fail="QEMU ended with $rc"
elif [ -z "$status" ]; then
	fail=$(grep -om 1 'Kernel panic.*' "$share/console.log") || fail="the guest did not finish"
elif grep -E "$splats" "$share/dmesg" 2>/dev/null | grep -vE "$allow" >"$share/.vm/splats"; then
	fail="dmesg has $(wc -l <"$share/.vm/splats") alarming lines, all of it is in $share/dmesg"
	show=$share/.vm/splats
elif [ -s "$share/kmemleak" ]; then
	fail="memory leaked"
	show=$share/kmemleak
elif [ "$status" != 0 ]; then
	fail="the script ended with $status"
	show=$share/output.log
elif [ -n "$mark" ] && ! grep -qF -- "$mark" "$share/output.log"; then
	fail="the script did not print '$mark'"
	show=$share/output.log
fi
took "$start" "vm: $name${fail:+: FAILED}, the guest took $(cat "$share/.vm/up" 2>/dev/null || echo '?') s to boot"
[ -z "$fail" ] || {
	tail -n 25 "$show" | sed 's/^/    /' >&2
	die "$fail, log: $show"
}
