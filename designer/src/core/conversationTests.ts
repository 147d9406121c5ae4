/** Conversation tests as the server tells of them (docs/api.md, "Conversation tests"). */
import type { LocalizedText } from "./flow";

export interface StoredTest {
  readonly name: string;
  /** The test's YAML file. */
  readonly text: string;
  readonly changed: string;
  readonly changed_by: string;
}

export interface TestedStep {
  readonly t: number;
  readonly flow: string;
  readonly from: string;
  readonly port: string;
  readonly to: string;
  readonly reason: string;
}

export interface Failure {
  /** From 1; 0: the call as a whole, or a test that cannot be read. */
  readonly step: number;
  readonly line: number;
  readonly expected: string;
  readonly message: LocalizedText;
  readonly node: string;
  readonly heard: readonly string[];
}

export interface Result {
  readonly name: string;
  readonly passed: boolean;
  readonly failure: Failure | null;
  readonly steps: readonly TestedStep[];
  /** Addresses that were asked and that the test does not mock. */
  readonly unanswered: readonly string[];
  readonly seconds: number;
}

export interface PassedEdge {
  readonly from: string;
  readonly port: string;
  readonly to: string;
}

export interface Proposal {
  readonly name: string;
  readonly text: string;
  readonly covers: readonly PassedEdge[];
  /** It was run and goes its way; otherwise `unknown` says what its author has to fill in. */
  readonly tried: boolean;
  readonly unknown: readonly LocalizedText[];
}

/** A test that is not stored yet. */
export interface WrittenTest {
  readonly name: string;
  readonly text: string;
  /** Of a run's web answers: places whose values looked secret and are stars now. */
  readonly masked?: readonly string[];
  /** Services and addresses whose answers were too long to be written down. */
  readonly left_out?: readonly string[];
}

/** A run of the simulator, to be saved as a test. */
export interface SimulatedRun {
  /** What the simulator sent, the caller's actions (`input`) among it. */
  readonly messages: readonly Readonly<Record<string, unknown>>[];
  readonly ani: string;
  readonly dnis: string;
  /** When the call pretended to begin, ISO 8601 with an offset. */
  readonly now: string;
}
