import { StatusMark } from '@agentportal/plugin-agents-react';
import type { RouteSummary } from '@agentportal/plugin-models-common';
import { Text } from '@backstage/ui';
import styles from './RoutesPage.module.css';

const TIERS = {
  simple: 'simple requests',
  medium: 'requests up to medium difficulty',
  complex: 'requests up to complex ones',
  reasoning: 'all requests, the hardest too',
} as const;

type Target = RouteSummary['candidates'][number];

/** The models that a route may end up with, in their order. */
export function Candidates({ route }: { route: RouteSummary }) {
  const total = route.candidates.reduce(
    (sum, { weight }) => sum + (weight ?? 1),
    0,
  );
  const notes = (target: Target) =>
    [
      route.strategy === 'weighted' &&
        `Gets ${Math.round(
          ((target.weight ?? 1) / total) * 100,
        )} % of the conversations.`,
      target.tier && `Trusted with ${TIERS[target.tier]}.`,
      ...(target.rules ?? []),
      target.unavailable,
    ].filter(Boolean);
  return (
    <ol className={styles.candidates} aria-label="Candidates">
      {route.candidates.map(target => (
        <Row key={target.id} target={target} notes={notes(target)} />
      ))}
      {route.fallbacks.map(target => (
        <Row
          key={`fallback ${target.id}`}
          target={target}
          notes={['Fallback.', target.unavailable].filter(Boolean)}
        />
      ))}
    </ol>
  );
}

function Row(props: {
  target: Pick<Target, 'id' | 'available'>;
  notes: unknown[];
}) {
  const { notes, target } = props;
  return (
    <li className={styles.candidate} data-available={target.available}>
      <code>{target.id}</code>
      <StatusMark
        status={target.available ? 'available' : 'unavailable'}
        label={target.available ? undefined : 'Not available here'}
        tone={target.available ? undefined : 'off'}
      />
      {notes.length > 0 && (
        <Text as="p" variant="body-small" color="secondary">
          {notes.join(' ')}
        </Text>
      )}
    </li>
  );
}
