import { useTranslationRef } from '@backstage/frontend-plugin-api';
import {
  useEffect,
  useLayoutEffect,
  useRef,
  useState,
  type KeyboardEvent,
  type RefObject,
} from 'react';
import type { Span } from '@agentportal/plugin-traces-common';
import { StatusMark, formatDuration } from '@agentportal/plugin-agents-react';
import { RiArrowDownSLine, RiArrowRightSLine } from '@remixicon/react';
import { tracesTranslationRef } from '../translation';
import { KINDS } from './kinds';
import styles from './trace.module.css';

/** As in the style sheet. */
const ROW_HEIGHT = 32;
/** Of any number of rows, so many are drawn above and below the first that is seen. */
const ABOVE = 10;
const BELOW = 50;
const INDENT = 14;
/** Deeper ones are no further to the right, so that their names have room. */
const MAX_INDENTS = 16;
/** What is shorter cannot be seen. */
const THINNEST = 0.5;
const PAGE_ROWS = 20;
const TICKS = [0, 0.5];

function Row(props: {
  span: Span;
  totalMs: number;
  isOpen: boolean;
  isSelected: boolean;
  isFound: boolean;
  onSelect: () => void;
  onToggle: () => void;
}) {
  const { isFound, isOpen, isSelected, onSelect, onToggle, span } = props;
  const { Icon, word } = KINDS[span.kind];
  const hasChildren = span.childCount > 0;
  const Arrow = isOpen ? RiArrowDownSLine : RiArrowRightSLine;
  const percent = (ms: number) => (100 * Math.max(0, ms)) / props.totalMs;
  const left = Math.min(100 - THINNEST, percent(span.offsetMs));
  const width = Math.min(
    100 - left,
    Math.max(THINNEST, percent(span.durationMs)),
  );
  return (
    // The tree handles the keys; see `onKeyDown` below.
    // eslint-disable-next-line jsx-a11y/click-events-have-key-events
    <div
      id={`span-${span.spanId}`}
      role="treeitem"
      tabIndex={-1}
      aria-label={`${word}: ${span.name}, ${formatDuration(span.durationMs)}${
        span.status === 'error' ? ', failed' : ''
      }`}
      aria-level={span.depth + 1}
      aria-selected={isSelected}
      aria-expanded={hasChildren ? isOpen : undefined}
      className={styles.row}
      data-kind={span.kind}
      data-found={isFound || undefined}
      onClick={onSelect}
    >
      <span
        className={styles.rowName}
        style={{ paddingLeft: Math.min(span.depth, MAX_INDENTS) * INDENT }}
      >
        {/* A convenience for the mouse; the keyboard has the arrows. */}
        {/* eslint-disable-next-line jsx-a11y/click-events-have-key-events, jsx-a11y/no-static-element-interactions */}
        <span
          className={styles.arrow}
          data-testid={hasChildren ? 'toggle' : undefined}
          onClick={event => {
            if (hasChildren) {
              event.stopPropagation();
              onToggle();
            }
          }}
        >
          {hasChildren && <Arrow size={16} />}
        </span>
        <Icon size={16} className={styles.icon} aria-hidden />
        <span className={styles.rowTitle} title={span.name}>
          {span.name}
        </span>
      </span>
      <span className={styles.kind}>{word}</span>
      <span className={styles.track}>
        <span
          className={styles.bar}
          data-status={span.status}
          style={{ left: `${left}%`, width: `${width}%` }}
        />
      </span>
      <span className={styles.time}>
        {span.status === 'error' && <StatusMark status="error" iconOnly />}
        {formatDuration(span.durationMs)}
      </span>
    </div>
  );
}

/**
 * The spans of a trace as a tree beside a time axis. Up and down choose a span, right and left open and
 * close it, Enter goes to what is known of it.
 */
export function SpanTree(props: {
  /** What is drawn, in the order of the tree. */
  rows: readonly Span[];
  totalMs: number;
  closed: ReadonlySet<string>;
  selectedId: string | undefined;
  isFound: (span: Span) => boolean;
  onSelect: (spanId: string) => void;
  onToggle: (spanId: string) => void;
  onEnter: () => void;
  treeRef: RefObject<HTMLDivElement>;
}) {
  const { t } = useTranslationRef(tracesTranslationRef);
  const { closed, onSelect, onToggle, rows, selectedId, totalMs, treeRef } =
    props;
  const selected = rows.findIndex(({ spanId }) => spanId === selectedId);
  // Where it is scrolled to, so that nothing is drawn that is not seen.
  const [top, setTop] = useState(Math.max(0, selected - ABOVE));
  const first = Math.max(0, Math.min(top, rows.length - BELOW) - ABOVE);
  const shown = rows.slice(first, first + ABOVE + BELOW + ABOVE);

  const hasMoved = useRef(false);
  useLayoutEffect(() => {
    const tree = treeRef.current!;
    const at = selected * ROW_HEIGHT;
    const isSeen =
      at >= tree.scrollTop &&
      at + 2 * ROW_HEIGHT <= tree.scrollTop + tree.clientHeight;
    if (selected >= 0 && !isSeen) {
      // The next one comes into sight; what is far away comes into the middle.
      tree.scrollTop = hasMoved.current
        ? at -
          (at < tree.scrollTop
            ? ROW_HEIGHT
            : tree.clientHeight - 3 * ROW_HEIGHT)
        : at - tree.clientHeight / 2;
    }
    hasMoved.current = false;
  }, [selected, treeRef]);
  useEffect(() => {
    setTop(Math.floor(treeRef.current!.scrollTop / ROW_HEIGHT));
  }, [rows, treeRef]);

  const onKeyDown = (event: KeyboardEvent) => {
    const span = rows[selected];
    const isParent = span !== undefined && span.childCount > 0;
    const isOpen = isParent && !closed.has(span.spanId);
    const moves: Record<string, number> = {
      ArrowDown: selected + 1,
      j: selected + 1,
      ArrowUp: selected - 1,
      k: selected - 1,
      PageDown: Math.min(selected + PAGE_ROWS, rows.length - 1),
      PageUp: Math.max(selected - PAGE_ROWS, 0),
      Home: 0,
      End: rows.length - 1,
    };
    if (event.key === 'Enter' && span) {
      props.onEnter();
    } else if (event.key === 'ArrowRight' && isParent && !isOpen) {
      onToggle(span.spanId);
    } else if (event.key === 'ArrowLeft' && isOpen) {
      onToggle(span.spanId);
    } else {
      if (isOpen) {
        moves.ArrowRight = selected + 1;
      }
      if (span) {
        moves.ArrowLeft = rows.findLastIndex(
          ({ depth }, index) => index < selected && depth < span.depth,
        );
      }
      const target = rows[moves[event.key]];
      if (!target) {
        return;
      }
      hasMoved.current = true;
      onSelect(target.spanId);
    }
    event.preventDefault();
  };
  return (
    <div className={styles.treeFrame}>
      <div className={styles.axis} aria-hidden>
        <span>{t('spanTree.span')}</span>
        <span className={styles.kind}>{t('spanTree.kind')}</span>
        <span className={styles.ticks}>
          {TICKS.map(tick => (
            <span key={tick}>{formatDuration(tick * totalMs)}</span>
          ))}
        </span>
        <span className={styles.time}>{formatDuration(totalMs)}</span>
      </div>
      <div
        ref={treeRef}
        role="tree"
        tabIndex={0}
        aria-label={t('spanTree.spans')}
        aria-activedescendant={
          shown.some(({ spanId }) => spanId === selectedId)
            ? `span-${selectedId}`
            : undefined
        }
        className={styles.tree}
        onKeyDown={onKeyDown}
        onScroll={({ currentTarget }) =>
          setTop(Math.floor(currentTarget.scrollTop / ROW_HEIGHT))
        }
      >
        <div role="presentation" style={{ height: first * ROW_HEIGHT }} />
        {shown.map(span => (
          <Row
            key={span.spanId}
            span={span}
            totalMs={totalMs}
            isOpen={!closed.has(span.spanId)}
            isSelected={span.spanId === selectedId}
            isFound={props.isFound(span)}
            onSelect={() => onSelect(span.spanId)}
            onToggle={() => onToggle(span.spanId)}
          />
        ))}
        <div
          role="presentation"
          style={{ height: (rows.length - first - shown.length) * ROW_HEIGHT }}
        />
      </div>
    </div>
  );
}
