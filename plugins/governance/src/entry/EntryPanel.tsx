import {
  CopyButton,
  ErrorPanel,
  LinesSkeleton,
  RelativeTime,
  RiskBadge,
  StatusMark,
  useLoad,
} from '@agentportal/plugin-agents-react';
import {
  describeEntry,
  handedOnBy,
  type AuditEntry,
} from '@agentportal/plugin-governance-common';
import {
  useApi,
  useRouteRef,
  useTranslationRef,
} from '@backstage/frontend-plugin-api';
import { Button, ButtonIcon, ButtonLink } from '@backstage/ui';
import { RiCloseLine } from '@remixicon/react';
import { useEffect, useRef, type ReactNode } from 'react';
import { governanceTranslationRef } from '../translation';
import { governanceApiRef } from '../api/governanceApiRef';
import { outcomeOf, RETENTION, TYPES } from '../entries/auditWords';
import { EntrySentence, Named } from '../entries/EntrySentence';
import type { AuditState } from '../entries/useAudit';
import { runRouteRef } from '../routes';
import { Proof } from './Proof';
import styles from './entry.module.css';

interface EntryPanelProps {
  id: string;
  onClose(): void;
  /** Shows the entries that have something in common with this one. */
  onFilter(changes: Partial<AuditState>): void;
  /** Shows the record of a run. */
  onRecord(runId: string): void;
}

/** One entry beside the list: in plain words first, then its proof and every field. */
export function EntryPanel(props: EntryPanelProps) {
  const { t } = useTranslationRef(governanceTranslationRef);
  const { id, onClose } = props;
  const api = useApi(governanceApiRef);
  const loaded = useLoad(id, signal => api.getEntry(id, {}, { signal }));
  const panel = useRef<HTMLElement>(null);
  useEffect(() => {
    const before = document.activeElement as HTMLElement | null;
    panel.current?.focus();
    return () => before?.focus?.();
  }, []);
  const close = useRef(onClose);
  useEffect(() => {
    close.current = onClose;
  });
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      // Dialogs and lists close themselves first.
      if (event.key === 'Escape' && !event.defaultPrevented) close.current();
    };
    document.addEventListener('keydown', onKey);
    return () => document.removeEventListener('keydown', onKey);
  }, []);
  const entry = loaded.value?.entry;
  return (
    <aside
      ref={panel}
      tabIndex={-1}
      className={styles.panel}
      aria-label={t('entryPanel.entry')}
    >
      <div className={styles.head}>
        <span className={styles.second}>
          {entry ? TYPES[entry.type] : 'Entry'}
          {entry && (
            <>
              {' · '}
              <RelativeTime value={entry.time} />
            </>
          )}
        </span>
        <ButtonIcon
          variant="tertiary"
          icon={<RiCloseLine />}
          aria-label={t('entryPanel.closeTheEntry')}
          onPress={onClose}
        />
      </div>
      {loaded.error && (
        <ErrorPanel
          title={t('entryPanel.theEntryCouldNotBe')}
          error={loaded.error}
          safe={t('entryPanel.itStaysInTheLog')}
          onRetry={loaded.reload}
        />
      )}
      {!entry && !loaded.error && <LinesSkeleton lines={8} />}
      {entry && (
        <>
          <Decision entry={entry} />
          <Ways {...props} entry={entry} />
          <Proof proven={loaded.value!} />
          <AllFields entry={entry} />
        </>
      )}
    </aside>
  );
}

/** Who, for whom, what, why, and by which rules. */
function Decision({ entry }: { entry: AuditEntry }) {
  const { t } = useTranslationRef(governanceTranslationRef);
  const { actor, personRef, resource, reason, riskTier } = entry;
  const chain = handedOnBy(entry);
  return (
    <section aria-label={t('entryPanel.inPlainWords')}>
      <h2 className={styles.title}>
        <EntrySentence
          text={describeEntry({ ...entry, reason: undefined, ruleIds: [] })}
          withLinks
        />
      </h2>
      <dl className={styles.facts}>
        <Fact name="Outcome">
          <StatusMark {...outcomeOf(entry)} />
        </Fact>
        {riskTier && (
          <Fact name="Risk">
            <RiskBadge tier={riskTier} />
          </Fact>
        )}
        <Fact name="Who">
          <Named text={actor.ref} withLinks />
        </Fact>
        <Fact name="For whom">
          {personRef ? (
            <Named text={personRef} withLinks />
          ) : (
            'For nobody in particular'
          )}
        </Fact>
        {chain.length > 0 && (
          <Fact name="Handed on by">
            {chain.map(ref => (
              <div key={ref}>
                <Named text={ref} withLinks />
              </div>
            ))}
          </Fact>
        )}
        {resource && (
          <Fact name="What">
            <Named text={resource} withLinks /> <code>{entry.action}</code>
          </Fact>
        )}
        <Fact name="Why" wide>
          {reason ? (
            <EntrySentence text={reason} withLinks />
          ) : (
            'No reason was recorded.'
          )}
        </Fact>
        {entry.ruleIds?.length ? (
          <Fact name="Rules that decided" wide>
            {entry.ruleIds.map(rule => (
              <div key={rule}>
                <code>{rule}</code>
              </div>
            ))}
          </Fact>
        ) : null}
      </dl>
      {entry.erased && (
        <p className={styles.plain}>
          {entry.erased.length === 1
            ? 'A person in this entry was erased. Who it was cannot be found out again; the proof still holds.'
            : 'Persons in this entry were erased. Who they were cannot be found out again; the proof still holds.'}
        </p>
      )}
    </section>
  );
}

/** From an entry to what belongs to it. */
function Ways(props: EntryPanelProps & { entry: AuditEntry }) {
  const { t } = useTranslationRef(governanceTranslationRef);
  const { entry, onFilter, onRecord } = props;
  const runRoute = useRouteRef(runRouteRef);
  const { agentRef, resource, runId } = entry;
  if (!agentRef && !resource && !runId) return null;
  return (
    <nav aria-label={t('entryPanel.fromThisEntry')} className={styles.ways}>
      {runId && runRoute && (
        <ButtonLink
          size="small"
          variant="secondary"
          href={runRoute({ id: runId })}
        >
          {t('entryPanel.theRun')}
        </ButtonLink>
      )}
      {runId && (
        <Button
          size="small"
          variant="secondary"
          onPress={() => onRecord(runId)}
        >
          {t('entryPanel.recordOfTheRun')}
        </Button>
      )}
      {agentRef && (
        <Button
          size="small"
          variant="secondary"
          onPress={() => onFilter({ agent: agentRef })}
        >
          {t('entryPanel.allOfThisAgent')}
        </Button>
      )}
      {resource && (
        <Button
          size="small"
          variant="secondary"
          onPress={() => onFilter({ resource })}
        >
          All about {resource.replace(/^.*[:/]/, '')}
        </Button>
      )}
    </nav>
  );
}

const SAID_ABOVE = ['sentence'];

function AllFields({ entry }: { entry: AuditEntry }) {
  const { t } = useTranslationRef(governanceTranslationRef);
  const fields = Object.entries(entry).filter(
    ([name]) => !SAID_ABOVE.includes(name),
  );
  return (
    <section aria-label={t('entryPanel.allFields')}>
      <div className={styles.head}>
        <h3 className={styles.heading}>{t('entryPanel.allFields')}</h3>
        <CopyButton text={JSON.stringify(entry, null, 2)} what="the entry" />
      </div>
      <dl className={styles.fields}>
        {fields.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>
              {name === 'retention' ? (
                RETENTION[String(value)] ?? String(value)
              ) : (
                <code className={styles.long}>
                  {typeof value === 'string'
                    ? value
                    : JSON.stringify(value, null, 2)}
                </code>
              )}
            </dd>
          </div>
        ))}
      </dl>
    </section>
  );
}

function Fact(props: { name: string; wide?: boolean; children: ReactNode }) {
  return (
    <div data-wide={props.wide}>
      <dt>{props.name}</dt>
      <dd>{props.children}</dd>
    </div>
  );
}
