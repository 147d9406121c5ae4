import { ClipboardCheck } from "lucide-react";
import { useState } from "react";
import { addTest, listTests, testFromCall } from "../../api/tests";
import { may } from "../../api/session";
import type { CallPath } from "../../core/analytics";
import { freeName } from "../../core/testing";
import { reasonOf } from "../refusals";
import { Link } from "../router";
import { useSession } from "../session";
import { useTexts } from "../texts";
import { tell } from "../toasts";

/** Keys that the platform did not keep stand as `?` in the test. */
const UNKNOWN_KEYS = /presses: .*\?/;

/** One click, and the call is a test of its flow; what is not known of it is left for its author to fill in. */
export function MakeTest({ call }: { call: CallPath }) {
  const texts = useTexts();
  const { t } = texts;
  const session = useSession((state) => state.session);
  const [made, setMade] = useState<{ flow: string; name: string } | null>(null);
  const [busy, setBusy] = useState(false);
  if (!session || !may(session, "author")) return null;
  const make = async (): Promise<void> => {
    setBusy(true);
    try {
      const wanted = t("calls.testName", { time: texts.time(call.started) }).replaceAll("/", "-");
      const { flow, test } = await testFromCall(call.call, wanted);
      if (!flow || !test) {
        tell("bad", t("calls.noTest"));
        return;
      }
      const { tests } = await listTests(flow);
      const { name, text } = await addTest(flow, test.text, freeName(test.name, new Set(tests.map((one) => one.name))));
      setMade({ flow, name });
      tell(UNKNOWN_KEYS.test(text) ? "info" : "good", UNKNOWN_KEYS.test(text) ? t("calls.testUnknown", { name }) : t("tests.saved", { name }));
    } catch (error) {
      tell("bad", reasonOf(error));
    } finally {
      setBusy(false);
    }
  };
  if (made) {
    return (
      <Link className="button" to={`/flows/${encodeURIComponent(made.flow)}?test=${encodeURIComponent(made.name)}`}>
        <ClipboardCheck size={14} aria-hidden /> {t("calls.openTest")}
      </Link>
    );
  }
  return (
    <button type="button" className="button" disabled={busy} onClick={() => void make()}>
      <ClipboardCheck size={14} aria-hidden /> {t("calls.makeTest")}
    </button>
  );
}
