import type Database from 'better-sqlite3';
import { z } from 'zod/v4';
import type { Department, LOCATIONS } from '../company/staff';
import { CannotDo } from '../serving/CannotDo';

/** A row of the employees table. */
export interface EmployeeRow {
  employee_id: string;
  name: string;
  title: string;
  department: Department;
  manager_id: string | null;
  location: (typeof LOCATIONS)[number];
  email: string;
  started_on: string;
  left_on: string | null;
  vacation_days: number;
}

/** The input field that names one employee. */
export const employee = z
  .string()
  .min(2)
  .describe('Name or employee number (such as E-104) of the employee');

/** Finds one person who works here by number, email or name, whole or in part. */
export function requireEmployee(
  db: Database.Database,
  wantedName: string,
): EmployeeRow {
  const wanted = wantedName.trim();
  const exact = db
    .prepare(
      'SELECT * FROM employees WHERE (employee_id = ? OR email = ? OR name = ?) AND left_on IS NULL',
    )
    .all(wanted.toUpperCase(), wanted, wanted) as EmployeeRow[];
  const matches = exact.length
    ? exact
    : (db
        .prepare(
          `SELECT * FROM employees
           WHERE left_on IS NULL AND instr(lower(name), lower(?)) > 0
           ORDER BY name LIMIT 6`,
        )
        .all(wanted) as EmployeeRow[]);
  if (matches.length === 1) {
    return matches[0];
  }
  if (matches.length === 0) {
    throw new CannotDo(
      `Nobody who works here fits "${wanted}". Find the person with search_employees.`,
    );
  }
  const names = matches
    .slice(0, 5)
    .map(({ name, employee_id }) => `${name} (${employee_id})`);
  throw new CannotDo(
    `More than one employee fits "${wanted}": ${names.join(', ')}${
      matches.length > 5 ? ' and others' : ''
    }. Give the employee number.`,
  );
}
