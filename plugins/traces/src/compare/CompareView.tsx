import type { Span, Trace } from '@agentportal/plugin-traces-common';
import {
  EmptyHint,
  ErrorPanel,
  RelativeTime,
  RowTable,
  RowsSkeleton,
  StatusMark,
  formatCount,
  formatDuration,
  formatNanoUsd,
  formatTokens,
  useLoad,
} from '@agentportal/plugin-agents-react';
import {
  RouterLink,
  useApi,
  useRouteRef,
} from '@backstage/frontend-plugin-api';
import { Button, Switch } from '@backstage/ui';
import { useMemo, useState } from 'react';
import { tracesApiRef } from '../api/tracesApiRef';
import { traceRouteRef } from '../routes';
import { KINDS } from '../trace/kinds';
import { headingOf } from '../trace/traceWords';
import { useSpans } from '../trace/useSpans';
import { compareSpans, type ComparedStep } from './compareSpans';
import styles from './compare.module.css';

/** More rows than people read; the differences among the others are counted. */
const MOST_ROWS = 500;

const MARKS: Record<ComparedStep['differs'][number], string> = {
  missing: 'only here',
  status: 'other outcome',
  time: 'other duration',
  model: 'other model',
};

function Side(props: { label: string; trace: Trace }) {
  const { label, trace } = props;
  const href = useRouteRef(traceRouteRef)?.({ traceId: trace.traceId });
  const { costNanoUsd, durationMs, errors, spans, status, tokens } = trace;
  return (
    <tr>
      <th scope="row">{label}</th>
      <td>
        {href ? (
          <RouterLink href={href}>{headingOf(trace)}</RouterLink>
        ) : (
          headingOf(trace)
        )}
      </td>
      <td>
        <RelativeTime value={trace.startedAt} />
      </td>
      <td>
        <StatusMark status={status} />
      </td>
      <td className={styles.number}>{formatDuration(durationMs)}</td>
      <td className={styles.number}>
        {formatCount(spans)}
        {errors > 0 && `, ${formatCount(errors)} failed`}
      </td>
      <td className={styles.number}>
        {formatTokens(tokens.inputTokens + tokens.outputTokens)}
      </td>
      <td className={styles.number}>{formatNanoUsd(costNanoUsd)}</td>
    </tr>
  );
}

function Step({ span }: { span?: Span }) {
  if (!span) {
    return <td className={styles.none}>–</td>;
  }
  const { Icon } = KINDS[span.kind];
  const facts = [
    span.tokens &&
      formatTokens(span.tokens.inputTokens + span.tokens.outputTokens, {
        unit: true,
      }),
    span.costNanoUsd !== undefined && formatNanoUsd(span.costNanoUsd),
    span.error,
  ].filter(Boolean);
  return (
    <td>
      <span className={styles.step} style={{ paddingLeft: span.depth * 12 }}>
        <Icon size={16} aria-hidden className={styles.icon} />
        <span className={styles.name} title={span.name}>
          {span.name}
        </span>
        {span.status === 'error' && <StatusMark status="error" iconOnly />}
        <span className={styles.number}>{formatDuration(span.durationMs)}</span>
      </span>
      {facts.length > 0 && (
        <span
          className={styles.facts}
          style={{ paddingLeft: span.depth * 12 + 24 }}
        >
          {facts.join(' · ')}
        </span>
      )}
    </td>
  );
}

/** Two traces step by step, with what differs marked. */
export function CompareView(props: {
  trace: Trace;
  otherId: string;
  onEnd: () => void;
}) {
  const { onEnd, otherId, trace } = props;
  const api = useApi(tracesApiRef);
  const other = useLoad(otherId, signal => api.getTrace(otherId, { signal }));
  const left = useSpans(trace.traceId);
  const right = useSpans(otherId);
  const [isShort, setShort] = useState(false);
  const isPending = left.isPending || right.isPending;
  const steps = useMemo(
    () => (isPending ? [] : compareSpans(left.spans, right.spans)),
    [isPending, left.spans, right.spans],
  );
  const error = other.error ?? left.error ?? right.error;
  if (error) {
    return (
      <ErrorPanel
        title="The traces could not be compared"
        error={error}
        onRetry={() => [other, left, right].forEach(one => one.reload())}
        actions={
          <Button variant="secondary" onPress={onEnd}>
            Show the one trace
          </Button>
        }
      />
    );
  }
  if (!other.value || isPending) {
    return <RowsSkeleton rows={10} rowHeight={32} />;
  }
  const differing = steps.filter(({ differs }) => differs.length > 0);
  const rows = isShort ? differing : steps;
  return (
    <div className={styles.compare}>
      <RowTable
        isFramed
        columns={[
          ...['', 'Trace', 'When', 'Status', 'Duration'],
          ...['Spans', 'Tokens', 'Cost'],
        ].map(label => ({ label, isUnseen: label === '' }))}
      >
        <Side label="This" trace={trace} />
        <Side label="Other" trace={other.value} />
      </RowTable>
      <div className={styles.toolbar}>
        <span role="status">
          {differing.length === 0
            ? 'All steps are alike'
            : `${formatCount(differing.length)} of ${formatCount(
                steps.length,
              )} steps differ`}
        </span>
        <Switch
          label="Only what differs"
          isSelected={isShort}
          onChange={setShort}
        />
        <Button size="small" variant="tertiary" onPress={onEnd}>
          End the comparison
        </Button>
      </div>
      {rows.length === 0 ? (
        <EmptyHint compact title="No step differs">
          They took the same steps, with the same outcome and about as long.
        </EmptyHint>
      ) : (
        <RowTable
          isFramed
          columns={[
            { label: 'This trace' },
            { label: 'The other' },
            { label: 'Difference' },
          ]}
        >
          {rows.slice(0, MOST_ROWS).map(({ differs, ...step }) => (
            <tr
              key={`${step.left?.spanId} ${step.right?.spanId}`}
              data-differs={differs.length > 0 || undefined}
              className={styles.row}
            >
              <Step span={step.left} />
              <Step span={step.right} />
              <td className={styles.marks}>
                {differs.map(mark => MARKS[mark]).join(', ')}
              </td>
            </tr>
          ))}
        </RowTable>
      )}
      {rows.length > MOST_ROWS && (
        <p className={styles.facts}>
          The first {formatCount(MOST_ROWS)} of {formatCount(rows.length)}{' '}
          steps.
        </p>
      )}
    </div>
  );
}
