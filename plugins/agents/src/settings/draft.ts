import type { AgentSettings } from '@agentportal/plugin-agents-common';

/** Limits that the form has a field for; others stay as they are. */
export const LIMITS = [
  'maxCostUsd',
  'maxToolCalls',
  'maxDurationSeconds',
] as const;
type Limit = (typeof LIMITS)[number];

/** The settings as they stand in the fields of the form. */
export interface Draft
  extends Pick<AgentSettings, 'lifecycle' | 'autonomy' | 'tools' | 'model'>,
    Record<Limit | 'monthlyBudgetUsd', string> {
  title: string;
  description: string;
  instructions: string;
  /** One a line. */
  exampleQuestions: string;
}

const SHORTEST_TITLE = 2;
const MOST_QUESTIONS = 20;

/** What the form begins with. */
export function draftOf(settings: AgentSettings): Draft {
  const text = (value: number | undefined) => value?.toString() ?? '';
  return {
    title: settings.title ?? '',
    description: settings.description,
    instructions: settings.instructions ?? '',
    model: settings.model,
    lifecycle: settings.lifecycle,
    autonomy: settings.autonomy,
    tools: settings.tools,
    exampleQuestions: settings.exampleQuestions.join('\n'),
    monthlyBudgetUsd: text(settings.monthlyBudgetUsd),
    maxCostUsd: text(settings.quotas.maxCostUsd),
    maxToolCalls: text(settings.quotas.maxToolCalls),
    maxDurationSeconds: text(settings.quotas.maxDurationSeconds),
  };
}

/** Settings of a draft, and of which fields it cannot be read. */
export function settingsOfDraft(
  draft: Draft,
  base: AgentSettings,
): { settings: AgentSettings; wrong: ReadonlySet<keyof Draft> } {
  const wrong = new Set<keyof Draft>();
  const number = (field: Limit | 'monthlyBudgetUsd') => {
    const text = draft[field].trim();
    if (!text) return undefined;
    const value = Number(text);
    const isWhole = field === 'maxToolCalls' || field === 'maxDurationSeconds';
    const least = { maxCostUsd: 0.000001, maxDurationSeconds: 1 }[
      field as string
    ];
    if (
      !Number.isFinite(value) ||
      value < (least ?? 0) ||
      (isWhole && !Number.isInteger(value))
    ) {
      wrong.add(field);
    }
    return value;
  };
  const text = (field: 'title' | 'description' | 'instructions') =>
    draft[field].trim() || undefined;
  const questions = draft.exampleQuestions
    .split('\n')
    .map(line => line.trim())
    .filter(Boolean);
  if (questions.length > MOST_QUESTIONS) wrong.add('exampleQuestions');
  const title = text('title');
  if (title && title.length < SHORTEST_TITLE) wrong.add('title');
  if (!text('description')) wrong.add('description');
  // The file may end with an empty line, which is no change of the instructions.
  const instructions =
    base.instructions?.trim() === text('instructions')
      ? base.instructions
      : text('instructions');
  return {
    // What is undefined is not sent.
    settings: {
      ...base,
      title,
      description: text('description') ?? '',
      instructions,
      model: draft.model,
      lifecycle: draft.lifecycle,
      autonomy: draft.autonomy,
      tools: draft.tools,
      exampleQuestions: questions,
      monthlyBudgetUsd: number('monthlyBudgetUsd'),
      quotas: {
        ...base.quotas,
        ...Object.fromEntries(LIMITS.map(limit => [limit, number(limit)])),
      },
    },
    wrong,
  };
}
