#!/bin/bash
# SPDX-License-Identifier: MIT
# The kernel's checkpatch.pl, strictly, over all C files; TAP on standard output, one test a file.
. "$(dirname "$0")/common.sh"

checkpatch=$("$vm/kernel.sh" --source)/scripts/checkpatch.pl
cd "$top"
# What is right in a kernel but not outside one.
user=PREFER_KERNEL_TYPES,PREFER_DEFINED_ATTRIBUTE_MACRO,AVOID_EXTERNS,BIT_MACRO,NEW_TYPEDEFS
user+=,CONSTANT_COMPARISON,ENOSYS,STRCPY,STRNCPY,CONSIDER_KSTRTO,SSCANF_TO_KSTRTO,PRINTK_WITHOUT_KERN_LEVEL

n=0 rc=0
mapfile -t files < <(find driver uapi qemu-dev/chip runtime tools selftests -name '*.[ch]' | sort)
for f in "${files[@]}"; do
	case $f in
	driver/* | uapi/*) ignore=() ;;
	*) ignore=(--ignore "$user") ;;
	esac
	n=$((n + 1))
	if out=$(perl "$checkpatch" --no-tree --strict --terse --quiet --no-summary --show-types \
		"${ignore[@]}" -f "$f" 2>&1) && [ -z "$out" ]; then
		echo "ok $n $f"
	else
		printf '%s\n' "$out" | sed 's/^/# /'
		echo "not ok $n $f"
		rc=1
	fi
done
echo "1..$n"
exit $rc
