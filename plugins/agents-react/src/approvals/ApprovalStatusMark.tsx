import type {
  ApprovalListItem,
  ApprovalStatus,
} from '@agentportal/plugin-agents-common';
import { StatusMark, type StatusTone } from '../badges';

const MARKS: Record<ApprovalStatus, { tone: StatusTone; label: string }> = {
  pending: { tone: 'attention', label: 'Waiting' },
  approved: { tone: 'good', label: 'Approved' },
  rejected: { tone: 'bad', label: 'Rejected' },
  expired: { tone: 'off', label: 'Nobody decided in time' },
  withdrawn: { tone: 'off', label: 'Withdrawn' },
  answered: { tone: 'good', label: 'Answered' },
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
  const { approvals, brokenGlassBy, quorum, status } = props.approval;
  const mark = MARKS[status];
  if (status === 'pending' && approvals > 0) {
    return (
      <StatusMark
        status={status}
        tone={mark.tone}
        label={`${approvals} of ${quorum} approved`}
      />
    );
  }
  return brokenGlassBy ? (
    <StatusMark
      status={status}
      tone="attention"
      label="Let pass in an emergency"
    />
  ) : (
    <StatusMark status={status} {...mark} />
  );
}
