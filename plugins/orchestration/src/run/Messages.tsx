import type { Run } from '@agentportal/plugin-orchestration-common';
import {
  AgentAvatar,
  EmptyHint,
  EntityLink,
  ForeignMarkdown,
  Sentence,
  nameOfRef,
} from '@agentportal/plugin-agents-react';
import { useTranslationRef } from '@backstage/frontend-plugin-api';
import { useEntityRefLink } from '@backstage/plugin-catalog-react';
import { Link } from '@backstage/ui';
import { orchestrationTranslationRef } from '../translation';
import { answeringModel, modelNote } from './stepWords';
import styles from './run.module.css';

/** The question and the answer of a run, as people read them. */
export function Messages(props: { run: Run; text: string }) {
  const { t } = useTranslationRef(orchestrationTranslationRef);
  const { run, text } = props;
  const entityLink = useEntityRefLink();
  const answer = run.output?.message ?? text;
  const model = answeringModel(run);
  return (
    <div className={styles.messages}>
      <article className={styles.message}>
        <h3 className={styles.messageWho}>
          <EntityLink entityRef={run.createdBy} />
        </h3>
        <p className={styles.question}>{run.input.message}</p>
      </article>
      <article className={styles.message}>
        <h3 className={styles.messageWho}>
          <AgentAvatar name={run.agentRef} size="x-small" />
          {run.agentTitle ?? nameOfRef(run.agentRef)}
        </h3>
        {answer ? (
          <ForeignMarkdown content={answer} />
        ) : (
          <EmptyHint compact title={t('messages.noAnswer')}>
            <Sentence
              text={run.error?.message ?? t('messages.theRunHasNotAnswered')}
            />
          </EmptyHint>
        )}
        {model && answer && (
          <p className={styles.quiet}>{modelNote(model, t)}</p>
        )}
      </article>
      <Link
        href={`${entityLink(run.agentRef)}/chat?thread=${encodeURIComponent(
          run.threadId,
        )}`}
      >
        {t('messages.openTheConversation')}
      </Link>
    </div>
  );
}
