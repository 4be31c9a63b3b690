#!/bin/bash
# SPDX-License-Identifier: MIT
# Builds QEMU with the rill device, if need be, and prints the folder that holds
#   bin/qemu-system-x86_64, its firmware, and tests/ (one program per selftests/device/*-test.c).
# --src prints QEMU's source tree instead.
#
# Two levels, so that a change to the device costs one small compilation:
#   $cache/qemu/base-KEY    source and build tree, KEY made of the recipe below
#   $cache/qemu/KEY         the result, KEY made of the base and of our sources
. "$(dirname "$0")/common.sh"
. "$vm/apt.sh"

configure_args=(
	--python=/usr/bin/python3 --disable-download
	--target-list=x86_64-softmmu --with-devices-x86_64=rill
	--without-default-features --without-default-devices
	--enable-system --enable-tcg --enable-kvm --enable-virtfs --enable-attr
	--disable-debug-info --disable-install-blobs --enable-trace-backends=log
)

qemu_fetch()
{
	local v

	apt_update
	v=$(apt-cache "${apt_opts[@]}" showsrc qemu | sed -n 's/^Version: //p' |
		grep -E '^1:10\.0\.' | sort -V | tail -n 1)
	[ -n "$v" ] || die "no QEMU 10.0.x source package on offer"
	mkdir -p "$base/dl"
	cd "$base/dl"
	apt-get "${apt_opts[@]}" source --download-only "qemu=$v"
	apt_extract "$base/tools" meson/trixie seabios/trixie qemu-system-data/trixie
}

qemu_unpack()
{
	dpkg-source --no-check -x "$base"/dl/*.dsc "$base/src"
	rm -rf "$base/dl" "$base/src/roms"
	cd "$base/src"
	cp "$vm/qemu.mak" configs/devices/x86_64-softmmu/rill.mak
	echo "subdir('rill')" >>hw/meson.build
	echo 'source rill/pci/Kconfig' >>hw/Kconfig
	sed -i "s|^trace_events_subdirs = \[|&\n  'hw/rill/pci',|" meson.build
	echo "subdir('rill')" >>tests/qtest/meson.build
}

# Puts our sources into QEMU's tree; a file that did not change keeps its date.
qemu_sync()
{
	local new=$base/new f

	rm -rf "$new"
	mkdir -p "$new/rill" "$new/qtest"
	cp -r "$top/uapi" "$new/rill/"
	cp -r "$top/qemu-dev/chip" "$top/qemu-dev/pci" "$new/rill/"
	touch "$new/rill/pci/trace-events"
	find "$top/selftests/device" -name '*.[ch]' -exec cp -t "$new/qtest" {} + 2>/dev/null || true
	cd "$new"
	{
		echo "rill_pci_src = files("
		(cd rill && find pci -name '*.c' | sort | sed "s/.*/  '&',/")
		echo ")"
		echo "rill_chip_src = files("
		(cd rill && find chip -name '*.c' | sort | sed "s/.*/  '&',/")
		echo ")"
		echo "subdir('pci')"
	} >rill/meson.build
	for f in qtest/*-test.c; do
		[ -e "$f" ] || continue
		f=$(basename "$f" .c)
		echo "executable('$f', '$f.c', dependencies: [qemuutil, qos], build_by_default: false,"
		echo "  include_directories: include_directories('..', '../../../hw/rill/uapi'))"
	done >qtest/meson.build
	rsync -rc --delete rill/ "$base/src/hw/rill/"
	rsync -rc --delete qtest/ "$base/src/tests/qtest/rill/"
}

qemu_configure()
{
	mkdir -p "$base/build"
	cd "$base/build"
	PATH=$base/tools/usr/bin:$PATH PYTHONPATH=$base/tools/usr/lib/python3/dist-packages \
		nice "$base/src/configure" "${configure_args[@]}"
}

qemu_ninja()
{
	local targets=qemu-system-x86_64 t

	cd "$base/build"
	for t in "$base"/src/tests/qtest/rill/*-test.c; do
		[ ! -e "$t" ] || targets+=" tests/qtest/rill/$(basename "$t" .c)"
	done
	# shellcheck disable=SC2086
	PYTHONPATH=$base/tools/usr/lib/python3/dist-packages nice ninja $targets
}

qemu_keep()
{
	local t

	rm -rf "$out" "$out.new"
	mkdir -p "$out.new/bin" "$out.new/tests" "$out.new/share/qemu"
	cp "$base/build/qemu-system-x86_64" "$out.new/bin/"
	for t in seabios/bios-256k.bin qemu/{linuxboot_dma,pvh,kvmvapic}.bin; do
		cp -L "$base/tools/usr/share/$t" "$out.new/share/qemu/"
	done
	for t in "$base"/src/tests/qtest/rill/*-test.c; do
		[ ! -e "$t" ] || cp "$base/build/tests/qtest/rill/$(basename "$t" .c)" "$out.new/tests/"
	done
	mv "$out.new" "$out"
	# The few most recent results are enough.
	find "$cache/qemu" -mindepth 1 -maxdepth 1 -type d ! -name 'base-*' -printf '%T@ %p\n' |
		sort -rn | tail -n +6 | cut -d ' ' -f 2- | xargs -r rm -rf
}

recipe()
{
	echo "${configure_args[*]}"
	declare -f qemu_fetch qemu_unpack qemu_configure
	cat "$vm/qemu.mak" /etc/os-release
}

base=$cache/qemu/base-$(digest "$(recipe)")
out=$cache/qemu/$(digest "${base##*/}" "$(declare -f qemu_keep)" "$top/qemu-dev" "$top/uapi" "$top/selftests/device")
if [ "${1:-}" = --src ]; then
	echo "$base/src"
	exit
fi

[ -d "$out" ] || lock qemu
if [ ! -d "$out" ]; then
	mkdir -p "$cache/qemu"
	: >"$log"
	if [ ! -e "$base/unpacked" ]; then
		rm -rf "$cache"/qemu/base-*
		step "qemu: fetch the source" qemu_fetch
		step "qemu: unpack" qemu_unpack
		touch "$base/unpacked"
	fi
	step "qemu: add the device" qemu_sync
	if [ ! -e "$base/configured" ]; then
		rm -rf "$base/build"
		step "qemu: configure" qemu_configure
		touch "$base/configured"
	fi
	step "qemu: build" qemu_ninja
	qemu_keep
fi
touch "$out"
echo "$out"
