import type { AgentEntity } from '@agentportal/plugin-agents-common';
import { AgentAvatar } from '@agentportal/plugin-agents-react';
import { stringifyEntityRef } from '@backstage/catalog-model';
import { useTranslationRef } from '@backstage/frontend-plugin-api';
import { orchestrationTranslationRef } from '../translation';
import styles from './chat.module.css';

/**
 * The start of a conversation: who this is, and what to try. A question is handed to the composer and
 * not sent, because what it sets off may change things, here or in what the agent passes it on to.
 */
export function EmptyChat(props: {
  agent: AgentEntity;
  /** Left out where the agent takes no questions; then none is offered. */
  onTake?: (question: string) => void;
}) {
  const { t } = useTranslationRef(orchestrationTranslationRef);
  const { agent, onTake } = props;
  const questions = agent.spec.exampleQuestions ?? [];
  return (
    <div className={styles.empty}>
      <AgentAvatar name={stringifyEntityRef(agent)} size="x-large" />
      <h2 className={styles.emptyTitle}>
        {agent.metadata.title ?? agent.metadata.name}
      </h2>
      {agent.metadata.description && (
        <p className={styles.emptyText}>{agent.metadata.description}</p>
      )}
      {onTake && questions.length > 0 && (
        <>
          <p className={styles.quiet}>{t('emptyChat.questionsToTry')}</p>
          <ul className={styles.examples}>
            {questions.map(question => (
              <li key={question}>
                <button
                  type="button"
                  className={styles.example}
                  onClick={() => onTake(question)}
                >
                  {question}
                </button>
              </li>
            ))}
          </ul>
        </>
      )}
    </div>
  );
}
