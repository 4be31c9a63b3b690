#!/bin/sh
# SPDX-License-Identifier: MIT
# In the guest: librill's tests of programs on a chip, and the cases of ndf.sh.
rc=0
export LD_LIBRARY_PATH=/share:/lib
for path in uring ioctl; do
	echo "# $path"
	RILL_TEST_PATH=$path ./test_ndf_device || rc=1
	while read -r name capacity; do
		rill ndf run "runtime/ndf/programs/$name.ndf" --capacity "$capacity" --memory --device --path $path \
			--compare >"$name.$capacity.$path" 2>&1 || echo "# $path: $name $capacity: failed"
	done <cases
done
exit $rc
