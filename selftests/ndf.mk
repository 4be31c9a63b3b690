# SPDX-License-Identifier: MIT
# Dataflow: unit tests, benchmark, fuzzer.

NDF_RIG := selftests/unit/ndf_rig.c selftests/unit/ndf_build.c selftests/unit/ndf_programs.c
NDF_TESTS := test_ndf_op test_ndf_where test_ndf_when test_ndf_run test_ndf_validate test_ndf_plastic
UNIT_SAN_TESTS += $(NDF_TESTS)
$(foreach t,$(NDF_TESTS),$(eval UNIT_SRC_$(t) := $(NDF_RIG)))
