import { cedarTypeOf, type RecordShape } from './ArgumentShape';
import type { HistoryNeeds } from './Rule';

const TEXT = { type: 'String' };
const COUNT = { type: 'Long' };
const DECIMAL = { type: 'Extension', name: 'decimal' };

/** A record of Cedar's JSON schemas. */
function record(attributes: Record<string, object>) {
  return { type: 'Record', attributes };
}

function optional(type: object) {
  return { ...type, required: false };
}

/**
 * What rules may read when a tool is called, as a schema of Cedar: the arguments by the
 * tool's own schema, and of the past what the rules name.
 */
export function ruleSchema(
  shape: RecordShape | undefined,
  needs: HistoryNeeds,
): any {
  const windows = (type: object) =>
    record({ run: type, session: type, hour: type });
  const calls = Object.fromEntries(
    needs.calls.map(ref => [ref, windows(COUNT)]),
  );
  const sums: Record<string, ReturnType<typeof record>> = {};
  for (const { toolRef, path } of needs.sums) {
    sums[toolRef] ??= record({});
    sums[toolRef].attributes[path] = windows(DECIMAL);
  }
  return {
    '': {
      entityTypes: {
        Agent: {
          shape: record({
            owner: TEXT,
            autonomy: TEXT,
            lifecycle: TEXT,
            classification: optional(TEXT),
          }),
        },
        Tool: {
          shape: record({
            riskTier: TEXT,
            owner: TEXT,
            server: TEXT,
            classification: optional(TEXT),
          }),
        },
      },
      actions: {
        call: {
          appliesTo: {
            principalTypes: ['Agent'],
            resourceTypes: ['Tool'],
            context: record({
              args: shape ? cedarTypeOf(shape) : record({}),
              person: optional(
                record({
                  ref: TEXT,
                  groups: { type: 'Set', element: TEXT },
                }),
              ),
              session: record({
                calls: record(calls),
                succeeded: record(calls),
                sums: record(sums),
              }),
              env: record({
                hour: COUNT,
                weekday: TEXT,
                date: { type: 'Extension', name: 'datetime' },
                now: { type: 'Extension', name: 'datetime' },
                freeze: { type: 'Set', element: TEXT },
              }),
              provenance: record(
                Object.fromEntries(
                  textFields(shape).map(name => [
                    name,
                    optional({ type: 'Set', element: TEXT }),
                  ]),
                ),
              ),
            }),
          },
        },
      },
    },
  };
}

/** Arguments that are text, of which it matters who said them. */
export function textFields(shape: RecordShape | undefined): string[] {
  return Object.entries(shape?.fields ?? {})
    .filter(([, field]) => field.shape.kind === 'text')
    .map(([name]) => name);
}
