import type {
  AgentAccess,
  AgentGrant,
  ApprovalListItem,
} from '@agentportal/plugin-agents-common';
import {
  ConfirmDialog,
  EmptyHint,
  PagedTable,
  RelativeTime,
  Sentence,
  StatusMark,
  type StatusTone,
  approvalsApiRef,
  useApprovalNews,
  useLoad,
  usePages,
  TitledLink,
  useTitles,
  type Titles,
} from '@agentportal/plugin-agents-react';
import {
  useApi,
  useRouteRef,
  useTranslationRef,
} from '@backstage/frontend-plugin-api';
import { Button, Link, Text } from '@backstage/ui';
import { useState } from 'react';
import { agentsTranslationRef } from '../translation';
import { agentsApiRef } from '../api';
import { Section } from '../overview/Section';
import { approvalsRouteRef } from '../routes';
import { NewGrant } from './NewGrant';
import type { ShownAgent } from './StateSection';
import styles from './access.module.css';

const PAGE_SIZE = 25;
const COLUMNS = [
  { label: 'Permission' },
  { label: 'State' },
  { label: 'Given by' },
  { label: 'Ends' },
  { label: 'Actions', isUnseen: true },
];

const STATES: Record<AgentGrant['state'], { tone: StatusTone; label: string }> =
  {
    active: { tone: 'good', label: 'Holds' },
    expired: { tone: 'off', label: 'Ended' },
    revoked: { tone: 'off', label: 'Taken back' },
    displaced: { tone: 'bad', label: 'Of another agent of this name' },
  };

function GrantRow(props: {
  grant: AgentGrant;
  titles: Titles;
  mayRevoke: boolean;
  onRevoke(): void;
}) {
  const { t } = useTranslationRef(agentsTranslationRef);
  const { grant, mayRevoke, onRevoke, titles } = props;
  return (
    <tr>
      <th scope="row">
        <code>{grant.permission}</code>
        <div className={styles.quiet}>
          <Sentence text={grant.reason} titles={titles} />
        </div>
      </th>
      <td>
        <StatusMark status={grant.state} {...STATES[grant.state]} />
      </td>
      <td>
        <TitledLink entityRef={grant.grantedBy} titles={titles} />
        <div className={styles.quiet}>
          <RelativeTime value={grant.createdAt} />
        </div>
      </td>
      <td>
        {grant.revokedAt ? (
          <>
            <RelativeTime value={grant.revokedAt} />
            {grant.revokedBy && (
              <div className={styles.quiet}>
                by <TitledLink entityRef={grant.revokedBy} titles={titles} />
              </div>
            )}
          </>
        ) : (
          <RelativeTime value={grant.expiresAt} fallback="Not by itself" />
        )}
      </td>
      <td>
        {mayRevoke && grant.state === 'active' && (
          <Button
            size="small"
            variant="secondary"
            aria-label={`Take ${grant.permission} back`}
            onPress={onRevoke}
          >
            {t('grantsSection.takeBack')}
          </Button>
        )}
      </td>
    </tr>
  );
}

function RevokeGrant(props: {
  agent: ShownAgent;
  grant: AgentGrant;
  onDone(): void;
  onClose(): void;
}) {
  const { t } = useTranslationRef(agentsTranslationRef);
  const { agent, grant, onClose, onDone } = props;
  const api = useApi(agentsApiRef);
  return (
    <ConfirmDialog
      title={`Take ${grant.permission} back?`}
      action={t('grantsSection.takeItBack')}
      keep="Let it keep it"
      destructive
      failure={t('grantsSection.itWasNotTakenBack')}
      onClose={onClose}
      onConfirm={async () => {
        await api.revokeGrant(agent.namespace, agent.name, grant.id);
        onDone();
      }}
    >
      <Text as="p">
        {agent.title} is refused what it did with this permission within
        seconds, also in the middle of a run. Somebody who may give permissions
        can give it again.
      </Text>
    </ConfirmDialog>
  );
}

/** What was asked for and is not decided yet. */
function Asked({
  request,
  titles,
}: {
  request: ApprovalListItem;
  titles: Titles;
}) {
  const { t } = useTranslationRef(agentsTranslationRef);
  const approvals = useRouteRef(approvalsRouteRef)?.();
  const { askedOf, id, permission, requestedAt, requestedBy } = request;
  return (
    <li>
      <code>{permission}</code> was asked for{' '}
      <RelativeTime value={requestedAt} /> by{' '}
      <TitledLink entityRef={requestedBy} titles={titles} />. Who decides:{' '}
      <Sentence text={askedOf.join(', ')} titles={titles} />.{' '}
      {approvals && (
        <Link href={`${approvals}?view=all&id=${id}`}>
          {t('grantsSection.seeTheRequest')}
        </Link>
      )}
    </li>
  );
}

/** The permissions of Backstage plugins that the agent was given, by whom and why. */
export function GrantsSection(props: {
  agent: ShownAgent;
  access: AgentAccess;
  onChanged(): void;
}) {
  const { t } = useTranslationRef(agentsTranslationRef);
  const { access, agent, onChanged } = props;
  const { canManage } = access;
  const api = useApi(agentsApiRef);
  const [dialog, setDialog] = useState<'new' | AgentGrant>();
  const approvals = useApi(approvalsApiRef);
  const agentRef = `agent:${agent.namespace}/${agent.name}`;
  const asked = useLoad(`asked for ${agentRef}`, signal =>
    approvals.listApprovals(
      {
        view: 'all',
        status: ['pending'],
        kind: ['access'],
        agentRef,
        limit: PAGE_SIZE,
      },
      { signal },
    ),
  );
  useApprovalNews(asked.reload);
  const waiting = asked.value?.items ?? [];
  const grants = usePages(
    // What waits no more may have been given.
    `grants ${agentRef} ${waiting.map(({ id }) => id)}`,
    (cursor, signal) =>
      api.listGrants(
        agent.namespace,
        agent.name,
        { limit: PAGE_SIZE, cursor },
        { signal },
      ),
  );
  const titles = useTitles([
    ...grants.items.flatMap(({ grantedBy, reason, revokedBy }) => [
      grantedBy,
      reason,
      revokedBy,
    ]),
    ...waiting.flatMap(({ askedOf, requestedBy }) => [...askedOf, requestedBy]),
  ]);
  const close = () => setDialog(undefined);
  const done = () => {
    close();
    grants.reload();
    asked.reload();
    onChanged();
  };

  return (
    <Section
      title={t('grantsSection.permissionsItWasGiven')}
      action={
        <Button
          size="small"
          variant="secondary"
          onPress={() => setDialog('new')}
        >
          {canManage.grants ? 'Give a permission' : 'Ask for a permission'}
        </Button>
      }
    >
      {waiting.length > 0 && titles && (
        <ul className={styles.asked}>
          {waiting.map(request => (
            <Asked key={request.id} request={request} titles={titles} />
          ))}
        </ul>
      )}
      <PagedTable
        pages={grants}
        isReady={Boolean(titles)}
        columns={COLUMNS}
        expectedRows={1}
        failure={t('grantsSection.itsPermissionsCouldNotBe')}
        empty={
          <EmptyHint compact title={t('grantsSection.itWasGivenNone')}>
            {access.agent.identity === 'own'
              ? `In its own name and for people ${agent.title} calls the tools and the model of its file, and nothing else of the portal.`
              : `${agent.title} acts only for a person. For them it calls the tools and the model of its file, and nothing else of the portal.`}
            {!canManage.grants &&
              waiting.length === 0 &&
              ' Ask for what it needs; those who may give it decide.'}
          </EmptyHint>
        }
        row={grant => (
          <GrantRow
            key={grant.id}
            grant={grant}
            titles={titles!}
            // An owner may always have less than an admin gave.
            mayRevoke={canManage.grants || canManage.credentials}
            onRevoke={() => setDialog(grant)}
          />
        )}
      />
      {dialog === 'new' && (
        <NewGrant
          agent={agent}
          identity={access.agent.identity}
          mayGive={canManage.grants}
          onDone={done}
          onClose={close}
        />
      )}
      {dialog && dialog !== 'new' && (
        <RevokeGrant
          agent={agent}
          grant={dialog}
          onDone={done}
          onClose={close}
        />
      )}
    </Section>
  );
}
