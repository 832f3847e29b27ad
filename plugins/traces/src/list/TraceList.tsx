import type { Trace } from '@agentportal/plugin-traces-common';
import {
  EmptyHint,
  EntityLink,
  PagedTable,
  RelativeTime,
  StatusMark,
  formatCount,
  formatDuration,
  formatNanoUsd,
  formatTokens,
  nameOfRef,
  useTitles,
  type Pages,
  type Titles,
} from '@agentportal/plugin-agents-react';
import {
  RouterLink,
  useAppNavigate,
  useRouteRef,
  useTranslationRef,
} from '@backstage/frontend-plugin-api';
import { Button } from '@backstage/ui';
import { RiFlag2Fill } from '@remixicon/react';
import { useEffect, useRef } from 'react';
import { tracesTranslationRef } from '../translation';
import { traceRouteRef } from '../routes';
import { didWords, headingOf } from '../trace/traceWords';
import { NoTraces } from './NoTraces';
import styles from './list.module.css';

function TraceRow(props: { trace: Trace; titles: Titles; withAgent: boolean }) {
  const { t } = useTranslationRef(tracesTranslationRef);
  const { trace, titles, withAgent } = props;
  const { agentRef, errors, flag, ownerRef, status, tokens } = trace;
  const heading = headingOf(trace);
  const below = belowOf(trace, heading);
  const navigate = useAppNavigate();
  const href = useRouteRef(traceRouteRef)?.({ traceId: trace.traceId });
  const link = (ref: string, withAvatar: boolean) => (
    <EntityLink
      entityRef={ref}
      title={titles.get(ref) ?? nameOfRef(ref)}
      withAvatar={withAvatar}
    />
  );
  return (
    // The link in the row is what keyboards and screen readers use; a click
    // elsewhere in the row is a convenience.
    // eslint-disable-next-line jsx-a11y/click-events-have-key-events, jsx-a11y/no-noninteractive-element-interactions
    <tr
      className={styles.row}
      onClick={event => {
        const isOwnLink = (event.target as HTMLElement).closest('a, button');
        if (href && !isOwnLink && !window.getSelection()?.toString()) {
          navigate(href);
        }
      }}
    >
      <td>
        <StatusMark status={status} />
        {status === 'error' && trace.error && trace.error !== 'error' && (
          <span className={styles.below}>{trace.error}</span>
        )}
        {status === 'ok' && errors > 0 && (
          <span className={styles.below}>
            {errors === 1
              ? '1 span failed'
              : `${formatCount(errors)} spans failed`}
          </span>
        )}
      </td>
      <td className={styles.name}>
        {href ? (
          <RouterLink href={href} title={heading}>
            {heading}
          </RouterLink>
        ) : (
          heading
        )}
        {(below || flag) && (
          <span className={styles.belowName}>
            {flag && (
              <span className={styles.flag} title={`Flagged: ${flag.reason}`}>
                <RiFlag2Fill size={12} aria-label={t('traceList.flagged')} />
                {flag.reason}
              </span>
            )}
            {below}
          </span>
        )}
      </td>
      {withAgent && (
        <td className={styles.agent}>
          {agentRef ? link(agentRef, true) : '–'}
        </td>
      )}
      {withAgent && (
        <td data-wide-only>{ownerRef ? link(ownerRef, false) : '–'}</td>
      )}
      <td className={styles.nowrap}>
        <RelativeTime value={trace.startedAt} />
      </td>
      <td className={styles.number}>{formatDuration(trace.durationMs)}</td>
      <td className={styles.number} data-wide-only>
        {formatCount(trace.spans)}
      </td>
      <td className={styles.number} data-wide-only>
        {formatTokens(tokens.inputTokens + tokens.outputTokens)}
      </td>
      <td className={styles.number}>{formatNanoUsd(trace.costNanoUsd)}</td>
    </tr>
  );
}

/** What is not said by the heading. */
function belowOf(trace: Trace, heading: string): string {
  const { keeps, models = [] } = trace;
  const did = didWords(trace);
  return [
    ...(did && did !== heading ? [did] : []),
    ...models.slice(0, 1).map(nameOfRef),
    ...(keeps === 'summary' ? ['spans no longer kept'] : []),
  ].join(' · ');
}

/** Traces as rows, the newest first. */
export function TraceList(props: {
  pages: Pages<Trace>;
  withAgent: boolean;
  isFiltered: boolean;
  onClear: () => void;
}) {
  const { t } = useTranslationRef(tracesTranslationRef);
  const { isFiltered, onClear, pages, withAgent } = props;
  const found = useTitles(
    pages.items.flatMap(({ agentRef, ownerRef }) => [agentRef, ownerRef]),
  );
  // While those of traces that came are read, nothing that is shown goes away. The titles of no trace
  // are none to go on with: refs would be shown that turn into names.
  const last = useRef<Titles>(undefined);
  useEffect(() => {
    if (found && found.size > 0) {
      last.current = found;
    }
  }, [found]);
  const titles = found ?? last.current;
  return (
    <PagedTable
      pages={pages}
      isFramed
      expectedRows={10}
      isReady={titles !== undefined}
      failure={t('traceList.theTracesCouldNotBe')}
      safe={t('traceList.agentsAndWhatSendsTraces')}
      columns={[
        { label: 'Status' },
        { label: 'Trace' },
        ...(withAgent
          ? [{ label: 'Agent' }, { label: 'Owner', isWideOnly: true }]
          : []),
        { label: 'When' },
        { label: 'Duration' },
        { label: 'Spans', isWideOnly: true },
        { label: 'Tokens', isWideOnly: true },
        { label: 'Cost' },
      ]}
      row={trace => (
        <TraceRow
          key={trace.traceId}
          trace={trace}
          titles={titles!}
          withAgent={withAgent}
        />
      )}
      empty={
        isFiltered ? (
          <EmptyHint
            title={t('traceList.noTraceMatches')}
            actions={
              <Button variant="secondary" onPress={onClear}>
                {t('traceList.clearFilters')}
              </Button>
            }
          >
            {t('traceList.takeAFilterAwayOr')}
          </EmptyHint>
        ) : (
          <NoTraces />
        )
      }
    />
  );
}
