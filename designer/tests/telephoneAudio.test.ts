import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { FRAME, PlayoutBuffer, Resampler, TELEPHONE_RATE, fromMuLaw, loudness, toMuLaw } from "../src/core/telephoneAudio";

const tone = (hertz: number, rate: number, seconds: number): Float32Array => Float32Array.from({ length: rate * seconds }, (_, i) => 0.5 * Math.sin((2 * Math.PI * hertz * i) / rate));
const power = (samples: Float32Array): number => samples.reduce((sum, sample) => sum + sample * sample, 0) / Math.max(1, samples.length);
const inPieces = (resampler: Resampler, samples: Float32Array, piece: number): Float32Array => {
  const parts: number[] = [];
  for (let at = 0; at < samples.length; at += piece) parts.push(...resampler.push(samples.subarray(at, at + piece)));
  return Float32Array.from(parts);
};

describe("µ-law", () => {
  it("has the table's values (ITU-T G.711)", () => {
    expect([...toMuLaw([0, 1, -1])]).toEqual([0xff, 0x80, 0x00]);
    expect(fromMuLaw(Uint8Array.of(0xff, 0x7f))[0]).toBe(0);
    expect(fromMuLaw(Uint8Array.of(0x80))[0]).toBeCloseTo(32124 / 32768, 5);
  });
  it("comes back the same from any byte, and near from any sample", () => {
    // 0x7f is minus zero: it comes back as zero.
    const bytes = Uint8Array.from({ length: 256 }, (_, byte) => byte).filter((byte) => byte !== 0x7f);
    expect(toMuLaw(fromMuLaw(bytes))).toEqual(bytes);
    fc.assert(
      fc.property(fc.float({ min: -1, max: 1, noNaN: true }), (sample) => {
        const [back] = fromMuLaw(toMuLaw([sample]));
        return Math.abs((back ?? 0) - sample) <= Math.max(0.0006, Math.abs(sample) * 0.04);
      }),
    );
  });
});

describe("resampling", () => {
  it.each([[48000, TELEPHONE_RATE], [44100, TELEPHONE_RATE], [TELEPHONE_RATE, 48000], [TELEPHONE_RATE, 44100]])("keeps a tone from %i to %i", (from, to) => {
    const out = inPieces(new Resampler(from, to), tone(1000, from, 0.5), 128);
    expect(out.length).toBeGreaterThan(to * 0.5 - to * 0.02);
    expect(out.length).toBeLessThanOrEqual(to * 0.5 + 2);
    const middle = out.subarray(Math.floor(out.length / 4), Math.floor(out.length * 0.75));
    expect(power(middle)).toBeCloseTo(0.125, 2);
    const crossings = middle.reduce((count, sample, i) => count + (sample >= 0 && (middle[i - 1] ?? 0) < 0 ? 1 : 0), 0);
    expect((crossings * to) / middle.length).toBeCloseTo(1000, -1.5);
  });
  it("lets nothing through that would fold back", () => {
    const out = inPieces(new Resampler(48000, TELEPHONE_RATE), tone(7000, 48000, 0.5), 128);
    expect(power(out.subarray(200))).toBeLessThan(0.0002);
  });
  it("gives the same whatever the pieces", () => {
    const samples = tone(440, 48000, 0.1);
    const whole = new Resampler(48000, TELEPHONE_RATE).push(samples);
    const pieces = inPieces(new Resampler(48000, TELEPHONE_RATE), samples, 37);
    expect(pieces.length).toBe(whole.length);
    pieces.forEach((sample, i) => expect(sample).toBeCloseTo(whole[i] ?? 0, 5));
  });
});

describe("the playout buffer", () => {
  const frame = (value: number): Float32Array => new Float32Array(FRAME).fill(value);
  const pulled = (buffer: PlayoutBuffer, length = FRAME): Float32Array => {
    const output = new Float32Array(length).fill(9);
    buffer.pull(output);
    return output;
  };
  it("waits until enough is there, and again after it ran dry", () => {
    const buffer = new PlayoutBuffer(8000, 60, 240);
    buffer.push(frame(1));
    buffer.push(frame(2));
    expect(pulled(buffer)[0]).toBe(0);
    buffer.push(frame(3));
    expect([pulled(buffer)[0], pulled(buffer)[0], pulled(buffer, 200)[150], pulled(buffer)[0]]).toEqual([1, 2, 3, 0]);
    buffer.push(frame(4));
    expect(pulled(buffer)[0]).toBe(0);
  });
  it("drops the oldest sound rather than fall behind", () => {
    const buffer = new PlayoutBuffer(8000, 60, 240);
    for (let n = 1; n <= 13; n += 1) buffer.push(frame(n));
    expect(buffer.length).toBe(480);
    expect(pulled(buffer)[0]).toBe(11);
  });
});

describe("loudness", () => {
  it("is nothing for silence and full for full", () => {
    expect(loudness(new Float32Array(FRAME))).toBe(0);
    expect(loudness(new Float32Array(FRAME).fill(1))).toBe(1);
    expect(loudness(new Float32Array(FRAME).fill(0.03))).toBeCloseTo(0.49, 1);
  });
});
