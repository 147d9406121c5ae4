/** 对话测试、覆盖率、通话回放：中文。 */
export const testingZh = {
  "tests.saveRun": "保存为测试",
  "tests.simulatedName": "模拟呼叫 {time}",
} as const;
