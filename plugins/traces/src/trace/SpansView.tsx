import { useEffect, useMemo, useRef, useState } from 'react';
import type { Span, SpanKind, Trace } from '@agentportal/plugin-traces-common';
import {
  EmptyHint,
  ErrorPanel,
  LinesSkeleton,
  RowsSkeleton,
  formatCount,
  useSettled,
  useUrlState,
} from '@agentportal/plugin-agents-react';
import { useRouteRef, useTranslationRef } from '@backstage/frontend-plugin-api';
import { Box, Button, SearchField } from '@backstage/ui';
import { tracesTranslationRef } from '../translation';
import { traceRouteRef } from '../routes';
import { KINDS } from './kinds';
import { SpanDetailsView } from './SpanDetailsView';
import {
  ancestorsOf,
  isMatch,
  spanRows,
  spanToShow,
  wordsOf,
} from './spanRows';
import { SpanTree } from './SpanTree';
import { useSpans } from './useSpans';
import styles from './trace.module.css';

/** What of the spans is chosen and searched for; the URL holds it. */
const SPANS_STATE = { span: '', find: '' } as const;
const NONE: ReadonlySet<string> = new Set();

/** How many spans of each kind there are. */
function KindCounts({ spans }: { spans: readonly Span[] }) {
  const counts = useMemo(() => Map.groupBy(spans, ({ kind }) => kind), [spans]);
  return (
    <span className={styles.kinds}>
      {(Object.keys(KINDS) as SpanKind[])
        .filter(kind => counts.has(kind))
        .map(kind => (
          <span key={kind} className={styles.kindWord} data-kind={kind}>
            {KINDS[kind].word} {formatCount(counts.get(kind)!.length)}
          </span>
        ))}
    </span>
  );
}

/** The spans of a trace as a tree, and what is known of the chosen one. */
export function SpansView({ trace }: { trace: Trace }) {
  const { t } = useTranslationRef(tracesTranslationRef);
  const { traceId } = trace;
  const loaded = useSpans(traceId);
  const { error, isPending, spans, total = 0 } = loaded;
  const [state, update] = useUrlState(SPANS_STATE);
  const [closed, setClosed] = useState(NONE);
  const tree = useRef<HTMLDivElement>(null);
  const pane = useRef<HTMLDivElement>(null);
  const href = useRouteRef(traceRouteRef)?.({ traceId }) ?? '';
  const words = useMemo(() => wordsOf(state.find), [state.find]);
  const rows = useMemo(
    () => spanRows(spans, { closed, words }),
    [closed, spans, words],
  );
  const found = useMemo(
    () =>
      words.length > 0 ? rows.filter(span => isMatch(span, words)) : undefined,
    [rows, words],
  );
  const usual = useMemo(() => spanToShow(spans), [spans]);
  // Whoever walks through the spans is faster than the address, which follows when they pause.
  const [chosenId, setChosenId] = useState(state.span);
  const settledId = useSettled(chosenId);
  useEffect(
    () => update({ span: settledId }, { replace: true }),
    [settledId, update],
  );
  const chosen = useMemo(
    () => spans.find(({ spanId }) => spanId === chosenId),
    [chosenId, spans],
  );
  // A span of a large trace that somebody has the address of may be on its way.
  const selected = chosen ?? (chosenId && isPending ? undefined : usual);

  const selectedId = selected?.spanId;
  useEffect(() => {
    // What is found, and then chosen, is still there when the search is over.
    if (words.length === 0 && selectedId) {
      setClosed(before => {
        const hiding = before.size
          ? ancestorsOf(spans, selectedId).filter(id => before.has(id))
          : [];
        return hiding.length ? without(before, hiding) : before;
      });
    }
    // Not when something is closed: that may well hold what is chosen.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [selectedId, words]);
  const toggle = (spanId: string) =>
    setClosed(before =>
      before.has(spanId)
        ? without(before, [spanId])
        : new Set([...before, spanId]),
    );
  const next = () => {
    const at = found?.findIndex(({ spanId }) => spanId === selectedId) ?? -1;
    if (found?.length) {
      setChosenId(found[(at + 1) % found.length].spanId);
    }
  };

  if (error && spans.length === 0) {
    return (
      <ErrorPanel
        title={t('spansView.theSpansCouldNotBe')}
        error={error}
        onRetry={loaded.reload}
      />
    );
  }
  if (spans.length === 0) {
    return isPending ? (
      <RowsSkeleton rows={10} rowHeight={32} />
    ) : (
      <EmptyHint title={t('spansView.noSpansAreKeptOf')}>
        {t('spansView.ofOrdinaryTracesTheSpans')}
      </EmptyHint>
    );
  }
  return (
    <>
      <div className={styles.toolbar}>
        <div className={styles.search}>
          <SearchField
            aria-label={t('spansView.searchInThisTrace')}
            size="small"
            placeholder={t('spansView.searchNamesModelsToolsErrors')}
            value={state.find}
            onChange={find => update({ find }, { replace: true })}
            onSubmit={next}
          />
        </div>
        <span role="status" className={styles.quiet}>
          {found &&
            (found.length === 0
              ? 'No span has that'
              : `${formatCount(found.length)} of ${formatCount(
                  spans.length,
                )}; Enter goes to the next`)}
        </span>
        {!found && (
          <>
            <KindCounts spans={spans} />
            <Button
              size="small"
              variant="tertiary"
              onPress={() =>
                setClosed(
                  closed.size
                    ? NONE
                    : new Set(
                        spans
                          .filter(span => span.depth > 0 && span.childCount > 0)
                          .map(({ spanId }) => spanId),
                      ),
                )
              }
            >
              {closed.size ? 'Open all' : 'Close all'}
            </Button>
          </>
        )}
        {isPending && (
          <span role="status" className={styles.quiet}>
            {formatCount(spans.length)} of {formatCount(total)} loaded
          </span>
        )}
      </div>
      {error && (
        <ErrorPanel
          title={t('spansView.theRestOfTheSpans')}
          error={error}
          onRetry={loaded.reload}
        />
      )}
      <div className={styles.split}>
        <SpanTree
          treeRef={tree}
          rows={rows}
          totalMs={Math.max(1, trace.durationMs)}
          closed={closed}
          selectedId={selectedId}
          isFound={span => words.length > 0 && isMatch(span, words)}
          onSelect={setChosenId}
          onToggle={toggle}
          onEnter={() => pane.current?.focus()}
        />
        <Box bg="neutral" className={styles.pane}>
          {/* Escape leads back to the tree. */}
          {/* eslint-disable-next-line jsx-a11y/no-static-element-interactions */}
          <div
            ref={pane}
            tabIndex={-1}
            className={styles.paneFocus}
            onKeyDown={event => {
              if (event.key === 'Escape') {
                tree.current?.focus();
              }
            }}
          >
            {selected ? (
              <SpanDetailsView
                traceId={traceId}
                span={selected}
                href={`${href}?span=${selected.spanId}`}
              />
            ) : (
              <LinesSkeleton lines={4} />
            )}
          </div>
        </Box>
      </div>
    </>
  );
}

function without(
  ids: ReadonlySet<string>,
  some: readonly string[],
): ReadonlySet<string> {
  const left = new Set(ids);
  some.forEach(id => left.delete(id));
  return left;
}
