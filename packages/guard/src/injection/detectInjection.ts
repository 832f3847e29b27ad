import { hiddenWords } from '../text/fold';
import { Segmenter } from '../text/segment';
import { type ViewKind, viewsOf } from '../text/views';
import { piecesOf, windowsOf } from '../text/windows';
import { LinearModel } from './LinearModel';
import weights from './weights.json';

/**
 * Where a text comes from. Only a person speaks to the model; what tools, documents and
 * models say is data.
 *
 * @public
 */
export type Origin = 'person' | 'tool' | 'document' | 'model';

/**
 * That a text tries to steer the model that reads it.
 *
 * @public
 */
export interface Injection {
  /** From 0 to 1; 0.5 is the threshold for texts whose origin is not known. */
  score: number;
  /** How the text was read when it was found. */
  view: ViewKind;
  /** Which part found it. */
  by: 'model' | 'markers';
  /** What was found, in the form in which it was read, at most 120 characters. */
  excerpt: string;
}

const model = new LinearModel(weights);
const segmenter = new Segmenter(weights.words.split(' '));
/** Longer texts are looked at in parts by the caller. */
export const MAX_TEXT = 200_000;
/** Decoded text has a reason to be hidden. */
const HIDDEN_PRIOR = 0.1;

/** What gives a text the voice of the system or of a person in common prompt formats. */
const MARKERS =
  /<\|(?:im_start|system|assistant|user|start_header_id|eot_id|endoftext)\|?>?|\[\/?inst\]|<<\/?sys>>|<\/?(?:system|system-reminder|instructions?|user_query|tool_response|function_results)>|(?:^|\n)#{2,4} ?(?:system|instruction|assistant)s? ?:?\s*(?:\n|$)|\n\n(?:human|assistant|system) ?:/;
/** A picture whose address has a place for what the reader knows. */
const LEAKING_IMAGE =
  /!\[[^\]\n]{0,200}\]\(\s?https?:\/\/[^)\s]{1,500}[?&][^)\s]{0,200}=\s?(?:\{|<|\[|%7b|%3c|\$)/;

/**
 * Finds the part of a text that most looks like an instruction to its reader.
 *
 * @param text - at most 200,000 characters of it are read
 * @returns nothing when no part reaches 0.5
 * @public
 */
export function detectInjection(
  text: string,
  options: { origin?: Origin } = {},
): Injection | undefined {
  let best: Injection | undefined;
  const consider = (found: Injection) => {
    if (found.score >= 0.5 && found.score > (best?.score ?? 0)) {
      best = found;
    }
  };
  for (const { kind, text: read } of viewsOf(text.slice(0, MAX_TEXT))) {
    const marker =
      options.origin === 'person'
        ? undefined
        : MARKERS.exec(read) ?? LEAKING_IMAGE.exec(read);
    if (marker) {
      consider({
        score: 0.9,
        view: kind,
        by: 'markers',
        excerpt: read.slice(marker.index, marker.index + 120),
      });
    }
    const prior = kind === 'plain' ? 0 : HIDDEN_PRIOR;
    const judge = (window: string) =>
      consider({
        score: Math.min(1, model.score(window) + prior),
        view: kind,
        by: 'model',
        excerpt: window.slice(0, 120),
      });
    for (const window of windowsOf(read)) {
      const hidden = hiddenWords(window);
      if (!hidden?.all) {
        judge(window);
      }
      if (hidden) {
        for (const piece of piecesOf(segmenter.segment(hidden.letters))) {
          judge(piece);
        }
      }
    }
  }
  return best;
}
