import type { CheckStatus } from '@agentportal/plugin-evals-common';
import { StatusMark, type StatusTone } from '@agentportal/plugin-agents-react';

const KNOWN: Record<CheckStatus, { label: string; tone: StatusTone }> = {
  passed: { label: 'Passed', tone: 'good' },
  failed: { label: 'Not passed', tone: 'bad' },
  'not-enough-evidence': { label: 'Not enough evidence', tone: 'waiting' },
  'not-applicable': { label: 'Does not apply', tone: 'off' },
};

/** What became of a check; too little evidence is grey and no failure. */
export function CheckMark(props: {
  status: CheckStatus;
  /** Words to show, or to read out, instead of the usual ones. */
  label?: string;
  iconOnly?: boolean;
}) {
  const { iconOnly, label, status } = props;
  const known = KNOWN[status];
  return (
    <StatusMark
      status={status}
      tone={known.tone}
      label={label ?? known.label}
      iconOnly={iconOnly}
    />
  );
}
