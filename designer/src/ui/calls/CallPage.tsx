import { useMemo, useState } from "react";
import { callPath, reportedFlow, typesIfAllowed } from "../../api/analytics";
import { recordingsOf } from "../../api/recordings";
import { indexTypes } from "../../core/nodeTypes";
import { Failed, Loading } from "../parts/States";
import { useResource } from "../resource";
import { Shell } from "../shell/Shell";
import { Replay } from "./Replay";
import "../analytics/analytics.css";
import "./calls.css";

/** One call's own way through the flow it ran on, step by step. */
export default function CallPage({ id }: { id: string }) {
  const call = useResource(`call ${id}`, () => callPath(id));
  const types = useResource("node types", typesIfAllowed);
  // Who may not hear recordings sees the path all the same.
  const recordings = useResource(`recordings ${id}`, () => recordingsOf(id).catch(() => []));
  const [at, setAt] = useState(0);
  const shown = call.data?.steps[at];
  const flowId = shown?.flow || call.data?.flow || "";
  const version = String(shown?.version ?? call.data?.version ?? "");
  const flow = useResource(`call graph ${flowId} ${version}`, async () => (flowId ? reportedFlow(flowId, version) : null));
  const index = useMemo(() => indexTypes(types.data ?? []), [types.data]);
  const error = call.error ?? flow.error;
  return (
    <Shell fixed>
      {error ? (
        <Failed error={error} retry={() => { call.reload(); flow.reload(); }} />
      ) : call.data && flow.data && types.data && recordings.data ? (
        <Replay call={call.data} recordings={recordings.data} flow={flow.data} types={index} onStep={setAt} />
      ) : (
        <Loading />
      )}
    </Shell>
  );
}
