#!/bin/bash
# SPDX-License-Identifier: MIT
# The kernel's checkpatch.pl, strictly, over all C files; TAP on standard output, one test a file.
. "$(dirname "$0")/common.sh"

checkpatch=$("$vm/kernel.sh" --source)/scripts/checkpatch.pl
perl "$checkpatch" --version >/dev/null || die "cannot run $checkpatch"
mkdir -p "$top/build"
cd "$top"
# What holds in the kernel but not outside one ...
user=PREFER_KERNEL_TYPES,PREFER_DEFINED_ATTRIBUTE_MACRO,BIT_MACRO,ARRAY_SIZE,CAMELCASE,VOLATILE
user+=,AVOID_EXTERNS,NEW_TYPEDEFS,ENOSYS,STRCPY,STRNCPY,CONSIDER_KSTRTO,SSCANF_TO_KSTRTO
user+=,MACRO_ARG_REUSE,COMPLEX_MACRO,STORAGE_CLASS,EMBEDDED_FUNCTION_NAME,UNNECESSARY_PARENTHESES
user+=,MULTIPLE_ASSIGNMENTS
# The test harness's macros are statements and declarations of their own kind.
harness=$user,BRACES,LINE_SPACING
# ... or only in one's tree.
module=LINUX_VERSION_CODE,CONSTANT_COMPARISON

# complaints FILES OPTION...
complaints()
{
	local found=${1//$'\n'/ ../}
	shift
	cd "$top/build"	# it leaves a file behind
	# shellcheck disable=SC2086
	perl "$checkpatch" --no-tree --root="$top" --strict --terse --quiet --no-summary --show-types \
		"$@" -f ../$found 2>&1 |
		sed 's|^\.\./||' || true
}

files=$(find driver uapi qemu-dev/chip runtime tools selftests -name '*.[ch]' | sort)
[ -n "$files" ] || die "found no C file"
out=$(
	complaints "$(grep '^driver' <<<"$files")" --ignore "$module"
	complaints "$(grep '^uapi' <<<"$files")" --ignore BIT_MACRO
	complaints "$(grep ^selftests/kernel <<<"$files")" --ignore "$harness" --max-line-length=120
	complaints "$(grep -v -e ^driver -e ^uapi -e ^selftests/kernel <<<"$files")" --ignore "$user" \
		--max-line-length=120
)
n=0 rc=0
for f in $files; do
	n=$((n + 1))
	if ! grep -F "$f:" <<<"$out" | sed 's/^/# /' | grep .; then
		echo "ok $n $f"
	else
		echo "not ok $n $f"
		rc=1
	fi
done
echo "1..$n"
exit $rc
