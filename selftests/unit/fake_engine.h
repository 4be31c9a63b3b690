/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A stand-in for the chip's engine: NOPs complete, FAKE_HOLD jobs wait until they are released. */
#ifndef FAKE_ENGINE_H
#define FAKE_ENGINE_H

#include "internal.h"

#define FAKE_HOLD	0x100
#define FAKE_MAX_HELD	8192

/* Completes the oldest held jobs, as many as there are up to count. */
void fake_engine_release(struct rill_chip *chip, unsigned int count);
unsigned int fake_engine_held(const struct rill_chip *chip);
/* The jobs accepted so far. */
unsigned int fake_engine_accepted(const struct rill_chip *chip);
const struct rill_job *fake_engine_last(const struct rill_chip *chip);

#endif
