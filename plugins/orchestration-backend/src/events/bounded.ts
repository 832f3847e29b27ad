/** Most characters of JSON that a step keeps of its input or output. */
const MAX_CHARACTERS = 100_000;

/**
 * Keeps what is stored and streamed of a step small: a value that is too large
 * is replaced by its beginning, and says so.
 */
export function bounded(value: unknown, max = MAX_CHARACTERS): unknown {
  const json = JSON.stringify(value) ?? 'null';
  return json.length <= max
    ? value
    : {
        truncated: true,
        characters: json.length,
        beginning: json.slice(0, max),
      };
}

/** Whether it is what {@link bounded} has left of a value. */
export function isCutShort(value: unknown): boolean {
  const { truncated, characters, beginning, ...more } = Object(value);
  return (
    truncated === true &&
    typeof characters === 'number' &&
    typeof beginning === 'string' &&
    Object.keys(more).length === 0
  );
}
