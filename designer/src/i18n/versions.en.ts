/** Texts of the canvas, its overlays, versions, their differences and who else is here. */
export const versionsEn = {
  "overlay.current": "The caller is here",
  "overlay.passed": "Passed",
  "overlay.missed": "Never reached",
  "overlay.failed": "Failed",
  "overlay.added": "Added",
  "overlay.removed": "Removed",
  "overlay.changed": "Changed",
  "overlay.moved": "Moved",
  "overlay.breakpoint": "Breakpoint",
  "overlay.person": "Somebody else is here",
} as const;
