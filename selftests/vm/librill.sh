#!/bin/bash
# SPDX-License-Identifier: MIT
# librill's device tests, and its fall-backs and explanations, with the driver in the guest.
set -euo pipefail
cd "$(dirname "$0")/../.."
share=build/check/librill
rm -rf "$share"
mkdir -p "$share"
cp build/selftests/unit/test_model_transport "$share/"
# What the test needs beyond what the guest has.
ldd "$share/test_model_transport" | sed -nE 's|.*=> (/[^ ]*cmocka[^ ]*) .*|\1|p' | xargs cp -L -t "$share"
tools/vm/boot.sh --need rill --need driver --share "$share" selftests/vm/librill.guest.sh
