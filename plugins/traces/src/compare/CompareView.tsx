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
  useTranslationRef,
} from '@backstage/frontend-plugin-api';
import { Button, Switch } from '@backstage/ui';
import { useMemo, useState } from 'react';
import { tracesApiRef } from '../api/tracesApiRef';
import { traceRouteRef } from '../routes';
import { KINDS } from '../trace/kinds';
import { headingOf } from '../trace/traceWords';
import { useSpans } from '../trace/useSpans';
import { tracesTranslationRef } from '../translation';
import { compareSpans, type ComparedStep } from './compareSpans';
import styles from './compare.module.css';

/** More rows than people read; the differences among the others are counted. */
const MOST_ROWS = 500;

const COLUMNS = [
  ...(['which', 'trace', 'when', 'status'] as const),
  ...(['duration', 'spans', 'tokens', 'cost'] as const),
];
const MARKS = {
  missing: 'compare.missing',
  status: 'compare.outcome',
  time: 'compare.time',
  model: 'compare.model',
} as const satisfies Record<ComparedStep['differs'][number], string>;

function Side(props: { label: string; trace: Trace }) {
  const { label, trace } = props;
  const { t } = useTranslationRef(tracesTranslationRef);
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
        {errors > 0
          ? t('compare.spansFailed', {
              spans: formatCount(spans),
              failed: formatCount(errors),
            })
          : formatCount(spans)}
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
  const { t } = useTranslationRef(tracesTranslationRef);
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
        title={t('compare.error')}
        error={error}
        onRetry={() => [other, left, right].forEach(one => one.reload())}
        actions={
          <Button variant="secondary" onPress={onEnd}>
            {t('compare.single')}
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
        columns={COLUMNS.map(key => ({
          label: t(`compare.${key}`),
          isUnseen: key === 'which',
        }))}
      >
        <Side label={t('compare.left')} trace={trace} />
        <Side label={t('compare.right')} trace={other.value} />
      </RowTable>
      <div className={styles.toolbar}>
        <span role="status">
          {differing.length === 0
            ? t('compare.alike')
            : t('compare.differ', {
                some: formatCount(differing.length),
                all: formatCount(steps.length),
              })}
        </span>
        <Switch
          label={t('compare.only')}
          isSelected={isShort}
          onChange={setShort}
        />
        <Button size="small" variant="tertiary" onPress={onEnd}>
          {t('compare.end')}
        </Button>
      </div>
      {rows.length === 0 ? (
        <EmptyHint compact title={t('compare.nothing')}>
          {t('compare.nothingHint')}
        </EmptyHint>
      ) : (
        <RowTable
          isFramed
          columns={[
            { label: t('compare.leftSteps') },
            { label: t('compare.rightSteps') },
            { label: t('compare.difference') },
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
                {differs.map(mark => t(MARKS[mark])).join(', ')}
              </td>
            </tr>
          ))}
        </RowTable>
      )}
      {rows.length > MOST_ROWS && (
        <p className={styles.facts}>
          {t('compare.first', {
            some: formatCount(MOST_ROWS),
            all: formatCount(rows.length),
          })}
        </p>
      )}
    </div>
  );
}
