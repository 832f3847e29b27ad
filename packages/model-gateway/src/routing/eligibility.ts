import type { GatewayModel, RouteCandidate } from '../directory/model';
import type { RequestFeatures } from '../ports';
import type { RequestShape } from './RequestShape';

type Need = RequestFeatures['needs'][number];

/** Names under which providers and people tell the same ability. */
const ABILITY: Record<Need, readonly string[]> = {
  tools: ['tools', 'tool_calls', 'function_calling'],
  vision: ['vision', 'image', 'images'],
  audio: ['audio', 'audio_input'],
  files: ['files', 'file', 'pdf', 'documents'],
  'structured-output': [
    'structured-output',
    'structured_output',
    'structured_outputs',
    'json_schema',
  ],
};

const IN_WORDS: Record<Need, string> = {
  tools: 'tools',
  vision: 'images',
  audio: 'audio',
  files: 'files',
  'structured-output': 'structured output',
};

/**
 * Why a model cannot serve a request, as a part of a sentence. A model whose
 * abilities nobody told may be able to do everything.
 */
export function unfit(
  model: GatewayModel,
  shape: RequestShape,
): string | undefined {
  const { capabilities, contextWindow } = model;
  if (capabilities.length > 0) {
    const lacking = shape.features.needs.find(
      need => !ABILITY[need].some(name => capabilities.includes(name)),
    );
    if (lacking) {
      return `it cannot take ${IN_WORDS[lacking]}`;
    }
  }
  const tokens = shape.inputTokens + (shape.maxOutputTokens ?? 0);
  return contextWindow !== undefined && tokens > contextWindow
    ? `the request does not fit into its window of ${contextWindow} tokens`
    : undefined;
}

/** Why the rules of a candidate leave a request to others. */
export function ruledOut(
  { when }: RouteCandidate,
  { features, inputTokens }: RequestShape,
): string | undefined {
  if (!when) {
    return undefined;
  }
  const { minInputTokens, maxInputTokens, needs, dataClassification } = when;
  if (minInputTokens !== undefined && inputTokens < minInputTokens) {
    return `it is for requests of at least ${minInputTokens} tokens`;
  }
  if (maxInputTokens !== undefined && inputTokens > maxInputTokens) {
    return `it is for requests of at most ${maxInputTokens} tokens`;
  }
  if (needs && !features.needs.some(need => needs.includes(need))) {
    return `it is for requests with ${needs
      .map(need => IN_WORDS[need as Need] ?? need)
      .join(' or ')}`;
  }
  return dataClassification &&
    !dataClassification.includes(features.dataClassification ?? 'internal')
    ? `it is for ${dataClassification.join(' or ')} data`
    : undefined;
}
