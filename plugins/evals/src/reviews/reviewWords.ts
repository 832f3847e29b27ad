import type {
  FailureKind,
  Review,
  ReviewReason,
  ReviewStatus,
  ReviewVerdict,
} from '@agentportal/plugin-evals-common';
import type { StatusTone } from '@agentportal/plugin-agents-react';

/** State of the page that its URL holds. */
export const REVIEWS_STATE = {
  agent: '',
  status: 'waiting',
  reason: '',
  id: '',
} as const;

export const REASONS: Record<ReviewReason, string> = {
  feedback: 'A person was not content',
  failed: 'The run failed',
  guard: 'A guard found something',
  sampled: 'Chosen by chance',
};

export const STATUSES: Record<ReviewStatus, string> = {
  waiting: 'Waits for a reviewer',
  judged: 'Judged',
};

export const VERDICTS: Record<
  ReviewVerdict,
  { word: string; tone: StatusTone; key: string }
> = {
  good: { word: 'Good', tone: 'good', key: 'g' },
  bad: { word: 'Bad', tone: 'bad', key: 'b' },
  unclear: { word: 'Cannot tell', tone: 'attention', key: 'u' },
};

export const FAILURES: Record<FailureKind, string> = {
  'wrong-answer': 'Wrong answer',
  'wrong-tool': 'Wrong tool',
  'wrong-arguments': 'Right tool, wrong arguments',
  'made-up': 'Made up',
  refused: 'Refused what it should do',
  unsafe: 'Unsafe',
  tone: 'Tone',
  slow: 'Too slow',
  other: 'Something else',
};

/** What a review is called in the list: the question, or why it was chosen. */
export function titleOfReview({ ask, feedback, reason }: Review): string {
  return ask ?? feedback?.comment ?? REASONS[reason];
}
