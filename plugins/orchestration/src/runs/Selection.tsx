import { ConfirmDialog, StatusMark } from '@agentportal/plugin-agents-react';
import type {
  RerunResults,
  RunSummary,
} from '@agentportal/plugin-orchestration-common';
import {
  RouterLink,
  useApi,
  useRouteRef,
  useTranslationRef,
} from '@backstage/frontend-plugin-api';
import { Button, ButtonLink, Text } from '@backstage/ui';
import { useState } from 'react';
import { orchestrationApiRef } from '../api';
import { ModelField } from '../repeat/ModelField';
import { compareRouteRef, runRouteRef } from '../routes';
import { isFinal } from '../run/useRun';
import { orchestrationTranslationRef } from '../translation';
import repeatStyles from '../repeat/repeat.module.css';
import styles from './runs.module.css';

/** The API repeats so many at a time. */
const MOST = 50;
/** More are in the list. */
const NAMED = 5;

type Results = RerunResults['items'];

function RepeatDialog(props: {
  runs: readonly RunSummary[];
  onRepeated: (results: Results) => void;
  onClose: () => void;
}) {
  const { t } = useTranslationRef(orchestrationTranslationRef);
  const { runs, onRepeated, onClose } = props;
  const api = useApi(orchestrationApiRef);
  const [model, setModel] = useState('');
  const ended = runs.filter(isFinal);
  const open = runs.length - ended.length;
  const ids = ended.slice(0, MOST).map(({ id }) => id);
  const action = t('selection.repeatRuns', { count: ids.length });
  return (
    <ConfirmDialog
      title={t('selection.runAgain')}
      action={action}
      failure={t('selection.theRunsCouldNotBe')}
      isIncomplete={ids.length === 0}
      onConfirm={async () => {
        const { items } = await api.rerunRuns({ ids, ...(model && { model }) });
        onRepeated(items);
      }}
      onClose={onClose}
    >
      <div className={repeatStyles.form}>
        <Text variant="body-medium">
          {t('selection.eachAsksTheSameAgain')}
          {open > 0 && t('selection.leftOut', { count: open })}
          {ended.length > MOST &&
            t('selection.atMostAreRepeatedAt', { most: String(MOST) })}
        </Text>
        <ModelField model={model} onChange={setModel} />
      </div>
    </ConfirmDialog>
  );
}

/** What became of each run that was repeated. */
function Repeated(props: { results: Results; onClose: () => void }) {
  const { t } = useTranslationRef(orchestrationTranslationRef);
  const { results, onClose } = props;
  const runRoute = useRouteRef(runRouteRef);
  const started = results.filter(({ run }) => run);
  return (
    <section
      className={styles.selection}
      aria-label={t('selection.runsRepeated')}
    >
      <span>{t('selection.started', { count: started.length })}</span>
      {started.slice(0, NAMED).map(({ run }) => (
        <RouterLink key={run!.id} href={runRoute?.({ id: run!.id }) ?? ''}>
          {run!.id.slice(0, 8)}
        </RouterLink>
      ))}
      {results.map(
        ({ id, error }) =>
          error && (
            <span key={id}>
              <StatusMark
                status="failed"
                label={`${id.slice(0, 8)}: ${error.message}`}
              />
            </span>
          ),
      )}
      <Button size="small" variant="tertiary" onPress={onClose}>
        {t('selection.close')}
      </Button>
    </section>
  );
}

/** What can be done with the runs that are chosen in a list. */
export function Selection(props: {
  chosen: readonly RunSummary[];
  onClear: () => void;
  onRepeated: () => void;
}) {
  const { t } = useTranslationRef(orchestrationTranslationRef);
  const { chosen, onClear, onRepeated } = props;
  const compareRoute = useRouteRef(compareRouteRef);
  const [isRepeating, setRepeating] = useState(false);
  const [results, setResults] = useState<Results>();
  if (results && chosen.length === 0) {
    return <Repeated results={results} onClose={() => setResults(undefined)} />;
  }
  if (chosen.length === 0) {
    return null;
  }
  // The one that was there first stands left.
  const [left, right] = chosen.toSorted((a, b) =>
    a.createdAt.localeCompare(b.createdAt),
  );
  return (
    <section
      className={styles.selection}
      aria-label={t('selection.chosenRuns')}
    >
      <span>{t('selection.chosen', { chosen: String(chosen.length) })}</span>
      {chosen.length === 2 && compareRoute && (
        <ButtonLink
          size="small"
          variant="secondary"
          href={`${compareRoute()}?left=${left.id}&right=${right.id}`}
        >
          {t('selection.compare')}
        </ButtonLink>
      )}
      <Button
        size="small"
        variant="secondary"
        onPress={() => setRepeating(true)}
      >
        {t('selection.runAgain2')}
      </Button>
      <Button size="small" variant="tertiary" onPress={onClear}>
        {t('selection.chooseNone')}
      </Button>
      {isRepeating && (
        <RepeatDialog
          runs={chosen}
          onRepeated={items => {
            setRepeating(false);
            setResults(items);
            onClear();
            onRepeated();
          }}
          onClose={() => setRepeating(false)}
        />
      )}
    </section>
  );
}
