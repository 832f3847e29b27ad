import {
  EmptyHint,
  EntityLink,
  messageOf,
  PagedTable,
  RelativeTime,
  StatusMark,
  type StatusTone,
  usePages,
} from '@agentportal/plugin-agents-react';
import {
  type Trigger,
  triggerManagePermission,
  type WebhookSecret,
} from '@agentportal/plugin-orchestration-common';
import {
  coreApis,
  useApi,
  useRouteRef,
  useTranslationRef,
} from '@backstage/frontend-plugin-api';
import { usePermission } from '@backstage/plugin-permission-react';
import {
  ButtonIcon,
  ButtonLink,
  Link,
  Menu,
  MenuItem,
  MenuTrigger,
} from '@backstage/ui';
import { RiMore2Line } from '@remixicon/react';
import { useState } from 'react';
import { orchestrationApiRef } from '../api';
import { rootRouteRef, runRouteRef } from '../routes';
import { orchestrationTranslationRef } from '../translation';
import { WebhookSecretShown } from './WebhookSecretShown';
import { describeTrigger, rawSchedule } from './triggerWords';
import styles from './triggers.module.css';

const PAGE_SIZE = 25;
const STATES: Record<Trigger['state'], StatusTone> = {
  active: 'good',
  paused: 'off',
  off: 'bad',
};
const OUTCOMES = {
  waiting: 'waiting',
  started: 'busy',
  refused: 'bad',
  skipped: 'off',
  missed: 'attention',
} as const satisfies Record<string, StatusTone>;

function isOutcome(status: string): status is keyof typeof OUTCOMES {
  return Object.hasOwn(OUTCOMES, status);
}

type Action = 'fire' | 'pause' | 'resume' | 'secret';

function Last({ latest }: Pick<Trigger, 'latest'>) {
  const { t } = useTranslationRef(orchestrationTranslationRef);
  const runRoute = useRouteRef(runRouteRef);
  if (!latest) {
    return <>{t('triggersSection.never')}</>;
  }
  const { status } = latest;
  // A run that has ended has a word and a shape of its own.
  const mark = isOutcome(status) ? (
    <StatusMark
      status={status}
      tone={OUTCOMES[status]}
      label={t(`triggersSection.outcomes.${status}`)}
    />
  ) : (
    <StatusMark status={status} />
  );
  return (
    <>
      {latest.runId && runRoute ? (
        <Link href={runRoute({ id: latest.runId })}>{mark}</Link>
      ) : (
        mark
      )}
      <div className={styles.quiet}>
        <RelativeTime value={latest.at} />
        {latest.reason && ` – ${latest.reason}`}
      </div>
    </>
  );
}

function TriggerRow(props: {
  trigger: Trigger;
  withAgent: boolean;
  onAction(action: Action): void;
}) {
  const { t } = useTranslationRef(orchestrationTranslationRef);
  const { trigger, withAgent, onAction } = props;
  const { agentRef } = trigger;
  const runsRoute = useRouteRef(rootRouteRef);
  const { allowed: mayManage } = usePermission({
    permission: triggerManagePermission,
    resourceRef: agentRef,
  });
  const isActive = trigger.state === 'active';
  return (
    <tr>
      <th scope="row">
        {trigger.name}
        <div className={styles.quiet} title={rawSchedule(trigger)}>
          {describeTrigger(trigger, t)}
        </div>
      </th>
      {withAgent && (
        <td>
          <EntityLink entityRef={agentRef} withAvatar />
        </td>
      )}
      <td>
        <StatusMark
          status={trigger.state}
          tone={STATES[trigger.state]}
          label={t(`triggersSection.states.${trigger.state}`)}
        />
        {trigger.stateReason && (
          <div className={styles.quiet}>{trigger.stateReason}</div>
        )}
        {isActive && trigger.type === 'webhook' && !trigger.hasSecret && (
          <div className={styles.quiet}>
            {t('triggersSection.nobodyCanCallItBefore')}
          </div>
        )}
      </td>
      <td data-wide-only>
        <RelativeTime value={trigger.nextAt} fallback="–" />
      </td>
      <td>
        <Last latest={trigger.latest} />
        {trigger.latest && runsRoute && (
          <Link
            variant="body-small"
            href={`${runsRoute()}?trigger=${trigger.id}`}
          >
            {t('triggersSection.allItsRuns')}
          </Link>
        )}
      </td>
      <td>
        {mayManage && (
          <MenuTrigger>
            <ButtonIcon
              variant="tertiary"
              icon={<RiMore2Line />}
              aria-label={t('triggersSection.actionsOn', {
                name: trigger.name,
              })}
            />
            <Menu onAction={id => onAction(id as Action)}>
              {isActive && (
                <MenuItem id="fire">
                  {t('triggersSection.startARunNow')}
                </MenuItem>
              )}
              {/* An item of a menu must not become another one. */}
              {isActive && (
                <MenuItem id="pause">{t('triggersSection.pause')}</MenuItem>
              )}
              {!isActive && (
                <MenuItem id="resume">{t('triggersSection.resume')}</MenuItem>
              )}
              {trigger.type === 'webhook' && (
                <MenuItem id="secret">
                  {trigger.hasSecret
                    ? t('triggersSection.replaceTheSecret')
                    : t('triggersSection.makeASecret')}
                </MenuItem>
              )}
            </Menu>
          </MenuTrigger>
        )}
      </td>
    </tr>
  );
}

/** What starts runs of an agent, or of all of them, without a person, and how that went. */
export function TriggersSection(props: {
  agentRef?: string;
  /** Only agents in production act in their own name. */
  isAtWork?: boolean;
}) {
  const { t } = useTranslationRef(orchestrationTranslationRef);
  const { agentRef, isAtWork = true } = props;
  const api = useApi(orchestrationApiRef);
  const toastApi = useApi(coreApis.toast);
  const [made, setMade] = useState<WebhookSecret>();
  const triggers = usePages(`triggers ${agentRef ?? ''}`, (cursor, signal) =>
    api.listTriggers(
      { ...(agentRef && { agentRef }), limit: PAGE_SIZE, cursor },
      { signal },
    ),
  );

  const act = async ({ id, name }: Trigger, action: Action) => {
    try {
      switch (action) {
        case 'fire':
          await api.fireTrigger(id);
          toastApi.post({
            title: t('triggersSection.startsARun', { name }),
            status: 'success',
          });
          break;
        case 'pause':
          await api.pauseTrigger(id);
          break;
        case 'resume':
          await api.resumeTrigger(id);
          break;
        default:
          setMade(await api.makeTriggerSecret(id));
      }
    } catch (error) {
      toastApi.post({
        title: t('triggersSection.nothingWasDoneWith', { name }),
        description: messageOf(error),
        status: 'danger',
      });
    }
    triggers.reload();
  };

  return (
    <section aria-label={t('triggersSection.schedulesAndOtherTriggers')}>
      <p className={styles.intro}>
        {agentRef
          ? t('triggersSection.theseStartRunsOfThe')
          : t('triggersSection.whatStartsAgentsWithoutA')}
        {!isAtWork && t('triggersSection.theyStartNothingBeforeThe')}
      </p>
      <PagedTable
        pages={triggers}
        columns={[
          { label: t('triggersSection.columns.what') },
          ...(agentRef ? [] : [{ label: t('triggersSection.columns.agent') }]),
          { label: t('triggersSection.columns.state') },
          { label: t('triggersSection.columns.next'), isWideOnly: true },
          { label: t('triggersSection.columns.last') },
          { label: t('triggersSection.columns.actions'), isUnseen: true },
        ]}
        isFramed
        failure={t('triggersSection.theSchedulesCouldNotBe')}
        safe={t('triggersSection.theyGoOnWorking')}
        empty={
          agentRef ? (
            <EmptyHint
              compact
              title={t('triggersSection.itsSchedulesAreNotRead')}
            >
              {t('triggersSection.thePortalReadsThemWithin')}
            </EmptyHint>
          ) : (
            <EmptyHint
              title={t('triggersSection.noAgentStartsByItself')}
              actions={
                <ButtonLink href="/create" variant="primary">
                  {t('triggersSection.createAnAgentWithA')}
                </ButtonLink>
              }
            >
              {t('triggersSection.anAgentThatActsIn')}
            </EmptyHint>
          )
        }
        row={trigger => (
          <TriggerRow
            key={trigger.id}
            trigger={trigger}
            withAgent={!agentRef}
            onAction={action => act(trigger, action)}
          />
        )}
      />
      {made && (
        <WebhookSecretShown made={made} onClose={() => setMade(undefined)} />
      )}
    </section>
  );
}
