import { ClipboardCheck, FileSliders, GitCompareArrows, History, Play, SlidersHorizontal, TriangleAlert } from "lucide-react";
import { useEffect } from "react";
import type { Panel } from "../../core/actions";
import { countProblems } from "../../core/problems";
import { useTexts } from "../texts";
import { useEditorState } from "./context";
import { FlowSettings } from "./FlowSettings";
import { HistoryList } from "./HistoryList";
import { ProblemList } from "./ProblemList";
import { Versions } from "./Versions";
import { Properties } from "./properties/Properties";
import { Simulator } from "./simulator/Simulator";
import { TestsPanel } from "./testing/TestsPanel";
import { useTestOverlay } from "./testing/overlay";

const TABS: readonly [Panel, typeof Play][] = [
  ["properties", SlidersHorizontal],
  ["flow", FileSliders],
  ["simulator", Play],
  ["tests", ClipboardCheck],
  ["problems", TriangleAlert],
  ["versions", GitCompareArrows],
  ["history", History],
];

interface Props {
  readonly panel: Panel;
  onPanel(panel: Panel): void;
}

export function SidePanel({ panel, onPanel }: Props) {
  const { t } = useTexts();
  useTestOverlay();
  // An address may name a test: its panel opens it.
  useEffect(() => {
    if (new URLSearchParams(location.search).has("test")) onPanel("tests");
  }, [onPanel]);
  const { errors, warnings } = countProblems(useEditorState((state) => state.problems));
  const at = TABS.findIndex(([id]) => id === panel);
  return (
    <aside className="side" aria-label={t("side.title")}>
      <div
        className="tabs"
        role="tablist"
        tabIndex={-1}
        aria-label={t("side.title")}
        onKeyDown={(event) => {
          const step = event.key === "ArrowRight" ? 1 : event.key === "ArrowLeft" ? -1 : 0;
          const next = TABS.at((at + step) % TABS.length)?.[0];
          if (!step || !next) return;
          event.preventDefault();
          onPanel(next);
          event.currentTarget.querySelector<HTMLElement>(`#tab-${next}`)?.focus();
        }}
      >
        {TABS.map(([id, Icon]) => (
          <button
            key={id}
            id={`tab-${id}`}
            type="button"
            role="tab"
            aria-selected={id === panel}
            aria-controls="side-panel"
            tabIndex={id === panel ? 0 : -1}
            aria-label={t(`panel.${id}`)}
            title={t(`panel.${id}`)}
            onClick={() => onPanel(id)}
          >
            <Icon size={16} aria-hidden />
            {id === panel && <span className="ellipsis">{t(`panel.${id}`)}</span>}
            {id === "problems" && errors + warnings > 0 && <span className={errors ? "badge bad" : "badge warn"}>{errors || warnings}</span>}
          </button>
        ))}
      </div>
      <div id="side-panel" role="tabpanel" aria-labelledby={`tab-${panel}`} className="side-body">
        {panel === "properties" && <Properties />}
        {panel === "flow" && <FlowSettings />}
        {panel === "simulator" && <Simulator />}
        {panel === "tests" && <TestsPanel />}
        {panel === "problems" && <ProblemList />}
        {panel === "versions" && <Versions />}
        {panel === "history" && <HistoryList />}
      </div>
    </aside>
  );
}
