import type { AgentControl } from '@agentportal/plugin-agents-common';
import {
  ErrorPanel,
  RowsSkeleton,
  RowTable,
  StatusMark,
  type StatusTone,
  useLoad,
  Sentence,
  useTitles,
} from '@agentportal/plugin-agents-react';
import { useApi } from '@backstage/frontend-plugin-api';
import { Button } from '@backstage/ui';
import { agentsApiRef } from '../api';
import { Section } from '../overview/Section';
import type { ShownAgent } from './StateSection';
import styles from './access.module.css';

const COLUMNS = [
  { label: 'Limit' },
  { label: 'It is' },
  { label: 'What was tried', isWideOnly: true },
];

/** How a limit or a rule is marked. */
export const ENFORCEMENT: Record<
  AgentControl['enforcement'],
  { tone: StatusTone; label: string }
> = {
  enforced: { tone: 'good', label: 'Enforced' },
  'log-only': { tone: 'waiting', label: 'Log only' },
  'declared-only': { tone: 'attention', label: 'Declared only' },
  unknown: { tone: 'waiting', label: 'Not known' },
};

/** What holds the agent to its limits; the backend tries each when somebody looks. */
export function ControlsSection({ agent }: { agent: ShownAgent }) {
  const api = useApi(agentsApiRef);
  const controls = useLoad(
    `controls ${agent.namespace}/${agent.name}`,
    signal => api.getControls(agent.namespace, agent.name, { signal }),
  );
  const titles = useTitles(
    controls.value?.flatMap(({ probe, sentence }) => [probe, sentence]),
  );
  let content = <RowsSkeleton rows={6} />;
  if (controls.error && !controls.value) {
    content = (
      <ErrorPanel
        title="What holds it to its limits could not be tried"
        error={controls.error}
        safe="The limits are what they were."
        onRetry={controls.reload}
      />
    );
  } else if (controls.value && titles) {
    content = (
      <RowTable columns={COLUMNS}>
        {controls.value.map(({ enforcement, id, probe, ruleId, sentence }) => (
          <tr key={id}>
            <th scope="row">
              <Sentence text={sentence} titles={titles} />
              {ruleId && (
                <div className={styles.quiet}>
                  <code>{ruleId}</code>
                </div>
              )}
            </th>
            <td className={styles.mark} title={probe}>
              <StatusMark status={enforcement} {...ENFORCEMENT[enforcement]} />
            </td>
            <td className={styles.quiet} data-wide-only>
              <Sentence text={probe} titles={titles} />
            </td>
          </tr>
        ))}
      </RowTable>
    );
  }
  return (
    <Section
      title="What holds it to that"
      action={
        controls.value && (
          <Button
            size="small"
            variant="secondary"
            isPending={controls.isPending}
            onPress={controls.reload}
          >
            Try again now
          </Button>
        )
      }
    >
      <p className={styles.quiet}>
        Each limit was tried just now: the portal asked its own doors for what
        they should refuse. Nothing was called.
      </p>
      {content}
    </Section>
  );
}
