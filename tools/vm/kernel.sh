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
		tail -c "+$((at + 1))" "$1" | zstd -dcq >"$out/vmlinux" 2>/dev/null || true
		if [ "$(head -c 4 "$out/vmlinux" | tail -c 3)" = ELF ]; then
			ln -s vmlinux "$out/kernel"
			return
		fi
	done
	rm "$out/vmlinux"
	ln -s "boot/${1##*/}" "$out/kernel"
}

kernel_fetch()
{
	local r v

	apt_update
	r=$(kernel_newest)
	v=${r%-amd64}
	apt_extract "$out" "linux-image-$r" "linux-headers-$r" "linux-headers-$v-common" \
		"linux-kbuild-$v"
	echo "$r" >"$out/release"
	kernel_unpack "$out/boot/vmlinuz-$r"
	[ -d "$out/lib" ] || ln -s usr/lib "$out/lib"
	rm -f "$out/lib/modules/$r/build" "$out/lib/modules/$r/source"
	depmod -b "$out" "$r"
	# The packages expect to be installed in /usr/src.
	sed -i "s|/usr/src/|$out/usr/src/|" "$out/usr/src/linux-headers-$r/Makefile"
	ln -s "usr/src/linux-headers-$r" "$out/headers"
}

# Of the source only the few files that the checks use; the rest stays packed.
source_fetch()
{
	local v

	apt_update
	v=$(apt-cache "${apt_opts[@]}" show "linux-headers-$(cat "$debian/release")" |
		sed -n '0,/^Version: /s/^Version: //p')
	apt_extract "$out/x" "linux-source-6.12${v:+=$v}"
	mv "$out/x/usr/src/linux-source-6.12.tar.xz" "$out/linux.tar.xz"
	rm -rf "$out/x"
	tar -C "$out" --strip-components=1 -xf "$out/linux.tar.xz" --wildcards \
		'*/scripts/checkpatch.pl' '*/scripts/spelling.txt' '*/scripts/const_structs.checkpatch' \
		'*/tools/testing/selftests/kselftest*.h'
}

# Configured and built out of $out/src in $out/build. Without what only documents or tests, it is half as large.
debug_unpack()
{
	mkdir "$out/src"
	tar -C "$out/src" --strip-components=1 -xf "$source/linux.tar.xz" \
		--exclude='*/drivers/gpu/drm/amd/include' --exclude='*/Documentation/devicetree' \
		--exclude='*/tools/testing' --exclude='*/tools/perf' --exclude='*/boot/dts'
	# The helpers that rill.ko uses can only be had by being selected.
	cat >>"$out/src/drivers/accel/Kconfig" <<-END

	config RILL_HELPERS
		bool "What rill.ko needs"
		depends on DRM
		select DRM_SCHED
		select DRM_EXEC
		select DRM_BUDDY
		select DRM_GPUVM
		select DRM_KMS_HELPER
		select DRM_GEM_SHMEM_HELPER
	END
}

debug_make()
{
	nice make -s -C "$out/src" O="$out/build" -j"$(nproc)" "$@"
}

debug_configure()
{
	debug_make tinyconfig
	cat "$vm/debug.config" >>"$out/build/.config"
	debug_make olddefconfig
	# An option that did not take would be missed only when it is needed.
	sed -n '/^CONFIG.*=[^n]/p' "$vm/debug.config" | grep -vxFf "$out/build/.config" && return 1
	return 0
}

debug_build()
{
	local r

	debug_make vmlinux modules_prepare
	r=$(cat "$out/build/include/config/kernel.release")
	mkdir -p "$out/lib/modules/$r"
	touch "$out/lib/modules/$r/modules.dep"
	echo "$r" >"$out/release"
	ln -s build "$out/headers"
	cp "$out/build/vmlinux" "$out/kernel"
	cp "$out/build/vmlinux.symvers" "$out/build/Module.symvers"
	find "$out/build" -name '*.[oa]' -delete
	find "$out/src" -name '*.c' -path '*/drivers/*' -delete
}

what=debian
case ${1:-} in
--kernel) what=$2 ;;
--source) what=source ;;
esac
case $what in
debian | source | debug) ;;
*) die "no such kernel: $what" ;;
esac

recipe()
{
	cat /etc/os-release
	case $what in
	debian) declare -f kernel_newest kernel_unpack kernel_fetch ;;
	source) declare -f source_fetch ;;
	debug) declare -f debug_unpack debug_make debug_configure debug_build; cat "$vm/debug.config" ;;
	esac
}

case $what in
source) debian=$("$0") ;;
debug) source=$("$0" --source) ;;
esac
out=$cache/kernel/$what-$(digest "$(recipe)")
log=$cache/log/kernel-$what.log
[ -e "$out/done" ] || lock "kernel-$what"
if [ ! -e "$out/done" ]; then
	rm -rf "$cache/kernel/$what"-*
	mkdir -p "$out"
	: >"$log"
	case $what in
	debian) step "kernel: fetch image and headers" kernel_fetch ;;
	source) step "kernel: fetch the source" source_fetch ;;
	debug)
		step "kernel: unpack the source" debug_unpack
		step "kernel: configure for debugging" debug_configure
		step "kernel: build for debugging" debug_build
		;;
	esac
	touch "$out/done"
fi
echo "$out"
