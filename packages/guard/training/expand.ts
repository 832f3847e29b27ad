import { readFileSync } from 'node:fs';

/** A text of a family, whose label is whether it tries to steer its reader. */
export interface Example {
  text: string;
  family: string;
  label: 0 | 1;
}

/** Numbers that look random and are the same each time (mulberry32). */
export function randomOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

/**
 * Reads a file of templates: `## family language` begins a family, `= name: a | b`
 * names choices for `{name}`, `[a|b]` is a choice in place, ⟦ and ⟧ stand for brackets.
 */
export function readFamilies(file: string): Map<string, string[]> {
  const families = new Map<string, string[]>();
  let lines: string[] = [];
  for (const line of readFileSync(file, 'utf8').split('\n')) {
    if (line.startsWith('## ')) {
      lines = [];
      families.set(line.slice(3), lines);
    } else if (/^= /.test(line)) {
      const [, name, choices] = /^= (\w+): (.*)$/.exec(line)!;
      families.set(`= ${name}`, choices.split(' | '));
    } else if (line && !/^# /.test(line)) {
      lines.push(line);
    }
  }
  return families;
}

/** Makes texts of each family; the same each time. */
export function expand(
  file: string,
  label: 0 | 1,
  perTemplate: number,
  seed: number,
): Example[] {
  const families = readFamilies(file);
  const random = randomOf(seed);
  const pick = <T>(list: T[]) => list[Math.floor(random() * list.length)];
  const fill = (template: string, depth = 0): string =>
    template
      .replace(/\{(\w+)\}/g, (all, name) => {
        const choices = families.get(`= ${name}`);
        return choices && depth < 6 ? fill(pick(choices), depth + 1) : all;
      })
      .replace(/\[([^[\]]*\|[^[\]]*)\]/g, (_, choices) =>
        pick(choices.split('|')),
      );
  const examples: Example[] = [];
  for (const [family, templates] of families) {
    if (!family.startsWith('= ')) {
      templates.forEach((template, i) => {
        for (const text of new Set(
          Array.from({ length: perTemplate }, () =>
            fill(template)
              .replace(/⟦/g, '[')
              .replace(/⟧/g, ']')
              .replace(/ {2,}/g, ' ')
              .replace(/(?<=\p{Script=Han}) (?=\p{Script=Han})/gu, '')
              .trim(),
          ),
        )) {
          examples.push({ text, family: `${label}:${family} ${i}`, label });
        }
      });
    }
  }
  return examples;
}
