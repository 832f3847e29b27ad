const SECRET_NAME =
  /pass(word|phrase)?$|secret|token|api[-_]?key|authorization|credential|private[-_]?key|cookie|^pin$|cvc|cvv/i;
const SECRET_VALUE =
  /^(bearer\s|basic\s|ey[a-z0-9_-]{10,}\.ey|sk-|gh[pousr]_|xox[abp]-|AKIA|-----BEGIN)/i;
const MASK = '***';

/**
 * A value without what is a secret in it, by its name or its form.
 *
 * @param name - under which it stands
 * @public
 */
export function masked(value: unknown, name = ''): unknown {
  if (value !== null && typeof value === 'object') {
    return Array.isArray(value)
      ? value.map(item => masked(item, name))
      : Object.fromEntries(
          Object.entries(value).map(([key, of]) => [key, masked(of, key)]),
        );
  }
  const isSecret =
    (typeof value === 'string' && SECRET_VALUE.test(value)) ||
    (SECRET_NAME.test(name) && typeof value !== 'boolean');
  return isSecret && value !== null && value !== undefined ? MASK : value;
}
