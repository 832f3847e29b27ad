import type {
  ForkRunRequest,
  RunStep,
} from '@agentportal/plugin-orchestration-common';
import { TextAreaField } from '@backstage/ui';
import { stepTitle } from '../run/stepWords';

/** What people wrote over what people answered, by step and field. */
export type AnswerEdits = Record<number, Record<string, string>>;

function valuesOf({ output }: RunStep): Record<string, unknown> {
  // `text` is made of the others.
  const { text: _, ...values } = Object(output);
  return values;
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

/** What people answered, field by field, to be answered otherwise. */
export function AnswerFields(props: {
  steps: RunStep[];
  edits: AnswerEdits;
  onChange: (edits: AnswerEdits) => void;
}) {
  const { steps, edits, onChange } = props;
  return steps.flatMap(step =>
    Object.entries(valuesOf(step)).map(([field, value]) => (
      <TextAreaField
        key={`${step.id} ${field}`}
        label={`The answer to ${stepTitle(step)}: ${field}`}
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
