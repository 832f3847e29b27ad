import type { AccessStatement } from '@agentportal/plugin-agents-common';
import {
  RelativeTime,
  RiskBadge,
  StatusMark,
  Sentence,
  TitledLink,
  type Titles,
} from '@agentportal/plugin-agents-react';
import { Section } from '../overview/Section';
import { byRisk, groupStatements } from './statements';
import styles from './access.module.css';

/** By whose decision something holds, and since when. */
function Decided(props: { statement: AccessStatement; titles: Titles }) {
  const { by, expiresAt, since, source } = props.statement;
  return (
    <span className={styles.quiet}>
      {source === 'entity' ? 'In its file' : 'Decided in the portal'}
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

function StatementLine(props: {
  statement: AccessStatement;
  titles: Titles;
  withDecision: boolean;
}) {
  const { statement, titles, withDecision } = props;
  // That it acts only for people is a limit, not something to worry about.
  const tone = statement.allowed ? 'good' : 'off';
  return (
    <li className={styles.statement}>
      <StatusMark
        status={statement.allowed ? 'allowed' : 'refused'}
        tone={tone}
        label={statement.allowed ? 'Allowed' : 'Not allowed'}
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
}) {
  const { statements, titles } = props;
  return (
    <Section title="What it may do">
      {groupStatements(statements).map(group => {
        const isShared = isSharedDecision(group.statements);
        return (
          <section
            key={group.title}
            className={styles.group}
            aria-label={group.title}
          >
            <div className={styles.groupHead}>
              <h3 className={styles.groupTitle}>{group.title}</h3>
              {isShared && (
                <Decided statement={group.statements[0]} titles={titles} />
              )}
            </div>
            {group.title === 'Tools' ? (
              byRisk(group.statements).map(risk => (
                <div key={risk.tier ?? 'none'} className={styles.tier}>
                  {risk.tier ? (
                    <RiskBadge tier={risk.tier} />
                  ) : (
                    <span className={styles.quiet}>Not in the catalog</span>
                  )}
                  <StatementLines
                    statements={risk.statements}
                    titles={titles}
                    isShared={isShared}
                  />
                </div>
              ))
            ) : (
              <StatementLines
                statements={group.statements}
                titles={titles}
                isShared={isShared}
              />
            )}
          </section>
        );
      })}
    </Section>
  );
}
