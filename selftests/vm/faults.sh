#!/bin/bash
# SPDX-License-Identifier: MIT
# faults.sh [OPTION...]: with options of boot.sh. TAP: the driver in the guest, and a chip that gets faults. The test
# asks for one by the file "inject" in the share, "PROPERTY VALUE"; here that becomes a qom-set over QMP.
set -euo pipefail
cd "$(dirname "$0")/../.."
share=$PWD/build/check/faults
rm -rf "$share"
mkdir -p "$share"
qmp=$(mktemp -d)
mkfifo "$qmp/monitor.in" "$qmp/monitor.out"
exec 3<>"$qmp/monitor.in" 4<>"$qmp/monitor.out"

# Until QEMU has done it
qmp()
{
	local answer
	echo "$1" >&3
	while read -r answer <&4; do
		case $answer in
		*'"return"'*) return ;;
		*'"error"'*) echo "# $answer"; return ;;
		esac
	done
}

inject()
{
	local property value
	qmp '{ "execute": "qmp_capabilities" }'
	while :; do
		if [ -e "$share/inject" ]; then
			read -r property value <"$share/inject"
			qmp '{ "execute": "qom-set", "arguments": { "path": "/machine/peripheral/rill0",
				"property": "'"$property"'", "value": '"$value"' } }'
			rm "$share/inject"
		fi
		sleep 0.02
	done
}

inject &
trap 'kill $!; rm -rf "$qmp"' EXIT
RILL_QEMU_OPTS="-chardev pipe,id=monitor,path=$qmp/monitor -mon chardev=monitor,mode=control" \
	tools/vm/boot.sh --need driver --need tests --share "$share" --module timeout_ms=500 \
	--device id=rill0 --timeout 600 "$@" selftests/vm/faults.guest.sh
