import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';

const START_MS = 60_000;
/** The unit of the times in `/proc/<pid>/stat` on every Linux in use. */
const TICKS_PER_SECOND = 100;

/** A gateway that runs as a process of its own. */
export interface GatewayProcess {
  /** Lines that it wrote before it listened, by their first word. */
  said: Map<string, string>;
  port: number;
  /** CPU seconds that it has used, where the platform tells. */
  cpuSeconds(): number | undefined;
  residentMegabytes(): number | undefined;
  stop(): Promise<void>;
}

/** Whether processes can be pinned to a core here. */
export const canPin = (() => {
  try {
    execFileSync('taskset', ['-p', String(process.pid)], { stdio: 'ignore' });
    return availableParallelism() > 1;
  } catch {
    return false;
  }
})();

/** Keeps this process, the load and the provider, away from the gateway's core. */
export function pinLoad(): void {
  if (canPin) {
    execFileSync('taskset', ['-a', '-cp', '1', String(process.pid)], {
      stdio: 'ignore',
    });
  }
}

/**
 * Starts a gateway on core 0 and waits until it says `listening <port>`, or
 * until `isUp` says that it answers on the port that it was given.
 */
export async function startGateway(
  args: string[],
  options: { env?: NodeJS.ProcessEnv; port?: number } = {},
): Promise<GatewayProcess> {
  const [command, ...rest] = canPin
    ? ['taskset', '-c', '0', process.execPath, ...args]
    : [process.execPath, ...args];
  const child = spawn(command, rest, {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, NODE_ENV: 'production', ...options.env },
  });
  const said = new Map<string, string>();
  const port = options.port
    ? await answering(child, options.port)
    : await listening(child, said);
  return {
    said,
    port,
    cpuSeconds: () => cpuSeconds(child.pid!),
    residentMegabytes: () => residentMegabytes(child.pid!),
    stop: () => stop(child),
  };
}

function listening(
  child: ChildProcess,
  said: Map<string, string>,
): Promise<number> {
  return new Promise((resolve, reject) => {
    let out = '';
    const fail = (why: string) => {
      child.kill('SIGKILL');
      reject(new Error(`A gateway did not start: ${why}\n${out}`));
    };
    const timer = setTimeout(() => fail('no answer'), START_MS);
    const take = (line: string) => {
      const space = line.indexOf(' ');
      said.set(line.slice(0, space), line.slice(space + 1));
      if (line.startsWith('listening ')) {
        clearTimeout(timer);
        resolve(Number(line.slice('listening '.length)));
      }
    };
    child.stdout!.setEncoding('utf8').on('data', (text: string) => {
      out += text;
      const lines = out.split('\n');
      out = lines.pop() ?? '';
      lines.forEach(take);
    });
    child.stderr!.on('data', bytes => process.stderr.write(bytes));
    child.once('exit', code => fail(`it ended with ${code}`));
  });
}

async function answering(child: ChildProcess, port: number): Promise<number> {
  child.stdout!.resume();
  child.stderr!.resume();
  for (let waited = 0; waited < START_MS; waited += 200) {
    if (child.exitCode !== null) {
      break;
    }
    try {
      await fetch(`http://127.0.0.1:${port}/`);
      return port;
    } catch {
      await new Promise(resolve => {
        setTimeout(resolve, 200);
      });
    }
  }
  child.kill('SIGKILL');
  throw new Error(`A gateway did not answer on port ${port}`);
}

function stop(child: ChildProcess): Promise<void> {
  return new Promise(resolve => {
    if (child.exitCode !== null) {
      resolve();
      return;
    }
    const timer = setTimeout(() => child.kill('SIGKILL'), 5_000);
    child.once('exit', () => {
      clearTimeout(timer);
      resolve();
    });
    child.kill('SIGTERM');
  });
}

function cpuSeconds(pid: number): number | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
  } catch {
    return undefined;
  }
}

function residentMegabytes(pid: number): number | undefined {
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'utf8');
    return Number(/VmRSS:\s+(\d+)/.exec(status)![1]) / 1024;
  } catch {
    return undefined;
  }
}
