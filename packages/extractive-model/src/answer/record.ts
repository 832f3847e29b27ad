import { fieldsOf, isRow, type Field, type Row } from './data';
import { relevanceOfField, type Focus } from './focus';
import { isNaming, labelOf, rowText, valueText } from './format';

/** What names a record: its identifier and its name, whichever it has. */
export function nameOf(row: Row, asked: string[] = []): string | undefined {
  const entries = Object.entries(row).filter(
    ([key, value]) =>
      isNaming(key) && (typeof value === 'string' || typeof value === 'number'),
  );
  const name = entries.find(([key]) => /name$|title|product|label/i.test(key));
  const given = Object.values(row).find(
    value =>
      typeof value === 'string' &&
      asked.some(word => word.toLowerCase() === value.toLowerCase()),
  );
  const identifier =
    given !== undefined && given !== name?.[1]
      ? ['', given]
      : entries.find(([key]) => /id$|number$|code|sku|key|ref/i.test(key));
  const parts = [name?.[1], identifier?.[1]]
    .filter(
      (value, index, all) =>
        value !== undefined && all.indexOf(value) === index,
    )
    .map(String);
  if (!parts.length) return undefined;
  return parts.length === 2 ? `${parts[0]} (${parts[1]})` : parts[0];
}

function line(field: Field): string {
  const key = field.path.at(-1) ?? '';
  const { value } = field;
  if (Array.isArray(value) && value.length > 1 && value.some(isRow)) {
    return [
      `- **${labelOf(field.path)}**:`,
      ...value
        .slice(0, 20)
        .map(
          item => `  - ${isRow(item) ? rowText(item) : valueText(item, key)}`,
        ),
    ].join('\n');
  }
  return `- **${labelOf(field.path)}**: ${valueText(value, key)}`;
}

/** The fields a question asks for, best first; empty when it asks for none in particular. */
export function askedFields(
  row: Row,
  focus: Focus,
): { field: Field; score: number }[] {
  return fieldsOf(row)
    .map(field => ({ field, score: relevanceOfField(field, focus) }))
    .filter(item => item.score > 0.5)
    .sort((a, b) => b.score - a.score);
}

/** Says what a record holds: first what was asked, then the rest when the question leaves it open. */
export function recordText(
  row: Row,
  focus: Focus,
  options: { onlyAsked?: boolean; subject?: string[] } = {},
): string {
  const all = fieldsOf(row);
  // what the question gave is not what it asks for
  const asked = askedFields(row, focus).filter(
    ({ field }) =>
      !options.subject?.some(
        given => given.toLowerCase() === String(field.value).toLowerCase(),
      ),
  );
  const top = asked[0]?.score ?? 0;
  const best = asked
    .filter(item => item.score >= top * 0.6)
    .slice(0, 5)
    .map(item => item.field);
  const title = nameOf(row, options.subject);
  if (options.onlyAsked && !best.length) return '';
  if (!best.length) {
    return [
      title ? `**${title}**` : undefined,
      ...all.slice(0, 24).map(field => line(field)),
    ]
      .filter(Boolean)
      .join('\n');
  }
  const short = best.filter(field => !Array.isArray(field.value));
  const long = best.filter(field => Array.isArray(field.value));
  const lines: string[] = [];
  if (short.length) {
    const sayings = short.map(
      field =>
        `**${labelOf(field.path)}** ${valueText(
          field.value,
          field.path.at(-1),
        )}`,
    );
    lines.push(
      `${
        title && !short.every(field => isNaming(field.path[0]))
          ? `${title}: `
          : ''
      }${sayings.join(', ')}.`,
    );
  } else if (title) lines.push(`${title}:`);
  lines.push(...long.map(line));
  // where the question word alone speaks for a field, what the record says of itself is told too
  if (!options.onlyAsked && top < 0.9) {
    const rest = all
      .filter(field => !best.includes(field) && !Array.isArray(field.value))
      .slice(0, 7);
    if (rest.length) lines.push('', ...rest.map(field => line(field)));
  }
  return lines.join('\n');
}
