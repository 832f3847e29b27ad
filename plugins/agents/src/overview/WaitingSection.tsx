import {
  ApprovalStatusMark,
  RelativeTime,
  Sentence,
  approvalsApiRef,
  useApprovalNews,
  useLoad,
} from '@agentportal/plugin-agents-react';
import {
  useApi,
  useRouteRef,
  useTranslationRef,
} from '@backstage/frontend-plugin-api';
import { Link } from '@backstage/ui';
import { agentsTranslationRef } from '../translation';
import { approvalsRouteRef } from '../routes';
import { Section } from './Section';
import styles from './overview.module.css';

const SHOWN = 3;

/** What of the agent's work waits for people; nothing where nothing does. */
export function WaitingSection({ agentRef }: { agentRef: string }) {
  const { t } = useTranslationRef(agentsTranslationRef);
  const api = useApi(approvalsApiRef);
  const route = useRouteRef(approvalsRouteRef)?.();
  const open = useLoad(`waiting ${agentRef}`, signal =>
    api.listApprovals(
      { view: 'all', status: ['pending'], agentRef, limit: SHOWN },
      { signal },
    ),
  );
  useApprovalNews(open.reload);
  const { items = [], nextCursor } = open.value ?? {};
  if (items.length === 0) {
    return null;
  }
  const all = `${route}?view=all&agent=${encodeURIComponent(agentRef)}`;
  return (
    <Section
      title={t('waitingSection.waitsForPeople')}
      action={
        nextCursor &&
        route && <Link href={all}>{t('waitingSection.allOfThem')}</Link>
      }
    >
      <ul className={styles.list}>
        {items.map(item => (
          <li key={item.id}>
            {route ? (
              <Link href={`${all}&id=${item.id}`}>
                <Sentence text={item.title} plain />
              </Link>
            ) : (
              <Sentence text={item.title} plain />
            )}
            <div className={styles.quiet}>
              {t('waitingSection.since', {
                status: <ApprovalStatusMark approval={item} />,
                time: <RelativeTime value={item.requestedAt} />,
              })}
            </div>
          </li>
        ))}
      </ul>
    </Section>
  );
}
