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
import { useApi, useTranslationRef } from '@backstage/frontend-plugin-api';
import { Button } from '@backstage/ui';
import { agentsTranslationRef } from '../translation';
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
  const { t } = useTranslationRef(agentsTranslationRef);
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
        title={t('controlsSection.whatHoldsItToIts')}
        error={controls.error}
        safe={t('controlsSection.theLimitsAreWhatThey')}
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
      title={t('controlsSection.whatHoldsItToThat')}
      action={
        controls.value && (
          <Button
            size="small"
            variant="secondary"
            isPending={controls.isPending}
            onPress={controls.reload}
          >
            {t('controlsSection.tryAgainNow')}
          </Button>
        )
      }
    >
      <p className={styles.quiet}>
        {t('controlsSection.eachLimitWasTriedJust')}
      </p>
      {content}
    </Section>
  );
}
