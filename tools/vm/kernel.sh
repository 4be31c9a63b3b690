#!/bin/bash
# SPDX-License-Identifier: MIT
# Fetches Debian's 6.12 kernel, if need be, and prints the folder that holds
#   kernel (bootable), release (its name), lib/modules/RELEASE, headers (to build modules against).
# --kernel debug   the same of a kernel built with KASAN, lockdep and kmemleak
# --source         of its source: the kselftest harness, checkpatch.pl, and all of it in linux.tar.xz
. "$(dirname "$0")/common.sh"
. "$vm/apt.sh"

# The newest 6.12 of which this release has both headers and image.
kernel_newest()
{
	local id h

	# shellcheck disable=SC1091
	id=$(. /etc/os-release && echo "$VERSION_ID")
	for h in $(apt_names "linux-headers-6\.12\.[0-9]+[+]deb$id(\.[0-9]+)?-amd64"); do
		h=${h#linux-headers-}
		if [ -n "$(apt_names "linux-image-${h//+/[+]}")" ]; then
			echo "$h"
			return
		fi
	done
	die "no 6.12 kernel for Debian $id on offer; is its security archive reachable?"
}

# Uncompressed, the kernel boots half a second sooner on an emulated processor.
kernel_unpack()
{
	local at

	# shellcheck disable=SC2013
	for at in $(grep -obUaP '\x28\xb5\x2f\xfd' "$1" | cut -d : -f 1); do
		tail -c "+$((at + 1))" "$1" | zstd -dcq >"$new/vmlinux" 2>/dev/null || true
		if [ "$(head -c 4 "$new/vmlinux" | tail -c 3)" = ELF ]; then
			ln -s vmlinux "$new/kernel"
			return
		fi
	done
	rm "$new/vmlinux"
	ln -s "boot/${1##*/}" "$new/kernel"
}

kernel_fetch()
{
	local r v

	apt_update
	r=$(kernel_newest)
	v=${r%-amd64}
	apt_extract "$new" "linux-image-$r" "linux-headers-$r" "linux-headers-$v-common" \
		"linux-kbuild-$v"
	echo "$r" >"$new/release"
	kernel_unpack "$new/boot/vmlinuz-$r"
	[ -d "$new/lib" ] || ln -s usr/lib "$new/lib"
	rm -f "$new/lib/modules/$r/build" "$new/lib/modules/$r/source"
	depmod -b "$new" "$r"
	# The packages expect to be installed in /usr/src.
	sed -i "s|/usr/src/|$out/usr/src/|" "$new/usr/src/linux-headers-$r/Makefile"
	ln -s "usr/src/linux-headers-$r" "$new/headers"
}

# Of the source only the few files that the checks use; the rest stays packed.
source_fetch()
{
	apt_update
	apt_extract "$new/x" linux-source-6.12
	mv "$new/x/usr/src/linux-source-6.12.tar.xz" "$new/linux.tar.xz"
	rm -rf "$new/x"
	tar -C "$new" --strip-components=1 -xf "$new/linux.tar.xz" --wildcards \
		'*/scripts/checkpatch.pl' '*/scripts/spelling.txt' '*/scripts/const_structs.checkpatch' \
		'*/tools/testing/selftests/kselftest*.h'
}

what=debian
case ${1:-} in
--kernel) what=$2 ;;
--source) what=source ;;
esac

case $what in
debian) out=$cache/kernel/debian-$(digest "$(declare -f kernel_newest kernel_unpack kernel_fetch)" /etc/os-release) ;;
source) out=$cache/kernel/source-$(digest "$(declare -f source_fetch)" /etc/os-release) ;;
*) die "no such kernel: $what" ;;
esac

[ -d "$out" ] || lock "kernel-$what"
if [ ! -d "$out" ]; then
	new=$out.new
	rm -rf "$cache/kernel/$what"-*
	mkdir -p "$new"
	: >"$log"
	case $what in
	debian) step "kernel: fetch image and headers" kernel_fetch ;;
	source) step "kernel: fetch the source" source_fetch ;;
	esac
	mv "$new" "$out"
fi
echo "$out"
