import { isReadVerb, isWriteVerb, type Intent } from '../lexicon/verbs';
import {
  humanise,
  isStopword,
  splitIdentifier,
  stemOf,
  contentWords,
} from '../lexicon/words';
import {
  readParameters,
  type Parameter,
  type Schema,
} from '../arguments/parameter';
import type { ToolDefinition } from '../wire/request';

/** A tool as the model sees it: what it is for, in stems with weights, and what it takes. */
export interface ToolCard {
  name: string;
  /** The name for people, without the server's prefix. */
  label: string;
  description: string;
  parameters: Parameter[];
  /** How strongly each stem speaks for this tool. */
  stems: ReadonlyMap<string, number>;
  /** The verb that says what it does, as a stem. */
  verb?: string;
  intent: Intent;
}

const WEIGHTS = {
  name: 3,
  title: 2.2,
  choice: 1.4,
  parameter: 1.2,
  lead: 1.6,
  description: 0.9,
  detail: 0.5,
};

function leadVerb(words: string[]): string | undefined {
  return words.map(stemOf).find(stem => isWriteVerb(stem) || isReadVerb(stem));
}

/** The part of a name that names the tool: `server.tool` and `server__tool` lose their server. */
export function localName(name: string): string {
  return name.split(/\.|__|\//).at(-1) || name;
}

/** Reads a tool definition once. */
export function readTool(definition: ToolDefinition): ToolCard {
  const { name } = definition.function;
  const description = definition.function.description ?? '';
  const schema = (definition.function.parameters ?? {}) as Schema;
  const parameters = readParameters(schema);
  const stems = new Map<string, number>();
  const add = (text: string, weight: number) => {
    for (const word of contentWords(humanise(text) === text ? text : text)) {
      for (const part of splitIdentifier(word.text)) {
        const stem = stemOf(part);
        if (isStopword(part.toLowerCase())) continue;
        stems.set(stem, Math.max(stems.get(stem) ?? 0, weight));
      }
    }
  };
  const nameWords = splitIdentifier(localName(name));
  add(splitIdentifier(name).join(' '), WEIGHTS.title);
  add(nameWords.join(' '), WEIGHTS.name);
  const [lead, ...rest] = description.split(/(?<=[.!?])\s+|\n+/);
  add(lead ?? '', WEIGHTS.lead);
  add(rest.join(' '), WEIGHTS.description);
  for (const parameter of parameters) {
    add(splitIdentifier(parameter.name).join(' '), WEIGHTS.parameter);
    add(parameter.description, WEIGHTS.detail);
    for (const value of parameter.schema.enum ?? [])
      add(String(value).replace(/_/g, ' '), WEIGHTS.choice);
  }
  const nameVerb = leadVerb(nameWords.slice(0, 1)) ?? undefined;
  const descriptionVerb = leadVerb(
    splitIdentifier(lead ?? '')
      .slice(0, 2)
      .map(word => word.replace(/s$/, '')),
  );
  const verb = nameVerb ?? descriptionVerb ?? leadVerb(nameWords);
  return {
    name,
    label: nameWords.map(word => word.toLowerCase()).join(' '),
    description,
    parameters,
    stems,
    ...(verb ? { verb } : {}),
    intent: verb && isWriteVerb(verb) && !isReadVerb(verb) ? 'write' : 'read',
  };
}
