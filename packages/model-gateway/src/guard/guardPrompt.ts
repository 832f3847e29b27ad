import { objectsOf, textsOf, type JsonPath } from '../compression/TextSlot';
import { rewriteStrings, type StringEdit } from '../compression/rewriteStrings';
import type { Exchange, InputFormat, RawRequest } from '../formats/InputFormat';
import type { JsonObject, NativeFormat } from '../providers/ModelProvider';
import { readForm, replaceFields } from '../passthrough/multipart';
import type { GuardedCall, ToldTexts } from './CallGuard';

/** What is asked, once the guard has looked at it. */
export interface GuardedExchange {
  raw: RawRequest;
  exchange: Exchange;
  refusal?: string;
  note?: string;
}

/**
 * Lets the guard look at what people have written. What changes is read anew, so that
 * the request and its translation never say different things.
 */
export async function guardPrompt(
  guarded: GuardedCall | undefined,
  asked: { raw: RawRequest; exchange: Exchange; format: InputFormat },
): Promise<GuardedExchange> {
  const { exchange, format, raw } = asked;
  if (!guarded?.prompt) {
    return { raw, exchange };
  }
  const { body, native, passed } = exchange.request;
  const { isNew, texts: written } = passed
    ? { isNew: true, texts: passed.written }
    : writtenIn(native?.body ?? body, native?.format);
  if (written.length === 0) {
    return { raw, exchange };
  }
  const { note, refusal, texts } = await guarded.prompt(
    written.map(({ text }) => text),
    isNew,
  );
  const edits = written.flatMap(({ path, text }, index) =>
    texts && texts[index] !== text
      ? [{ path, from: text, to: texts[index] }]
      : [],
  );
  if (edits.length === 0) {
    return { raw, exchange, refusal, note };
  }
  const changed = raw.form
    ? { ...raw, form: withFields(raw, raw.form, edits) }
    : { ...raw, text: rewriteStrings(raw.text, edits) };
  return { raw: changed, exchange: format.read(changed), refusal, note };
}

function withFields(
  raw: RawRequest,
  form: Buffer,
  edits: StringEdit[],
): Buffer {
  return replaceFields(
    readForm(raw.headers['content-type'], form),
    Object.fromEntries(edits.map(({ path, to }) => [String(path[0]), to])),
  );
}

/** What others than the model say in a request: people, operators and tools. */
export function toldIn({ request: { body, native } }: Exchange): ToldTexts {
  const json = native?.body ?? body;
  const texts: string[] = [];
  let hasResults = false;
  for (const name of ['system', 'instructions', 'input']) {
    if (typeof json[name] === 'string') texts.push(json[name]);
  }
  for (const item of [
    ...objectsOf(json.system),
    ...objectsOf(json.messages),
    ...objectsOf(json.input),
  ]) {
    if (!item || item.role === 'assistant' || item.type === 'function_call') {
      continue;
    }
    const { content, output, text } = item;
    const said = content ?? output ?? text ?? '';
    texts.push(typeof said === 'string' ? said : JSON.stringify(said));
    hasResults ||=
      item.role === 'tool' ||
      output !== undefined ||
      objectsOf(content).some(part => part?.type === 'tool_result');
  }
  return { texts, hasResults };
}

/** The texts that people wrote, in their order. */
function writtenIn(
  body: JsonObject,
  format: NativeFormat | undefined,
): { texts: Array<{ path: JsonPath; text: string }>; isNew: boolean } {
  const name = format === 'openai-responses' ? 'input' : 'messages';
  if (typeof body[name] === 'string') {
    return { texts: [{ path: [name], text: body[name] }], isNew: true };
  }
  const messages = objectsOf(body[name]);
  const texts = messages.flatMap((message, index) =>
    message?.role === 'user'
      ? textsOf(
          message.content,
          [name, index, 'content'],
          ['text', 'input_text'],
        )
      : [],
  );
  const last = messages.at(-1);
  return {
    texts,
    isNew: last?.role === 'user' && textsOfLast(last) > 0,
  };
}

/** In Anthropic's form the results of tools are a user's message too. */
function textsOfLast(message: JsonObject): number {
  return textsOf(message.content, [], ['text', 'input_text']).length;
}
