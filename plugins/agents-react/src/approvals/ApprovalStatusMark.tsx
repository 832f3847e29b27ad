import { useTranslationRef } from '@backstage/frontend-plugin-api';
import type {
  ApprovalListItem,
  ApprovalStatus,
} from '@agentportal/plugin-agents-common';
import { agentsReactTranslationRef } from '../translation';
import { StatusMark, type StatusTone } from '../badges';

const TONES: Record<ApprovalStatus, StatusTone> = {
  pending: 'attention',
  approved: 'good',
  rejected: 'bad',
  expired: 'off',
  withdrawn: 'off',
  answered: 'good',
};

/**
 * What a request stands at, as a word, a shape and a colour.
 *
 * @public
 */
export function ApprovalStatusMark(props: {
  approval: Pick<
    ApprovalListItem,
    'status' | 'quorum' | 'approvals' | 'brokenGlassBy'
  >;
}) {
  const { t } = useTranslationRef(agentsReactTranslationRef);
  const { approvals, brokenGlassBy, quorum, status } = props.approval;
  const tone = TONES[status];
  if (status === 'pending' && approvals > 0) {
    return (
      <StatusMark
        status={status}
        tone={tone}
        label={t('approvalStatusMark.someOf', {
          approvals: String(approvals),
          quorum: String(quorum),
        })}
      />
    );
  }
  return brokenGlassBy ? (
    <StatusMark
      status={status}
      tone="attention"
      label={t('approvalStatusMark.letPassInAnEmergency')}
    />
  ) : (
    <StatusMark
      status={status}
      tone={tone}
      label={t(`approvalStatusMark.${status}`)}
    />
  );
}
