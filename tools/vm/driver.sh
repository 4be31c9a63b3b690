#!/bin/bash
# SPDX-License-Identifier: MIT
# driver.sh [--kernel debian|debug] [--sparse]: builds rill.ko if need be and prints its path.
# --sparse checks instead of building. The sources are copied to build/, which keeps kbuild's
# output out of the tree.
. "$(dirname "$0")/common.sh"

kernel=debian sparse=''
while [ $# -gt 0 ]; do
	case $1 in
	--kernel) kernel=$2; shift ;;
	--sparse) sparse=yes ;;
	*) die "unknown option $1" ;;
	esac
	shift
done

driver_copy()
{
	rsync -rc --delete --include=/Kbuild \
		--include=/driver/ --include='/driver/*' --include=/uapi/ --include='/uapi/*.h' \
		--exclude='*' --filter='P *.o' --filter='P *.cmd' --filter='P *.ko' \
		--filter='P *.mod*' --filter='P *.order' --filter='P *.symvers' "$top/" "$dir/"
}

# Module BTF needs the very pahole that built the kernel; the module does without.
driver_make()
{
	nice make -j"$(nproc)" -C "$k/headers" "M=$dir" CONFIG_DEBUG_INFO_BTF_MODULES= "$@" modules
}

# Only complaints of our own files count; kernel headers are not ours to fix.
driver_sparse()
{
	driver_make C=2 2>&1 | tee "$dir.sparse"
	! grep -E '(driver|uapi)/[^ ]+: (warning|error):' "$dir.sparse"
}

[ -f "$top/Kbuild" ] || die "no Kbuild, so no driver to build"
k=$("$vm/kernel.sh" --kernel "$kernel")
dir=$top/build/driver-$kernel
[ -z "$sparse" ] || dir=$top/build/driver-sparse
log=$dir.log
mkdir -p "$dir"
exec {fd}>"$dir.lock"
flock "$fd"
key=$(digest "${k##*/}" "$top/Kbuild" "$top/driver" "$top/uapi")
if [ -n "$sparse" ]; then
	: >"$log"
	step "driver: copy for sparse" driver_copy
	step "driver: sparse" driver_sparse
	exit
fi
if [ "$(cat "$dir/key" 2>/dev/null)" != "$key" ]; then
	rm -f "$dir/key"
	: >"$log"
	driver_copy
	step "driver: build for $(cat "$k/release")" driver_make
	echo "$key" >"$dir/key"
fi
find "$dir" -name rill.ko
