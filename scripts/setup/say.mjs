import { stopAll } from './processes.mjs';

// What the set-up tells the person who waits for it: one line per step, with the time it took.

const tty = process.stdout.isTTY && !process.env.CI;

/** Prints one line. */
export function say(line) {
  process.stdout.write(`${line}\n`);
}

/**
 * Runs a step that may take long: says what it does, shows that it is alive, and
 * says how long it took.
 */
export async function step(title, work) {
  const started = Date.now();
  const seconds = () => `${((Date.now() - started) / 1000).toFixed(0)} s`;
  let detail = '';
  const paint = () => {
    const line = `… ${title} (${seconds()})${detail ? ` ${detail}` : ''}`;
    process.stdout.write(
      `\r\x1b[2K${line.slice(0, (process.stdout.columns ?? 100) - 1)}`,
    );
  };
  const timer = tty ? setInterval(paint, 250) : undefined;
  if (!tty) say(`… ${title}`);
  try {
    const result = await work(text => {
      detail = text;
    });
    if (tty) process.stdout.write('\r\x1b[2K');
    say(`✓ ${title} (${seconds()})`);
    return result;
  } catch (error) {
    if (tty) process.stdout.write('\r\x1b[2K');
    throw error;
  } finally {
    clearInterval(timer);
  }
}

/** A failure that a person can do something about; shown without a stack. */
export class SetupError extends Error {}

/** Runs a script to its end, ends what it started, and turns failures into one clear sentence. */
export async function main(work) {
  try {
    process.exitCode = (await work()) ?? process.exitCode ?? 0;
  } catch (error) {
    if (error instanceof SetupError) {
      process.stderr.write(`\n✗ ${error.message}\n`);
    } else {
      process.stderr.write(`\n✗ ${error?.stack ?? error}\n`);
    }
    process.exitCode = 1;
  } finally {
    await stopAll();
  }
}
