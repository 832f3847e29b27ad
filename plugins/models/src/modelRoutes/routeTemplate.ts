/** What a new route starts as. */
export const ROUTE_TEMPLATE = `apiVersion: agentportal.dev/v1alpha1
kind: Model
metadata:
  name: my-route
  title: My route
  description: What it is good for, in a sentence.
spec:
  type: route
  lifecycle: experimental
  owner: group:default/my-team
  # priority, weighted, lowest-cost, lowest-latency or complexity
  strategy: priority
  candidates:
    - openai/gpt-5.4-mini
    - model: anthropic/claude-sonnet-5
      when:
        needs: [vision]
  fallbacks:
    - builtin/extractive
`;

/** The name that a route's YAML gives it, as far as one can tell while typing. */
export function nameInYaml(yaml: string): string | undefined {
  return /^metadata:\s*\n(?:[ \t]+.*\n)*?[ \t]+name:[ \t]*["']?([A-Za-z0-9._-]+)/m.exec(
    yaml,
  )?.[1];
}
