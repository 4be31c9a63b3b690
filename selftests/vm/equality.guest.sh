#!/bin/sh
# SPDX-License-Identifier: MIT
# In the guest: each case of equality.sh through the driver, by io_uring and by ioctl.
i=0
while read -r args; do
	for path in uring ioctl; do
		keep=
		case $args in *'--rules learned'*) keep="--keep-weights $i.$path.weights" ;; esac
		rill run $args $keep --path $path --verify full --json "$i.$path.json" >"$i.$path.txt" 2>&1 ||
			{ echo "# case $i ($path): $args"; cat "$i.$path.txt"; }
	done
	i=$((i + 1))
done <cases
