/** An argument of a tool, and what a person writes it into. */
export interface Argument {
  name: string;
  description?: string;
  isRequired: boolean;
  type: 'text' | 'number' | 'boolean' | 'choice' | 'json';
  choices?: string[];
}

function typeOf(property: Record<string, unknown>): Argument['type'] {
  if (
    Array.isArray(property.enum) &&
    property.enum.every(value => typeof value === 'string')
  ) {
    return 'choice';
  }
  switch (property.type) {
    case 'string':
      return 'text';
    case 'number':
    case 'integer':
      return 'number';
    case 'boolean':
      return 'boolean';
    default:
      return 'json';
  }
}

/** The arguments that a tool's schema names; what is not simple is written as JSON. */
export function argumentsOf(schema: Record<string, unknown>): Argument[] {
  const required = Array.isArray(schema.required) ? schema.required : [];
  return Object.entries(schema.properties ?? {}).map(([name, value]) => {
    const property = (value ?? {}) as Record<string, unknown>;
    const type = typeOf(property);
    return {
      name,
      type,
      isRequired: required.includes(name),
      ...(typeof property.description === 'string' && {
        description: property.description,
      }),
      ...(type === 'choice' && { choices: property.enum as string[] }),
    };
  });
}

/** Typed texts as the values that the tool takes; the names of those that are not well written apart. */
export function readArguments(
  list: readonly Argument[],
  typed: Readonly<Record<string, string>>,
): { values: Record<string, unknown>; wrong: string[] } {
  const values: Record<string, unknown> = {};
  const wrong: string[] = [];
  for (const { name, type } of list) {
    const text = typed[name] ?? '';
    if (text.trim() === '') continue;
    try {
      const value = ['text', 'choice'].includes(type) ? text : JSON.parse(text);
      if (type === 'number' && typeof value !== 'number') wrong.push(name);
      values[name] = value;
    } catch {
      wrong.push(name);
    }
  }
  return { values, wrong };
}

/** A whole set of arguments that is written as JSON; nothing when it is none. */
export function readObject(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text.trim() || '{}');
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : undefined;
  } catch {
    return undefined;
  }
}
