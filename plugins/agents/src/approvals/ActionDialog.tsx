import type { Approval } from '@agentportal/plugin-agents-common';
import {
  ConfirmDialog,
  ErrorPanel,
  LinesSkeleton,
  SchemaForm,
  Sentence,
  approvalsApiRef,
  useLoad,
} from '@agentportal/plugin-agents-react';
import { useApi, useTranslationRef } from '@backstage/frontend-plugin-api';
import {
  Button,
  Dialog,
  DialogBody,
  DialogFooter,
  DialogHeader,
  Text,
  TextAreaField,
} from '@backstage/ui';
import { useState } from 'react';
import { agentsTranslationRef } from '../translation';
import { agentActivityApiRef } from '../api';
import { changesOf, valueText, type Action } from './approvalWords';
import styles from './approvals.module.css';

const SHORTEST = 3;
const LONGEST = 500;

/** What each dialog says. An effect is named by its button. */
const WORDS: Record<
  Exclude<Action, 'edit'>,
  {
    title: string;
    action: string;
    says: string;
    field: string;
    isRequired?: boolean;
    isDestructive?: boolean;
    failure: string;
  }
> = {
  approve: {
    title: 'Approve?',
    action: 'Approve it',
    says: 'It is done once, with exactly what you see, and with nothing else.',
    field: 'Why',
    failure: 'It was not approved',
  },
  reject: {
    title: 'Reject?',
    action: 'Reject it',
    says: 'It is not done. The agent is told why, and so is whoever it works for.',
    field: 'Why',
    isRequired: true,
    isDestructive: true,
    failure: 'It was not rejected',
  },
  ask: {
    title: 'Ask about it',
    action: 'Ask',
    says: 'Those concerned are told. It goes on waiting meanwhile.',
    field: 'What do you want to know, or answer?',
    isRequired: true,
    failure: 'It was not asked',
  },
  breakGlass: {
    title: 'Let it pass alone?',
    action: 'Let it pass',
    says: 'For emergencies. Everybody concerned is told at once, others review it within a day, and everybody can see how often it happens.',
    field: 'What is the emergency?',
    isRequired: true,
    isDestructive: true,
    failure: 'It was not let pass',
  },
  withdraw: {
    title: 'Take it back?',
    action: 'Take it back',
    says: 'Nobody has to decide it any more, and it is not done.',
    field: 'Why',
    failure: 'It was not taken back',
  },
};

/** Where no call is made. */
const OTHERS: Partial<
  Record<Approval['kind'] | 'earned', Partial<Record<Action, string>>>
> = {
  publication: {
    approve: 'From then on the agent is what you see, and no more.',
    reject: 'The agent stays as it was approved before.',
  },
  access: {
    approve:
      'From then on the agent has the permission, until it ends or somebody takes it back.',
    reject: 'The agent is not given the permission.',
  },
  // Access to a tool, which is no permission.
  earned: {
    approve:
      'From then on the agent calls the tool without asking, but for a share of the calls. It loses that when people disagree with it, when something goes wrong, or when it is changed.',
    reject: 'People go on deciding about each of these calls.',
  },
};

interface ActionDialogProps {
  approval: Approval;
  action: Action;
  onDone(): void;
  onClose(): void;
}

/** Changes the arguments in the form of the tool, shows what differs, and approves that. */
function EditDialog({ approval, onClose, onDone }: ActionDialogProps) {
  const { t } = useTranslationRef(agentsTranslationRef);
  const api = useApi(approvalsApiRef);
  const activity = useApi(agentActivityApiRef);
  const { args, digest, id, toolRef } = approval;
  const tool = useLoad(toolRef && `tool ${toolRef}`, signal =>
    activity.getTool(toolRef!, { signal }),
  );
  const [values, setValues] = useState<Record<string, unknown>>(args ?? {});
  const [error, setError] = useState<Error>();
  const [isPending, setPending] = useState(false);
  const changes = changesOf(args, values);
  const approve = async (edited: Record<string, unknown>) => {
    setPending(true);
    setError(undefined);
    try {
      await api.decide(id, { decision: 'approve', digest, args: edited });
      onDone();
    } catch (failure) {
      setError(failure as Error);
      setPending(false);
    }
  };
  return (
    <Dialog isOpen onOpenChange={open => !open && onClose()} width={600}>
      <DialogHeader>{t('actionDialog.editAndApprove')}</DialogHeader>
      <DialogBody>
        {tool.error && (
          <ErrorPanel
            title={t('actionDialog.theFormOfTheTool')}
            error={tool.error}
            onRetry={tool.reload}
          />
        )}
        {!tool.value && !tool.error && <LinesSkeleton lines={6} />}
        {tool.value && (
          <SchemaForm
            schema={tool.value.inputSchema}
            values={values}
            onChange={setValues}
            onSubmit={approve}
          >
            <div className={styles.changes} role="status">
              {changes.length === 0
                ? 'Nothing is changed yet.'
                : changes.map(({ name, from, to }) => (
                    <div key={name}>
                      <strong>{name}</strong>: {valueText(from ?? 'not set')} →{' '}
                      {valueText(to ?? 'not set')}
                    </div>
                  ))}
            </div>
            {error && (
              <ErrorPanel
                title={t('actionDialog.itWasNotApproved')}
                error={error}
                safe={t('actionDialog.nothingWasChanged')}
              />
            )}
            <div className={styles.dialogActions}>
              <Button
                type="submit"
                variant="primary"
                isPending={isPending}
                isDisabled={changes.length === 0}
              >
                {t('actionDialog.approveItAsChanged')}
              </Button>
              <Button variant="secondary" onPress={onClose}>
                {t('actionDialog.cancel')}
              </Button>
            </div>
          </SchemaForm>
        )}
      </DialogBody>
      {!tool.value && (
        <DialogFooter>
          <Button variant="secondary" onPress={onClose}>
            {t('actionDialog.cancel')}
          </Button>
        </DialogFooter>
      )}
    </Dialog>
  );
}

/** Asks once more before a request is decided, and for the reason. */
export function ActionDialog(props: ActionDialogProps) {
  const { action, approval, onClose, onDone } = props;
  const api = useApi(approvalsApiRef);
  const [text, setText] = useState('');
  if (action === 'edit') {
    return <EditDialog {...props} />;
  }
  const words = WORDS[action];
  const said = text.trim();
  const { digest, id } = approval;
  const reason = said.length >= SHORTEST && { reason: said };
  const send: Record<typeof action, () => Promise<unknown>> = {
    approve: () => api.decide(id, { decision: 'approve', digest, ...reason }),
    reject: () => api.decide(id, { decision: 'reject', digest, ...reason }),
    ask: () => api.addMessage(id, said),
    breakGlass: () =>
      api.decide(id, {
        decision: 'approve',
        digest,
        breakGlass: true,
        ...reason,
      }),
    withdraw: () => api.withdraw(id, said || undefined),
  };
  return (
    <ConfirmDialog
      title={words.title}
      action={words.action}
      destructive={words.isDestructive}
      isIncomplete={
        words.isRequired ? said.length < SHORTEST : said.length === 1
      }
      failure={words.failure}
      onClose={onClose}
      onConfirm={async () => {
        await send[action]();
        onDone();
      }}
    >
      <Text as="p" weight="bold">
        <Sentence text={approval.title} plain />
      </Text>
      {action === 'approve' && approval.unusual.length > 0 && (
        <ul className={styles.unusualList}>
          {approval.unusual.map(({ argument, reason: why }) => (
            <li key={`${argument} ${why}`}>
              <strong>{argument}</strong>: {why}
            </li>
          ))}
        </ul>
      )}
      <Text as="p">
        {OTHERS[
          approval.kind === 'access' && !approval.permission
            ? 'earned'
            : approval.kind
        ]?.[action] ?? words.says}
      </Text>
      <TextAreaField
        label={words.field}
        secondaryLabel={words.isRequired ? 'Required' : undefined}
        // eslint-disable-next-line jsx-a11y/no-autofocus -- the dialog was opened to be filled in
        autoFocus={words.isRequired}
        rows={2}
        maxLength={LONGEST}
        value={text}
        onChange={setText}
      />
    </ConfirmDialog>
  );
}
