import { readdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import type { z } from 'zod/v4';
import { publicKeysSchema, type TreeHead, treeHeadSchema } from '../heads';
import type { VerificationReport } from './report';
import { readLines, verifyExportFile } from './verifyFile';

const USAGE = `audit-verify <export.jsonl> [--keys <keys.json>] [--heads <heads.jsonl>] [--json]

Verifies an export of Agent Portal's audit log without a network.

  --keys   public keys (a JSON Web Key Set) from another source than the export;
           without them the export vouches for itself
  --heads  signed tree heads that were kept apart from the portal, one in a line of
           the file, or of the .jsonl files of the folder
  --json   the report as JSON

Exit codes: 0 intact, 1 damaged, 2 not verified (wrong usage, file cannot be read)
`;

/**
 * The command `audit-verify`.
 *
 * @param args - without the names of the program and the script
 * @returns the exit code: 0 intact, 1 damaged, 2 not verified
 * @public
 */
export async function runAuditVerify(
  args: string[],
  write: (text: string) => void = text => process.stdout.write(text),
): Promise<number> {
  try {
    const { values, positionals } = parseArgs({
      args,
      allowPositionals: true,
      options: {
        keys: { type: 'string' },
        heads: { type: 'string' },
        json: { type: 'boolean' },
        help: { type: 'boolean', short: 'h' },
      },
    });
    if (values.help || positionals.length !== 1) {
      write(USAGE);
      return values.help ? 0 : 2;
    }
    const report = await verifyExportFile(positionals[0], {
      ...(values.keys && {
        keys: parse(
          publicKeysSchema,
          readFileSync(values.keys, 'utf8'),
          values.keys,
        ),
      }),
      ...(values.heads && { heads: await readHeads(values.heads) }),
    });
    const lines = values.json
      ? JSON.stringify(report, null, 2).split('\n')
      : tell(report, values.heads);
    write(`${lines.map(visible).join('\n')}\n`);
    return report.intact ? 0 : 1;
  } catch (error) {
    write(`Not verified: ${visible((error as Error).message)}\n`);
    return 2;
  }
}

async function readHeads(place: string): Promise<TreeHead[]> {
  const files = statSync(place).isDirectory()
    ? readdirSync(place, { recursive: true, encoding: 'utf8' })
        .filter(name => name.endsWith('.jsonl'))
        .map(name => path.join(place, name))
    : [place];
  const heads: TreeHead[] = [];
  for (const file of files) {
    for await (const line of readLines(file)) {
      const text = line.toString('utf8');
      if (text.trim()) {
        heads.push(parse(treeHeadSchema, text, file));
      }
    }
  }
  if (heads.length === 0) {
    throw new Error(`${place} has no heads.`);
  }
  return heads;
}

/** @throws Error that names the file, when its text is not of this shape */
function parse<T>(schema: z.ZodType<T>, text: string, file: string): T {
  let value;
  try {
    value = JSON.parse(text);
  } catch {
    throw new Error(`${file} is not JSON.`);
  }
  const parsed = schema.safeParse(value);
  if (!parsed.success) {
    const [{ path: at, message }] = parsed.error.issues;
    throw new Error(
      `${file} is not as it should be${
        at.length ? ` at ${at.join('.')}` : ''
      }: ${message}.`,
    );
  }
  return parsed.data;
}

/** Line ends, control characters, and those that change the direction of a text. */
const UNSEEN =
  // eslint-disable-next-line no-control-regex
  /[\u0000-\u001f\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g;

/** What is in an export is foreign: it shall not move the cursor, nor write lines of its own. */
function visible(line: string): string {
  return line.replace(
    UNSEEN,
    character => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

function tell(report: VerificationReport, heads?: string): string[] {
  const lines = report.problems.map(({ message }) => `- ${message}`);
  const more = report.problemCount - report.problems.length;
  if (more > 0) {
    lines.push(`- and ${more} more`);
  }
  lines.push(
    `${report.intact ? 'Intact' : 'DAMAGED'}: ${
      report.entries
    } entries of the ${report.scope === 'all' ? 'whole log' : 'log'} "${
      report.tenant ?? 'unknown'
    }" of ${report.treeSize ?? 0}, ${
      report.dropped
    } deleted at the end of their time, ${
      report.erased
    } personal parts erased.`,
  );
  if (report.later) {
    lines.push(
      `${report.later} kept heads are over more entries. Those that were signed after ${report.createdAt}, when the export was made, say nothing about it.`,
    );
  }
  if (report.compared + report.notCompared) {
    lines.push(
      `Compared with ${report.compared} kept heads${
        report.notCompared
          ? `; ${report.notCompared} can be compared only with an export of the whole log`
          : ''
      }.`,
    );
  }
  if (heads && !(report.later + report.compared + report.notCompared)) {
    lines.push(
      `None of the heads in ${heads} is of this log, so it was compared with none.`,
    );
  }
  if (!report.keysAreTrusted) {
    lines.push(
      'The keys are those in the export. Give --keys from another source to know who signed.',
    );
  }
  return lines;
}
