import { POLICIES } from '../company/policies';
import { EMPLOYEES, LEAVES } from '../company/staff';
import { insertRows, openDatabase } from '../storage/openDatabase';

const TABLES = `
  CREATE TABLE employees (
    employee_id TEXT PRIMARY KEY,
    name TEXT NOT NULL COLLATE NOCASE,
    title TEXT NOT NULL,
    department TEXT NOT NULL,
    manager_id TEXT,
    location TEXT NOT NULL,
    email TEXT NOT NULL COLLATE NOCASE,
    started_on TEXT NOT NULL,
    left_on TEXT,
    vacation_days INTEGER NOT NULL
  );
  CREATE INDEX employees_name ON employees (name);
  CREATE INDEX employees_department ON employees (department, employee_id);

  CREATE TABLE leaves (
    leave_id TEXT PRIMARY KEY,
    employee_id TEXT NOT NULL REFERENCES employees (employee_id) ON DELETE CASCADE,
    type TEXT NOT NULL,
    from_day TEXT NOT NULL,
    to_day TEXT NOT NULL,
    working_days INTEGER NOT NULL,
    status TEXT NOT NULL,
    note TEXT
  );
  CREATE INDEX leaves_employee ON leaves (employee_id);
  CREATE INDEX leaves_days ON leaves (from_day, leave_id);

  CREATE TABLE policies (
    policy_id TEXT PRIMARY KEY,
    title TEXT NOT NULL,
    owner TEXT NOT NULL,
    valid_from TEXT NOT NULL
  );

  CREATE TABLE policy_sections (
    policy_id TEXT NOT NULL REFERENCES policies (policy_id),
    position INTEGER NOT NULL,
    heading TEXT NOT NULL,
    body TEXT NOT NULL,
    PRIMARY KEY (policy_id, position)
  );

  CREATE VIRTUAL TABLE policy_search USING fts5 (
    policy_id UNINDEXED, position UNINDEXED, title, heading, body,
    tokenize = 'porter unicode61'
  );

  CREATE TABLE outbox (
    message_id INTEGER PRIMARY KEY,
    employee_id TEXT NOT NULL REFERENCES employees (employee_id) ON DELETE CASCADE,
    recipient TEXT NOT NULL,
    body TEXT NOT NULL,
    queued_at TEXT NOT NULL
  );

  CREATE TABLE erasures (
    employee_id TEXT PRIMARY KEY,
    reason TEXT NOT NULL,
    erased_at TEXT NOT NULL
  );
`;

/** Opens the data of the people server: employees, leave, policies. */
export function openPeopleDatabase(directory: string) {
  return openDatabase({
    directory,
    name: 'people',
    tables: TABLES,
    seed(db) {
      insertRows(
        db,
        'employees',
        EMPLOYEES.map(employee => ({
          employee_id: employee.employeeId,
          name: employee.name,
          title: employee.title,
          department: employee.department,
          manager_id: employee.managerId ?? null,
          location: employee.location,
          email: employee.email,
          started_on: employee.startedOn,
          left_on: employee.leftOn ?? null,
          vacation_days: employee.vacationDays,
        })),
      );
      insertRows(
        db,
        'leaves',
        LEAVES.map(leave => ({
          leave_id: leave.leaveId,
          employee_id: leave.employeeId,
          type: leave.type,
          from_day: leave.from,
          to_day: leave.to,
          working_days: leave.workingDays,
          status: leave.status,
          note: null,
        })),
      );
      insertRows(
        db,
        'policies',
        POLICIES.map(policy => ({
          policy_id: policy.policyId,
          title: policy.title,
          owner: policy.owner,
          valid_from: policy.validFrom,
        })),
      );
      const sections = POLICIES.flatMap(policy =>
        policy.sections.map(({ heading, text }, position) => ({
          policy_id: policy.policyId,
          position,
          heading,
          body: text,
        })),
      );
      insertRows(db, 'policy_sections', sections);
      const titles = new Map(
        POLICIES.map(({ policyId, title }) => [policyId, title]),
      );
      insertRows(
        db,
        'policy_search',
        sections.map(section => ({
          ...section,
          title: titles.get(section.policy_id) as string,
        })),
      );
    },
  });
}
