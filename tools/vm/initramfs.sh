#!/bin/bash
# SPDX-License-Identifier: MIT
# initramfs.sh KERNEL-FOLDER [MODULE...]: builds the guest's initramfs if need be and prints its path.
# It holds busybox, our init, and the modules of the kernel that 9p and the given ones need.
. "$(dirname "$0")/common.sh"

k=$1
shift
release=$(cat "$k/release")
lib=$k/lib/modules/$release

# The files of the given modules and of all they depend on, each after its dependencies.
module_files()
{
	awk -v want="$*" '
	function name(path) { sub(/.*\//, "", path); sub(/\.ko.*/, "", path); gsub(/-/, "_", path); return path }
	{ path = $1; sub(/:$/, "", path); file[name(path)] = path; $1 = ""; deps[name(path)] = $0 }
	END {
		n = split(want, w, " ")
		for (i = 1; i <= n; i++) {
			m = name(w[i])
			if (!(m in file))
				continue	# built in
			k = split(deps[m], d, " ")
			d[0] = file[m]
			for (; k >= 0; k--)
				if (!seen[d[k]]++)
					print d[k]
		}
	}' "$lib/modules.dep"
}

initramfs_make()
{
	local root=$out.root f a

	rm -rf "$root"
	mkdir -p "$root"/{bin,dev,proc,sys,tmp,etc,share,rill,modules,lib64}
	cp "$vm/init" "$root/init"
	chmod +x "$root/init"
	cp /bin/busybox "$root/bin/"
	for a in $(/bin/busybox --list); do
		[ "$a" = busybox ] || ln -s busybox "$root/bin/$a"
	done
	ln -s /rill/lib/ld-linux-x86-64.so.2 "$root/lib64/"
	ln -s /rill/lib "$root/lib"
	echo root:x:0:0:root:/tmp:/bin/sh >"$root/etc/passwd"
	for f in $(module_files 9p 9pnet_virtio "$@"); do
		cp "$lib/$f" "$root/modules/"
	done
	find "$root/modules" -name '*.xz' -exec xz -d {} +
	find "$root/modules" -name '*.zst' -exec zstd -q --rm -d {} +
	module_files 9p 9pnet_virtio "$@" | sed 's|.*/||; s|\(\.ko\).*|\1|' >"$root/modules/list"
	(cd "$root" && find . | sort | cpio -o -H newc -R 0:0 --quiet) >"$out.new"
	rm -rf "$root"
	mv "$out.new" "$out"
}

mkdir -p "$cache/initramfs"
out=$cache/initramfs/$(digest "$(declare -f initramfs_make module_files)" "$vm/init" "${k##*/}" "$*" /bin/busybox)
[ -e "$out" ] || lock initramfs
if [ ! -e "$out" ]; then
	find "$cache/initramfs" -type f -mtime +3 -delete
	: >"$log"
	step "vm: build the initramfs" initramfs_make "$@"
fi
echo "$out"
