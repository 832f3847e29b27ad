/** A value of an attribute, as OTLP has it; bytes become Base64. */
export type Value =
  | string
  | number
  | boolean
  | null
  | Value[]
  | { [key: string]: Value };

export type Attributes = Record<string, Value>;

export interface RawEvent {
  name: string;
  /** Microseconds UTC. */
  atUs: number;
  attributes: Attributes;
}

/** A span as it came, before anything is made of it. */
export interface RawSpan {
  /** Lower-case hexadecimal digits; whatever the sender sent when it is not an id. */
  traceId: string;
  spanId: string;
  parentId: string;
  name: string;
  startUs: number;
  endUs: number;
  failed: boolean;
  statusMessage: string;
  attributes: Attributes;
  events: RawEvent[];
  /** Name of the instrumentation. */
  scope: string;
  resource: Attributes;
}

/** A body that is no export of spans; whoever sent it is told so. */
export class MalformedExportError extends Error {
  override name = 'MalformedExportError';
}
