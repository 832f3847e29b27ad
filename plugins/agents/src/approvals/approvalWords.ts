import type {
  Approval,
  ApprovalKind,
  ApprovalListItem,
  ApprovalStatus,
  ListApprovalsQuery,
} from '@agentportal/plugin-agents-common';

/** State of the page that its URL holds. */
export const APPROVALS_STATE = {
  view: 'mine',
  status: 'open',
  kind: '',
  agent: '',
  id: '',
} as const;

export const VIEWS = [
  { id: 'mine', label: 'Mine' },
  { id: 'team', label: 'My teams’' },
  { id: 'requested', label: 'Asked by me' },
  { id: 'all', label: 'All' },
] as const;

export const STATUSES = [
  { id: 'open', label: 'Waiting' },
  { id: 'closed', label: 'Decided' },
  { id: 'any', label: 'Waiting and decided' },
] as const;

export const KINDS: Record<ApprovalKind, string> = {
  'tool-call': 'Tool call',
  access: 'Access',
  publication: 'Publication',
  question: 'Question',
  review: 'Review of an emergency',
};

const CLOSED: ApprovalStatus[] = [
  'approved',
  'rejected',
  'expired',
  'withdrawn',
  'answered',
];

/** The state as the backend takes it; words that it does not know are dropped. */
export function toQuery(state: {
  view: string;
  status: string;
  kind: string;
  agent: string;
}): ListApprovalsQuery {
  const kind = state.kind in KINDS ? [state.kind as ApprovalKind] : undefined;
  const closed = state.status === 'closed' ? CLOSED : undefined;
  return {
    view: VIEWS.find(({ id }) => id === state.view)?.id ?? 'mine',
    status: state.status === 'any' ? undefined : closed ?? ['pending'],
    ...(kind && { kind }),
    ...(state.agent && { agentRef: state.agent }),
  };
}

/** What somebody may do with a request, in the order of its buttons. */
export type Action =
  | 'approve'
  | 'edit'
  | 'reject'
  | 'ask'
  | 'breakGlass'
  | 'withdraw';

/** Whether it may be done now; an answered question has no more to approve. */
export function may(approval: Approval, action: Action): boolean {
  return approval.can[action].allowed;
}

/** Keys that open an action, as people know them from lists of mail. */
export const KEYS: Record<string, Action> = {
  a: 'approve',
  e: 'edit',
  r: 'reject',
};

/** The action of a key, where it may be done now. */
export function actionOf(key: string, approval: Approval | undefined) {
  const action = KEYS[key];
  return action && approval?.status === 'pending' && may(approval, action)
    ? action
    : undefined;
}

/** Whether many of it may be decided at once: what stays inside our own systems, and needs one person. */
export function isBulkSafe(item: ApprovalListItem): boolean {
  return (
    item.canDecide &&
    item.kind === 'tool-call' &&
    item.quorum === 1 &&
    (item.riskTier === 'read' || item.riskTier === 'write')
  );
}

/** A value of an argument as people read it. */
export function valueText(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value, null, 1);
}

/** What somebody changes in a call: only what differs. */
export function changesOf(
  before: Record<string, unknown> = {},
  after: Record<string, unknown> = {},
): { name: string; from: unknown; to: unknown }[] {
  return [...new Set([...Object.keys(before), ...Object.keys(after)])]
    .map(name => ({ name, from: before[name], to: after[name] }))
    .filter(({ from, to }) => JSON.stringify(from) !== JSON.stringify(to));
}
