import type { AgentAccess } from '@agentportal/plugin-agents-common';
import {
  ConfirmDialog,
  RelativeTime,
  StatusMark,
  Sentence,
  TitledLink,
  type Titles,
} from '@agentportal/plugin-agents-react';
import {
  coreApis,
  useApi,
  useTranslationRef,
} from '@backstage/frontend-plugin-api';
import { Button, Checkbox, Text, TextField } from '@backstage/ui';
import { useState } from 'react';
import { agentsTranslationRef } from '../translation';
import { agentsApiRef } from '../api';
import { Section } from '../overview/Section';
import { SuspendedBy } from '../status/StandingNotice';
import styles from './access.module.css';

const SHORTEST_REASON = 3;
const LONGEST_REASON = 500;

/** The agent of a page: the parts of its ref, and what people call it. */
export interface ShownAgent {
  namespace: string;
  name: string;
  title: string;
}

interface StateDialogProps {
  agent: ShownAgent;
  onDone(): void;
  onClose(): void;
}

/** Why something is decided about an agent, which is asked of everybody who decides. */
export function ReasonField(props: {
  value: string;
  onChange(value: string): void;
  isFirst?: boolean;
  /** Who is shown it, where that is more people than one would think. */
  readBy?: string;
}) {
  const { t } = useTranslationRef(agentsTranslationRef);
  return (
    <TextField
      label={t('stateSection.why')}
      description={
        props.readBy ?? 'It is kept with the decision, for whoever asks later.'
      }
      isRequired
      // eslint-disable-next-line jsx-a11y/no-autofocus -- the dialog was opened to be filled in
      autoFocus={props.isFirst}
      maxLength={LONGEST_REASON}
      value={props.value}
      onChange={props.onChange}
    />
  );
}

/** Whether it is long enough to be one. */
export function isReason(text: string): boolean {
  return text.trim().length >= SHORTEST_REASON;
}

function SuspendDialog({ agent, onClose, onDone }: StateDialogProps) {
  const { t } = useTranslationRef(agentsTranslationRef);
  const api = useApi(agentsApiRef);
  const [reason, setReason] = useState('');
  return (
    <ConfirmDialog
      title={`Suspend ${agent.title}?`}
      action={`Suspend ${agent.title}`}
      keep="Let it work"
      destructive
      isIncomplete={!isReason(reason)}
      failure={t('stateSection.itWasNotSuspended')}
      onClose={onClose}
      onConfirm={async () => {
        await api.suspendAgent(agent.namespace, agent.name, reason.trim());
        onDone();
      }}
    >
      <Text as="p">{t('stateSection.itsOpenRunsStopWithin')}</Text>
      <ReasonField
        isFirst
        readBy="Everybody who wants to use the agent is shown this, and so are programs that act as it."
        value={reason}
        onChange={setReason}
      />
    </ConfirmDialog>
  );
}

function ResumeDialog(
  props: StateDialogProps & {
    /** Its sponsor has left, so it needs somebody who answers for it. */
    isOrphaned: boolean;
  },
) {
  const { t } = useTranslationRef(agentsTranslationRef);
  const { agent, isOrphaned, onClose, onDone } = props;
  const api = useApi(agentsApiRef);
  const identityApi = useApi(coreApis.identity);
  const [reason, setReason] = useState('');
  const [accepts, setAccepts] = useState(false);
  const what = isOrphaned ? 'Answer for' : 'Resume';
  return (
    <ConfirmDialog
      title={`${what} ${agent.title}?`}
      action={`${what} ${agent.title}`}
      isIncomplete={!isReason(reason) || (isOrphaned && !accepts)}
      failure={t('stateSection.itWasNotResumed')}
      onClose={onClose}
      onConfirm={async () => {
        const { userEntityRef } = await identityApi.getBackstageIdentity();
        await api.resumeAgent(agent.namespace, agent.name, {
          reason: reason.trim(),
          ...(accepts && { sponsorRef: userEntityRef }),
        });
        onDone();
      }}
    >
      <Text as="p">{t('stateSection.itMayActAgainAt')}</Text>
      <ReasonField isFirst value={reason} onChange={setReason} />
      {isOrphaned && (
        <Checkbox isSelected={accepts} onChange={setAccepts}>
          I answer for {agent.title} from now on: I am told when something is
          wrong with it, and decide whether it goes on.
        </Checkbox>
      )}
    </ConfirmDialog>
  );
}

function StateWords(props: { access: AgentAccess; titles: Titles }) {
  const { t } = useTranslationRef(agentsTranslationRef);
  const { access, titles } = props;
  const { agent, orphaned, suspended } = access;
  if (agent.state === 'suspended' && suspended) {
    return (
      <SuspendedBy suspended={suspended} title={titles.get(suspended.by)} />
    );
  }
  if (agent.state !== 'active') {
    return (
      <Sentence
        text={agent.reason ?? `${agent.title} may not act.`}
        titles={titles}
      />
    );
  }
  if (orphaned) {
    return (
      <>
        <TitledLink entityRef={orphaned.sponsorRef} titles={titles} />, who
        answered for {agent.title}, left <RelativeTime value={orphaned.since} />
        . Unless somebody else does, it stops{' '}
        <RelativeTime value={orphaned.graceEndsAt} />.
      </>
    );
  }
  return agent.sponsorRef ? (
    <>
      <TitledLink entityRef={agent.sponsorRef} titles={titles} /> answers for it
      {access.sponsorAcceptedAt && (
        <>
          {' '}
          since <RelativeTime value={access.sponsorAcceptedAt} />
        </>
      )}
      .
    </>
  ) : (
    <>{t('stateSection.nobodyIsNamedWhoAnswers')}</>
  );
}

function markOf({ agent, orphaned }: AgentAccess) {
  switch (agent.state) {
    case 'active':
      return orphaned
        ? ({ tone: 'attention', label: 'Nobody answers for it' } as const)
        : ({ tone: 'good', label: 'May act' } as const);
    case 'suspended':
      return { tone: 'bad', label: 'Suspended' } as const;
    case 'retired':
      return { tone: 'off', label: 'Retired' } as const;
    case 'orphaned':
      return { tone: 'bad', label: 'Nobody answers for it' } as const;
    default:
      return { tone: 'waiting', label: 'Unknown' } as const;
  }
}

/** Whether the agent may act, who stopped it and why; and the way to stop it or let it go on. */
export function StateSection(props: {
  agent: ShownAgent;
  access: AgentAccess;
  titles: Titles;
  onChanged(): void;
}) {
  const { t } = useTranslationRef(agentsTranslationRef);
  const { access, agent, onChanged, titles } = props;
  const [asked, setAsked] = useState<'suspend' | 'resume'>();
  const close = () => setAsked(undefined);
  const done = () => {
    close();
    onChanged();
  };
  const { state } = access.agent;
  const isOrphaned = Boolean(access.orphaned) || state === 'orphaned';
  const maySuspend = access.canManage.suspension;
  // What its file says can only be taken back in its file.
  const mayResume = Boolean(access.suspended) || isOrphaned;
  return (
    <Section title={t('stateSection.state')}>
      <div className={styles.state}>
        <div className={styles.stateText}>
          <StatusMark status={state} {...markOf(access)} />
          <p className={styles.words}>
            <StateWords access={access} titles={titles} />
          </p>
        </div>
        {maySuspend && (
          <div className={styles.actions}>
            {mayResume && (
              <Button variant="primary" onPress={() => setAsked('resume')}>
                {isOrphaned ? 'Answer for it' : 'Resume'}
              </Button>
            )}
            {state === 'active' && (
              <Button variant="secondary" onPress={() => setAsked('suspend')}>
                {t('stateSection.suspend')}
              </Button>
            )}
          </div>
        )}
      </div>
      {asked === 'suspend' && (
        <SuspendDialog agent={agent} onClose={close} onDone={done} />
      )}
      {asked === 'resume' && (
        <ResumeDialog
          agent={agent}
          isOrphaned={isOrphaned}
          onClose={close}
          onDone={done}
        />
      )}
    </Section>
  );
}
