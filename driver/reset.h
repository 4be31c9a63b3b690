/* SPDX-License-Identifier: GPL-2.0 */
#ifndef RILL_RESET_H
#define RILL_RESET_H

struct pci_error_handlers;
struct rill_device;

extern const struct pci_error_handlers rill_reset_handlers;

void rill_reset_init(struct rill_device *rdev);
void rill_reset_fini(struct rill_device *rdev);
void rill_reset_schedule(struct rill_device *rdev, const char *why);
void rill_reset_wait(struct rill_device *rdev);
void rill_reset_stop(struct rill_device *rdev);
void rill_watchdog_kick(struct rill_device *rdev);

#endif
