/**
 * What an agent's generated face looks like. Two agents differ in colour first,
 * then in head, eyes, mouth and antenna, so that neighbours in a list are told
 * apart at 20 pixels.
 *
 * @public
 */
export interface AgentFace {
  /** CSS colour behind the head. */
  background: string;
  /** CSS colour of the head. */
  head: string;
  headShape: 'round' | 'square' | 'tall' | 'hexagon';
  eyes: 'dots' | 'bars' | 'wide' | 'visor';
  mouth: 'line' | 'smile' | 'grille' | 'none';
  antenna: 'none' | 'one' | 'two';
}

const HEADS: readonly AgentFace['headShape'][] = [
  'round',
  'square',
  'tall',
  'hexagon',
];
const EYES: readonly AgentFace['eyes'][] = ['dots', 'bars', 'wide', 'visor'];
const MOUTHS: readonly AgentFace['mouth'][] = [
  'line',
  'smile',
  'grille',
  'none',
];
const ANTENNAS: readonly AgentFace['antenna'][] = ['none', 'one', 'two'];

/** FNV-1a with a final mix, so that names that differ in one letter part ways. */
function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) {
    hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  }
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}

/**
 * The part of a name that decides the face: `agent:default/x`, `default/x` and
 * `x` are the same agent and get the same face.
 */
function seedOf(name: string): string {
  return name
    .trim()
    .toLocaleLowerCase('en-US')
    .replace(/^agent:/, '')
    .replace(/^default\//, '');
}

/**
 * Derives a face from an agent's entity ref or name. Pure and stable: the same
 * name gives the same face on every page, in every session.
 *
 * @public
 */
export function faceOf(name: string): AgentFace {
  const hash = hashOf(seedOf(name));
  const hue = hash % 360;
  const otherHue = (hue + 130 + ((hash >>> 9) % 5) * 25) % 360;
  return {
    background: `hsl(${hue} 52% 38%)`,
    head: `hsl(${otherHue} 72% 84%)`,
    headShape: HEADS[(hash >>> 12) % HEADS.length],
    eyes: EYES[(hash >>> 16) % EYES.length],
    mouth: MOUTHS[(hash >>> 20) % MOUTHS.length],
    antenna: ANTENNAS[(hash >>> 24) % ANTENNAS.length],
  };
}
