/**
 * A sample workflow that asks the portal every question of the starter set.
 * `yq` and Node are on GitHub's runners.
 */
export const EVALS_WORKFLOW = `# Asks the agent the questions of evals/starter.yaml. Set the repository variable
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
    steps:
      - uses: actions/checkout@v4
      - name: Ask every question
        shell: bash
        run: yq -o=json evals/starter.yaml | node evals/ask.mjs
`;
