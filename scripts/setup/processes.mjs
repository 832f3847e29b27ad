import { spawn } from 'node:child_process';

const running = new Set();
let stopping;

/**
 * Starts a program that belongs to this command: it ends with it, whatever way
 * the command ends.
 */
export function start(command, args, options = {}) {
  const child = spawn(command, args, { stdio: 'inherit', ...options });
  running.add(child);
  child.once('exit', () => running.delete(child));
  return child;
}

/** Runs a program to its end; `onLine` sees each line it prints. */
export function run(command, args, { onLine, ...options } = {}) {
  return new Promise((resolve, reject) => {
    const child = start(command, args, {
      stdio: onLine ? ['ignore', 'pipe', 'pipe'] : 'inherit',
      ...options,
    });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) {
      let rest = '';
      stream?.setEncoding('utf8').on('data', text => {
        output = (output + text).slice(-100_000);
        const lines = (rest + text).split('\n');
        rest = lines.pop();
        lines.forEach(line => onLine(line));
      });
    }
    child.once('error', reject);
    child.once('close', (code, signal) =>
      resolve({ code: code ?? (signal ? 130 : 1), output }),
    );
  });
}

/** Ends everything that was started, gently first, and waits until it is gone. */
export function stopAll(graceMs = 8000) {
  stopping ??= (async () => {
    const children = [...running];
    const gone = Promise.all(
      children.map(
        child =>
          new Promise(resolve => {
            if (child.exitCode !== null || child.signalCode) resolve();
            else child.once('exit', resolve);
          }),
      ),
    );
    children.forEach(child => child.kill('SIGTERM'));
    const timer = setTimeout(
      () => children.forEach(child => child.kill('SIGKILL')),
      graceMs,
    );
    await gone;
    clearTimeout(timer);
    // More may be started, and stopped, after that.
    stopping = undefined;
  })();
  return stopping;
}

for (const [signal, code] of [
  ['SIGINT', 130],
  ['SIGTERM', 143],
  ['SIGHUP', 129],
]) {
  process.on(signal, async () => {
    await stopAll();
    process.exit(code);
  });
}
