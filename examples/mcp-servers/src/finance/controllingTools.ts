import type Database from 'better-sqlite3';
import { z } from 'zod/v4';
import { DATA_DAY } from '../company/calendar';
import { day } from '../company/identifiers';
import { euros, formatEuros } from '../company/money';
import { DEPARTMENTS } from '../company/staff';
import { CannotDo } from '../serving/CannotDo';
import { defineTool, type ServerTool } from '../serving/defineTool';

/** How revenue can be broken down; each names a column of the query. */
const GROUPINGS = {
  month: 'substr(i.issued_on, 1, 7)',
  category: 'l.category',
  country: 'i.country',
} as const;

/** Tools about revenue and budgets. */
export function controllingTools(db: Database.Database): ServerTool[] {
  return [summarizeRevenue(db), getDepartmentBudget(db)];
}

function summarizeRevenue(db: Database.Database) {
  return defineTool({
    name: 'summarize_revenue',
    title: 'Summarize revenue',
    description:
      'Sum up the revenue (sales, turnover) of a period, by month, by product category or by country. Void invoices do not count; refunds are not taken off.',
    effect: 'read',
    input: z.object({
      from: day(
        'First day of the period; the start of the records when left out',
      ).optional(),
      to: day(
        'Last day of the period; the newest record when left out',
      ).optional(),
      groupBy: z
        .enum(['month', 'category', 'country'])
        .default('month')
        .describe('What to break the revenue down by'),
    }),
    output: z.object({
      from: z.string(),
      to: z.string(),
      totalEur: z.number(),
      groups: z.array(
        z.object({
          name: z.string(),
          revenueEur: z.number(),
          invoices: z.number().int(),
        }),
      ),
    }),
    run(input) {
      const from = input.from ?? '2026-01-01';
      const to = input.to ?? DATA_DAY;
      if (from > to) {
        throw new CannotDo(
          `The period ends (${to}) before it starts (${from}). Swap the two days.`,
        );
      }
      const rows = db
        .prepare(
          `SELECT ${GROUPINGS[input.groupBy]} AS name,
             SUM(l.amount_cents) AS revenue,
             COUNT(DISTINCT i.invoice_id) AS invoices
           FROM invoices i JOIN invoice_lines l USING (invoice_id)
           WHERE i.status <> 'void' AND i.issued_on BETWEEN ? AND ?
           GROUP BY name
           ORDER BY ${input.groupBy === 'month' ? 'name' : 'revenue DESC'}`,
        )
        .all(from, to) as Array<{
        name: string;
        revenue: number;
        invoices: number;
      }>;
      const total = rows.reduce((sum, { revenue }) => sum + revenue, 0);
      return {
        text: [
          `Revenue from ${from} to ${to}: ${formatEuros(total)}, by ${
            input.groupBy
          }:`,
          ...rows.map(
            row =>
              `- ${row.name}: ${formatEuros(row.revenue)} in ${
                row.invoices
              } invoices`,
          ),
        ].join('\n'),
        data: {
          from,
          to,
          totalEur: euros(total),
          groups: rows.map(row => ({
            name: row.name,
            revenueEur: euros(row.revenue),
            invoices: row.invoices,
          })),
        },
      };
    },
  });
}

function getDepartmentBudget(db: Database.Database) {
  return defineTool({
    name: 'get_department_budget',
    title: 'Get department budget',
    description:
      'Show the budget of a department for 2026: budget, spent, committed and how much remains.',
    effect: 'read',
    input: z.object({
      department: z.enum(DEPARTMENTS).describe('Department'),
    }),
    output: z.object({
      department: z.enum(DEPARTMENTS),
      budgetEur: z.number(),
      spentEur: z.number(),
      committedEur: z.number().describe('Ordered but not billed yet'),
      remainingEur: z.number(),
      spentPercent: z.number(),
    }),
    run(input) {
      const row = db
        .prepare('SELECT * FROM budgets WHERE department = ?')
        .get(input.department) as {
        budget_cents: number;
        spent_cents: number;
        committed_cents: number;
      };
      const remaining =
        row.budget_cents - row.spent_cents - row.committed_cents;
      const spentPercent =
        Math.round((row.spent_cents * 1000) / row.budget_cents) / 10;
      return {
        text: `${input.department} has a budget of ${formatEuros(
          row.budget_cents,
        )} for 2026. Spent: ${formatEuros(
          row.spent_cents,
        )} (${spentPercent} %). Committed: ${formatEuros(
          row.committed_cents,
        )}. Remaining: ${formatEuros(remaining)}.`,
        data: {
          department: input.department,
          budgetEur: euros(row.budget_cents),
          spentEur: euros(row.spent_cents),
          committedEur: euros(row.committed_cents),
          remainingEur: euros(remaining),
          spentPercent,
        },
      };
    },
  });
}
