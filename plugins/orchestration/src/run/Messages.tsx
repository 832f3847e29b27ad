import type { Run } from '@agentportal/plugin-orchestration-common';
import {
  AgentAvatar,
  EmptyHint,
  EntityLink,
  ForeignMarkdown,
  Sentence,
  nameOfRef,
} from '@agentportal/plugin-agents-react';
import { useEntityRefLink } from '@backstage/plugin-catalog-react';
import { Link } from '@backstage/ui';
import { answeringModel, modelNote } from './stepWords';
import styles from './run.module.css';

/** The question and the answer of a run, as people read them. */
export function Messages(props: { run: Run; text: string }) {
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
          <EmptyHint compact title="No answer">
            <Sentence
              text={run.error?.message ?? 'The run has not answered yet.'}
            />
          </EmptyHint>
        )}
        {model && answer && <p className={styles.quiet}>{modelNote(model)}</p>}
      </article>
      <Link
        href={`${entityLink(run.agentRef)}/chat?thread=${encodeURIComponent(
          run.threadId,
        )}`}
      >
        Open the conversation
      </Link>
    </div>
  );
}
