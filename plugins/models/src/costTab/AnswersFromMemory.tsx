import {
  ConfirmDialog,
  formatCount,
  formatNanoUsd,
  useLoad,
} from '@agentportal/plugin-agents-react';
import { useApi } from '@backstage/frontend-plugin-api';
import { Button, Text } from '@backstage/ui';
import { useState } from 'react';
import { modelsApiRef } from '../api/modelsApiRef';
import styles from './CostTab.module.css';

/**
 * What an agent remembers of its answers and what that saved, with the way to
 * make it forget. Nothing is shown of an agent that remembers nothing.
 */
export function AnswersFromMemory(props: { agentRef: string; title: string }) {
  const { agentRef, title } = props;
  const api = useApi(modelsApiRef);
  const [asks, setAsks] = useState(false);
  const [forgotten, setForgotten] = useState<number>();
  const { reload, value } = useLoad(agentRef, signal =>
    api.getAnswerCache({ agentRef }, { signal }),
  );
  const figures = value?.items[0];
  if (!figures && forgotten === undefined) {
    return null;
  }
  return (
    <section aria-label="Answers from memory">
      <div className={styles.head}>
        <h3 className={styles.heading}>Answers from memory</h3>
        {figures && (
          <Button variant="secondary" onPress={() => setAsks(true)}>
            Forget them
          </Button>
        )}
      </div>
      <Text as="p" color="secondary">
        {figures
          ? `${title} remembers ${counted(
              figures.entries,
              'answer',
            )}. ${counted(
              figures.hits,
              'time',
            )} one was given again, which saved ${formatNanoUsd(
              figures.savedNanoUsd,
            )}.`
          : `${counted(forgotten ?? 0, 'answer')} forgotten.`}
      </Text>
      {asks && (
        <ConfirmDialog
          title={`Make ${title} forget its answers?`}
          action="Forget them"
          keep="Keep them"
          destructive
          failure="The answers were not forgotten"
          onConfirm={async () => {
            const { deleted } = await api.purgeAnswerCache({ agentRef });
            setForgotten(deleted);
            setAsks(false);
            reload();
          }}
          onClose={() => setAsks(false)}
        >
          <Text as="p">
            The next time somebody asks, a model answers, and that costs what it
            costs. What was saved so far stays in the figures.
          </Text>
        </ConfirmDialog>
      )}
    </section>
  );
}

function counted(count: number, what: string): string {
  return `${formatCount(count)} ${what}${count === 1 ? '' : 's'}`;
}
