import { setImmediate } from 'node:timers/promises';
import {
  detectInjection,
  type Injection,
  MAX_TEXT,
  type Origin,
} from './injection/detectInjection';
import { findSensitive } from './sensitive/findSensitive';
import type { SensitivePart } from './sensitive/personalData';
import { mayHoldSecret } from './sensitive/secrets';

/** Parts of a long text share so many characters, so that none cuts an instruction in two. */
const OVERLAP = 1_000;

/**
 * What is looked for in which texts.
 *
 * @public
 */
export interface InspectionTask {
  texts: string[];
  origin?: Origin;
  injections: boolean;
  secrets: boolean;
  personalData: boolean;
}

/**
 * What was found in a text.
 *
 * @public
 */
export interface Inspection {
  injection?: Injection;
  parts: SensitivePart[];
}

/**
 * Looks at texts; the entry `@agentportal/guard/worker` does the same in a process of its
 * own, which long texts need: about half a millisecond for each kilobyte.
 *
 * @returns what was found in each, in their order
 * @public
 */
export async function inspect(task: InspectionTask): Promise<Inspection[]> {
  const { injections, origin, personalData, secrets, texts } = task;
  const inspections: Inspection[] = [];
  for (const text of texts) {
    if (inspections.length > 0 && secrets && mayHoldSecret(text)) {
      // A millisecond each, however short they are: others have their turn between two.
      await setImmediate();
    }
    inspections.push({
      injection: injections ? findInjection(text, origin) : undefined,
      parts:
        secrets || personalData
          ? await findSensitive(text, { personalData, secrets })
          : [],
    });
  }
  return inspections;
}

/** The first one of a text of any length. */
function findInjection(text: string, origin?: Origin): Injection | undefined {
  for (let at = 0; at < text.length; at += MAX_TEXT - OVERLAP) {
    const found = detectInjection(text.slice(at, at + MAX_TEXT), { origin });
    if (found) return found;
  }
  return undefined;
}
