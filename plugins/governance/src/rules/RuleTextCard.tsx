import type { RuleReport, RuleText } from '@agentportal/plugin-agents-common';
import {
  EntityLink,
  RelativeTime,
  StatusMark,
} from '@agentportal/plugin-agents-react';
import { useRouteRef, useTranslationRef } from '@backstage/frontend-plugin-api';
import { Button, Link } from '@backstage/ui';
import { useState } from 'react';
import { governanceTranslationRef } from '../translation';
import { rootRouteRef } from '../routes';
import { calls, MODES, nameOfText, type RuleMode } from './ruleWords';
import { SaveRules } from './SaveRules';
import styles from './rules.module.css';

const DAY_MS = 86_400_000;

type Matches = ReadonlyMap<string, RuleReport['items'][number]>;

function Origin({ text }: { text: RuleText }) {
  const { t } = useTranslationRef(governanceTranslationRef);
  switch (text.source) {
    case 'git':
      return <>{t('ruleTextCard.keptInGitChangeIt')}</>;
    case 'entity':
      return (
        <>
          Kept in the file of <EntityLink entityRef={text.name} />
        </>
      );
    case 'proposed':
      return <>{t('ruleTextCard.inItsFileAndNot')}</>;
    default:
      return <>Kept in the portal, version {text.version}</>;
  }
}

/** A rule may be milder than its text. */
function milder(text: RuleMode, rule: RuleMode): RuleMode {
  const order: RuleMode[] = ['off', 'log', 'enforce'];
  return order[Math.min(order.indexOf(text), order.indexOf(rule))];
}

function matchesOf(found: RuleReport['items'][number] | undefined) {
  const { refused = 0, wouldHaveRefused = 0 } = found ?? {};
  return [
    refused > 0 && `refused ${calls(refused)}`,
    wouldHaveRefused > 0 && `would have refused ${calls(wouldHaveRefused)}`,
  ]
    .filter(Boolean)
    .join(', ');
}

/** A text of rules: each in a sentence, with what it does and what it did. */
export function RuleTextCard(props: {
  text: RuleText;
  /** What rules matched, by id; not given while it is not known. */
  report: Matches | undefined;
  days: number;
  mayManage: boolean;
  onOpen(): void;
  onChanged(): void;
}) {
  const { t } = useTranslationRef(governanceTranslationRef);
  const { days, mayManage, onChanged, onOpen, report, text } = props;
  const [next, setNext] = useState<RuleMode | 'remove'>();
  const name = nameOfText(text);
  const audit = useRouteRef(rootRouteRef)?.();
  const isNew = Date.parse(text.changedAt) > Date.now() - days * DAY_MS;
  const isOurs = text.source === 'portal' && mayManage;
  return (
    <section className={styles.card} aria-label={name}>
      <div className={styles.cardHead}>
        <div>
          <h2 className={styles.name}>
            {text.source === 'entity' || text.source === 'proposed' ? (
              <EntityLink entityRef={name} />
            ) : (
              name
            )}
          </h2>
          <p className={styles.quiet}>
            <Origin text={text} />
            {', '}
            <RelativeTime value={text.changedAt} />
            {text.changedBy && (
              <>
                {' by '}
                <EntityLink entityRef={text.changedBy} />
              </>
            )}
          </p>
        </div>
        <StatusMark status={text.mode} {...MODES[text.mode]} />
      </div>
      {text.problems.length > 0 && (
        <p className={styles.problem} role="note">
          <StatusMark
            status="invalid"
            tone="attention"
            label={t('ruleTextCard.theNewestTextHasMistakes')}
          />
          <span>
            Line {text.problems[0].line}: {text.problems[0].message} What was in
            force before still is.
          </span>
        </p>
      )}
      <ul className={styles.list}>
        {text.rules.map(rule => {
          const mode = milder(text.mode, rule.mode);
          const did = report && matchesOf(report.get(rule.id));
          return (
            <li key={rule.id} className={styles.rule}>
              <span>
                {rule.reason}
                {rule.agentRef && (
                  <span className={styles.quiet}>
                    {' '}
                    Of <EntityLink entityRef={rule.agentRef} />.
                  </span>
                )}
                {rule.toolRef && (
                  <span className={styles.quiet}>
                    {' '}
                    On <EntityLink entityRef={rule.toolRef} />.
                  </span>
                )}
                <br />
                <span className={styles.quiet}>
                  <code>{rule.id}</code>
                  {report &&
                    !did &&
                    ` matched nothing ${isNew ? 'yet' : `in ${days} days`}`}
                  {did && ` ${did} in ${days} days`}
                  {Boolean(report?.get(rule.id)?.refused) && audit && (
                    <>
                      {' '}
                      <Link
                        href={`${audit}/entries?range=7d&outcome=denied&q=${encodeURIComponent(
                          rule.id,
                        )}`}
                      >
                        {t('ruleTextCard.seeThem')}
                      </Link>
                    </>
                  )}
                </span>
              </span>
              {mode !== text.mode && (
                <StatusMark status={mode} {...MODES[mode]} />
              )}
            </li>
          );
        })}
        {text.rules.length === 0 && (
          <li className={styles.quiet}>{t('ruleTextCard.noneOfItsRulesIs')}</li>
        )}
      </ul>
      {mayManage && (
        <div className={styles.actions}>
          <Button size="small" variant="secondary" onPress={onOpen}>
            {isOurs ? 'Change or try it' : 'Try it on recorded calls'}
          </Button>
          {isOurs && text.mode !== 'enforce' && (
            <Button
              size="small"
              variant="secondary"
              onPress={() => setNext('enforce')}
            >
              {t('ruleTextCard.enforce')}
            </Button>
          )}
          {isOurs && text.mode !== 'log' && (
            <Button
              size="small"
              variant="secondary"
              onPress={() => setNext('log')}
            >
              {t('ruleTextCard.onlyLog')}
            </Button>
          )}
          {isOurs && text.mode !== 'off' && (
            <Button
              size="small"
              variant="tertiary"
              onPress={() => setNext('off')}
            >
              {t('ruleTextCard.switchOff')}
            </Button>
          )}
          {isOurs && (
            <Button
              size="small"
              variant="tertiary"
              destructive
              onPress={() => setNext('remove')}
            >
              {t('ruleTextCard.remove')}
            </Button>
          )}
        </div>
      )}
      {next && (
        <SaveRules
          name={name}
          text={text.text}
          version={text.version}
          mode={next}
          matched={text.rules.reduce(
            (sum, { id }) => sum + (report?.get(id)?.wouldHaveRefused ?? 0),
            0,
          )}
          days={days}
          onClose={() => setNext(undefined)}
          onDone={() => {
            setNext(undefined);
            onChanged();
          }}
        />
      )}
    </section>
  );
}
