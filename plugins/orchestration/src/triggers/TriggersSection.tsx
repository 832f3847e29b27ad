import {
  EmptyHint,
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
import { ButtonIcon, Link, Menu, MenuItem, MenuTrigger } from '@backstage/ui';
import { RiMore2Line } from '@remixicon/react';
import { useState } from 'react';
import { orchestrationApiRef } from '../api';
import { runRouteRef } from '../routes';
import { WebhookSecretShown } from './WebhookSecretShown';
import { describeTrigger } from './triggerWords';
import styles from './triggers.module.css';

const PAGE_SIZE = 25;
const COLUMNS = [
  { label: 'Trigger' },
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
  mayManage: boolean;
  onAction(action: Action): void;
}) {
  const { trigger, mayManage, onAction } = props;
  const isActive = trigger.state === 'active';
  return (
    <tr>
      <th scope="row">
        {trigger.name}
        <div className={styles.quiet}>{describeTrigger(trigger)}</div>
      </th>
      <td>
        <StatusMark status={trigger.state} {...STATES[trigger.state]} />
        {trigger.stateReason && (
          <div className={styles.quiet}>{trigger.stateReason}</div>
        )}
      </td>
      <td data-wide-only>
        <RelativeTime value={trigger.nextAt} fallback="–" />
      </td>
      <td>
        <Last latest={trigger.latest} />
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
              {isActive ? (
                <MenuItem id="pause">Pause</MenuItem>
              ) : (
                <MenuItem id="resume">Resume</MenuItem>
              )}
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

/** What starts runs of an agent without a person, and how that went. */
export function TriggersSection(props: {
  agentRef: string;
  /** Only agents in production act in their own name. */
  isAtWork: boolean;
}) {
  const { agentRef, isAtWork } = props;
  const api = useApi(orchestrationApiRef);
  const toastApi = useApi(coreApis.toast);
  const [made, setMade] = useState<WebhookSecret>();
  const { allowed } = usePermission({
    permission: triggerManagePermission,
    resourceRef: agentRef,
  });
  const triggers = usePages(`triggers ${agentRef}`, (cursor, signal) =>
    api.listTriggers({ agentRef, limit: PAGE_SIZE, cursor }, { signal }),
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
    <section className={styles.section} aria-label="Triggers">
      <h2 className={styles.title}>Triggers</h2>
      {!isAtWork && (
        <p className={styles.quiet}>
          They start nothing before the agent is in production.
        </p>
      )}
      <PagedTable
        pages={triggers}
        columns={COLUMNS}
        isFramed
        failure="The triggers could not be loaded"
        safe="They go on working."
        empty={
          <EmptyHint compact title="Its triggers are not read yet">
            The portal reads them within a minute after the agent has come into
            the catalog.
          </EmptyHint>
        }
        row={trigger => (
          <TriggerRow
            key={trigger.id}
            trigger={trigger}
            mayManage={allowed}
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
