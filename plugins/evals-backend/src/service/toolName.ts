/** What people call a tool: the name in its entity ref, with the namespace where it is not the usual one. */
export function toolName(toolRef: string): string {
  return toolRef.replace(/^tool:(default\/)?/, '');
}
