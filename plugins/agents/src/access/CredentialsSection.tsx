import type {
  AgentAccess,
  AgentCredential,
  AgentCredentialWithSecret,
} from '@agentportal/plugin-agents-common';
import {
  EmptyHint,
  PagedTable,
  RelativeTime,
  StatusMark,
  type StatusTone,
  usePages,
} from '@agentportal/plugin-agents-react';
import { useApi, useTranslationRef } from '@backstage/frontend-plugin-api';
import { Button, ButtonIcon, Menu, MenuItem, MenuTrigger } from '@backstage/ui';
import { RiMore2Line } from '@remixicon/react';
import { useState } from 'react';
import { agentsTranslationRef } from '../translation';
import { agentsApiRef } from '../api';
import { Section } from '../overview/Section';
import {
  NewCredential,
  RevokeCredential,
  RotateCredential,
} from './credentialDialogs';
import { SecretShown } from './SecretShown';
import type { ShownAgent } from './StateSection';
import styles from './access.module.css';

const PAGE_SIZE = 25;
const COLUMNS = [
  { label: 'Credential' },
  { label: 'State' },
  { label: 'Made', isWideOnly: true },
  { label: 'Last used' },
  { label: 'Ends' },
  { label: 'Next rotation', isWideOnly: true },
  { label: 'Actions', isUnseen: true },
];

const STATES: Record<
  AgentCredential['state'],
  { tone: StatusTone; label: string }
> = {
  active: { tone: 'good', label: 'Good' },
  replaced: { tone: 'attention', label: 'Replaced, good until it ends' },
  expired: { tone: 'off', label: 'Ended' },
  revoked: { tone: 'off', label: 'Revoked' },
  displaced: { tone: 'bad', label: 'Of another agent of this name' },
};

function isGood({ state }: AgentCredential): boolean {
  return state === 'active' || state === 'replaced';
}

/** Rotation keeps the title, so one title can be of several. */
function nameIn(all: readonly AgentCredential[], one: AgentCredential) {
  const isOnly = all.every(
    ({ id, title }) => id === one.id || title !== one.title,
  );
  return isOnly ? one.title : `${one.title} (…${one.ending ?? one.keyId})`;
}

function stateIn(all: readonly AgentCredential[], one: AgentCredential) {
  const next = all.find(({ id }) => id === one.replacedById);
  return one.state === 'replaced' && next && !isGood(next)
    ? ({
        tone: 'attention',
        label: 'Good until it ends; nothing replaces it',
      } as const)
    : STATES[one.state];
}

function CredentialRow(props: {
  credential: AgentCredential;
  /** Those that are shown. */
  all: readonly AgentCredential[];
  onAction(action: 'rotate' | 'revoke'): void;
}) {
  const { t } = useTranslationRef(agentsTranslationRef);
  const { all, credential, onAction } = props;
  const name = nameIn(all, credential);
  return (
    <tr>
      <th scope="row">
        {name}
        <div className={styles.quiet}>
          {credential.kind === 'secret' ? (
            <>
              Secret ending in <code>{credential.ending}</code>
            </>
          ) : (
            <>
              Public key <code>{credential.keyId}</code>
            </>
          )}
        </div>
      </th>
      <td>
        <StatusMark status={credential.state} {...stateIn(all, credential)} />
      </td>
      <td data-wide-only>
        <RelativeTime value={credential.createdAt} />
      </td>
      <td>
        <RelativeTime value={credential.lastUsedAt} fallback="Never" />
      </td>
      <td>
        {isGood(credential) ? (
          <RelativeTime value={credential.expiresAt} />
        ) : (
          <RelativeTime value={credential.revokedAt ?? credential.expiresAt} />
        )}
      </td>
      <td data-wide-only>
        {credential.state === 'active' ? (
          <RelativeTime value={credential.rotateBefore} />
        ) : (
          '–'
        )}
      </td>
      <td>
        {isGood(credential) && (
          <MenuTrigger>
            <ButtonIcon
              variant="tertiary"
              icon={<RiMore2Line />}
              aria-label={`Actions on ${name}`}
            />
            <Menu onAction={id => onAction(id as 'rotate' | 'revoke')}>
              {credential.state === 'active' && (
                <MenuItem id="rotate">
                  {t('credentialsSection.rotate')}
                </MenuItem>
              )}
              <MenuItem id="revoke" color="danger">
                {t('credentialsSection.revoke')}
              </MenuItem>
            </Menu>
          </MenuTrigger>
        )}
      </td>
    </tr>
  );
}

/** What programs prove with that they are the agent, for those who answer for that. */
export function CredentialsSection(props: {
  agent: ShownAgent;
  access: AgentAccess;
}) {
  const { t } = useTranslationRef(agentsTranslationRef);
  const { access, agent } = props;
  const api = useApi(agentsApiRef);
  const [dialog, setDialog] = useState<
    | { show: 'new' }
    | { show: 'rotate' | 'revoke'; credential: AgentCredential }
    | { show: 'secret'; made: AgentCredentialWithSecret }
  >();
  const credentials = usePages(
    `credentials ${agent.namespace}/${agent.name}`,
    (cursor, signal) =>
      api.listCredentials(
        agent.namespace,
        agent.name,
        { limit: PAGE_SIZE, cursor },
        { signal },
      ),
  );
  const close = () => setDialog(undefined);
  const made = (result: AgentCredentialWithSecret) => {
    credentials.reload();
    setDialog(result.secret ? { show: 'secret', made: result } : undefined);
  };
  const { identity } = access.agent;

  return (
    <Section
      title={t('credentialsSection.credentials')}
      action={
        <Button
          size="small"
          variant="secondary"
          onPress={() => setDialog({ show: 'new' })}
        >
          {t('credentialsSection.newCredential')}
        </Button>
      }
    >
      <p className={styles.quiet}>
        {identity === 'own'
          ? 'A program that proves to be the agent gets tokens of ten minutes with exactly its rights.'
          : `${agent.title} acts only for people: a program gets a token when it brings that of a person.`}
      </p>
      <PagedTable
        pages={credentials}
        columns={COLUMNS}
        failure={t('credentialsSection.theCredentialsCouldNotBe')}
        empty={
          <EmptyHint
            compact
            title={t('credentialsSection.noProgramHoldsACredential')}
          >
            Runs that the portal makes need none. Make one for a program of
            yours that works as {agent.title}.
          </EmptyHint>
        }
        row={credential => (
          <CredentialRow
            key={credential.id}
            credential={credential}
            all={credentials.items}
            onAction={show => setDialog({ show, credential })}
          />
        )}
      />
      {dialog?.show === 'new' && (
        <NewCredential agent={agent} onDone={made} onClose={close} />
      )}
      {dialog?.show === 'rotate' && (
        <RotateCredential
          agent={agent}
          credential={dialog.credential}
          onDone={made}
          onClose={close}
        />
      )}
      {dialog?.show === 'revoke' && (
        <RevokeCredential
          agent={agent}
          credential={dialog.credential}
          onDone={() => {
            credentials.reload();
            close();
          }}
          onClose={close}
        />
      )}
      {dialog?.show === 'secret' && (
        <SecretShown
          agentRef={access.agent.agentRef}
          identity={identity}
          made={dialog.made}
          onClose={close}
        />
      )}
    </Section>
  );
}
