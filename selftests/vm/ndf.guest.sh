#!/bin/sh
# SPDX-License-Identifier: MIT
# In the guest: librill's tests of programs on a chip, for the default chip, and the cases of ndf.sh. Argument: array
rc=0
export LD_LIBRARY_PATH=/share:/lib
for path in uring ioctl; do
	echo "# $path"
	[ "$1" != 2x2 ] || RILL_TEST_PATH=$path ./test_ndf_device || rc=1
	while read -r label args; do
		rill ndf run $args --memory --device --path $path --compare >"$label.$path" 2>&1 ||
			echo "# $path: $label: failed"
	done <cases
done
exit $rc
