import {
  EmptyHint,
  EntityLink,
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
import { toError } from '@backstage/errors';
import { coreApis, useApi, useRouteRef } from '@backstage/frontend-plugin-api';
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
import { WebhookSecretShown } from './WebhookSecretShown';
import { describeTrigger, rawSchedule } from './triggerWords';
import styles from './triggers.module.css';

const PAGE_SIZE = 25;
const columns = (withAgent: boolean) => [
  { label: 'What starts it' },
  ...(withAgent ? [{ label: 'Agent' }] : []),
  { label: 'State' },
  { label: 'Next', isWideOnly: true },
  { label: 'Last' },
  { label: 'Actions', isUnseen: true },
];
const STATES: Record<Trigger['state'], { tone: StatusTone; label: string }> = {
  active: { tone: 'good', label: 'At work' },
  paused: { tone: 'off', label: 'Paused' },
  off: { tone: 'bad', label: 'Switched off' },
};
const OUTCOMES: Record<string, { tone: StatusTone; label: string }> = {
  waiting: { tone: 'waiting', label: 'Waits' },
  started: { tone: 'busy', label: 'Run started' },
  refused: { tone: 'bad', label: 'Could not start' },
  skipped: { tone: 'off', label: 'Skipped' },
  missed: { tone: 'attention', label: 'Missed' },
};

type Action = 'fire' | 'pause' | 'resume' | 'secret';

function Last({ latest }: Pick<Trigger, 'latest'>) {
  const runRoute = useRouteRef(runRouteRef);
  if (!latest) {
    return <>Never</>;
  }
  const mark = (
    <StatusMark status={latest.status} {...OUTCOMES[latest.status]} />
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
          {describeTrigger(trigger)}
        </div>
      </th>
      {withAgent && (
        <td>
          <EntityLink entityRef={agentRef} withAvatar />
        </td>
      )}
      <td>
        <StatusMark status={trigger.state} {...STATES[trigger.state]} />
        {trigger.stateReason && (
          <div className={styles.quiet}>{trigger.stateReason}</div>
        )}
        {isActive && trigger.type === 'webhook' && !trigger.hasSecret && (
          <div className={styles.quiet}>
            Nobody can call it before it has a secret.
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
            All its runs
          </Link>
        )}
      </td>
      <td>
        {mayManage && (
          <MenuTrigger>
            <ButtonIcon
              variant="tertiary"
              icon={<RiMore2Line />}
              aria-label={`Actions on ${trigger.name}`}
            />
            <Menu onAction={id => onAction(id as Action)}>
              {isActive && <MenuItem id="fire">Start a run now</MenuItem>}
              {/* An item of a menu must not become another one. */}
              {isActive && <MenuItem id="pause">Pause</MenuItem>}
              {!isActive && <MenuItem id="resume">Resume</MenuItem>}
              {trigger.type === 'webhook' && (
                <MenuItem id="secret">
                  {trigger.hasSecret ? 'Replace the secret' : 'Make a secret'}
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
          toastApi.post({ title: `${name} starts a run`, status: 'success' });
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
        title: `Nothing was done with ${name}`,
        description: toError(error).message,
        status: 'danger',
      });
    }
    triggers.reload();
  };

  return (
    <section aria-label="Schedules and other triggers">
      <p className={styles.intro}>
        {agentRef
          ? 'These start runs of the agent without a person: times, calls of other systems, and events. They are written in its file.'
          : 'What starts agents without a person: times, calls of other systems, and events.'}
        {!isAtWork && ' They start nothing before the agent is in production.'}
      </p>
      <PagedTable
        pages={triggers}
        columns={columns(!agentRef)}
        isFramed
        failure="The schedules could not be loaded"
        safe="They go on working."
        empty={
          agentRef ? (
            <EmptyHint compact title="Its schedules are not read yet">
              The portal reads them within a minute after the agent has come
              into the catalog.
            </EmptyHint>
          ) : (
            <EmptyHint
              title="No agent starts by itself"
              actions={
                <ButtonLink href="/create" variant="primary">
                  Create an agent with a schedule
                </ButtonLink>
              }
            >
              An agent that acts in its own name can have schedules, webhooks
              and events in spec.triggers of its file. They appear here with
              what they did last.
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
