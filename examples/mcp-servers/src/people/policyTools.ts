import type Database from 'better-sqlite3';
import { z } from 'zod/v4';
import { POLICIES } from '../company/policies';
import { CannotDo } from '../serving/CannotDo';
import { defineTool, type ServerTool } from '../serving/defineTool';

/** Passages that one search returns at most. */
const MAX_PASSAGES = 4;

/** A passage that fits less than this share of the best one is noise. */
const WEAKEST_SHARE = 0.4;

/** Tools about the rules of the company. */
export function policyTools(db: Database.Database): ServerTool[] {
  return [searchPolicies(db), getPolicy(db)];
}

function searchPolicies(db: Database.Database) {
  return defineTool({
    name: 'search_policies',
    title: 'Search policies',
    description:
      'Search the company policies and the employee handbook for the rules on a topic: vacation, sick leave, parental leave, remote work, travel expenses, equipment, training, gifts, data protection, returns and refunds, supplier contracts. Returns the passages that fit best.',
    effect: 'read',
    input: z.object({
      query: z
        .string()
        .min(3)
        .max(400)
        .describe('The question or the words to search for'),
    }),
    output: z.object({
      passages: z.array(
        z.object({
          policyId: z.string(),
          policy: z.string(),
          heading: z.string(),
          text: z.string(),
        }),
      ),
    }),
    run(input) {
      const words = [
        ...new Set(input.query.toLowerCase().match(/[\p{L}\d]{2,}/gu) ?? []),
      ].slice(0, 32);
      if (words.length === 0) {
        throw new CannotDo('Give at least one word to search for.');
      }
      // Quoted, so that words such as "not" are words and not operators.
      const found = db
        .prepare(
          `SELECT policy_id AS policyId, title AS policy, heading, body AS text,
             bm25(policy_search, 0, 0, 4, 3, 1) AS rank
           FROM policy_search WHERE policy_search MATCH ?
           ORDER BY rank LIMIT ?`,
        )
        .all(
          words.map(word => `"${word}"`).join(' OR '),
          MAX_PASSAGES,
        ) as Array<{
        policyId: string;
        policy: string;
        heading: string;
        text: string;
        rank: number;
      }>;
      // A better fit has a lower rank; all ranks are negative.
      const passages = found
        .filter(({ rank }) => rank <= found[0].rank * WEAKEST_SHARE)
        .map(({ rank: _, ...passage }) => passage);
      if (passages.length === 0) {
        throw new CannotDo(
          `No policy speaks of "${input.query}". Try other words, or ask the people team.`,
        );
      }
      return {
        text: passages
          .map(
            passage =>
              `${passage.policy} (${passage.policyId}), ${passage.heading}: ${passage.text}`,
          )
          .join('\n\n'),
        data: { passages },
      };
    },
  });
}

function getPolicy(db: Database.Database) {
  return defineTool({
    name: 'get_policy',
    title: 'Get policy',
    description:
      'Read one company policy in full, with its owner and the day from which it is valid.',
    effect: 'read',
    input: z.object({
      policyId: z
        .enum(POLICIES.map(policy => policy.policyId))
        .describe('Which policy'),
    }),
    output: z.object({
      policyId: z.string(),
      title: z.string(),
      owner: z.string(),
      validFrom: z.string(),
      sections: z.array(z.object({ heading: z.string(), text: z.string() })),
    }),
    run(input) {
      const policy = db
        .prepare(
          `SELECT policy_id AS policyId, title, owner, valid_from AS validFrom
           FROM policies WHERE policy_id = ?`,
        )
        .get(input.policyId) as {
        policyId: string;
        title: string;
        owner: string;
        validFrom: string;
      };
      const sections = db
        .prepare(
          'SELECT heading, body AS text FROM policy_sections WHERE policy_id = ? ORDER BY position',
        )
        .all(input.policyId) as Array<{ heading: string; text: string }>;
      return {
        text: [
          `${policy.title}, owned by ${policy.owner}, valid from ${policy.validFrom}.`,
          ...sections.map(({ heading, text }) => `${heading}: ${text}`),
        ].join('\n\n'),
        data: { ...policy, sections },
      };
    },
  });
}
