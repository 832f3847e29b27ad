import type {
  ForkRunRequest,
  RunStep,
} from '@agentportal/plugin-orchestration-common';
import { useTranslationRef } from '@backstage/frontend-plugin-api';
import { TextAreaField } from '@backstage/ui';
import { stepTitle } from '../run/stepWords';
import { orchestrationTranslationRef } from '../translation';

/** What people wrote over what people answered, by step and field. */
export type AnswerEdits = Record<number, Record<string, string>>;

/** Whether people were asked; else a node has set values. */
function isAnswer({ input }: RunStep): boolean {
  return 'question' in Object(input);
}

function valuesOf(step: RunStep): Record<string, unknown> {
  const { text, ...values } = Object(step.output);
  // Of an answer it is made of the others.
  return isAnswer(step) || text === undefined ? values : { text, ...values };
}

function toWords(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/** A text stays one; anything else is written as JSON. */
function fromWords(before: unknown, words: string): unknown {
  return typeof before === 'string' ? words : JSON.parse(words);
}

/**
 * The answers that were changed, as they are sent.
 *
 * @returns nothing while one of them cannot be read
 */
export function readAnswers(
  steps: RunStep[],
  edits: AnswerEdits,
): ForkRunRequest['answers'] | undefined {
  try {
    return steps.flatMap(step => {
      const values = valuesOf(step);
      const changed = Object.entries(edits[step.index] ?? {}).filter(
        ([field, words]) => words !== toWords(values[field]),
      );
      const said = changed.map(([field, words]) => [
        field,
        fromWords(values[field], words),
      ]);
      return changed.length
        ? {
            step: step.index,
            values: { ...values, ...Object.fromEntries(said) },
          }
        : [];
    });
  } catch {
    return undefined;
  }
}

/** What people answered and nodes set, field by field, to be otherwise. */
export function AnswerFields(props: {
  steps: RunStep[];
  edits: AnswerEdits;
  onChange: (edits: AnswerEdits) => void;
}) {
  const { t } = useTranslationRef(orchestrationTranslationRef);
  const { steps, edits, onChange } = props;
  return steps.flatMap(step =>
    Object.entries(valuesOf(step)).map(([field, value]) => (
      <TextAreaField
        key={`${step.id} ${field}`}
        label={t(
          isAnswer(step)
            ? 'answerFields.theAnswerTo'
            : 'answerFields.whatItSet',
          { step: stepTitle(step), field },
        )}
        rows={2}
        value={edits[step.index]?.[field] ?? toWords(value)}
        onChange={words =>
          onChange({
            ...edits,
            [step.index]: { ...edits[step.index], [field]: words },
          })
        }
      />
    )),
  );
}
