import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseCsv, toCsv } from "../src/core/csv";
import type { Flow } from "../src/core/flow";
import { cut, LEVEL_DB, levelOf, levelled, spoken } from "../src/core/soundEdit";
import { arrivals, readSheet, studioLines, studioSheet, withRecordings } from "../src/core/studioSheet";
import { sample } from "./samples";

const RATE = 8000;
const tone = (seconds: number, loud: number): Float32Array => Float32Array.from({ length: seconds * RATE }, (_s, n) => loud * Math.sin((2 * Math.PI * 440 * n) / RATE));
const joined = (...parts: Float32Array[]): Float32Array => Float32Array.from(parts.flatMap((part) => [...part]));

describe("a recording", () => {
  it("begins and ends with its words", () => {
    const sound = joined(new Float32Array(RATE), tone(0.5, 0.3), new Float32Array(2 * RATE));
    const span = spoken(sound, RATE);
    expect(span?.from).toBeCloseTo(0.98, 2);
    expect(span?.to).toBeCloseTo(1.54, 2);
    expect(span && cut(sound, RATE, span).length / RATE).toBeCloseTo(0.56, 2);
  });
  it("that is silent has no words", () => expect(spoken(new Float32Array(RATE), RATE)).toBeNull());
  it("is as loud as all others, without being clipped", () => {
    expect(levelOf(levelled(tone(1, 0.02)))).toBeCloseTo(LEVEL_DB, 3);
    expect(levelOf(levelled(tone(1, 0.9)))).toBeCloseTo(LEVEL_DB, 3);
    const click = joined(tone(1, 0.001), Float32Array.of(0.9), tone(1, 0.001));
    expect(Math.max(...levelled(click))).toBeLessThan(0.9);
    const silence = new Float32Array(10);
    expect(levelled(silence)).toBe(silence);
  });
  it("is never cut beyond its ends", () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true }), fc.double({ noNaN: true }), (from, to) => {
        expect(cut(tone(0.1, 0.5), RATE, { from, to }).length).toBeLessThanOrEqual(RATE / 10);
      }),
    );
  });
});

describe("a sheet", () => {
  it("comes back as it went out", () => {
    const cell = fc.oneof(fc.string({ unit: "binary" }), fc.string({ unit: fc.constantFrom("'", '"', ",", ";", "\n", "=", "x") })).map((one) => one.replaceAll("\r", ""));
    const row = fc.tuple(fc.string({ minLength: 1, unit: "grapheme-ascii" }), cell);
    fc.assert(
      fc.property(fc.array(row), (rows) => {
        const sheet = [["name", "words"], ...rows];
        expect(parseCsv(toCsv(sheet))).toEqual(sheet);
      }),
    );
    const words = [["name", "words"], ["a", 'say "one", two;\nthree'], ["b", "您好，欢迎"], ["c", "=1+1"], ["d", "'quoted"], ["e", ""]];
    expect(parseCsv(toCsv(words))).toEqual(words);
  });
  it("makes no formula of an author's words", () => expect(toCsv([["=HYPERLINK(1)", "-1", "@x", "+1"]])).toBe("\uFEFF'=HYPERLINK(1),'-1,'@x,'+1\r\n"));
  it("may have been saved with semicolons or tabs", () => {
    expect(parseCsv("name;language\r\na;en-US\r\n\r\n")).toEqual([["name", "language"], ["a", "en-US"]]);
    expect(parseCsv("name\tlanguage\na\ten-US")).toEqual([["name", "language"], ["a", "en-US"]]);
  });
  it("that lacks a column says which", () => expect(() => readSheet("name,words\na,b\n")).toThrow("language"));
});

const text = (en: string, zh: string) => ({ kind: "text", text: { "en-US": en, "zh-CN": zh } });
const speaking = (...pieces: object[]): Flow => ({
  ...sample,
  nodes: [{ id: "main", type: "menu", title: "Main menu", position: { x: 0, y: 0 }, fields: { prompt: pieces, rows: [{ help: [text("Help", "帮助")] }] } }],
});

describe("the studio's list", () => {
  const flow = speaking({ kind: "audio", prompt: "hello", text: { "zh-CN": "您好" } }, text("One", "一"), text("Two", ""));
  it("has every recording and every text that could be one, a line for each language", () => {
    const lines = studioLines([flow], [{ language: "en-US", name: "hello", duration: 1, size: 1, changed: "", changed_by: "" }]);
    expect(lines.map(({ name, language, words, recorded, spoken: voice }) => [name, language, words, recorded, voice])).toEqual([
      ["hello", "en-US", "", true, false],
      ["hello", "zh-CN", "您好", false, false],
      ["demo.main.2", "en-US", "One", false, true],
      ["demo.main.2", "zh-CN", "一", false, true],
      ["demo.main.3", "en-US", "Two", false, true],
      ["demo.main.4", "en-US", "Help", false, true],
      ["demo.main.4", "zh-CN", "帮助", false, true],
    ]);
    expect(lines[0]?.places).toEqual(["demo › Main menu"]);
    expect(readSheet(studioSheet(lines)).map(({ name, language, file }) => [name, language, file])[2]).toEqual(["demo.main.2", "en-US", "en-US/demo.main.2.wav"]);
  });
  it("keeps a text's name when another text becomes a recording", () => {
    const rows = [{ name: "demo.main.2", language: "en-US", words: "One" }, { name: "demo.main.2", language: "zh-CN", words: "一" }];
    const after = withRecordings(flow, rows);
    expect((after.nodes[0]?.fields.prompt as object[])[1]).toEqual({ kind: "audio", prompt: "demo.main.2", text: { "en-US": "One", "zh-CN": "一" } });
    const names = studioLines([after], []).filter((line) => line.spoken).map((line) => line.name);
    expect(names).toEqual(["demo.main.3", "demo.main.4", "demo.main.4"]);
    expect(withRecordings(after, rows)).toBe(after);
  });
  it("leaves a text alone that was changed since", () => {
    expect(withRecordings(flow, [{ name: "demo.main.2", language: "en-US", words: "Uno" }])).toBe(flow);
    expect(withRecordings(flow, [{ name: "another.main", language: "en-US", words: "One" }])).toBe(flow);
  });
});

describe("what came back", () => {
  const row = (name: string, language: string) => ({ name, language, words: "", file: `${language}/${name}.wav` });
  const sound = (path: string) => ({ path });
  it("is found by folder and name, with any ending", () => {
    const found = arrivals([row("a", "en-US"), row("a", "zh-CN"), row("b", "en-US")], [sound("studio/en-US/a.mp3"), sound("studio/zh-CN/A.wav"), sound("b.flac")]);
    expect(found.map((one) => one.sound?.path)).toEqual(["studio/en-US/a.mp3", "studio/zh-CN/A.wav", "b.flac"]);
  });
  it("is nobody's when two rows could mean it", () => {
    expect(arrivals([row("a", "en-US"), row("a", "zh-CN")], [sound("a.wav")]).map((one) => one.sound)).toEqual([null, null]);
  });
  it("under a name that the server refuses is told", () => expect(arrivals([row("a/b", "en-US"), row("a", "EN")], []).map((one) => one.problem)).toEqual(["name", "language"]));
});
