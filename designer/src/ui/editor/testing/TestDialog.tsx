import type { WrittenTest } from "../../../core/conversationTests";
import { Dialog } from "../../parts/Dialog";

interface Props {
  readonly test: WrittenTest;
  /** The name that the test is stored under; without it the test is new. */
  readonly stored?: string;
  readonly line?: number;
  onClose(): void;
}

/** A test's YAML, to be written, tried and stored. */
export function TestDialog({ test, onClose }: Props) {
  return (
    <Dialog wide title={test.name} onClose={onClose}>
      <pre>{test.text}</pre>
    </Dialog>
  );
}
