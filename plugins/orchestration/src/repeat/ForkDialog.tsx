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
} from '@backstage/frontend-plugin-api';
import { Text, TextAreaField } from '@backstage/ui';
import { useMemo, useState } from 'react';
import { orchestrationApiRef } from '../api';
import { runRouteRef } from '../routes';
import { stepTitle } from '../run/stepWords';
import { AnswerFields, readAnswers, type AnswerEdits } from './AnswerFields';
import { answersBefore, mayChooseModel, messagesBefore } from './canRepeat';
import { ModelField } from './ModelField';
import styles from './repeat.module.css';

function labelOf({ role, toolCallId }: RunMessage, run: Run): string {
  if (role === 'user') {
    return 'The question';
  }
  const ofNode =
    run.graph && run.steps.findLast(step => step.nodePath === toolCallId);
  if (ofNode) {
    return `What ${stepTitle(ofNode)} gave back (${toolCallId})`;
  }
  const call = run.messages
    ?.flatMap(({ toolCalls }) => toolCalls ?? [])
    .find(({ id }) => id === toolCallId);
  return `What ${call ? nameOfRef(call.name) : 'the tool'} answered`;
}

/** What is done and what is not, so that nobody is surprised by a second effect. */
function consequence({ graph }: Run, step: RunStep | undefined): string {
  if (!step) {
    return 'A run of its own asks the same from the start. This one stays as it is. Calls are made again, whatever they did before, and cost again.';
  }
  return graph
    ? 'A run of its own begins here. What had ended and does not depend on this step is kept, and not done again. This step and all that come after it run anew, whatever they did before, and cost again. This run stays as it is.'
    : 'A run of its own begins here, with what was said until then. This one stays as it is. Calls are made again, whatever they did before, and cost again.';
}

/** Repeats a run from its start or from a step, with another model or with other words before it. */
export function ForkDialog(props: {
  run: Run;
  /** Left out, from the start. */
  step?: RunStep;
  onClose: () => void;
}) {
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
    () => (step ? answersBefore(run, step) : []),
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
          ? `${run.graph ? 'Run again' : 'Fork'} from ${stepTitle(step)}`
          : 'Run again'
      }
      action={step && !run.graph ? 'Start the fork' : 'Run again'}
      failure="The run could not be repeated"
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
        <Text variant="body-medium">{consequence(run, step)}</Text>
        {mayChooseModel(run) && (
          <ModelField model={model} onChange={setModel} />
        )}
        {before.map(message => (
          <TextAreaField
            key={message.id}
            label={labelOf(message, run)}
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
