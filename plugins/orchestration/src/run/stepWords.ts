import { nameOfRef } from '@agentportal/plugin-agents-react';
import type { Run, RunStep } from '@agentportal/plugin-orchestration-common';
import type { OrchestrationTranslation } from '../translation';

/** The built-in model, which answers when no real one is configured. */
const BUILTIN_MODEL = 'builtin/extractive';

/** What a step is called in a list. */
export function stepTitle(step: RunStep): string {
  if (step.title) {
    return step.title;
  }
  if (step.kind === 'node') {
    return inWords(step.name);
  }
  return step.kind === 'model'
    ? step.modelId ?? nameOfRef(step.name)
    : nameOfRef(step.name);
}

/** The id of a node as people would write it: `each.find-orders` is `Find orders`. */
export function inWords(id: string): string {
  const words = id.split('.').at(-1)!.replaceAll(/[-_]+/g, ' ');
  return words.charAt(0).toLocaleUpperCase('en-US') + words.slice(1);
}

/** The gateway id of the model that wrote a run's answer. */
export function answeringModel(run: Run | undefined): string | undefined {
  return run?.steps.filter(step => step.kind === 'model' && step.modelId).at(-1)
    ?.modelId;
}

/** Kinds of what the guard hides that people have a word for. */
const HIDDEN = [
  'secret',
  'personal-data',
  'link',
  'topic',
  'unsafe-content',
] as const;

/** What the guard hid in steps, each kind once. */
export function hiddenKinds(
  steps: readonly RunStep[],
): Array<(typeof HIDDEN)[number]> {
  return HIDDEN.filter(kind =>
    steps.some(({ hidden }) => hidden?.includes(kind)),
  );
}

/** Says which model answered, and is frank when it is none in the usual sense. */
export function modelNote(
  modelId: string,
  t: OrchestrationTranslation,
): string {
  return modelId === BUILTIN_MODEL
    ? t('modelNote.builtIn')
    : t('modelNote.answeredBy', { modelId });
}
