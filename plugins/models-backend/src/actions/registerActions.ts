import type { ActionsRegistryService } from '@backstage/backend-plugin-api/alpha';
import type { BackstageCredentials } from '@backstage/backend-plugin-api';
import type { JsonOperation, Operations } from '../api/operations';
import { spec } from '../schema/openapi.generated';
import { ACTIONS, type OfferedAction } from './actions';
import { resolved, type Schema, toLooseZod, toZodObject } from './toZod';

/** An operation of the document, as far as actions need it. */
interface Operation {
  operationId: string;
  parameters?: ReadonlyArray<{
    $ref?: string;
    name: string;
    in: 'path' | 'query';
    description?: string;
    required?: boolean;
    schema: Schema;
  }>;
  requestBody?: { content: { 'application/json': { schema: Schema } } };
  responses: Readonly<Record<string, Content & { $ref?: string }>>;
}

interface Content {
  content?: { 'application/json'?: { schema: Schema } };
}

/** Where the members of an action's input go. */
type Input = Record<string, { in: 'path' | 'query' | 'body'; schema: Schema }>;

/**
 * Offers what people can do in the API as actions, and so as MCP tools. What they
 * take is what the document says of their operations.
 */
export function registerActions(
  registry: ActionsRegistryService,
  operations: Operations,
): void {
  for (const action of ACTIONS) {
    const operation = operationOf(action.operation);
    const { input, required } = inputOf(operation);
    registry.register({
      name: action.name,
      title: action.title,
      description: action.description,
      attributes: action.attributes,
      schema: {
        input: z =>
          toZodObject(
            z,
            Object.fromEntries(
              Object.entries(input).map(([name, { schema }]) => [name, schema]),
            ),
            required,
          ),
        output: z => {
          const { properties, required: always } = outputOf(action, operation);
          return toZodObject(z, properties, always, toLooseZod);
        },
      },
      action: async ({ credentials, input: given }) => ({
        output: await answer(action, operations, {
          ...sorted(given, input),
          credentials,
        }),
      }),
    });
  }
}

interface Call {
  path: Record<string, unknown>;
  query: Record<string, unknown>;
  body: Record<string, unknown>;
  credentials: BackstageCredentials;
}

async function answer(
  action: OfferedAction,
  operations: Operations,
  call: Call,
): Promise<Record<string, unknown>> {
  const ask = (id: JsonOperation) =>
    (operations[id] as (asked: Call) => unknown)(call);
  // What answers with nothing has been done.
  const result = (await ask(action.operation)) ?? true;
  if (!action.as) {
    return result as Record<string, unknown>;
  }
  const changes =
    action.changes && ((await ask(action.changes)) as { items: unknown[] });
  return {
    [action.as]: result,
    ...(changes && { changes: changes.items }),
  };
}

function operationOf(id: string): Operation {
  const found = Object.values(spec.paths)
    .flatMap(item => Object.values(item) as unknown as Operation[])
    .find(operation => operation.operationId === id);
  if (!found) {
    throw new Error(`The document has no operation ${id}`);
  }
  return found;
}

/** Parameters and members of the body side by side. */
function inputOf(operation: Operation): { input: Input; required: string[] } {
  const input: Input = {};
  const required: string[] = [];
  for (const each of operation.parameters ?? []) {
    const parameter = resolved(each);
    const { description, name, schema } = parameter;
    input[name] = {
      in: parameter.in,
      schema: { ...schema, ...(description && { description }) },
    };
    if (parameter.required) {
      required.push(name);
    }
  }
  const { content } = operation.requestBody ?? {};
  const body = content && resolved(content['application/json'].schema);
  for (const [name, schema] of Object.entries(body?.properties ?? {})) {
    input[name] = { in: 'body', schema };
  }
  return { input, required: [...required, ...(body?.required ?? [])] };
}

function outputOf(action: OfferedAction, operation: Operation) {
  const { content } = resolved(
    Object.entries(operation.responses).find(([status]) =>
      status.startsWith('2'),
    )![1],
  );
  const schema = content?.['application/json']?.schema;
  if (action.as) {
    const properties: Record<string, Schema> = {
      [action.as]: schema ? { type: 'object' } : { type: 'boolean' },
      ...(action.changes && { changes: { type: 'array' } }),
    };
    return { properties, required: Object.keys(properties) };
  }
  const { properties = {}, required = [] } = resolved(schema ?? {});
  return { properties, required };
}

function sorted(
  given: Record<string, unknown>,
  input: Input,
): Pick<Call, 'path' | 'query' | 'body'> {
  const call = { path: {}, query: {}, body: {} };
  for (const [name, value] of Object.entries(given)) {
    Object.assign(call[input[name].in], { [name]: value });
  }
  return call;
}
