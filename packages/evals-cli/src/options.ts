import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';

export const HELP = `agent-portal evals run: asks an agent every question of a data set, and waits.

  --data-set <id|ref>    the data set, or the entity that it is (resource:default/<name>)
  --url <url>            the portal (default: AGENT_PORTAL_URL, else http://localhost:7007)
  --instructions <file>  judges these instructions in place of those in force
  --model <ref>          judges this model in place of the one in force
  --of-file              judges what the file of the agent says
  --trials <n>           how often each question is asked (default: 1)
  --label <text>         what the evaluation is called
  --gate                 fails unless the agent passes its gate with it
  --summary <file>       writes the Markdown summary there as well
  --junit <file>         writes JUnit XML there
  --timeout <minutes>    stops waiting, and the evaluation (default: 60)

The token comes from AGENT_PORTAL_TOKEN: that of a person, or a static token of a service that
the operator has named under evals.services.

Exit code: 0 when all is well; 1 when the gate is not passed, the candidate is worse, or the
evaluation came to nothing; 2 when it could not be run.
`;

/** What was asked for. */
export interface RunOptions {
  url: string;
  token: string;
  dataSet: string;
  candidate?: { instructions?: string; model?: string };
  ofFile: boolean;
  trials: number;
  label?: string;
  gate: boolean;
  summary?: string;
  junit?: string;
  timeoutMs: number;
}

/** What was asked for cannot be understood. */
export class UsageError extends Error {
  override name = 'UsageError';
}

/**
 * Reads the command line.
 *
 * @returns undefined when help was asked for
 * @throws UsageError
 */
export function readOptions(
  args: string[],
  env: Record<string, string | undefined>,
): RunOptions | undefined {
  const { values, positionals } = parse(args);
  if (values.help || positionals.length === 0) {
    return undefined;
  }
  if (positionals.join(' ') !== 'evals run') {
    throw new UsageError(`There is no command "${positionals.join(' ')}".`);
  }
  const token = env.AGENT_PORTAL_TOKEN;
  if (!token) {
    throw new UsageError('Set AGENT_PORTAL_TOKEN.');
  }
  if (!values['data-set']) {
    throw new UsageError('Give --data-set.');
  }
  const { instructions, model } = values;
  if (values['of-file'] && (instructions || model)) {
    throw new UsageError(
      '--of-file takes instructions and model from the file of the agent; leave out the others.',
    );
  }
  return {
    url: (
      values.url ??
      env.AGENT_PORTAL_URL ??
      'http://localhost:7007'
    ).replace(/\/+$/, ''),
    token,
    dataSet: values['data-set'],
    ...((instructions || model) && {
      candidate: {
        ...(instructions && {
          instructions: readFileSync(instructions, 'utf8'),
        }),
        ...(model && { model }),
      },
    }),
    ofFile: values['of-file'],
    trials: whole('--trials', values.trials, 10),
    ...(values.label && { label: values.label }),
    gate: values.gate,
    ...(values.summary && { summary: values.summary }),
    ...(values.junit && { junit: values.junit }),
    timeoutMs: 60_000 * whole('--timeout', values.timeout, 1_440),
  };
}

function parse(args: string[]) {
  try {
    return parseArgs({
      args,
      allowPositionals: true,
      options: {
        'data-set': { type: 'string' },
        url: { type: 'string' },
        instructions: { type: 'string' },
        model: { type: 'string' },
        'of-file': { type: 'boolean', default: false },
        trials: { type: 'string', default: '1' },
        label: { type: 'string' },
        gate: { type: 'boolean', default: false },
        summary: { type: 'string' },
        junit: { type: 'string' },
        timeout: { type: 'string', default: '60' },
        help: { type: 'boolean', default: false },
      },
    });
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
}

function whole(name: string, text: string, most: number): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1 || value > most) {
    throw new UsageError(`${name} is a whole number from 1 to ${most}.`);
  }
  return value;
}
