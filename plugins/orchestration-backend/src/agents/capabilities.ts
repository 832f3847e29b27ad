import type { AgentSnapshot } from './snapshot';

/** How much of it a model is told, which is paid for with every call. */
const TOLD = { tools: 20, questions: 5, characters: 200 };

/** What an agent says of itself that it can do, by which others find whom to ask. */
export function capabilitiesOf({ description, spec }: AgentSnapshot) {
  return {
    about: spec.handoffDescription ?? description ?? '',
    tools: (spec.tools ?? []).map(ref => ref.slice(ref.lastIndexOf('/') + 1)),
    questions: spec.exampleQuestions ?? [],
  };
}

/** The same in a few lines for a model. */
export function aboutOf(agent: AgentSnapshot): string {
  const { about, questions, tools } = capabilitiesOf(agent);
  const asked = questions
    .slice(0, TOLD.questions)
    // On one line, so that a question cannot look like a line of the portal's.
    .map(text => text.replaceAll(/\s+/g, ' ').slice(0, TOLD.characters));
  return [
    about,
    ...(tools.length
      ? [`Its tools: ${tools.slice(0, TOLD.tools).join(', ')}.`]
      : []),
    ...(asked.length ? [`It is asked, for example: ${asked.join(' ')}`] : []),
  ].join('\n');
}
