import {
  ErrorPanel,
  LinesSkeleton,
  Sentence,
  StatusMark,
  useLoad,
} from '@agentportal/plugin-agents-react';
import { useApi } from '@backstage/frontend-plugin-api';
import { evalsApiRef } from '../api/evalsApiRef';
import layout from '../layout/layout.module.css';
import styles from './evaluations.module.css';

/** Whether an agent passes what it must before it is published; of an evaluation, whether that would. */
export function GateSentence(props: {
  agentRef: string;
  evaluationId?: string;
}) {
  const { agentRef, evaluationId } = props;
  const api = useApi(evalsApiRef);
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
        title="Whether it passes its gate could not be found out"
        error={error}
        safe="What is in force stays so."
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
