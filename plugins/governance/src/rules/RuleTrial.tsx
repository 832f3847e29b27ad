import type { RuleSimulation } from '@agentportal/plugin-agents-common';
import {
  EntityLink,
  ErrorPanel,
  RelativeTime,
  RowTable,
  Sentence,
  StatusMark,
} from '@agentportal/plugin-agents-react';
import {
  useApi,
  useRouteRef,
  useTranslationRef,
} from '@backstage/frontend-plugin-api';
import { Button, Link, Select } from '@backstage/ui';
import { useState } from 'react';
import { governanceTranslationRef } from '../translation';
import { ruleTextsApiRef } from '../api/ruleTextsApiRef';
import { runRouteRef } from '../routes';
import { number } from './ruleWords';
import styles from './rules.module.css';

const DAY_MS = 86_400_000;
const PAGE = 25;
const COLUMNS = [
  { label: 'When' },
  { label: 'Agent' },
  { label: 'Tool' },
  { label: 'With' },
  { label: 'Would be told' },
];
const PERIODS = [
  { value: '1', label: 'Of the last day' },
  { value: '7', label: 'Of the last 7 days' },
  { value: '30', label: 'Of the last 30 days' },
];

interface Tried {
  text: string;
  from: string;
  to: string;
  result: RuleSimulation;
}

/** Replays what agents called, and shows what a text of rules would have refused. */
export function RuleTrial(props: {
  text: string;
  /** Told of the text that a trial found mistakes in. */
  onMistakes(text: string): void;
  /** Shows a line of the text. */
  onShow(line: number): void;
}) {
  const { t } = useTranslationRef(governanceTranslationRef);
  const { onMistakes, onShow, text } = props;
  const api = useApi(ruleTextsApiRef);
  const [days, setDays] = useState('30');
  const [tried, setTried] = useState<Tried>();
  const [error, setError] = useState<Error>();
  const [isPending, setPending] = useState(false);

  const run = async (more?: Tried) => {
    const now = Date.now();
    const period = more ?? {
      text,
      from: new Date(now - Number(days) * DAY_MS).toISOString(),
      to: new Date(now).toISOString(),
    };
    setPending(true);
    setError(undefined);
    try {
      const result = await api.simulateRules({
        text: period.text,
        from: period.from,
        to: period.to,
        limit: PAGE,
        offset: more?.result.nextOffset ?? 0,
      });
      if (result.problems.length > 0) onMistakes(period.text);
      setTried({
        ...period,
        result: {
          ...result,
          items: [...(more?.result.items ?? []), ...result.items],
        },
      });
    } catch (failure) {
      if (!more) setTried(undefined);
      setError(failure as Error);
    } finally {
      setPending(false);
    }
  };

  // A result of another text would be a lie.
  const shown = tried?.text === text ? tried : undefined;
  return (
    <section
      className={styles.trial}
      aria-label={t('ruleTrial.tryItOnRecordedCalls')}
    >
      <div className={styles.tryLine}>
        <Select
          className={styles.period}
          label={t('ruleTrial.recordedCalls')}
          options={PERIODS}
          value={days}
          onChange={value => {
            setDays(String(value));
            setTried(undefined);
          }}
        />
        <Button
          variant="secondary"
          isDisabled={text.trim() === ''}
          isPending={isPending}
          onPress={() => run()}
        >
          {t('ruleTrial.tryItOnThem')}
        </Button>
      </div>
      <div aria-live="polite">
        {error && (
          <ErrorPanel
            title={t('ruleTrial.itWasNotTried')}
            error={error}
            safe={t('ruleTrial.nothingHasChanged')}
          />
        )}
        {shown && <Result result={shown.result} onShow={onShow} />}
      </div>
      {shown?.result.nextOffset !== undefined && (
        <Button
          className={styles.more}
          variant="secondary"
          isPending={isPending}
          onPress={() => run(shown)}
        >
          {t('ruleTrial.showMoreOfThem')}
        </Button>
      )}
    </section>
  );
}

function Result(props: { result: RuleSimulation; onShow(line: number): void }) {
  const { t } = useTranslationRef(governanceTranslationRef);
  const { onShow, result } = props;
  const runRoute = useRouteRef(runRouteRef);
  const { calls, items, judged, problems, truncated } = result;
  if (problems.length > 0) {
    return (
      <ul className={styles.list} aria-label={t('ruleTrial.mistakes')}>
        {problems.map(({ column, line, message, toolRef }) => (
          <li key={`${line} ${column} ${message}`} className={styles.problem}>
            <StatusMark
              status="invalid"
              tone="attention"
              label={`Line ${line}, column ${column}`}
            />
            <span>
              <Sentence text={message} />
              {toolRef && !message.includes(toolRef) && (
                <>
                  {' '}
                  For <EntityLink entityRef={toolRef} />.
                </>
              )}{' '}
              <Button
                size="small"
                variant="tertiary"
                aria-label={`Show line ${line}`}
                onPress={() => onShow(line)}
              >
                {t('ruleTrial.showIt')}
              </Button>
            </span>
          </li>
        ))}
      </ul>
    );
  }
  return (
    <>
      <p className={styles.summary}>{result.summary}</p>
      <p className={styles.quiet}>
        {calls === 0
          ? 'No agent called a tool in this time.'
          : `Replayed in their order, with what had gone before. Groups of people and who said a text are not recorded and count as unknown.`}
        {truncated && ` Only the newest ${number(judged)} were tried.`}
      </p>
      {items.length > 0 && (
        <RowTable columns={COLUMNS} isFramed>
          {items.map(item => (
            <tr key={item.callId}>
              <td>
                {item.runId && runRoute ? (
                  <Link href={runRoute({ id: item.runId })}>
                    <RelativeTime value={item.at} />
                  </Link>
                ) : (
                  <RelativeTime value={item.at} />
                )}
              </td>
              <td>
                <EntityLink entityRef={item.agentRef} />
              </td>
              <td>
                <EntityLink entityRef={item.toolRef} />
              </td>
              <td>
                <code className={styles.args}>{JSON.stringify(item.args)}</code>
              </td>
              <td>
                {item.reasons.join(' ')}
                <div className={styles.quiet}>
                  {item.ruleIds.map(id => (
                    <code key={id}>{id} </code>
                  ))}
                </div>
              </td>
            </tr>
          ))}
        </RowTable>
      )}
    </>
  );
}
