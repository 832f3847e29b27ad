import { readFileSync } from 'node:fs';
import path from 'node:path';
import { parse } from 'yaml';

const PLUGINS = path.resolve(__dirname, '../../plugins');
const METHODS = ['get', 'post', 'put', 'patch', 'delete'];

/** As far as requests are made from it. */
export interface Schema {
  $ref?: string;
  type?: string | string[];
  enum?: unknown[];
  const?: unknown;
  examples?: unknown[];
  default?: unknown;
  format?: string;
  minimum?: number;
  maximum?: number;
  properties?: Record<string, Schema>;
  required?: string[];
  items?: Schema;
  anyOf?: Schema[];
  oneOf?: Schema[];
  allOf?: Schema[];
}

export interface Parameter {
  name: string;
  in: string;
  required?: boolean;
  schema: Schema;
}

/** One thing that can be asked of a plugin, with every reference resolved where it is used. */
export interface Operation {
  plugin: string;
  /** Such as `models GetBudget`. */
  title: string;
  method: string;
  path: string;
  parameters: Parameter[];
  body?: Schema;
  resolve<T extends { $ref?: string }>(item: T): T;
}

/** Every operation that a plugin's OpenAPI document describes. */
export function readOperations(plugins: string[]): Operation[] {
  return plugins.flatMap(plugin => {
    const document = parse(
      readFileSync(
        path.join(PLUGINS, `${plugin}-backend/src/schema/openapi.yaml`),
        'utf8',
      ),
    );
    const resolve = <T extends { $ref?: string }>(item: T): T =>
      item.$ref
        ? resolve(
            item.$ref
              .slice(2)
              .split('/')
              .reduce((part, name) => part[name], document),
          )
        : item;
    return Object.entries<any>(document.paths).flatMap(([url, item]) =>
      METHODS.filter(method => item[method]).map(method => {
        const operation = item[method];
        const body = operation.requestBody && resolve(operation.requestBody);
        return {
          plugin,
          title: `${plugin} ${operation.operationId}`,
          method: method.toUpperCase(),
          path: url,
          parameters: [
            ...(item.parameters ?? []),
            ...(operation.parameters ?? []),
          ].map(resolve) as Parameter[],
          body: body?.content?.['application/json']?.schema,
          resolve,
        };
      }),
    );
  });
}
