import { ConfirmDialog, nameOfRef } from '@agentportal/plugin-agents-react';
import type {
  Run,
  RunMessage,
  RunStep,
} from '@agentportal/plugin-orchestration-common';
import {
  useApi,
  useAppNavigate,
  useRouteRef,
  useTranslationRef,
} from '@backstage/frontend-plugin-api';
import { Text, TextAreaField } from '@backstage/ui';
import { useMemo, useState } from 'react';
import { orchestrationApiRef } from '../api';
import { runRouteRef } from '../routes';
import { stepTitle } from '../run/stepWords';
import {
  type OrchestrationTranslation,
  orchestrationTranslationRef,
} from '../translation';
import { AnswerFields, readAnswers, type AnswerEdits } from './AnswerFields';
import {
  answersBefore,
  mayChooseModel,
  messagesBefore,
  valuesBefore,
} from './canRepeat';
import { ModelField } from './ModelField';
import styles from './repeat.module.css';

function labelOf(
  { id: number, role, toolCallId }: RunMessage,
  run: Run,
  t: OrchestrationTranslation,
): string {
  if (role === 'user') {
    return t('forkDialog.theQuestion');
  }
  const ofNode =
    run.graph && run.steps.findLast(step => step.outputMessage === number);
  if (ofNode) {
    return t('forkDialog.gaveBack', {
      step: stepTitle(ofNode),
      path: ofNode.nodePath ?? '',
    });
  }
  const call = run.messages
    ?.flatMap(({ toolCalls }) => toolCalls ?? [])
    .find(({ id }) => id === toolCallId);
  return call
    ? t('forkDialog.answered', { tool: nameOfRef(call.name) })
    : t('forkDialog.theToolAnswered');
}

/** What is done and what is not, so that nobody is surprised by a second effect. */
function consequence(
  { graph }: Run,
  step: RunStep | undefined,
  t: OrchestrationTranslation,
): string {
  if (!step) {
    return t('forkDialog.consequence.fromTheStart');
  }
  return graph
    ? t('forkDialog.consequence.workflow')
    : t('forkDialog.consequence.agent');
}

/** Repeats a run from its start or from a step, with another model or with other words before it. */
export function ForkDialog(props: {
  run: Run;
  /** Left out, from the start. */
  step?: RunStep;
  onClose: () => void;
}) {
  const { t } = useTranslationRef(orchestrationTranslationRef);
  const { run, step, onClose } = props;
  const api = useApi(orchestrationApiRef);
  const runRoute = useRouteRef(runRouteRef);
  const navigate = useAppNavigate();
  const [model, setModel] = useState('');
  const [edits, setEdits] = useState<Record<number, string>>({});
  const before = useMemo(
    () => (step ? messagesBefore(run, step) : []),
    [run, step],
  );
  const answers = useMemo(
    () =>
      step ? [...answersBefore(run, step), ...valuesBefore(run, step)] : [],
    [run, step],
  );
  const [answerEdits, setAnswerEdits] = useState<AnswerEdits>({});
  const answered = readAnswers(answers, answerEdits);
  const changed = before.flatMap(({ id, content }) =>
    edits[id] !== undefined && edits[id] !== content
      ? [{ id, content: edits[id] }]
      : [],
  );
  return (
    <ConfirmDialog
      title={
        step
          ? t(run.graph ? 'forkDialog.againFrom' : 'forkDialog.forkFrom', {
              step: stepTitle(step),
            })
          : t('forkDialog.runAgain')
      }
      action={
        step && !run.graph
          ? t('forkDialog.startTheFork')
          : t('forkDialog.runAgain')
      }
      failure={t('forkDialog.theRunCouldNotBe')}
      isIncomplete={!answered || changed.some(({ content }) => !content.trim())}
      onConfirm={async () => {
        const { id } = await api.forkRun(run.id, {
          ...(step && { fromStep: step.index }),
          ...(model && { model }),
          ...(changed.length > 0 && { messages: changed }),
          ...(answered?.length && { answers: answered }),
        });
        onClose();
        navigate(runRoute?.({ id }) ?? '');
      }}
      onClose={onClose}
    >
      <div className={styles.form}>
        <Text variant="body-medium">{consequence(run, step, t)}</Text>
        {mayChooseModel(run) && (
          <ModelField model={model} onChange={setModel} />
        )}
        {before.map(message => (
          <TextAreaField
            key={message.id}
            label={labelOf(message, run, t)}
            rows={message.role === 'user' ? 3 : 4}
            value={edits[message.id] ?? String(message.content)}
            onChange={text => setEdits(now => ({ ...now, [message.id]: text }))}
          />
        ))}
        <AnswerFields
          steps={answers}
          edits={answerEdits}
          onChange={setAnswerEdits}
        />
      </div>
    </ConfirmDialog>
  );
}
