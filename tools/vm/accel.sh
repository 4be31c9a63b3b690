#!/bin/bash
# SPDX-License-Identifier: MIT
# accel.sh QEMU KERNEL: prints QEMU's -accel options. KVM if /dev/kvm boots this kernel; that is tried once
# a boot of the host, because some hosts have a /dev/kvm with which QEMU aborts, or a guest hangs. RILL_ACCEL=kvm
# or RILL_ACCEL=tcg leaves nothing to be tried.
. "$(dirname "$0")/common.sh"

qemu=$1 kernel=$2
tcg='-accel tcg,thread=multi'

# Without a root the kernel panics, and the guest ends.
boots_with_kvm()
{
	timeout 20 "$qemu/bin/qemu-system-x86_64" -accel kvm -nodefaults -no-user-config -no-reboot \
		-display none -vga none -nic none -machine q35 -cpu max -smp 2 -m 512 \
		-kernel "$kernel/kernel" -append "console=ttyS0 panic=-1" -serial "file:$1" </dev/null &&
		grep -q 'Kernel panic' "$1"
}

trial()
{
	if boots_with_kvm "$2"; then
		echo kvm >"$1"
	else
		echo tcg >"$1"
	fi
}

# Of this boot of the host, this version of QEMU, whatever its devices are, and this kernel
try_kvm()
{
	local verdict console=$cache/log/accel-console.log boot

	boot=$cache/accel-$(cat /proc/sys/kernel/random/boot_id)
	verdict=$boot-$(digest "$("$qemu/bin/qemu-system-x86_64" --version)" "${kernel##*/}")
	[ -s "$verdict" ] || lock accel
	if [ ! -s "$verdict" ]; then
		find "$cache" -maxdepth 1 -name 'accel-*' ! -name "${boot##*/}-*" -delete
		rm -f "$console"
		step "vm: try KVM" trial "$verdict" "$console"
		grep -q kvm "$verdict" ||
			echo "vm: /dev/kvm does not boot a guest, so its processors are emulated; why: $log" >&2
	fi
	grep -q kvm "$verdict"
}

case ${RILL_ACCEL:-} in
kvm) echo '-accel kvm' ;;
tcg) echo "$tcg" ;;
'') if [ -w /dev/kvm ] && try_kvm; then echo "-accel kvm $tcg"; else echo "$tcg"; fi ;;
*) die "RILL_ACCEL: '$RILL_ACCEL' is neither kvm nor tcg" ;;
esac
