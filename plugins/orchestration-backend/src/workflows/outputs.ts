import {
  toText,
  type WorkflowNodeOf,
} from '@agentportal/plugin-orchestration-common';
import type { JsonObject } from '@backstage/types';
import { choiceIn } from './choices';

/** What an agent that was asked gives to the nodes after it. */
export function agentOutput(text: string, agent: string) {
  return { text, agent };
}

/** What a person who has answered gives to the nodes after it. */
export function humanOutput(values: JsonObject) {
  return { ...values, text: toText(values.answer ?? values) };
}

/** What a model gives to the nodes after it. */
export function modelOutput(
  { choices }: WorkflowNodeOf<'model'>,
  text: string,
) {
  return { text, ...(choices && { choice: choiceIn(text, choices) ?? null }) };
}

/** The structured answer of a tool where it has one. */
export function toolOutput(text: string): unknown {
  // A note of people who changed the call stands on a line before the answer.
  for (const candidate of [text, text.slice(text.indexOf('\n') + 1)]) {
    try {
      const value: unknown = JSON.parse(candidate);
      if (value !== null && typeof value === 'object') {
        return Array.isArray(value) ? { items: value, text } : value;
      }
    } catch {
      // It is text.
    }
  }
  return { text };
}
