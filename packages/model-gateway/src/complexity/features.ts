import type { JsonObject } from '../providers/ModelProvider';
import { WORD_KINDS, type WordKind } from './lexicon';
import { scanText } from './scanText';

/** What a request is judged by; each is a small number, mostly 0 to 3. */
export const FEATURE_NAMES = [
  ...WORD_KINDS,
  'length',
  'material',
  'paste',
  'questions',
  'sentences',
  'items',
  'digits',
  'codeLines',
  'trace',
  'mathSigns',
  'tools',
  'depth',
  'structured',
  'effort',
] as const;

/** Name of a feature. */
export type FeatureName =
  | WordKind
  | Exclude<(typeof FEATURE_NAMES)[number], WordKind>;

const EFFORT: Record<string, number> = {
  none: -1,
  minimal: -1,
  low: -0.5,
  medium: 0,
  high: 1,
  xhigh: 1.5,
};

/** The features of a chat request, in the order of {@link FEATURE_NAMES}. */
export function readFeatures(body: JsonObject): number[] {
  const messages = Array.isArray(body.messages) ? body.messages : [];
  const scan = scanText(lastUserText(messages));
  const { log1p } = Math;
  const effort = EFFORT[String(body.reasoning_effort)] ?? 0;
  const format = (body.response_format as JsonObject | null | undefined)?.type;
  return [
    ...scan.wordCounts.map(log1p),
    log1p(scan.words / 10),
    log1p(scan.material / 300),
    log1p(Math.max(0, scan.chars - scan.material - 1_200) / 1_000),
    log1p(scan.questions),
    log1p(Math.max(0, scan.sentences + scan.questions - 1)),
    log1p(scan.listItems),
    log1p(scan.digits / 4),
    log1p(scan.codeLines / 2),
    scan.traceLines > 1 ? 1 : 0,
    log1p(scan.mathSigns),
    log1p(Array.isArray(body.tools) ? body.tools.length / 4 : 0),
    log1p(Math.max(0, messages.length - 2) / 4),
    format === 'json_schema' || format === 'json_object' ? 1 : 0,
    effort,
  ];
}

/** What the person said last; a tool's answer after it changes nothing. */
function lastUserText(messages: unknown[]): string {
  for (let at = messages.length - 1; at >= 0; at -= 1) {
    const message = messages[at] as JsonObject | null;
    if (message?.role === 'user') {
      return textOf(message.content);
    }
  }
  return '';
}

function textOf(content: unknown): string {
  if (typeof content === 'string') {
    return content;
  }
  if (!Array.isArray(content)) {
    return '';
  }
  let text = '';
  for (const part of content) {
    const said = (part as JsonObject | null)?.text;
    if (typeof said === 'string') {
      text += text ? `\n${said}` : said;
    }
  }
  return text;
}
