import { type ChildProcess, spawn } from 'node:child_process';
import path from 'node:path';

/** A gateway in a process of its own. */
export interface GatewayProcess {
  url: string;
  /** Ends it as a power cut would. */
  kill(): Promise<void>;
}

export async function startGateway(options: {
  database: string;
  provider: string;
}): Promise<GatewayProcess> {
  const child: ChildProcess = spawn(
    process.execPath,
    [
      '--require',
      require.resolve('@backstage/cli/config/nodeTransform.cjs'),
      path.join(__dirname, 'gatewayProcess.ts'),
    ],
    {
      env: {
        ...process.env,
        MONEY_DATABASE: options.database,
        MONEY_PROVIDER: options.provider,
      },
      stdio: ['pipe', 'pipe', process.env.MONEY_VERBOSE ? 'inherit' : 'ignore'],
    },
  );
  const gone = new Promise<void>(resolve => {
    child.once('exit', () => resolve());
  });
  const port = await new Promise<string>((resolve, reject) => {
    child.stdout!.setEncoding('utf8').on('data', (text: string) => {
      const found = /ready (\d+)/.exec(text);
      if (found) {
        resolve(found[1]);
      }
    });
    child.once('exit', code =>
      reject(new Error(`A gateway ended with ${code} before it was ready`)),
    );
  });
  return {
    url: `http://127.0.0.1:${port}`,
    kill: async () => {
      child.kill('SIGKILL');
      await gone;
    },
  };
}
