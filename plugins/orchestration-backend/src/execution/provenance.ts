import type { BaseMessage } from '@langchain/core/messages';
import { AIMessage, HumanMessage, ToolMessage } from '@langchain/core/messages';

/** Longer texts are written by the model, not taken over. */
const MAX_TEXT = 10_000;
const MAX_ARGUMENTS = 50;
const LETTER_OR_DIGIT = /[\p{L}\p{N}]/u;

/**
 * Who said the texts that a tool is called with before the model did: `person`, or the
 * ref of a tool. Only what stands word for word in the message of the person, or in the
 * answer of a tool that was not itself called with it, has been said; a tool that repeats
 * what it was asked for has said nothing.
 *
 * @param options.fromPerson - whether the messages that are not the model's are a
 *   person's, and not those of an agent that handed the task over
 * @returns origins by the name of the argument, all of them; none where nobody said it
 */
export function provenanceOf(
  args: Record<string, unknown>,
  options: {
    messages: BaseMessage[];
    fromPerson: boolean;
    toolRefOf: (modelName: string) => string | undefined;
  },
): Record<string, string[]> {
  const { messages, fromPerson, toolRefOf } = options;
  const asked = new Map(
    messages
      .filter(message => AIMessage.isInstance(message))
      .flatMap(({ tool_calls = [] }) => tool_calls)
      .map(call => [call.id, JSON.stringify(call.args)]),
  );
  const sayings = messages.flatMap(message => {
    if (HumanMessage.isInstance(message)) {
      return fromPerson ? [{ origin: 'person', text: message.text }] : [];
    }
    if (!ToolMessage.isInstance(message) || message.status === 'error') {
      return [];
    }
    const origin = toolRefOf(message.name ?? '');
    const question = asked.get(message.tool_call_id);
    return origin && question !== undefined
      ? [{ origin, text: message.text, question }]
      : [];
  });
  return Object.fromEntries(
    Object.entries(args)
      .filter(
        (entry): entry is [string, string] =>
          typeof entry[1] === 'string' &&
          entry[1].trim() !== '' &&
          entry[1].length <= MAX_TEXT,
      )
      .slice(0, MAX_ARGUMENTS)
      .map(([name, value]) => [
        name,
        [
          ...new Set(
            sayings
              .filter(
                ({ text, question }) =>
                  says(text, value) && !(question && says(question, value)),
              )
              .map(({ origin }) => origin),
          ),
        ],
      ]),
  );
}

/** Whether a text has another as whole words, also where it is JSON. */
function says(text: string, value: string): boolean {
  const wanted = value.trim();
  return [wanted, JSON.stringify(wanted).slice(1, -1)].some(form => {
    for (
      let at = text.indexOf(form);
      at >= 0;
      at = text.indexOf(form, at + 1)
    ) {
      const before = text[at - 1] ?? '';
      const after = text[at + form.length] ?? '';
      if (!LETTER_OR_DIGIT.test(before) && !LETTER_OR_DIGIT.test(after)) {
        return true;
      }
    }
    return false;
  });
}
