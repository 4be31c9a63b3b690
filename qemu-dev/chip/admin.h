/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef RILL_CHIP_ADMIN_H
#define RILL_CHIP_ADMIN_H

#include "internal.h"

/* One command, or a piece of one. False if there is none. */
bool rill_admin_step(struct rill_chip *chip);

#endif
