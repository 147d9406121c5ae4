/**
 * Where edges begin and end on a card.
 *
 * The canvas library's own handle watches the canvas with every step of panning, twice a handle. This one asks when it is
 * pressed; what an edge being drawn is over is marked by {@link ConnectionMark}, once for the whole canvas.
 */
import { useConnection, useNodeId, useStoreApi } from "@xyflow/react";
import { XYHandle } from "@xyflow/system";
import { type CSSProperties, type MouseEvent, type TouchEvent, memo, useEffect } from "react";

interface Props {
  readonly id: string;
  readonly type: "source" | "target";
  readonly connectable: boolean;
  readonly style?: CSSProperties;
}

export const CardPort = memo(function CardPort({ id, type, connectable, style }: Props) {
  const store = useStoreApi();
  const nodeId = useNodeId() ?? "";
  const source = type === "source";
  const press = (event: MouseEvent<HTMLElement> | TouchEvent<HTMLElement>): void => {
    if (!connectable || ("button" in event && event.button !== 0)) return;
    const now = store.getState();
    XYHandle.onPointerDown(event.nativeEvent, {
      handleDomNode: event.currentTarget,
      handleId: id,
      nodeId,
      isTarget: !source,
      flowId: now.rfId,
      domNode: now.domNode,
      nodeLookup: now.nodeLookup,
      lib: now.lib,
      autoPanOnConnect: now.autoPanOnConnect,
      autoPanSpeed: now.autoPanSpeed,
      connectionMode: now.connectionMode,
      connectionRadius: now.connectionRadius,
      dragThreshold: now.connectionDragThreshold,
      panBy: now.panBy,
      cancelConnection: now.cancelConnection,
      updateConnection: now.updateConnection,
      onConnectStart: now.onConnectStart,
      onConnectEnd: (...told) => store.getState().onConnectEnd?.(...told),
      onConnect: (made) => store.getState().onConnect?.(made),
      isValidConnection: (wanted) => store.getState().isValidConnection?.(wanted) ?? true,
      getTransform: () => store.getState().transform,
      getFromHandle: () => store.getState().connection.fromHandle,
    });
  };
  /** Without dragging: a click asks what comes next. */
  const click = (event: MouseEvent<HTMLElement>): void => {
    if (source && connectable) store.getState().onClickConnectStart?.(event.nativeEvent, { nodeId, handleId: id, handleType: type });
  };
  const able = connectable ? " connectable connectablestart connectableend connectionindicator" : "";
  return (
    // Edges are made with the keys in the panel of properties.
    // eslint-disable-next-line jsx-a11y/no-static-element-interactions, jsx-a11y/click-events-have-key-events
    <div
      className={`react-flow__handle nodrag nopan ${type} port-${source ? "out" : "in"}${able}`}
      data-handleid={id}
      data-nodeid={nodeId}
      data-handlepos={source ? "right" : "left"}
      data-id={`${store.getState().rfId}-${nodeId}-${id}-${type}`}
      style={style}
      onMouseDown={press}
      onTouchStart={press}
      onClick={click}
    />
  );
});

/** Marks the port that an edge being drawn would end at. */
export function ConnectionMark() {
  const { rfId } = useStoreApi().getState();
  const over = useConnection(({ toHandle, isValid }) => (toHandle && isValid ? `${rfId}-${toHandle.nodeId}-${toHandle.id ?? ""}-${toHandle.type}` : ""));
  useEffect(() => {
    const port = over ? document.querySelector(`[data-id="${CSS.escape(over)}"]`) : null;
    port?.classList.add("meant");
    return () => port?.classList.remove("meant");
  }, [over]);
  return null;
}
