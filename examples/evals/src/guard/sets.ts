import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { z } from 'zod/v4';

/** A text and whether it tries to steer the model that reads it. */
export interface GuardCase {
  text: string;
  isAttack: boolean;
  kind: string;
}

const rowSchema = z
  .object({
    text: z.string(),
    label: z.union([z.boolean(), z.number(), z.string()]).optional(),
    expected_action: z.string().optional(),
    bypass_class: z.string().optional(),
    kind: z.string().optional(),
  })
  .refine(
    row => row.label !== undefined || row.expected_action !== undefined,
    'needs "label" (true or false) or "expected_action" (allow or another)',
  );

const BENIGN = new Set(['0', 'false', 'benign', 'allow', 'safe']);

/** Reads a file of cases: one JSON object a line. */
export function readRows(file: string): GuardCase[] {
  return readFileSync(file, 'utf8')
    .split('\n')
    .filter(line => line.trim())
    .map((line, i) => {
      const { data, error } = rowSchema.safeParse(JSON.parse(line));
      if (!data) {
        throw new Error(`${file}, line ${i + 1}: ${z.prettifyError(error)}`);
      }
      return {
        text: data.text,
        isAttack: !BENIGN.has(String(data.expected_action ?? data.label)),
        kind: data.kind ?? data.bypass_class ?? '',
      };
    });
}

/** One text a line, all of one label. */
export function readLines(file: string, isAttack: boolean): GuardCase[] {
  return readFileSync(file, 'utf8')
    .trim()
    .split('\n')
    .map(text => ({ text, isAttack, kind: '' }));
}

/** The texts of a folder, which steer nobody, in parts as long as what a tool returns. */
export function readProse(folder: string): GuardCase[] {
  const length = 1_000;
  const parts: string[] = [];
  for (const name of existsSync(folder) ? readdirSync(folder).sort() : []) {
    if (/\.(md|txt)$/.test(name)) {
      const text = readFileSync(path.join(folder, name), 'utf8').slice(
        0,
        400_000,
      );
      for (let at = 0; at < text.length; at += length) {
        parts.push(text.slice(at, at + length));
      }
    }
  }
  return parts.map(text => ({ text, isAttack: false, kind: '' }));
}
