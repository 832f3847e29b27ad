import type { AgentDraft } from './agentDraft';

/**
 * A sample workflow that asks the portal every question of the starter set.
 * `yq`, `jq` and `curl` are on GitHub's runners.
 */
export function evalsWorkflow(draft: AgentDraft): string {
  return `# Asks the agent the questions of evals/starter.yaml. Set the repository variable
# AGENT_PORTAL_URL (https://portal.example.com) and the secret AGENT_PORTAL_TOKEN to switch it on.
name: evals
on:
  pull_request:
  workflow_dispatch:
permissions:
  contents: read
jobs:
  ask:
    if: vars.AGENT_PORTAL_URL != ''
    runs-on: ubuntu-latest
    timeout-minutes: 20
    env:
      PORTAL: \${{ vars.AGENT_PORTAL_URL }}
      TOKEN: \${{ secrets.AGENT_PORTAL_TOKEN }}
      AGENT: agent:default/${draft.name}
    steps:
      - uses: actions/checkout@v4
      - name: Ask every question
        run: |
          set -euo pipefail
          api() { curl -fsS -H "authorization: Bearer $TOKEN" -H 'content-type: application/json' "$@"; }
          failed=0
          yq -o=json -I=0 '.cases[]' evals/starter.yaml > cases.jsonl
          while read -r case; do
            id=$(jq -r .id <<< "$case")
            body=$(jq -n --arg agent "$AGENT" --argjson case "$case" '{ agentRef: $agent, input: { message: $case.question } }')
            run=$(api -d "$body" "$PORTAL/api/orchestration/runs" | jq -r .id)
            for _ in $(seq 60); do
              result=$(api "$PORTAL/api/orchestration/runs/$run")
              status=$(jq -r .status <<< "$result")
              case "$status" in queued | running) sleep 2 ;; *) break ;; esac
            done
            missing=$(jq -r --argjson case "$case" '(.output.message // "" | ascii_downcase) as $answer
              | [$case.expect.facts[]? | select(. as $fact | $answer | contains($fact | ascii_downcase) | not)] | join(", ")' <<< "$result")
            if [ "$status" = succeeded ] && [ -z "$missing" ]; then
              echo "ok    $id"
            else
              echo "FAIL  $id: $status\${missing:+, missing $missing}"
              failed=1
            fi
          done < cases.jsonl
          exit $failed
`;
}
