import type { Verdict } from '@agentportal/plugin-evals-common';
import {
  Sentence,
  StatusMark,
  type StatusTone,
} from '@agentportal/plugin-agents-react';
import layout from '../layout/layout.module.css';

const DECISIONS: Record<
  Verdict['decision'],
  { label: string; tone: StatusTone }
> = {
  better: { label: 'Better', tone: 'good' },
  worse: { label: 'Worse', tone: 'bad' },
  'no-difference': { label: 'No difference', tone: 'off' },
  undecided: { label: 'Not decided', tone: 'waiting' },
};

/** A decision as a word and a shape. */
export function DecisionMark({ verdict }: { verdict: Verdict }) {
  return (
    <StatusMark status={verdict.decision} {...DECISIONS[verdict.decision]} />
  );
}

/** What a comparison says, first of all. */
export function VerdictLine({ verdict }: { verdict: Verdict }) {
  return (
    <p className={layout.verdict}>
      <DecisionMark verdict={verdict} />
      <span>
        <Sentence text={verdict.sentence} />
      </span>
    </p>
  );
}
