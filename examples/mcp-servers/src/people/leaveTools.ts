import type Database from 'better-sqlite3';
import { z } from 'zod/v4';
import { addDays, DATA_DAY, workingDays } from '../company/calendar';
import { day } from '../company/identifiers';
import { DEPARTMENTS, LEAVE_TYPES } from '../company/staff';
import { CannotDo } from '../serving/CannotDo';
import { defineTool, type ServerTool } from '../serving/defineTool';
import {
  pageHeading,
  pageInput,
  pageOutput,
  readPage,
} from '../storage/readPage';
import { employee, requireEmployee } from './employees';

/** Tools about leave. */
export function leaveTools(db: Database.Database): ServerTool[] {
  return [getLeaveBalance(db), listAbsences(db), requestLeave(db)];
}

function getLeaveBalance(db: Database.Database) {
  return defineTool({
    name: 'get_leave_balance',
    title: 'Get leave balance',
    description:
      'Show the leave balance of an employee for 2026: vacation days per year, taken, planned, and how many days are left.',
    effect: 'read',
    input: z.object({ employee }),
    output: z.object({
      employeeId: z.string(),
      name: z.string(),
      vacationDays: z.number().int().describe('Vacation days per year'),
      takenDays: z.number().int(),
      plannedDays: z
        .number()
        .int()
        .describe('Approved or requested, not taken yet'),
      leftDays: z.number().int(),
      sickDays: z.number().int().describe('Sick days in 2026'),
    }),
    run(input) {
      const person = requireEmployee(db, input.employee);
      const { taken, planned, sick } = db
        .prepare(
          `SELECT
             COALESCE(SUM(CASE WHEN type = 'vacation' AND from_day <= @today THEN working_days END), 0) AS taken,
             COALESCE(SUM(CASE WHEN type = 'vacation' AND from_day > @today THEN working_days END), 0) AS planned,
             COALESCE(SUM(CASE WHEN type = 'sick' THEN working_days END), 0) AS sick
           FROM leaves
           WHERE employee_id = @employee AND status <> 'declined' AND from_day LIKE '2026-%'`,
        )
        .get({ today: DATA_DAY, employee: person.employee_id }) as {
        taken: number;
        planned: number;
        sick: number;
      };
      const leftDays = person.vacation_days - taken - planned;
      return {
        text: `${person.name} (${person.employee_id}) has ${person.vacation_days} vacation days in 2026: ${taken} taken, ${planned} planned, ${leftDays} left. Sick days: ${sick}.`,
        data: {
          employeeId: person.employee_id,
          name: person.name,
          vacationDays: person.vacation_days,
          takenDays: taken,
          plannedDays: planned,
          leftDays,
          sickDays: sick,
        },
      };
    },
  });
}

function listAbsences(db: Database.Database) {
  return defineTool({
    name: 'list_absences',
    title: 'List absences',
    description:
      'List who is absent, away or on leave (vacation, sick, parental) between two dates, in one department or in all.',
    effect: 'read',
    input: z.object({
      from: day('First day; today of the records when left out').optional(),
      to: day(
        'Last day; two weeks after the first day when left out',
      ).optional(),
      department: z.enum(DEPARTMENTS).optional().describe('Department'),
      ...pageInput,
    }),
    output: z.object({
      from: z.string(),
      to: z.string(),
      absences: z.array(
        z.object({
          leaveId: z.string(),
          employeeId: z.string(),
          name: z.string(),
          department: z.enum(DEPARTMENTS),
          type: z.enum(LEAVE_TYPES),
          from: z.string(),
          to: z.string(),
          status: z.enum(['approved', 'requested']),
        }),
      ),
      ...pageOutput,
    }),
    run(input) {
      const from = input.from ?? DATA_DAY;
      const to = input.to ?? addDays(from, 14);
      if (from > to) {
        throw new CannotDo(
          `The last day (${to}) is before the first day (${from}). Swap the two days.`,
        );
      }
      const page = readPage<{
        leaveId: string;
        employeeId: string;
        name: string;
        department: (typeof DEPARTMENTS)[number];
        type: (typeof LEAVE_TYPES)[number];
        from: string;
        to: string;
        status: 'approved' | 'requested';
      }>(db, {
        columns: `l.leave_id AS leaveId, e.employee_id AS employeeId, e.name, e.department,
                  l.type, l.from_day AS "from", l.to_day AS "to", l.status`,
        from: `(SELECT * FROM leaves WHERE status <> 'declined') l JOIN employees e USING (employee_id)`,
        key: `(l.from_day || ' ' || l.leave_id)`,
        order: 'ascending',
        filters: [
          { sql: 'l.from_day <= ?', value: to },
          { sql: 'l.to_day >= ?', value: from },
          { sql: 'e.department = ?', value: input.department },
        ],
        limit: input.limit,
        cursor: input.cursor,
      });
      const { items, ...rest } = page;
      return {
        text: [
          `${pageHeading(page, 'absence', 'absences')} From ${from} to ${to}.`,
          ...items.map(
            row =>
              `- ${row.name} (${row.department}): ${row.type} from ${row.from} to ${row.to}, ${row.status}`,
          ),
        ].join('\n'),
        data: { from, to, absences: items, ...rest },
      };
    },
  });
}

function requestLeave(db: Database.Database) {
  return defineTool({
    name: 'request_leave',
    title: 'Request leave',
    description:
      "File a leave request (vacation, sick, parental or unpaid leave) for an employee from one date to another. It waits for the manager's approval.",
    effect: 'write',
    input: z.object({
      employee,
      type: z.enum(LEAVE_TYPES).default('vacation').describe('Kind of leave'),
      from: day('First day of the leave'),
      to: day('Last day of the leave'),
      note: z.string().max(300).optional().describe('A note for the manager'),
    }),
    output: z.object({
      leaveId: z.string(),
      employeeId: z.string(),
      type: z.enum(LEAVE_TYPES),
      from: z.string(),
      to: z.string(),
      workingDays: z.number().int(),
      status: z.literal('requested'),
    }),
    run(input) {
      const person = requireEmployee(db, input.employee);
      if (input.from > input.to) {
        throw new CannotDo(
          `The last day (${input.to}) is before the first day (${input.from}). Swap the two days.`,
        );
      }
      const days = workingDays(input.from, input.to);
      if (days === 0 || days > 260) {
        throw new CannotDo(
          days === 0
            ? 'There is no working day in this time.'
            : 'A leave is at most a year long. Check the two days.',
        );
      }
      const clash = db
        .prepare(
          `SELECT from_day, to_day FROM leaves
           WHERE employee_id = ? AND status <> 'declined' AND from_day <= ? AND to_day >= ?`,
        )
        .get(person.employee_id, input.to, input.from) as
        | { from_day: string; to_day: string }
        | undefined;
      if (clash) {
        throw new CannotDo(
          `${person.name} has a leave from ${clash.from_day} to ${clash.to_day} already. Choose other days.`,
        );
      }

      const { last } = db
        .prepare('SELECT MAX(leave_id) AS last FROM leaves')
        .get() as { last: string };
      const leaveId = `LV-${String(Number(last.slice(3)) + 1).padStart(
        4,
        '0',
      )}`;
      db.prepare(
        `INSERT INTO leaves (leave_id, employee_id, type, from_day, to_day, working_days, status, note)
         VALUES (?, ?, ?, ?, ?, ?, 'requested', ?)`,
      ).run(
        leaveId,
        person.employee_id,
        input.type,
        input.from,
        input.to,
        days,
        input.note ?? null,
      );
      return {
        text: `Leave request ${leaveId}: ${input.type} of ${person.name} from ${input.from} to ${input.to} (${days} working days). It waits for the manager's approval.`,
        data: {
          leaveId,
          employeeId: person.employee_id,
          type: input.type,
          from: input.from,
          to: input.to,
          workingDays: days,
          status: 'requested' as const,
        },
      };
    },
  });
}
