import { capabilitiesOf } from '../agents/capabilities';
import { type AgentSnapshot, agentTitle } from '../agents/snapshot';

const MIN_LETTERS = 3;
/** Words that say nothing of what an agent can do. */
const COMMON = new Set(
  'and are can for from has have how into its not our out she that the their them then they this was what when where which who will with you your about all any each look tell give show say does did some please'.split(
    ' ',
  ),
);
const THEN = /\b(?:and then|then|afterwards|after that)\b/i;
const BOUNDARIES =
  /(?:\r?\n)+|(?<=[.;?!])\s+|,?\s+(?=(?:and then|then|afterwards|after that)\b)|,\s+and\s+|\s+and\s+/i;
const POINTS_BACK = /\b(?:it|its|that|this|these|those|them|their|they)\b/i;

/** A part of a goal and who can do it, the best first. */
export interface MatchedPart {
  text: string;
  agents: AgentSnapshot[];
  /** Whether it comes after the part before, and whether it is about what that finds. */
  isNext: boolean;
  pointsBack: boolean;
}

/**
 * Cuts a goal into parts and finds the agents that say of themselves what the parts ask
 * for, by shared words, the rarer the better. This is no understanding: whoever uses it
 * says so. Parts that nobody can do are kept with the one before.
 */
export function matchAgents(
  goal: string,
  agents: AgentSnapshot[],
): { parts: MatchedPart[]; unmatched: string[] } {
  const cards = agents.map(agent => ({
    agent,
    title: new Set(wordsOf(agentTitle(agent))),
    all: new Set(wordsOf(cardOf(agent))),
  }));
  const rarity = (word: string) => {
    const known = cards.filter(({ all }) => all.has(word)).length;
    return known ? Math.log(1 + cards.length / known) : 0;
  };
  const rank = (text: string) => {
    const words = [...new Set(wordsOf(text))];
    return cards
      .map(({ agent, title, all }) => ({
        agent,
        score: words.reduce(
          (sum, word) =>
            sum +
            (all.has(word) ? rarity(word) : 0) +
            (title.has(word) ? rarity(word) : 0),
          0,
        ),
      }))
      .filter(({ score }) => score > 0)
      .sort((a, b) => b.score - a.score)
      .map(({ agent }) => agent);
  };
  const parts: MatchedPart[] = [];
  const unmatched: string[] = [];
  for (const text of goal.split(BOUNDARIES).map(each => each.trim())) {
    if (!text) {
      continue;
    }
    const ranked = rank(text);
    const last = parts.at(-1);
    if (last && (!ranked.length || ranked[0] === last.agents[0])) {
      last.text += ` ${text}`;
    } else if (ranked.length) {
      const before = parts.length > 0;
      parts.push({
        text: text.replace(new RegExp(`^${THEN.source}[\\s,]*`, 'i'), ''),
        agents: ranked,
        isNext: before && THEN.test(text),
        pointsBack: before && POINTS_BACK.test(text),
      });
    } else {
      unmatched.push(text);
    }
  }
  return { parts, unmatched };
}

function cardOf(agent: AgentSnapshot): string {
  const { about, questions, tools } = capabilitiesOf(agent);
  return [
    agentTitle(agent),
    agent.description,
    about,
    ...questions,
    ...tools,
  ].join(' ');
}

function wordsOf(text: string): string[] {
  return (text.toLocaleLowerCase('en-US').match(/\p{L}+/gu) ?? [])
    .filter(word => word.length >= MIN_LETTERS && !COMMON.has(word))
    .map(word => word.replace(/(?<=\p{L}{3})(?:ies|es|s)$/u, ''));
}
