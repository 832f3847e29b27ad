import {
  ErrorPanel,
  LinesSkeleton,
  Sentence,
  StatusMark,
  formatCount,
  useLoad,
} from '@agentportal/plugin-agents-react';
import { useApi, useTranslationRef } from '@backstage/frontend-plugin-api';
import { evalsApiRef } from '../api/evalsApiRef';
import { evalsTranslationRef } from '../translation';
import layout from '../layout/layout.module.css';
import styles from './evaluations.module.css';

/** Whether an agent passes what it must before it is published; of an evaluation, whether that would. */
export function GateSentence(props: {
  agentRef: string;
  evaluationId?: string;
}) {
  const { agentRef, evaluationId } = props;
  const api = useApi(evalsApiRef);
  const { t } = useTranslationRef(evalsTranslationRef);
  const { error, reload, value } = useLoad(
    `gate ${agentRef} ${evaluationId}`,
    signal =>
      api.getGate(
        { agentRef, ...(evaluationId && { evaluationId }) },
        { signal },
      ),
  );
  if (!value) {
    return error ? (
      <ErrorPanel
        title={t('gateSentence.whetherItPassesItsGate')}
        error={error}
        safe={t('gateSentence.whatIsInForceStays')}
        onRetry={reload}
      />
    ) : (
      <LinesSkeleton lines={1} />
    );
  }
  if (!value.required) {
    return (
      <p className={layout.quiet}>
        <Sentence text={value.sentence} />
      </p>
    );
  }
  return (
    <div className={styles.gate} data-passed={value.passed}>
      <StatusMark
        status={value.passed ? 'passed' : 'failed'}
        tone={value.passed ? 'good' : 'bad'}
        label={value.passed ? 'Passes its gate' : 'Does not pass its gate'}
      />
      <span>
        <Sentence text={value.sentence} />
      </span>
      {value.dataSets && (
        <ul>
          {value.dataSets.map(set => (
            <li key={set.dataSetId}>
              {t('gate.dataSet', {
                title: set.title,
                // Half a case is no whole one; a mean may be a hair below what it is.
                right: `${Math.floor(set.right * 10 + 1e-6) / 10}`,
                cases: formatCount(set.cases),
                evaluations: formatCount(set.evaluations),
              })}
            </li>
          ))}
        </ul>
      )}
      {value.reasons.length > 0 && (
        <ul>
          {value.reasons.map(reason => (
            <li key={reason}>
              <Sentence text={reason} />
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}
