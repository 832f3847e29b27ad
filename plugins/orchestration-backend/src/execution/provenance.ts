import type { BaseMessage } from '@langchain/core/messages';
import { AIMessage, HumanMessage, ToolMessage } from '@langchain/core/messages';

/** Longer texts are written by the model, not taken over. */
const MAX_TEXT = 10_000;
// A model may be told to make this dear, and everybody waits for it: arguments that are
// looked at, characters that are searched, places of one text that are tried.
const MAX_ARGUMENTS = 20;
const MAX_SAID = 1_000_000;
const MAX_PLACES = 100;
const LETTER_OR_DIGIT = /[\p{L}\p{N}]/u;

/**
 * Who said the texts that a tool is called with before the model did: `person`, or the
 * ref of a tool. Only what stands word for word in the message of the person, or in the
 * answer of a tool that was not itself called with it, has been said; a tool that repeats
 * what it was asked for has said nothing.
 *
 * @param options.fromPerson - whether the messages that are not the model's are a
 *   person's, and not those of an agent that handed the task over
 * @returns origins by the name of the argument, all of them; none where nobody said it, or
 *   where it is too much to find out
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
  const said = messages.flatMap((message): Saying[] => {
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
  // What is latest is most likely meant; what the person wrote is short.
  const sayings = withinLimit([
    ...said.filter(({ question }) => question === undefined),
    ...said.filter(({ question }) => question !== undefined).reverse(),
  ]);
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

/** Something that was said, and what a tool was asked before it said it. */
interface Saying {
  origin: string;
  text: string;
  question?: string;
}

/** The first of some texts, as far as all of them together may be searched. */
function withinLimit(said: Saying[]): Saying[] {
  let left = MAX_SAID;
  return said.filter(({ text }) => {
    left -= text.length;
    return left >= 0;
  });
}

/** Whether a text has another as whole words, also where it is JSON. */
function says(text: string, value: string): boolean {
  const wanted = value.trim();
  const forms = new Set([wanted, JSON.stringify(wanted).slice(1, -1)]);
  return [...forms].some(form => {
    let at = text.indexOf(form);
    for (let tried = 0; at >= 0 && tried < MAX_PLACES; tried++) {
      const before = text[at - 1] ?? '';
      const after = text[at + form.length] ?? '';
      if (!LETTER_OR_DIGIT.test(before) && !LETTER_OR_DIGIT.test(after)) {
        return true;
      }
      at = text.indexOf(form, at + 1);
    }
    return false;
  });
}
