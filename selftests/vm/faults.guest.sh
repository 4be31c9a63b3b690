#!/bin/sh
# SPDX-License-Identifier: MIT
# In the guest: what the driver makes of a chip with faults, which the host injects.
/rill/tests/faults
