import { createReadStream } from 'node:fs';
import type { PublicKeys, TreeHead } from '../heads';
import { ExportVerifier } from './ExportVerifier';
import type { VerificationReport } from './report';

/** Longer than any entry that a log takes, with its proof. */
const MAX_LINE = 4_000_000;

/** The lines of a file one by one; a longer one than there can be is cut. */
export async function* readLines(file: string): AsyncGenerator<string> {
  let rest = '';
  for await (const chunk of createReadStream(file, 'utf8')) {
    const lines = (rest + chunk).split('\n');
    rest = lines.pop()!.slice(0, MAX_LINE);
    yield* lines;
  }
  if (rest) {
    yield rest;
  }
}

/**
 * Verifies an export in a file.
 *
 * @param options - see {@link ExportVerifier}
 * @throws Error when the file cannot be read
 * @public
 */
export async function verifyExportFile(
  file: string,
  options: { keys?: PublicKeys; heads?: TreeHead[] } = {},
): Promise<VerificationReport> {
  const verifier = new ExportVerifier(options);
  for await (const line of readLines(file)) {
    verifier.line(line);
  }
  return verifier.finish();
}
