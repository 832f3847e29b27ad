import { AgentAvatar, StatusMark } from '@agentportal/plugin-agents-react';
import { useTranslationRef } from '@backstage/frontend-plugin-api';
import { RiFlowChart } from '@remixicon/react';
import { useEffect, useMemo, useRef, type KeyboardEvent } from 'react';
import { orchestrationTranslationRef } from '../translation';
import { type Box, layOut } from './layout';
import { isKnownType, NODE_ICONS, NODE_TONES, stateInWords } from './nodeWords';
import type { RunGraph, RunGraphNode } from './runGraph';
import styles from './graph.module.css';

function NodeButton(props: {
  node: RunGraphNode;
  box: Box;
  isGroup: boolean;
  isSelected: boolean;
  onSelect: (id: string) => void;
}) {
  const { t } = useTranslationRef(orchestrationTranslationRef);
  const { node, box, isGroup, isSelected, onSelect } = props;
  const { id, state, steps, title, type } = node;
  const isKnown = isKnownType(type);
  const Icon = isKnown ? NODE_ICONS[type] : RiFlowChart;
  const agentRef = steps.find(({ kind }) => kind === 'agent')?.name;
  const words = stateInWords(node, t);
  return (
    <button
      type="button"
      data-node={id}
      data-state={state}
      data-group={isGroup || undefined}
      className={styles.node}
      style={{ left: box.x, top: box.y, width: box.width, height: box.height }}
      aria-pressed={isSelected}
      aria-label={t('graphView.node', {
        title,
        type: isKnown ? t(`nodeTypes.${type}`) : type,
        words,
      })}
      tabIndex={isSelected ? 0 : -1}
      onClick={() => onSelect(id)}
    >
      <span className={styles.head}>
        {agentRef ? (
          <AgentAvatar name={agentRef} size="x-small" />
        ) : (
          <Icon size={18} className={styles.icon} aria-hidden />
        )}
        <span className={styles.title} title={title}>
          {title}
        </span>
      </span>
      <span className={styles.state}>
        <StatusMark status={state} tone={NODE_TONES[state]} label={words} />
      </span>
    </button>
  );
}

/** A line that leaves and arrives upright. */
function pathOf(way: Array<{ x: number; y: number }>): string {
  return way
    .map(({ x, y }, i) => {
      const before = way[i - 1];
      if (!before) {
        return `M${x} ${y}`;
      }
      const middle = (before.y + y) / 2;
      return `C${before.x} ${middle} ${x} ${middle} ${x} ${y}`;
    })
    .join('');
}

/** The nodes of a run in rows, with how each stands. Arrows choose one. */
export function GraphView(props: {
  graph: RunGraph;
  selectedId: string | undefined;
  onSelect: (nodeId: string) => void;
}) {
  const { t } = useTranslationRef(orchestrationTranslationRef);
  const { graph, selectedId, onSelect } = props;
  const { edges, nodes } = graph;
  const place = useRef<HTMLDivElement>(null);
  // States come and go; the places of the nodes stay.
  const shape = JSON.stringify([
    nodes.map(({ id, parentId }) => ({ id, parentId })),
    edges.map(({ from, to }) => ({ from, to })),
  ]);
  const layout = useMemo(() => {
    const [shapeNodes, shapeEdges] = JSON.parse(shape);
    return layOut({ nodes: shapeNodes, edges: shapeEdges });
  }, [shape]);
  const groups = new Set(nodes.map(({ parentId }) => parentId));
  const tabStop = nodes.some(({ id }) => id === selectedId)
    ? selectedId
    : nodes[0]?.id;

  useEffect(() => {
    const frame = place.current;
    const box = layout.boxes.get(tabStop ?? '');
    if (!frame || !box) {
      return;
    }
    const isSeen =
      box.y >= frame.scrollTop &&
      box.y + box.height <= frame.scrollTop + frame.clientHeight &&
      box.x >= frame.scrollLeft &&
      box.x + box.width <= frame.scrollLeft + frame.clientWidth;
    if (!isSeen) {
      // The graph moves, and not the page.
      frame.scrollTop = box.y - frame.clientHeight / 2;
      frame.scrollLeft = box.x - frame.clientWidth / 2;
    }
  }, [layout, tabStop]);

  const onKeyDown = (event: KeyboardEvent) => {
    const index = nodes.findIndex(({ id }) => id === tabStop);
    const moves: Record<string, number> = {
      ArrowDown: index + 1,
      ArrowRight: index + 1,
      j: index + 1,
      ArrowUp: index - 1,
      ArrowLeft: index - 1,
      k: index - 1,
      Home: 0,
      End: nodes.length - 1,
    };
    const target = nodes[moves[event.key]];
    if (target) {
      event.preventDefault();
      onSelect(target.id);
      place.current
        ?.querySelector<HTMLElement>(`[data-node="${CSS.escape(target.id)}"]`)
        ?.focus({ preventScroll: true });
    }
  };
  return (
    // The buttons in it are what is pressed; arrows go from one to the next.
    // eslint-disable-next-line jsx-a11y/no-static-element-interactions
    <div className={styles.frame} ref={place} onKeyDown={onKeyDown}>
      <div
        role="group"
        aria-label={t('graphView.graphOfTheRun')}
        className={styles.canvas}
        style={{ width: layout.width, height: layout.height }}
      >
        {nodes.map(node => (
          <NodeButton
            key={node.id}
            node={node}
            box={layout.boxes.get(node.id)!}
            isGroup={groups.has(node.id)}
            isSelected={node.id === tabStop}
            onSelect={onSelect}
          />
        ))}
        <svg
          className={styles.edges}
          width={layout.width}
          height={layout.height}
          aria-hidden
        >
          {edges.map(
            ({ from, handle, state, to }, i) =>
              layout.ways[i].length > 0 && (
                <path
                  key={`${from} ${handle ?? ''} ${to}`}
                  className={styles.edge}
                  data-state={state}
                  d={pathOf(layout.ways[i])}
                />
              ),
          )}
          {/* Over all edges, so that none runs through a word. */}
          {edges.map(({ from, handle, to }, i) => {
            const [start, next] = layout.ways[i];
            return (
              handle &&
              start && (
                <text
                  key={`${from} ${handle} ${to}`}
                  className={styles.handle}
                  x={start.x + (next.x - start.x) * 0.3}
                  y={start.y + 14}
                  textAnchor="middle"
                >
                  {handle}
                </text>
              )
            );
          })}
        </svg>
      </div>
    </div>
  );
}
