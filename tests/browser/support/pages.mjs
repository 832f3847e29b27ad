import { portalUrl } from './browser.mjs';

/** An agent that everybody may open. */
export const AGENT = '/catalog/default/agent/order-desk';

/** Pages that everybody may open. */
export const EVERYONES = [
  '/agents',
  AGENT,
  `${AGENT}/chat`,
  `${AGENT}/scorecard`,
  `${AGENT}/evaluations`,
  `${AGENT}/runs`,
  `${AGENT}/traces`,
  `${AGENT}/access`,
  `${AGENT}/settings`,
  `${AGENT}/cost`,
  '/runs',
  '/schedules',
  '/traces',
  '/traces?view=overview',
  '/quality/scorecards',
  '/quality/evaluations',
  '/quality/reviews',
  '/quality/experiments',
  '/quality/delivery',
  '/catalog/default/agent/stock-watch/schedules',
  '/tools',
  '/tools?tool=orders.cancel_order',
  '/models/all',
  '/models/routes',
  '/cost/overview',
  '/create',
  '/create/templates/default/conversational-agent',
  '/catalog',
  '/catalog/default/tool/orders.find_order',
  '/catalog/default/model/balanced',
  '/catalog/default/model/balanced/cost',
  '/catalog/default/group/customer-care',
  '/catalog/default/group/customer-care/cost',
  '/catalog/default/group/customer-care/traces',
  '/api-docs',
  '/search?query=order',
  '/notifications',
  '/settings',
];

/** Pages that a guest may not open. */
export const MEMBERS = ['/models/keys', '/cost/budgets'];

/** Pages that the platform team may open. */
export const OPERATORS = [
  '/approvals',
  '/audit/entries',
  '/audit/rules',
  '/audit/keeping',
];

/** As links inside the portal do, which load nothing of it anew. */
export async function follow(page, path) {
  await page.evaluate(url => {
    window.history.pushState({}, '', url);
    window.dispatchEvent(new PopStateEvent('popstate', { state: {} }));
  }, `${portalUrl}${path}`);
}

/** Waits until a page has asked for nothing for that long. Playwright's own `networkidle` knows documents only. */
export function idleOf(page, quietMs = 500) {
  const open = new Set();
  let changed = Date.now();
  const note = change => request => {
    open[change](request);
    changed = Date.now();
  };
  page.on('request', note('add'));
  page.on('requestfinished', note('delete'));
  page.on('requestfailed', note('delete'));
  return async () => {
    const deadline = Date.now() + 60_000;
    changed = Date.now();
    while (open.size > 0 || Date.now() - changed < quietMs) {
      if (Date.now() > deadline) {
        const urls = [...open].map(request => request.url());
        throw new Error(`${page.url()} still waits for ${urls.join(', ')}`);
      }
      await page.waitForTimeout(50);
    }
  };
}
