import type Database from 'better-sqlite3';
import { z } from 'zod/v4';
import { employeeId } from '../company/identifiers';
import { DEPARTMENTS, LOCATIONS } from '../company/staff';
import { CannotDo } from '../serving/CannotDo';
import { defineTool, type ServerTool } from '../serving/defineTool';
import {
  pageHeading,
  pageInput,
  pageOutput,
  readPage,
} from '../storage/readPage';
import { employee, type EmployeeRow, requireEmployee } from './employees';

/** Tools about employees. */
export function employeeTools(db: Database.Database): ServerTool[] {
  return [
    searchEmployees(db),
    sendEmploymentConfirmation(db),
    deleteEmployeeRecord(db),
  ];
}

function searchEmployees(db: Database.Database) {
  return defineTool({
    name: 'search_employees',
    title: 'Search employees',
    description:
      'Find employees (colleagues, who is who) by name, job title, department or office: job title, department, manager, office, work email and start date.',
    effect: 'read',
    input: z.object({
      name: z
        .string()
        .min(2)
        .optional()
        .describe('Name of the person, whole or in part'),
      title: z
        .string()
        .min(3)
        .optional()
        .describe('Job title, whole or in part, such as "Buyer"'),
      department: z.enum(DEPARTMENTS).optional().describe('Department'),
      location: z.enum(LOCATIONS).optional().describe('Office'),
      ...pageInput,
    }),
    output: z.object({
      employees: z.array(
        z.object({
          employeeId: z.string(),
          name: z.string(),
          title: z.string(),
          department: z.enum(DEPARTMENTS),
          manager: z.string().optional(),
          location: z.enum(LOCATIONS),
          email: z.string(),
          startedOn: z.string(),
        }),
      ),
      ...pageOutput,
    }),
    run(input) {
      const page = readPage<EmployeeRow & { manager: string | null }>(db, {
        columns: 'e.*, m.name AS manager',
        from: `(SELECT * FROM employees WHERE left_on IS NULL) e
               LEFT JOIN employees m ON m.employee_id = e.manager_id`,
        key: 'e.employee_id',
        order: 'ascending',
        filters: [
          {
            sql: `instr(lower(e.name || ' ' || e.employee_id), ?) > 0`,
            value: input.name?.trim().toLowerCase(),
          },
          {
            sql: 'instr(lower(e.title), ?) > 0',
            value: input.title?.trim().toLowerCase(),
          },
          { sql: 'e.department = ?', value: input.department },
          { sql: 'e.location = ?', value: input.location },
        ],
        limit: input.limit,
        cursor: input.cursor,
      });
      const { items, ...rest } = page;
      return {
        text: [
          pageHeading(page, 'employee', 'employees'),
          ...items.map(
            row =>
              `- ${row.name} (${row.employee_id}): ${row.title}, department ${
                row.department
              }, office ${row.location}, email ${row.email}, here since ${
                row.started_on
              }${row.manager ? `, manager ${row.manager}` : ''}`,
          ),
        ].join('\n'),
        data: {
          employees: items.map(row => ({
            employeeId: row.employee_id,
            name: row.name,
            title: row.title,
            department: row.department,
            ...(row.manager && { manager: row.manager }),
            location: row.location,
            email: row.email,
            startedOn: row.started_on,
          })),
          ...rest,
        },
      };
    },
  });
}

function sendEmploymentConfirmation(db: Database.Database) {
  return defineTool({
    name: 'send_employment_confirmation',
    title: 'Send employment confirmation',
    description:
      'Email a letter that confirms the employment of an employee to someone outside the company, such as a landlord or a bank.',
    effect: 'external',
    input: z.object({
      employee,
      recipientEmail: z.email().describe('Email address that gets the letter'),
      purpose: z
        .string()
        .max(200)
        .optional()
        .describe('What the letter is for, such as "flat rental"'),
    }),
    output: z.object({
      messageId: z.number().int(),
      employeeId: z.string(),
      recipient: z.string(),
    }),
    run(input) {
      const person = requireEmployee(db, input.employee);
      const body = [
        `We confirm that ${person.name} has worked for Nordhaven Outdoor as ${person.title} since ${person.started_on}.`,
        ...(input.purpose ? [`Purpose: ${input.purpose}`] : []),
      ].join('\n');
      const { lastInsertRowid } = db
        .prepare(
          'INSERT INTO outbox (employee_id, recipient, body, queued_at) VALUES (?, ?, ?, ?)',
        )
        .run(
          person.employee_id,
          input.recipientEmail,
          body,
          new Date().toISOString(),
        );
      return {
        text: `The confirmation of employment of ${person.name} to ${input.recipientEmail} is in the outbox.`,
        data: {
          messageId: Number(lastInsertRowid),
          employeeId: person.employee_id,
          recipient: input.recipientEmail,
        },
      };
    },
  });
}

function deleteEmployeeRecord(db: Database.Database) {
  return defineTool({
    name: 'delete_employee_record',
    title: 'Delete employee record',
    description:
      'Erase the personal data of a former employee, with all leave records. Cannot be undone.',
    effect: 'critical',
    input: z.object({
      employeeId,
      reason: z.string().min(3).max(300).describe('Why the record is erased'),
    }),
    output: z.object({ employeeId: z.string(), erasedAt: z.string() }),
    run(input) {
      const person = db
        .prepare('SELECT * FROM employees WHERE employee_id = ?')
        .get(input.employeeId) as EmployeeRow | undefined;
      if (!person) {
        throw new CannotDo(
          `There is no employee ${input.employeeId}. It may have been erased already; otherwise find the number with search_employees.`,
        );
      }
      if (!person.left_on) {
        throw new CannotDo(
          `${person.name} (${person.employee_id}) works here. Only records of former employees can be erased.`,
        );
      }
      const erasedAt = new Date().toISOString();
      db.transaction(() => {
        db.prepare('DELETE FROM employees WHERE employee_id = ?').run(
          person.employee_id,
        );
        db.prepare(
          'INSERT INTO erasures (employee_id, reason, erased_at) VALUES (?, ?, ?)',
        ).run(person.employee_id, input.reason, erasedAt);
      })();
      return {
        text: `The record of ${person.employee_id} is erased.`,
        data: { employeeId: person.employee_id, erasedAt },
      };
    },
  });
}
