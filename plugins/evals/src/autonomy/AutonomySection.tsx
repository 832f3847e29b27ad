import type {
  AgentAutonomy,
  ToolAutonomy,
} from '@agentportal/plugin-evals-common';
import {
  EntityLink,
  ErrorPanel,
  RelativeTime,
  RiskBadge,
  RowsSkeleton,
  RowTable,
  StatusMark,
  type StatusTone,
  formatPercent,
  useLoad,
} from '@agentportal/plugin-agents-react';
import {
  RouterLink,
  useApi,
  useRouteRef,
  useTranslationRef,
} from '@backstage/frontend-plugin-api';
import { Button } from '@backstage/ui';
import { useState } from 'react';
import { evalsApiRef } from '../api/evalsApiRef';
import { useMayManage } from '../api/useMayDo';
import { IntervalBar } from '../figures/IntervalBar';
import { Section } from '../layout/Section';
import { approvalsRouteRef } from '../routes';
import { evalsTranslationRef } from '../translation';
import { AutonomyDialog, type AutonomyAct } from './AutonomyDialog';
import layout from '../layout/layout.module.css';
import styles from './autonomy.module.css';

type Standing = ToolAutonomy['standing'];

const TONES: Record<Standing, StatusTone> = {
  covered: 'good',
  earned: 'good',
  ready: 'attention',
  waiting: 'attention',
  asks: 'waiting',
  never: 'off',
};

/** What there is to do about comes first. */
const ORDER: Standing[] = ['ready', 'waiting', 'earned', 'asks', 'never'];

/** A link to where people decide about a request; words where there is no such page. */
function ApprovalLink(props: { id: string; children: string }) {
  const approvals = useRouteRef(approvalsRouteRef)?.();
  return approvals ? (
    <RouterLink
      href={`${approvals}?view=all&status=any&id=${encodeURIComponent(
        props.id,
      )}`}
    >
      {props.children}
    </RouterLink>
  ) : (
    <>{props.children}</>
  );
}

/** What people decided about the tool, with the newest decisions behind it. */
function Decisions({ tool }: { tool: ToolAutonomy }) {
  const { t } = useTranslationRef(evalsTranslationRef);
  const { changed, counted, deciders, ignored, lowerBound, recent, target } =
    tool;
  if (counted === 0) {
    return <span className={layout.quiet}>{t('autonomy.noDecisions')}</span>;
  }
  return (
    <>
      {t('autonomy.agreed', { count: counted, agreed: `${tool.unchanged}` })}
      {lowerBound !== undefined && target !== undefined && (
        <span className={styles.bound}>
          <IntervalBar
            label={t('autonomy.bound')}
            unit="share"
            value={tool.unchanged / counted}
            low={lowerBound}
            high={1}
            target={target}
            tone={lowerBound >= target ? 'good' : undefined}
          />
          <span className={layout.below}>
            {t('autonomy.atLeast', {
              bound: formatPercent(lowerBound),
              target: formatPercent(target),
            })}
          </span>
        </span>
      )}
      <span className={layout.below}>
        {t('autonomy.parts', {
          changed: `${changed}`,
          rejected: `${tool.rejected}`,
          deciders: `${deciders}`,
        })}
        {ignored > 0 && ` ${t('autonomy.ignored', { ignored: `${ignored}` })}`}
      </span>
      <details className={layout.asTable}>
        <summary>
          <span>{t('autonomy.recent')}</span>
        </summary>
        <ul className={styles.list}>
          {recent.map(({ approvalId, decidedAt, outcome }) => (
            <li key={approvalId}>
              <ApprovalLink id={approvalId}>
                {t(`autonomy.outcomes.${outcome}`)}
              </ApprovalLink>
              , <RelativeTime value={decidedAt} />
            </li>
          ))}
        </ul>
      </details>
    </>
  );
}

function ToolRow(props: {
  tool: ToolAutonomy;
  mayManage: boolean;
  onAct: (act: AutonomyAct['kind']) => void;
}) {
  const { mayManage, onAct, tool } = props;
  const { earned, lost, missing, riskTier, standing, waitingApprovalId } = tool;
  const { t } = useTranslationRef(evalsTranslationRef);
  const approvalId = waitingApprovalId ?? earned?.approvalId;
  return (
    <tr>
      <th scope="row" className={styles.tool}>
        <EntityLink entityRef={tool.toolRef} title={tool.title} />
        {riskTier && (
          <span className={layout.below}>
            <RiskBadge tier={riskTier} />
          </span>
        )}
      </th>
      <td>
        <StatusMark
          status={standing}
          tone={TONES[standing]}
          label={t(`autonomy.standings.${standing}`)}
        />
        {earned && (
          <span className={layout.below}>
            <RelativeTime value={earned.createdAt} />
          </span>
        )}
        {approvalId && (
          <span className={layout.below}>
            <ApprovalLink id={approvalId}>{t('autonomy.request')}</ApprovalLink>
          </span>
        )}
        {lost && !earned && (
          <span className={layout.below}>
            {t('autonomy.lost')} <RelativeTime value={lost.at} />: {lost.reason}
          </span>
        )}
        {missing.length > 0 && (
          <>
            <span className={layout.below}>{t('autonomy.missing')}</span>
            <ul className={styles.list}>
              {missing.map(each => (
                <li key={each}>{each}</li>
              ))}
            </ul>
          </>
        )}
        {mayManage && standing === 'ready' && (
          <Button
            size="small"
            variant="secondary"
            onPress={() => onAct('propose')}
          >
            {t('autonomy.propose')}
          </Button>
        )}
        {mayManage && standing === 'earned' && (
          <Button size="small" variant="secondary" onPress={() => onAct('end')}>
            {t('autonomy.end')}
          </Button>
        )}
      </td>
      <td>
        <Decisions tool={tool} />
      </td>
    </tr>
  );
}

/** Of each tool whether people are asked, what that rests on, and what is missing for less. */
export function AutonomySection({ agentRef }: { agentRef: string }) {
  const api = useApi(evalsApiRef);
  const { t } = useTranslationRef(evalsTranslationRef);
  const mayManage = useMayManage(agentRef);
  const [act, setAct] = useState<AutonomyAct>();
  const { error, reload, value } = useLoad(`autonomy ${agentRef}`, signal =>
    api.getAutonomy(agentRef, { signal }),
  );
  let content = <RowsSkeleton rows={3} />;
  if (error && !value) {
    content = (
      <ErrorPanel title={t('autonomy.error')} error={error} onRetry={reload} />
    );
  } else if (value && value.tools.length === 0) {
    content = <p className={layout.quiet}>{t('autonomy.noTools')}</p>;
  } else if (value) {
    const covered = value.tools.filter(
      ({ standing }) => standing === 'covered',
    );
    const asked = value.tools
      .filter(({ standing }) => standing !== 'covered')
      .sort((a, b) => ORDER.indexOf(a.standing) - ORDER.indexOf(b.standing));
    content = (
      <>
        <Since autonomy={value} />
        {asked.length > 0 && (
          <RowTable
            columns={[
              { label: t('autonomy.columns.tool') },
              { label: t('autonomy.columns.standing') },
              { label: t('autonomy.columns.decisions') },
            ]}
          >
            {asked.map(tool => (
              <ToolRow
                key={tool.toolRef}
                tool={tool}
                mayManage={mayManage}
                onAct={kind => setAct({ kind, tool })}
              />
            ))}
          </RowTable>
        )}
        {covered.length > 0 && (
          <p className={layout.quiet}>
            {t('autonomy.covered')}{' '}
            {covered.map(({ title, toolRef }, at) => (
              <span key={toolRef}>
                {at > 0 && ', '}
                <EntityLink entityRef={toolRef} title={title} />
              </span>
            ))}
          </p>
        )}
      </>
    );
  }
  return (
    <Section title={t('autonomy.title')}>
      {content}
      {act && (
        <AutonomyDialog
          agentRef={agentRef}
          act={act}
          askedShare={value!.askedShare}
          onDone={reload}
          onClose={() => setAct(undefined)}
        />
      )}
    </Section>
  );
}

function Since({ autonomy }: { autonomy: AgentAutonomy }) {
  const { t } = useTranslationRef(evalsTranslationRef);
  const { hasMore, since, sinceReason } = autonomy;
  return (
    <p className={layout.words}>
      {t('autonomy.means')}{' '}
      <span className={layout.quiet}>
        {sinceReason && (
          <>
            {t('autonomy.since')} <RelativeTime value={since} />: {sinceReason}
          </>
        )}
        {hasMore && ` ${t('autonomy.hasMore')}`}
      </span>
    </p>
  );
}
