#!/bin/sh
# SPDX-License-Identifier: MIT
# In the guest: librill against the driver, both ways to submit, and where it is not welcome.
rc=0
fail()
{
	echo "not ok - $*"
	rc=1
}

export LD_LIBRARY_PATH=/share:/lib
for path in uring ioctl; do
	echo "# $path"
	RILL_TEST_PATH=$path ./test_model_transport || rc=1
done

# expect WHAT PATTERN COMMAND...: what it prints holds the pattern
expect()
{
	what=$1 pattern=$2
	shift 2
	if "$@" 2>&1 | grep -q "$pattern"; then
		echo "ok - $what"
	else
		fail "$what"
		"$@" 2>&1 | sed 's/^/# /'
	fi
}

echo nobody:x:65534:65534:nobody:/tmp:/bin/sh >>/etc/passwd
nobody()
{
	su nobody -c "PATH=$PATH LD_LIBRARY_PATH=$LD_LIBRARY_PATH $*"
}

run="rill run --tokens 2 --strategy fse-dp --timing-only"
node=$(ls /dev/accel/accel* | head -n 1)
sysctl -qw kernel.io_uring_disabled=2
expect 'without io_uring: by ioctl' ' 1 system calls to submit, 2 in all' $run
expect 'without io_uring, and yet asked for' 'io_uring: forbidden here' $run --path uring
sysctl -qw kernel.io_uring_disabled=0
expect 'with io_uring' ' 1 system calls to submit, 1 in all' $run
chmod 600 "$node"
expect 'without permission' "no permission to open $node" nobody rill info
expect 'a node that is none' '/dev/null is not a DRM device' rill info --node /dev/null
expect 'another array' 'the device is 2x2, not 3x3' $run --array 3x3
rmmod rill
expect 'without the driver' 'has no driver: load it (modprobe rill)' rill info
exit $rc
