import type { AgentEntity } from '@agentportal/plugin-agents-common';
import {
  ApprovalStatusMark,
  messageOf,
  RelativeTime,
  Sentence,
  useApprovalNews,
  useLoad,
} from '@agentportal/plugin-agents-react';
import { stringifyEntityRef } from '@backstage/catalog-model';
import {
  useApi,
  useRouteRef,
  useTranslationRef,
} from '@backstage/frontend-plugin-api';
import { Button, Link } from '@backstage/ui';
import { useState } from 'react';
import { agentsTranslationRef } from '../translation';
import { agentsApiRef } from '../api';
import { approvalsRouteRef } from '../routes';
import { Section } from './Section';
import styles from './overview.module.css';

const HOLDS = {
  part: 'Not all that its file says has been approved, so it works as it was approved before.',
  owners: 'Nobody has approved it yet, so it works for its owners only.',
};

/** That less holds than the file of the agent says; nothing where all of it does. */
export function PublicationSection({ agent }: { agent: AgentEntity }) {
  const { t } = useTranslationRef(agentsTranslationRef);
  const api = useApi(agentsApiRef);
  const route = useRouteRef(approvalsRouteRef)?.();
  const [refusal, setRefusal] = useState<string>();
  const { name, namespace = 'default' } = agent.metadata;
  const inProduction = agent.spec.lifecycle === 'production';
  const read = useLoad(
    inProduction ? `publication ${stringifyEntityRef(agent)}` : undefined,
    signal => api.getPublication(namespace, name, { signal }),
  );
  useApprovalNews(read.reload);
  if (!read.value || read.value.holds === 'all') {
    return null;
  }
  const { gate, holds, request } = read.value;
  const ask = async () => {
    try {
      await api.requestPublication(namespace, name);
      setRefusal(undefined);
      read.reload();
    } catch (error) {
      setRefusal(messageOf(error));
    }
  };
  return (
    <Section title={t('publicationSection.publication')}>
      <p className={styles.quiet}>{HOLDS[holds]}</p>
      {gate && (
        <p>
          {t('publicationSection.gate')} {gate}
        </p>
      )}
      {request && (
        <p>
          <ApprovalStatusMark
            approval={{ status: request.status, quorum: 1, approvals: 0 }}
          />{' '}
          {route ? (
            <Link href={`${route}?view=all&status=any&id=${request.id}`}>
              <Sentence text={request.title ?? ''} plain />
            </Link>
          ) : (
            <Sentence text={request.title ?? ''} plain />
          )}{' '}
          {request.status === 'pending' && (
            <span className={styles.quiet}>
              {t('publicationSection.until', {
                time: <RelativeTime value={request.expiresAt} />,
              })}
            </span>
          )}
        </p>
      )}
      {request && request.status !== 'pending' && (
        <>
          <p className={styles.quiet}>
            <Sentence text={request.reason} />
          </p>
          <Button variant="secondary" onPress={ask}>
            {t('publicationSection.askOnceMore')}
          </Button>
        </>
      )}
      {refusal && <p role="alert">{refusal}</p>}
    </Section>
  );
}
