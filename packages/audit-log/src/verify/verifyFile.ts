import { createReadStream } from 'node:fs';
import type { PublicKeys, TreeHead } from '../heads';
import { ExportVerifier } from './ExportVerifier';
import type { VerificationReport } from './report';

/** Longer than any entry that a log takes, with its proof, in bytes. */
const MAX_LINE = 4_000_000;
const LINE_FEED = 0x0a;

/** The lines of a file one by one, as the bytes that they are; a longer one than there can be is cut. */
export async function* readLines(file: string): AsyncGenerator<Buffer> {
  let pieces: Buffer[] = [];
  let length = 0;
  const take = (piece: Buffer) => {
    if (piece.length && length < MAX_LINE) {
      pieces.push(piece.subarray(0, MAX_LINE - length));
      length += pieces.at(-1)!.length;
    }
  };
  const line = () => {
    const whole = pieces.length === 1 ? pieces[0] : Buffer.concat(pieces);
    pieces = [];
    length = 0;
    return whole;
  };
  for await (const chunk of createReadStream(file) as AsyncIterable<Buffer>) {
    let from = 0;
    for (
      let end = chunk.indexOf(LINE_FEED);
      end >= 0;
      end = chunk.indexOf(LINE_FEED, from)
    ) {
      take(chunk.subarray(from, end));
      yield line();
      from = end + 1;
    }
    take(chunk.subarray(from));
  }
  if (length) {
    yield line();
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
