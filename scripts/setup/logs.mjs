import {
  closeSync,
  existsSync,
  fstatSync,
  openSync,
  renameSync,
  writeSync,
} from 'node:fs';

const MAX_BYTES = 20_000_000;
const GENERATIONS = 5;

/**
 * A log file that nobody else can read. What an earlier run wrote, and what is more than `maxBytes`, is
 * kept beside it as `<file>.1` (the newest) to `<file>.5`.
 */
export class RotatedLog {
  #file;
  #maxBytes;
  #descriptor;
  #bytes;

  constructor(file, { maxBytes = MAX_BYTES } = {}) {
    this.#file = file;
    this.#maxBytes = maxBytes;
    this.#open();
  }

  /** Is written at once, so that the last lines before a crash are there. */
  write(text) {
    const bytes = Buffer.from(text);
    if (this.#bytes + bytes.length > this.#maxBytes && this.#bytes > 0) {
      closeSync(this.#descriptor);
      this.#open();
    }
    writeSync(this.#descriptor, bytes);
    this.#bytes += bytes.length;
  }

  #open() {
    const generation = number => `${this.#file}.${number}`;
    for (let older = GENERATIONS; older > 0; older -= 1) {
      const newer = older === 1 ? this.#file : generation(older - 1);
      if (existsSync(newer)) renameSync(newer, generation(older));
    }
    this.#descriptor = openSync(this.#file, 'a', 0o600);
    this.#bytes = fstatSync(this.#descriptor).size;
  }
}
