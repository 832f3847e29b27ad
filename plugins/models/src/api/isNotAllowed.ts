/** Whether the server refused because of who asks. */
export function isNotAllowed(error: Error | undefined): boolean {
  const cause = (error as { cause?: Error } | undefined)?.cause;
  return [error?.name, cause?.name].includes('NotAllowedError');
}
