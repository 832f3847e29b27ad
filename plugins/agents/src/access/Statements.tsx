import { useTranslationRef } from '@backstage/frontend-plugin-api';
import type { AccessStatement } from '@agentportal/plugin-agents-common';
import {
  RelativeTime,
  RiskBadge,
  StatusMark,
  type StatusTone,
  Sentence,
  TitledLink,
  type Titles,
} from '@agentportal/plugin-agents-react';
import { Link } from '@backstage/ui';
import { agentsTranslationRef } from '../translation';
import { Section } from '../overview/Section';
import { ENFORCEMENT } from './ControlsSection';
import { byRisk, groupStatements } from './statements';
import styles from './access.module.css';

/** By whose decision something holds, and since when. */
function Decided(props: {
  statement: AccessStatement;
  titles: Titles;
  /** Where its file can be read. */
  fileUrl?: string;
}) {
  const { t } = useTranslationRef(agentsTranslationRef);
  const { fileUrl } = props;
  const { by, expiresAt, since, source } = props.statement;
  const file = fileUrl ? (
    <Link href={fileUrl}>{t('statements.itsFile')}</Link>
  ) : (
    'its file'
  );
  return (
    <span className={styles.quiet}>
      {source === 'entity' ? <>Decided in {file}</> : 'Decided in the portal'}
      {by && (
        <>
          {source === 'entity' ? ', which is kept by ' : ' by '}
          <TitledLink entityRef={by} titles={props.titles} />
        </>
      )}
      {since && (
        <>
          {', '}
          <RelativeTime value={since} />
        </>
      )}
      {expiresAt && (
        <>
          , ends <RelativeTime value={expiresAt} />
        </>
      )}
    </span>
  );
}

/** One decision that holds for all of them is said once. */
function isSharedDecision(statements: readonly AccessStatement[]): boolean {
  const [first] = statements;
  return statements.every(
    ({ by, source, since, expiresAt }) =>
      by === first.by &&
      source === first.source &&
      since === undefined &&
      expiresAt === undefined,
  );
}

function markOf(
  { allowed, approval, rules = [] }: AccessStatement,
  isActive: boolean,
): { tone: StatusTone; label: string } {
  if (approval && isActive) {
    return { tone: 'waiting', label: 'After an approval' };
  }
  if (!allowed) {
    // That it acts only for people is a limit, not something to worry about.
    return { tone: 'off', label: isActive ? 'Not allowed' : 'Not now' };
  }
  return rules.some(({ mode }) => mode === 'enforce')
    ? { tone: 'attention', label: 'Allowed, but for what rules refuse' }
    : { tone: 'good', label: 'Allowed' };
}

/** The rules about calls of a tool: what each does, why, and by whose decision. */
function Rules(props: {
  rules: NonNullable<AccessStatement['rules']>;
  titles: Titles;
}) {
  const { rules, titles } = props;
  return rules.map(({ by, mode, reason, ruleId, since }) => (
    <span key={ruleId} className={styles.rule}>
      <StatusMark
        status={mode}
        {...ENFORCEMENT[mode === 'enforce' ? 'enforced' : 'log-only']}
      />{' '}
      <code>{ruleId}</code>: <Sentence text={reason} titles={titles} />{' '}
      <span className={styles.quiet}>
        {by && (
          <>
            By <TitledLink entityRef={by} titles={titles} />,{' '}
          </>
        )}
        <RelativeTime value={since} />
      </span>
    </span>
  ));
}

function StatementLine(props: {
  statement: AccessStatement;
  titles: Titles;
  isActive: boolean;
  withDecision: boolean;
}) {
  const { isActive, statement, titles, withDecision } = props;
  return (
    <li className={styles.statement}>
      <StatusMark
        status={statement.allowed ? 'allowed' : 'refused'}
        {...markOf(statement, isActive)}
        iconOnly
      />
      <span>
        {statement.kind === 'tool' && statement.subject && (
          <>
            <strong>
              <TitledLink entityRef={statement.subject} titles={titles} />
            </strong>
            <br />
          </>
        )}
        <span className={statement.kind === 'tool' ? styles.quiet : undefined}>
          <Sentence text={statement.sentence} titles={titles} />
        </span>
        {statement.approval && (
          <>
            <br />
            <Sentence text={statement.approval} titles={titles} />
          </>
        )}
        {statement.rules && <Rules rules={statement.rules} titles={titles} />}
        {withDecision && (
          <>
            <br />
            <Decided statement={statement} titles={titles} />
          </>
        )}
      </span>
    </li>
  );
}

function StatementLines(props: {
  statements: readonly AccessStatement[];
  titles: Titles;
  isActive: boolean;
  isShared: boolean;
}) {
  return (
    <ul className={styles.list}>
      {props.statements.map(statement => (
        <StatementLine
          key={`${statement.kind} ${statement.subject ?? ''} ${
            statement.since ?? ''
          }`}
          statement={statement}
          titles={props.titles}
          isActive={props.isActive}
          withDecision={!props.isShared}
        />
      ))}
    </ul>
  );
}

/** What the agent may do, in sentences, each with why and by whose decision. */
export function Statements(props: {
  statements: readonly AccessStatement[];
  titles: Titles;
  fileUrl?: string;
}) {
  const { t } = useTranslationRef(agentsTranslationRef);
  const { fileUrl, statements, titles } = props;
  const groups = groupStatements(statements);
  const isShared = isSharedDecision(groups.flatMap(group => group.statements));
  const state = statements.find(({ kind }) => kind === 'state');
  const isActive = state?.allowed ?? true;
  return (
    <Section title={t('statements.whatItMayDo')}>
      {state && !isActive && (
        <p className={styles.stopped}>
          <StatusMark
            status="stopped"
            tone="bad"
            label={t('statements.nothingNow')}
          />
          What follows holds when it may act again.
        </p>
      )}
      {isShared && groups.length > 0 && (
        <p className={styles.words}>
          <Decided
            statement={groups[0].statements[0]}
            titles={titles}
            fileUrl={fileUrl}
          />
        </p>
      )}
      {groups.map(group => (
        <section
          key={group.title}
          className={styles.group}
          aria-label={group.title}
        >
          <div className={styles.groupHead}>
            <h3 className={styles.groupTitle}>{group.title}</h3>
          </div>
          {group.title === 'Tools' ? (
            byRisk(group.statements).map(risk => (
              <div key={risk.tier ?? 'none'} className={styles.tier}>
                {risk.tier ? (
                  <RiskBadge tier={risk.tier} />
                ) : (
                  <span className={styles.quiet}>
                    {t('statements.notInTheCatalog')}
                  </span>
                )}
                <StatementLines
                  statements={risk.statements}
                  titles={titles}
                  isActive={isActive}
                  isShared={isShared}
                />
              </div>
            ))
          ) : (
            <StatementLines
              statements={group.statements}
              titles={titles}
              isActive={isActive}
              isShared={isShared}
            />
          )}
        </section>
      ))}
    </Section>
  );
}
