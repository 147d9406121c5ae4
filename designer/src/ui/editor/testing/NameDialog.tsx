import { useState } from "react";
import { Dialog } from "../../parts/Dialog";
import { reasonOf } from "../../refusals";
import { asApiError } from "../../resource";
import { useTexts } from "../../texts";

interface Props {
  readonly title: string;
  readonly name: string;
  readonly submit: string;
  onName(name: string): Promise<void>;
  onClose(): void;
}

/** Asks for a test's name, and stays until the server takes it. */
export function NameDialog({ title, name: given, submit, onName, onClose }: Props) {
  const { t } = useTexts();
  const [name, setName] = useState(given);
  const [fault, setFault] = useState("");
  const [busy, setBusy] = useState(false);
  const take = async (): Promise<void> => {
    setBusy(true);
    try {
      await onName(name.trim());
      onClose();
    } catch (error) {
      setFault(asApiError(error).code === "test.exists" ? t("tests.taken") : reasonOf(error));
      setBusy(false);
    }
  };
  return (
    <Dialog
      title={title}
      onClose={onClose}
      foot={
        <>
          <button type="button" className="button" onClick={onClose}>
            {t("common.cancel")}
          </button>
          <button type="submit" form="test-name" className="button primary" disabled={busy || !name.trim() || name.includes("/")}>
            {submit}
          </button>
        </>
      }
    >
      <form
        id="test-name"
        className="stack"
        onSubmit={(event) => {
          event.preventDefault();
          void take();
        }}
      >
        <label className="field">
          <span className="label">{t("tests.name")}</span>
          <input
            className="input"
            maxLength={120}
            value={name}
            aria-invalid={fault !== "" || name.includes("/")}
            aria-describedby="test-name-fault"
            onChange={(event) => {
              setName(event.target.value);
              setFault("");
            }}
          />
        </label>
        <p id="test-name-fault" className="small bad-text" role="alert">
          {fault || (name.includes("/") ? t("tests.noSlash") : "")}
        </p>
      </form>
    </Dialog>
  );
}
