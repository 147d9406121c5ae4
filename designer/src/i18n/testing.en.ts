/** Conversation tests, coverage, replay: English. */
export const testingEn = {
  "tests.saveRun": "Save as a test",
  "tests.simulatedName": "Simulated call, {time}",
} as const;
