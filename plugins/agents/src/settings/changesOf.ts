import type { AgentSettings } from '@agentportal/plugin-agents-common';

/** A setting, or a limit of a run. */
export type Field =
  | Exclude<keyof AgentSettings, 'quotas'>
  | keyof AgentSettings['quotas'];

/** What becomes different; a list has what comes and goes, all else what was and what will be. */
export type SettingChange =
  | { field: Field; added: string[]; removed: string[] }
  | { field: Field; before: string; after: string };

const WORDS = [
  'title',
  'description',
  'instructions',
  'model',
  'lifecycle',
  'autonomy',
  'monthlyBudgetUsd',
] as const;
const LISTS = ['tools', 'exampleQuestions'] as const;
const QUOTAS = [
  'maxCostUsd',
  'maxToolCalls',
  'maxDurationSeconds',
  'maxTokens',
  'maxSteps',
] as const;

/** Compares settings field by field, in the order of the form. */
export function changesOf(
  before: AgentSettings,
  after: AgentSettings,
): SettingChange[] {
  const word = (field: Field, from: unknown, to: unknown): SettingChange[] => {
    const [a, b] = [from, to].map(value => String(value ?? '').trim());
    return a === b ? [] : [{ field, before: a, after: b }];
  };
  return [
    ...WORDS.flatMap(field => word(field, before[field], after[field])),
    ...LISTS.flatMap(field => {
      const added = after[field].filter(item => !before[field].includes(item));
      const removed = before[field].filter(
        item => !after[field].includes(item),
      );
      return added.length + removed.length > 0
        ? [{ field, added, removed }]
        : [];
    }),
    ...QUOTAS.flatMap(field =>
      word(field, before.quotas[field], after.quotas[field]),
    ),
  ];
}
