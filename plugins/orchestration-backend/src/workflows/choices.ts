import type { WorkflowNodeOf } from '@agentportal/plugin-orchestration-common';

type Choice = WorkflowNodeOf<'decide'>['choices'][0];

/** How much of each reason people are told. */
const REASON = 300;
const LETTER_OR_DIGIT = /[\p{L}\p{N}]/u;

/** The choice that a text speaks for: the one whose words it says; none when it says those of several. */
export function choiceIn(text: string, choices: Choice[]): string | undefined {
  const said = choices.filter(({ id, says }) =>
    (says ?? [id]).some(word => hasWord(text, word)),
  );
  return said.length === 1 ? said[0].id : undefined;
}

function hasWord(text: string, word: string): boolean {
  const [where, what] = [text, word].map(each =>
    each.toLocaleLowerCase('en-US'),
  );
  for (
    let at = where.indexOf(what);
    at >= 0;
    at = where.indexOf(what, at + 1)
  ) {
    const around = [where[at - 1] ?? '', where[at + what.length] ?? ''];
    if (!around.some(each => LETTER_OR_DIGIT.test(each))) {
      return true;
    }
  }
  return false;
}

/** What a group came to. */
export interface GroupDecision {
  decision: string;
  /** How it came about, in a sentence. */
  text: string;
  votes: Array<{
    by: string;
    choice: string | null;
    weight: number;
    /** Why it could not vote. */
    failure?: string;
  }>;
  /** Those who said something else. */
  dissent: string[];
}

/** Who could not vote and why, for people. */
export function failuresOf(
  votes: Array<{ by: string; failure?: string }>,
): string {
  return votes
    .filter(({ failure }) => failure !== undefined)
    .map(({ by, failure }) => `${by}: ${failure!.slice(0, REASON)}`)
    .join(' ');
}

/** Counts what was said by the rule of a node. Whoever could not vote counts for no choice. */
export function decide(
  node: WorkflowNodeOf<'decide'>,
  said: Array<{ by: string; text?: string; failure?: string; weight: number }>,
): GroupDecision {
  const votes = said.map(({ by, failure, text = '', weight }) => ({
    by,
    choice: choiceIn(text, node.choices) ?? null,
    weight,
    ...(failure !== undefined && { failure }),
  }));
  const weightOf = (choice: string) =>
    votes.reduce(
      (sum, vote) => sum + (vote.choice === choice ? vote.weight : 0),
      0,
    );
  const total = votes.reduce((sum, { weight }) => sum + weight, 0);
  const needed = neededBy(node.rule, total);
  const winners = node.choices.filter(({ id }) => weightOf(id) >= needed);
  const decision =
    winners.length === 1 ? winners[0].id : node.otherwise ?? 'undecided';
  const counts = node.choices.map(({ id }) => `${id} ${weightOf(id)}`);
  const failed = votes.filter(({ failure }) => failure !== undefined).length;
  const unheard = said.filter(({ text }) => text === undefined).length - failed;
  const abstained =
    votes.filter(({ choice }) => choice === null).length - unheard - failed;
  return {
    decision,
    text: `${decision}: ${counts.join(', ')}${
      abstained ? `, abstained ${abstained}` : ''
    }${failed ? `, could not vote ${failed}` : ''}${
      unheard ? `, not waited for ${unheard}` : ''
    }; ${
      winners.length === 1
        ? `${needed} of ${total} were needed`
        : `no choice has the ${needed} of ${total} that were needed`
    }.${failed ? ` ${failuresOf(votes)}` : ''}`,
    votes,
    dissent: votes
      .filter(({ choice }) => choice !== null && choice !== decision)
      .map(({ by }) => by),
  };
}

/** Whether what has not been said yet can change nothing of what a quorum decides. */
export function isDecided(
  { choices, rule }: WorkflowNodeOf<'decide'>,
  said: Array<{ text?: string; weight: number }>,
): boolean {
  if (typeof rule !== 'object') {
    return false;
  }
  const weightOf = (of: typeof said) =>
    of.reduce((sum, { weight }) => sum + weight, 0);
  const left = weightOf(said.filter(({ text }) => text === undefined));
  return choices.every(({ id }) => {
    const has = weightOf(
      said.filter(({ text = '' }) => choiceIn(text, choices) === id),
    );
    return has >= rule.quorum || has + left < rule.quorum;
  });
}

function neededBy(
  rule: WorkflowNodeOf<'decide'>['rule'],
  total: number,
): number {
  if (typeof rule === 'object') {
    return rule.quorum;
  }
  // More than half of all who were asked, those too who abstain or cannot vote.
  const most = Math.floor(total / 2) + (Number.isInteger(total) ? 1 : 0.5);
  return rule === 'unanimous' ? total : most;
}
