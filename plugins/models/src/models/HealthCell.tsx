import {
  formatDuration,
  formatPercent,
  RelativeTime,
  StatusMark,
} from '@agentportal/plugin-agents-react';
import type { ModelSummary } from '@agentportal/plugin-models-common';
import { Text } from '@backstage/ui';

/** How a model has done in the last minutes: how soon it begins, how often it fails. */
export function HealthCell({ health }: { health: ModelSummary['health'] }) {
  if (!health) {
    return (
      <Text variant="body-small" color="secondary">
        Not called lately
      </Text>
    );
  }
  const { errorRate, firstByteP50Ms, firstByteP95Ms, tokensPerSecond } = health;
  return (
    <>
      {health.state !== 'closed' && (
        <>
          <StatusMark
            status={health.state}
            tone="attention"
            label={health.state === 'open' ? 'Left alone' : 'Tried again'}
          />
          <Text as="p" variant="body-small" color="secondary">
            {health.reason && `Because ${health.reason}.`}
            {health.until && (
              <>
                {' Tried again '}
                <RelativeTime value={health.until} />.
              </>
            )}
          </Text>
        </>
      )}
      {firstByteP50Ms !== undefined && (
        <span title={slowest(firstByteP95Ms)}>
          Begins after {formatDuration(firstByteP50Ms)}
        </span>
      )}
      <Text as="p" variant="body-small" color="secondary">
        {[
          tokensPerSecond !== undefined &&
            `${Math.round(tokensPerSecond)} tokens a second`,
          errorRate > 0 && `${formatPercent(errorRate)} failed`,
        ]
          .filter(Boolean)
          .join(' · ')}
      </Text>
    </>
  );
}

function slowest(firstByteP95Ms?: number): string | undefined {
  return firstByteP95Ms === undefined
    ? undefined
    : `95 of 100 begin within ${formatDuration(firstByteP95Ms)}`;
}
