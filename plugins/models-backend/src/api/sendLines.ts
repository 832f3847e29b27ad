import { once } from 'node:events';
import type { Response } from 'express';

/** Lines are sent in parts of about so many characters. */
const PART = 64 * 1024;

/** As fast as the reader reads, so that nothing piles up. */
export async function sendLines(
  lines: AsyncGenerator<string>,
  response: Response,
): Promise<void> {
  let part = '';
  try {
    for await (const line of lines) {
      part += line;
      if (part.length >= PART) {
        if (!response.write(part)) {
          await Promise.race([
            once(response, 'drain'),
            once(response, 'close'),
          ]);
        }
        part = '';
      }
      if (response.destroyed) {
        return;
      }
    }
    response.end(part);
  } catch (error) {
    if (!response.headersSent) {
      throw error;
    }
    // Part of it is on its way already: only a broken connection tells that the
    // rest is missing.
    response.destroy(error as Error);
  }
}
