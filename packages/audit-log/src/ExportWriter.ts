import { createHash } from 'node:crypto';
import { encode } from './encoding';
import type { ExportLine } from './exportLines';
import type { LogSigner } from './heads';

/**
 * Writes the lines of an export and signs the last one for all of them.
 *
 * @public
 */
export class ExportWriter {
  readonly #digest = createHash('sha256');
  readonly #signer: LogSigner;
  #entries = 0;

  constructor(signer: LogSigner) {
    this.#signer = signer;
  }

  /** A line with its line feed. */
  line(line: Exclude<ExportLine, { kind: 'end' }>): string {
    const text = `${JSON.stringify(line)}\n`;
    this.#digest.update(text);
    this.#entries += line.kind === 'entry' ? 1 : 0;
    return text;
  }

  /** The last line. */
  end(): string {
    const digest = this.#digest.copy().digest();
    return `${JSON.stringify({
      kind: 'end',
      entries: this.#entries,
      digest: encode(digest),
      ...this.#signer.signExport(digest),
    } satisfies ExportLine)}\n`;
  }
}
