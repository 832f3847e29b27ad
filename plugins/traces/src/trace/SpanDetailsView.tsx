import type { Span, SpanDetails } from '@agentportal/plugin-traces-common';
import {
  CopyButton,
  EntityLink,
  ErrorPanel,
  JsonView,
  LinesSkeleton,
  StatusMark,
  formatCount,
  formatDuration,
  formatNanoUsd,
  formatTokens,
  useLoad,
  useSettled,
} from '@agentportal/plugin-agents-react';
import {
  useApi,
  useRouteRef,
  useTranslationRef,
} from '@backstage/frontend-plugin-api';
import { Link } from '@backstage/ui';
import type { ReactNode } from 'react';
import { tracesTranslationRef } from '../translation';
import { tracesApiRef } from '../api/tracesApiRef';
import { approvalsRouteRef } from '../routes';
import { KINDS } from './kinds';
import styles from './trace.module.css';

/** Longer values have a place of their own below the others. */
const SHORT = 160;

/** A value that stays on its line. */
function shortText(value: unknown): string | undefined {
  const text =
    typeof value === 'object' ? JSON.stringify(value) : String(value);
  return text.length <= SHORT && !text.includes('\n') ? text : undefined;
}

/** Facts as names and values; what is long, or nested deep, below with a heading each. */
function Attributes({ of }: { of: Record<string, unknown> }) {
  const names = Object.keys(of).sort();
  const short = names.flatMap(name => {
    const text = shortText(of[name]);
    return text === undefined ? [] : [{ name, text }];
  });
  return (
    <>
      {short.length > 0 && (
        <table className={styles.attributes}>
          <tbody>
            {short.map(({ name, text }) => (
              <tr key={name}>
                <th scope="row">{name}</th>
                <td>{text}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      {names
        .filter(name => shortText(of[name]) === undefined)
        .map(name => (
          <JsonView key={name} title={name} value={of[name]} />
        ))}
    </>
  );
}

function Fact({ name, children }: { name: string; children: ReactNode }) {
  return children ? (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  ) : null;
}

function tokenWords({ tokens }: Span): string | undefined {
  if (!tokens) {
    return undefined;
  }
  const { cacheReadTokens, inputTokens, outputTokens } = tokens;
  const cached =
    cacheReadTokens > 0
      ? ` (${formatTokens(cacheReadTokens)} from a cache)`
      : '';
  return `${formatTokens(inputTokens)} in${cached}, ${formatTokens(
    outputTokens,
  )} out`;
}

/** Who let the call pass, or did not. */
function Approval({ details }: { details: SpanDetails }) {
  const { t } = useTranslationRef(tracesTranslationRef);
  const approvalsRoute = useRouteRef(approvalsRouteRef);
  const id = details.attributes['agentportal.approval'];
  return approvalsRoute && typeof id === 'string' ? (
    <Link
      variant="body-small"
      href={`${approvalsRoute()}?view=all&status=any&id=${encodeURIComponent(
        id,
      )}`}
    >
      {t('spanDetailsView.seeTheApprovalThatIt')}
    </Link>
  ) : null;
}

function Kept({ details }: { details: SpanDetails }) {
  const { t } = useTranslationRef(tracesTranslationRef);
  const {
    attributes,
    clockSkewed,
    events,
    leftOutCharacters,
    resource,
    scope,
  } = details;
  return (
    <>
      {details.statusMessage && (
        <p className={styles.failure}>{details.statusMessage}</p>
      )}
      {clockSkewed && (
        <p className={styles.quiet}>
          {t('spanDetailsView.itEndedBeforeItBegan')}
        </p>
      )}
      <Approval details={details} />
      <Attributes of={attributes} />
      {leftOutCharacters > 0 && (
        <p className={styles.quiet}>
          {formatCount(leftOutCharacters)} characters are not kept. What people,
          models and tools said is kept only where the portal is set to
          (traces.content).
        </p>
      )}
      {events.length > 0 && (
        <section aria-label={t('spanDetailsView.events')}>
          <h4 className={styles.heading}>{t('spanDetailsView.events')}</h4>
          {events.map((event, index) => (
            // Events have no ids, and are never reordered.
            // eslint-disable-next-line react/no-array-index-key
            <div key={index}>
              <p className={styles.event}>
                <b>{event.name}</b>{' '}
                <span className={styles.quiet}>
                  {event.at.slice(11, 23)} UTC
                </span>
              </p>
              <Attributes of={event.attributes} />
            </div>
          ))}
        </section>
      )}
      <details className={styles.sender}>
        <summary>{t('spanDetailsView.whatSentIt')}</summary>
        <Attributes of={{ ...resource, ...(scope && { scope }) }} />
      </details>
    </>
  );
}

/** Everything that is known of a span. */
export function SpanDetailsView(props: {
  traceId: string;
  span: Span;
  /** The address of the span. */
  href: string;
}) {
  const { t } = useTranslationRef(tracesTranslationRef);
  const { href, span, traceId } = props;
  const api = useApi(tracesApiRef);
  const { spanId } = span;
  // Not each span that somebody passes by is asked for.
  const askedId = useSettled(spanId);
  const details = useLoad(`${traceId} ${askedId}`, signal =>
    api.getSpan(traceId, askedId, { signal }),
  );
  const kept = askedId === spanId ? details.value : undefined;
  const { Icon, word } = KINDS[span.kind];
  return (
    <div className={styles.details}>
      <div className={styles.detailsHead}>
        <h3 className={styles.detailsTitle}>{span.name}</h3>
        <CopyButton
          text={new URL(href, window.location.href).href}
          what="link to this span"
        />
      </div>
      <div className={styles.facts}>
        <span className={styles.kindWord} data-kind={span.kind}>
          <Icon size={16} aria-hidden className={styles.icon} /> {word}
        </span>
        <StatusMark status={span.status} />
        <span>{formatDuration(span.durationMs)}</span>
        <span className={styles.quiet}>
          {formatDuration(span.offsetMs)} after the trace began
        </span>
      </div>
      {span.parentMissing && (
        <p className={styles.quiet}>
          {t('spanDetailsView.theSpanThatItNames')}
        </p>
      )}
      {span.error && <p className={styles.failure}>{span.error}</p>}
      <dl className={styles.facts}>
        <Fact name="Agent">
          {span.agent && <EntityLink entityRef={span.agent} />}
        </Fact>
        <Fact name="Model">{span.model && <code>{span.model}</code>}</Fact>
        <Fact name="Provider">{span.provider}</Fact>
        <Fact name="Tool">
          {span.tool && <EntityLink entityRef={span.tool} />}
        </Fact>
        <Fact name="Tokens">{tokenWords(span)}</Fact>
        <Fact name="Cost">
          {span.costNanoUsd !== undefined &&
            `${formatNanoUsd(span.costNanoUsd)}${
              span.costReckoned ? ', by the price list' : ''
            }`}
        </Fact>
      </dl>
      {details.error && !kept && (
        <ErrorPanel
          title={t('spanDetailsView.whatIsKeptOfThe')}
          error={details.error}
          onRetry={details.reload}
        />
      )}
      {kept ? (
        <Kept details={kept} />
      ) : (
        !details.error && <LinesSkeleton lines={4} />
      )}
    </div>
  );
}
