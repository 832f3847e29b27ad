import type Database from 'better-sqlite3';
import { collectionTools } from '../finance/collectionTools';
import { controllingTools } from '../finance/controllingTools';
import { invoiceTools } from '../finance/invoiceTools';
import { openFinanceDatabase } from '../finance/openFinanceDatabase';
import { dispatchTools } from '../logistics/dispatchTools';
import { openLogisticsDatabase } from '../logistics/openLogisticsDatabase';
import { replenishmentTools } from '../logistics/replenishmentTools';
import { shipmentTools } from '../logistics/shipmentTools';
import { stockTools } from '../logistics/stockTools';
import { changeTools } from '../orders/changeTools';
import { openOrdersDatabase } from '../orders/openOrdersDatabase';
import { orderTools } from '../orders/orderTools';
import { returnTools } from '../orders/returnTools';
import { employeeTools } from '../people/employeeTools';
import { leaveTools } from '../people/leaveTools';
import { openPeopleDatabase } from '../people/openPeopleDatabase';
import { policyTools } from '../people/policyTools';
import type { ServerTool } from './defineTool';

/** One MCP server: where its data is and what it offers. */
export interface ServerDefinition {
  /** Path segment and name of the API entity. */
  name: string;
  title: string;
  instructions: string;
  open(directory: string): Database.Database;
  tools(db: Database.Database): ServerTool[];
}

/** The MCP servers of the example company. */
export const SERVERS: readonly ServerDefinition[] = [
  {
    name: 'orders',
    title: 'Nordhaven Orders',
    instructions:
      'Customers, orders and returns of Nordhaven Outdoor. Order numbers look like NH-10042, return numbers like RT-2007.',
    open: openOrdersDatabase,
    tools: db => [...orderTools(db), ...returnTools(db), ...changeTools(db)],
  },
  {
    name: 'logistics',
    title: 'Nordhaven Logistics',
    instructions:
      'Articles, stock and shipments of Nordhaven Outdoor in the warehouses Gothenburg, Gdansk and Lyon. SKUs look like TNT-102.',
    open: openLogisticsDatabase,
    tools: db => [
      ...stockTools(db),
      ...replenishmentTools(db),
      ...shipmentTools(db),
      ...dispatchTools(db),
    ],
  },
  {
    name: 'finance',
    title: 'Nordhaven Finance',
    instructions:
      'Invoices, payments, revenue and budgets of Nordhaven Outdoor, in euro. Invoice numbers look like INV-40042.',
    open: openFinanceDatabase,
    tools: db => [
      ...invoiceTools(db),
      ...controllingTools(db),
      ...collectionTools(db),
    ],
  },
  {
    name: 'people',
    title: 'Nordhaven People',
    instructions:
      'Employees, leave and company policies of Nordhaven Outdoor. Employee numbers look like E-104.',
    open: openPeopleDatabase,
    tools: db => [...policyTools(db), ...leaveTools(db), ...employeeTools(db)],
  },
];
