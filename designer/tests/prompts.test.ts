import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Flow } from "../src/core/flow";
import { type Prompt, isLanguage, isPromptName, missingWords, promptNameOf, promptUses, spokenPieces } from "../src/core/prompts";
import { durationText, encodeWav, peaks } from "../src/core/wav";
import { sample } from "./samples";

const recorded = (language: string, name: string): Prompt => ({ language, name, duration: 1, size: 1, changed: "", changed_by: "" });

const speaking = (fields: Record<string, unknown>): Flow => ({
  ...sample,
  nodes: sample.nodes.map((node) => (node.id === "main" ? { ...node, fields } : node)),
});

describe("where a recording is used", () => {
  it("is found in every field, however deep, and once a node", () => {
    const flow = speaking({ prompt: [{ kind: "audio", prompt: "hello" }], rows: [{ again: [{ kind: "audio", prompt: "hello" }, { kind: "audio", prompt: "bye" }] }] });
    const uses = promptUses([flow, { ...sample, id: "other" }]);
    expect([...uses.keys()]).toEqual(["hello", "bye"]);
    expect(uses.get("hello")).toEqual([{ flow: "demo", flowName: { "en-US": "Demo" }, node: "main", nodeTitle: "Main menu" }]);
  });
  it("takes no word of an author for a piece", () => {
    expect(spokenPieces({ kind: "audio", file: "x" })).toEqual([]);
    expect(spokenPieces([null, 3, "audio", { kind: "value", expr: "a" }])).toEqual([]);
  });
});

describe("what callers would miss", () => {
  it("is a recording in the languages that lack it", () => {
    const flow = speaking({ prompt: [{ kind: "audio", prompt: "hello" }] });
    expect(missingWords([flow], [])).toMatchObject([{ kind: "recording", what: "hello", languages: ["en-US", "zh-CN"], nowhere: true }]);
    expect(missingWords([flow], [recorded("en-US", "hello")])).toMatchObject([{ languages: ["zh-CN"], nowhere: false }]);
    expect(missingWords([flow], [recorded("en-US", "hello"), recorded("zh-CN", "hello")])).toEqual([]);
  });
  it("is no recording that the voice speaks instead", () => {
    const flow = speaking({ prompt: [{ kind: "audio", prompt: "hello", text: { "en-US": "Hello", "zh-CN": " " } }] });
    expect(missingWords([flow], [])).toMatchObject([{ languages: ["zh-CN"] }]);
  });
  it("is a text in the languages that lack it, after the recordings", () => {
    const flow = speaking({ prompt: [{ kind: "text", text: { "en-US": "Hello" } }, { kind: "audio", prompt: "bye" }] });
    expect(missingWords([flow], []).map(({ kind, what, languages }) => [kind, what, languages])).toEqual([
      ["recording", "bye", ["en-US", "zh-CN"]],
      ["text", "Hello", ["zh-CN"]],
    ]);
  });
  it("is nothing in a flow that says all", () => expect(missingWords([sample], [])).toEqual([]));
});

describe("names", () => {
  it("of recordings come from their files and are always taken by the server", () => {
    expect(promptNameOf("欢迎 词.wav")).toBe("欢迎 词");
    expect(promptNameOf("a/b?.mp3")).toBe("a-b-");
    fc.assert(fc.property(fc.string({ unit: "binary" }), (file) => promptNameOf(file) === "" || isPromptName(promptNameOf(file))));
  });
  it.each(["", "a/b", "a\\b", "a\n", " a", "x".repeat(65)])("such as %j are refused", (name) => expect(isPromptName(name)).toBe(false));
  it("of languages are tags", () => {
    expect(["zh-CN", "en", "zh-Hans-CN"].every(isLanguage)).toBe(true);
    expect(["", "?", "EN", "en_US"].some(isLanguage)).toBe(false);
  });
});

describe("sound", () => {
  it("becomes a WAV file whose samples are the sound's", () => {
    const bytes = encodeWav(Float32Array.of(0, 1, -1, 3, 0.5), 16_000);
    const view = new DataView(bytes.buffer);
    expect(String.fromCharCode(...bytes.slice(0, 4), ...bytes.slice(8, 16))).toBe("RIFFWAVEfmt ");
    expect([view.getUint32(4, true), view.getUint32(24, true), view.getUint32(40, true)]).toEqual([46, 16_000, 10]);
    expect([0, 1, 2, 3, 4].map((n) => view.getInt16(44 + n * 2, true))).toEqual([0, 32767, -32767, 32767, 16384]);
  });
  it("shows its loudest places, as many bars as wanted", () => {
    expect(peaks(Float32Array.of(0, -0.5, 0.25, 0), 2)).toEqual([0.5, 0.25]);
    expect(peaks(new Float32Array(0), 3)).toEqual([0, 0, 0]);
    fc.assert(
      fc.property(fc.float32Array({ min: -2, max: 2, noNaN: true, minLength: 1 }), fc.integer({ min: 1, max: 50 }), (samples, count) => {
        const bars = peaks(samples, count);
        const loudest = Math.min(1, samples.reduce((most, one) => Math.max(most, Math.abs(one)), 0));
        return bars.length === count && Math.max(...bars) === loudest;
      }),
    );
  });
  it.each([[0.04, "0.0 s"], [3.42, "3.4 s"], [9.96, "0:10"], [59.6, "1:00"], [125, "2:05"]])("of %d seconds lasts %s", (seconds, text) =>
    expect(durationText(seconds)).toBe(text),
  );
});
