import type { RunSummary } from '@agentportal/plugin-orchestration-common';
import {
  AIMessage,
  type BaseMessage,
  HumanMessage,
} from '@langchain/core/messages';

/** A rough rule that holds for most languages written in Latin letters. */
const CHARACTERS_PER_TOKEN = 4;

/**
 * What the model is told of a conversation so far: the latest turns that were
 * answered, as many as fit. A turn is given whole or not at all.
 */
export function previousMessages(
  runs: RunSummary[],
  limits: { maxTurns: number; maxTokens: number },
): BaseMessage[] {
  const answered = runs.filter(run => run.status === 'succeeded' && run.output);
  const messages: BaseMessage[] = [];
  let characters = limits.maxTokens * CHARACTERS_PER_TOKEN;
  let turns = limits.maxTurns;
  for (const run of answered.reverse()) {
    const question = run.input.message;
    const answer = run.output?.message ?? '';
    characters -= question.length + answer.length;
    turns -= 1;
    if (characters < 0 || turns < 0) {
      break;
    }
    messages.unshift(new HumanMessage(question), new AIMessage(answer));
  }
  return messages;
}
