import type { Approval } from '@agentportal/plugin-agents-common';
import {
  AgentAvatar,
  ApprovalStatusMark,
  CopyButton,
  EntityLink,
  LinesSkeleton,
  RelativeTime,
  RiskBadge,
  Sentence,
  TitledLink,
  useTitles,
  type Titles,
} from '@agentportal/plugin-agents-react';
import { useRouteRef, useTranslationRef } from '@backstage/frontend-plugin-api';
import { Button, Link } from '@backstage/ui';
import { RiLockLine } from '@remixicon/react';
import { useEffect, useRef, type ReactNode } from 'react';
import { agentsTranslationRef } from '../translation';
import { approvalsRouteRef } from '../routes';
import { Arguments } from './Arguments';
import { Changes } from './Changes';
import { QuestionForm } from './QuestionForm';
import { RunSoFar } from './RunSoFar';
import { KINDS, may, valueText, type Action } from './approvalWords';
import styles from './approvals.module.css';

function Part(props: { title: string; children: ReactNode }) {
  return (
    <section className={styles.part} aria-label={props.title}>
      <h3 className={styles.partTitle}>{props.title}</h3>
      {props.children}
    </section>
  );
}

/** Refs as links, in a sentence. */
function People(props: { refs: readonly string[]; titles: Titles }) {
  return (
    <>
      {props.refs.map((ref, index) => (
        <span key={ref}>
          {index > 0 && ', '}
          <TitledLink entityRef={ref} titles={props.titles} />
        </span>
      ))}
    </>
  );
}

const DECIDED = { approve: 'approved', reject: 'rejected', answer: 'answered' };

function Decisions(props: { approval: Approval; titles: Titles }) {
  const { approval, titles } = props;
  return (
    <ul className={styles.entries}>
      {approval.decisions.map(each => (
        <li key={`${each.by} ${each.at}`}>
          <TitledLink entityRef={each.by} titles={titles} />{' '}
          {each.brokenGlass ? 'let it pass alone' : DECIDED[each.decision]}
          {each.edited && ' with other arguments'}
          {each.inPlaceOf && (
            <>
              {' in place of '}
              <TitledLink entityRef={each.inPlaceOf} titles={titles} />
            </>
          )}{' '}
          <RelativeTime value={each.at} />
          {!each.counts && ', before it was edited'}
          {each.reason && <p className={styles.said}>{each.reason}</p>}
        </li>
      ))}
    </ul>
  );
}

function Similar({ approval }: { approval: Approval }) {
  const route = useRouteRef(approvalsRouteRef)?.();
  return (
    <ul className={styles.entries}>
      {approval.similar.map(each => (
        <li key={each.id}>
          <ApprovalStatusMark
            approval={{ status: each.status, quorum: 1, approvals: 0 }}
          />{' '}
          {route ? (
            <Link
              variant="body-medium"
              href={`${route}?view=all&status=any&id=${each.id}`}
            >
              <Sentence text={each.title} plain />
            </Link>
          ) : (
            <Sentence text={each.title} plain />
          )}{' '}
          <span className={styles.quiet}>
            <RelativeTime value={each.decidedAt} />
          </span>
        </li>
      ))}
    </ul>
  );
}

const BUTTONS: ReadonlyArray<{
  action: Action;
  label: string;
  variant: 'primary' | 'secondary' | 'tertiary';
  destructive?: boolean;
}> = [
  { action: 'approve', label: 'Approve', variant: 'primary' },
  { action: 'edit', label: 'Edit and approve', variant: 'secondary' },
  {
    action: 'reject',
    label: 'Reject',
    variant: 'secondary',
    destructive: true,
  },
  { action: 'ask', label: 'Ask', variant: 'secondary' },
  { action: 'withdraw', label: 'Take it back', variant: 'secondary' },
  {
    action: 'breakGlass',
    label: 'Let it pass in an emergency',
    variant: 'tertiary',
    destructive: true,
  },
];

function Actions(props: {
  approval: Approval;
  onAction(action: Action): void;
}) {
  const { approval, onAction } = props;
  const { can } = approval;
  const isQuestion = approval.kind === 'question';
  const main = isQuestion ? can.answer : can.approve;
  const shown = BUTTONS.filter(
    ({ action }) =>
      may(approval, action) && !(isQuestion && action === 'approve'),
  );
  return (
    <div className={styles.actions}>
      {!main.allowed && main.reason && (
        <p className={styles.refused} role="note">
          <RiLockLine size={16} aria-hidden />
          <span>
            <Sentence text={main.reason} />
          </span>
        </p>
      )}
      {shown.map(({ action, label, ...look }) => (
        <Button key={action} {...look} onPress={() => onAction(action)}>
          {label}
        </Button>
      ))}
    </div>
  );
}

/** One request with all that it is decided by: what would happen first, then why, then what was before. */
export function ApprovalDetail(props: {
  approval: Approval;
  onAction(action: Action): void;
  onChanged(): void;
}) {
  const { t } = useTranslationRef(agentsTranslationRef);
  const { approval } = props;
  const read = useTitles([
    approval.title,
    approval.reason,
    approval.requirement,
    approval.requestedBy,
    approval.personRef,
    approval.toolRef,
    ...approval.askedOf,
    ...approval.decisions.flatMap(({ by, inPlaceOf }) => [by, inPlaceOf]),
    ...approval.messages.map(({ by }) => by),
  ]);
  // Names that are known stay while those of news are read.
  const known = useRef(read);
  useEffect(() => {
    known.current = read ?? known.current;
  }, [read]);
  const titles = read ?? known.current;
  if (!titles) {
    return <LinesSkeleton lines={12} />;
  }
  const isOpen = approval.status === 'pending';
  return (
    <article className={styles.detail} aria-label={approval.title}>
      <header>
        <div className={styles.rowMeta}>
          <ApprovalStatusMark approval={approval} />
          <span>{KINDS[approval.kind]}</span>
          {approval.riskTier && <RiskBadge tier={approval.riskTier} />}
          {approval.dataClassification && (
            <span>{approval.dataClassification} data</span>
          )}
          <CopyButton text={window.location.href} what="link to the request" />
        </div>
        <h2 className={styles.title}>
          <Sentence text={approval.title} titles={titles} />
        </h2>
        <p className={styles.who}>
          <AgentAvatar
            name={approval.agentRef ?? approval.requestedBy}
            size="x-small"
          />
          <span>
            <TitledLink entityRef={approval.requestedBy} titles={titles} />{' '}
            asked <RelativeTime value={approval.requestedAt} />
            {approval.personRef && (
              <>
                {', for '}
                <TitledLink entityRef={approval.personRef} titles={titles} />
              </>
            )}
            {isOpen && (
              <>
                {'. It '}
                {approval.onExpiry === 'escalate' && !approval.escalatedAt
                  ? 'goes on to others'
                  : 'ends'}{' '}
                <RelativeTime value={approval.expiresAt} />
              </>
            )}
            .
          </span>
        </p>
      </header>
      {approval.args && (
        <Part title={t('approvalDetail.withExactlyThis')}>
          <Arguments approval={approval} />
          {approval.editedBy && (
            <p className={styles.quiet}>
              Changed by <EntityLink entityRef={approval.editedBy} />.
            </p>
          )}
          {approval.toolRef && (
            <p className={styles.quiet}>
              By <TitledLink entityRef={approval.toolRef} titles={titles} />
              {approval.unusual
                .filter(({ argument }) => !(argument in (approval.args ?? {})))
                .map(({ reason }) => ` ${reason}`)}
            </p>
          )}
        </Part>
      )}
      {approval.changes && (
        <Part title={t('approvalDetail.whatItWouldBecome')}>
          <Changes approval={approval} />
        </Part>
      )}
      {approval.permission && (
        <Part title={t('approvalDetail.theRight')}>
          <code>{approval.permission}</code>
        </Part>
      )}
      {approval.description && (
        <p className={styles.words}>{approval.description}</p>
      )}
      {approval.form && (
        <Part title={t('approvalDetail.answer')}>
          <QuestionForm approval={approval} onChanged={props.onChanged} />
        </Part>
      )}
      <Part title={isOpen ? 'Why it waits' : 'How it ended'}>
        <p className={styles.words}>
          <Sentence text={approval.reason} titles={titles} />
        </p>
        {isOpen && (
          <p className={styles.words}>
            <Sentence text={approval.requirement} titles={titles} />
          </p>
        )}
        {!isOpen && approval.askedOf.length > 0 && (
          <p className={styles.words}>
            Asked: <People refs={approval.askedOf} titles={titles} />
          </p>
        )}
        {approval.reviewOf && (
          <p className={styles.words}>
            <Link href={`?view=all&status=any&id=${approval.reviewOf}`}>
              {t('approvalDetail.theCallThatSomebodyLet')}
            </Link>
          </p>
        )}
      </Part>
      {isOpen && <Actions approval={approval} onAction={props.onAction} />}
      {approval.decisions.length > 0 && (
        <Part title={t('approvalDetail.decided')}>
          <Decisions approval={approval} titles={titles} />
        </Part>
      )}
      {approval.messages.length > 0 && (
        <Part title={t('approvalDetail.askedAndAnswered')}>
          <ul className={styles.entries}>
            {approval.messages.map(each => (
              <li key={`${each.by} ${each.at}`}>
                <TitledLink entityRef={each.by} titles={titles} />{' '}
                <RelativeTime value={each.at} />
                <p className={styles.said}>{each.text}</p>
              </li>
            ))}
          </ul>
        </Part>
      )}
      {approval.runId && (
        <Part title={t('approvalDetail.theRunSoFar')}>
          <RunSoFar runId={approval.runId} />
        </Part>
      )}
      {approval.similar.length > 0 && (
        <Part title={t('approvalDetail.decidedBeforeAboutTheSame')}>
          <Similar approval={approval} />
        </Part>
      )}
      {approval.values && (
        <Part title={t('approvalDetail.theAnswer')}>
          <dl className={styles.arguments}>
            {Object.entries(approval.values).map(([name, value]) => (
              <div key={name}>
                <dt>{name}</dt>
                <dd>{valueText(value)}</dd>
              </div>
            ))}
          </dl>
        </Part>
      )}
    </article>
  );
}
