/** Parameters that hold secrets by their name, and values that are some whatever their name. */
const SECRET_NAME =
  /token|secret|password|passwd|key|code|credential|signature|assertion|auth/i;
const SECRET_VALUE = /^(Bearer[+ ]|%42earer|eyJ|ap_|sk-|gh[a-z]_|xox)/i;

/** An address with `***` for each parameter that may hold a secret. */
export function maskSecrets(url: string): string {
  const start = url.indexOf('?') + 1;
  if (start === 0) {
    return url;
  }
  const parameters = url
    .slice(start)
    .split('&')
    .map(parameter => {
      const [name] = parameter.split('=', 1);
      const value = parameter.slice(name.length + 1);
      return value && (SECRET_NAME.test(name) || SECRET_VALUE.test(value))
        ? `${name}=***`
        : parameter;
    });
  return url.slice(0, start) + parameters.join('&');
}
