import {
  approvalsApiRef,
  useApprovalNews,
  useLoad,
} from '@agentportal/plugin-agents-react';
import { useApi, useTranslationRef } from '@backstage/frontend-plugin-api';
import { Badge } from '@backstage/ui';
import { portalTranslationRef } from '../../translation';

const MOST = 99;

/** How many requests wait for the person to decide; nothing when none does. */
export function WaitingCount() {
  const api = useApi(approvalsApiRef);
  const { t } = useTranslationRef(portalTranslationRef);
  const summary = useLoad('waiting approvals', signal =>
    api.getSummary({ signal }),
  );
  useApprovalNews(summary.reload);
  const count = summary.value?.waiting.mine ?? 0;
  return count > 0 ? (
    <span title={t('nav.waiting', { number: String(count) })}>
      <Badge size="small">{count > MOST ? `${MOST}+` : String(count)}</Badge>
    </span>
  ) : null;
}
