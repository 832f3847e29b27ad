import type { Evaluation } from '@agentportal/plugin-evals-common';
import {
  ErrorPanel,
  LinesSkeleton,
  Sentence,
  useLoad,
} from '@agentportal/plugin-agents-react';
import {
  RouterLink,
  useApi,
  useRouteRef,
  useTranslationRef,
} from '@backstage/frontend-plugin-api';
import { Button } from '@backstage/ui';
import { useState } from 'react';
import { evalsApiRef } from '../api/evalsApiRef';
import { experimentRouteRef } from '../routes';
import { evalsTranslationRef } from '../translation';
import { StartExperimentDialog } from './StartExperimentDialog';
import layout from '../layout/layout.module.css';

/** Starts an experiment where that may be; else it says why not and what to do instead. */
export function StartExperiment(props: {
  agentRef: string;
  /** Of what is to be tried; without it that is chosen in the dialog. */
  evaluation?: Evaluation;
  /** What there is to do instead, such as evaluating the candidate. */
  onEvaluate?: () => void;
}) {
  const { agentRef, evaluation, onEvaluate } = props;
  const api = useApi(evalsApiRef);
  const experiment = useRouteRef(experimentRouteRef);
  const { t } = useTranslationRef(evalsTranslationRef);
  const [isOpen, setOpen] = useState(false);
  const { error, reload, value } = useLoad(`admission ${agentRef}`, signal =>
    api.getExperimentAdmission({ agentRef }, { signal }),
  );
  if (!value) {
    return error ? (
      <ErrorPanel
        title={t('startExperiment.failure')}
        error={error}
        onRetry={reload}
      />
    ) : (
      <LinesSkeleton lines={1} />
    );
  }
  const { allowed, experimentId, needsEvaluation, sentence, why } = value;
  const isReady = allowed && (!needsEvaluation || evaluation !== undefined);
  if (isReady) {
    return (
      <div className={layout.actions}>
        <Button size="small" variant="secondary" onPress={() => setOpen(true)}>
          {t('startExperiment.start')}
        </Button>
        {isOpen && (
          <StartExperimentDialog
            agentRef={agentRef}
            evaluation={evaluation}
            onClose={() => setOpen(false)}
          />
        )}
      </div>
    );
  }
  return (
    <div role="note" className={layout.note}>
      <p className={layout.words}>
        {!allowed && <strong>{t('startExperiment.notNow')} </strong>}
        <Sentence text={sentence} />
      </p>
      <div className={layout.actions}>
        {onEvaluate && (allowed || why === 'people') && (
          <Button size="small" variant="secondary" onPress={onEvaluate}>
            {t('startExperiment.evaluate')}
          </Button>
        )}
        {experimentId && (
          <RouterLink href={experiment?.({ experimentId }) ?? ''}>
            {t('startExperiment.running')}
          </RouterLink>
        )}
        {why === 'unknown' && (
          <Button size="small" variant="secondary" onPress={reload}>
            {t('startExperiment.again')}
          </Button>
        )}
      </div>
    </div>
  );
}
