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

/** When something of the page was last drawn anew, kept by the page itself. */
const DRAWN = `
window.lastDrawn = performance.now();
new MutationObserver(() => { window.lastDrawn = performance.now(); }).observe(document, {
  subtree: true, childList: true, attributes: true, characterData: true,
});`;

/**
 * Waits until a page has asked for nothing and drawn nothing for that long: what was read is not on the page yet
 * when it has come. Playwright's own `networkidle` knows documents only.
 */
export async function idleOf(page, quietMs = 500) {
  const open = new Set();
  let changed = Date.now();
  const note = change => request => {
    open[change](request);
    changed = Date.now();
  };
  page.on('request', note('add'));
  page.on('requestfinished', note('delete'));
  page.on('requestfailed', note('delete'));
  await page.addInitScript(DRAWN);
  await page.evaluate(DRAWN);
  return async () => {
    const deadline = Date.now() + 60_000;
    changed = Date.now();
    for (;;) {
      const isDrawn = await page.evaluate(
        quiet => performance.now() - window.lastDrawn >= quiet,
        quietMs,
      );
      if (isDrawn && open.size === 0 && Date.now() - changed >= quietMs) {
        return;
      }
      if (Date.now() > deadline) {
        const urls = [...open].map(request => request.url());
        throw new Error(
          `${page.url()} ${
            urls.length
              ? `still waits for ${urls.join(', ')}`
              : 'is drawn anew again and again'
          }`,
        );
      }
      await page.waitForTimeout(50);
    }
  };
}

/** What a page says went wrong, or that there is none; for a page that is idle. */
export async function alarmsOf(page, path) {
  await page.waitForFunction(() =>
    [...document.querySelectorAll('[data-testid=progress]')].every(
      progress => !progress.offsetParent,
    ),
  );
  const alarms = await page.getByRole('alert').allInnerTexts();
  const missing = await page.getByText(/page not found/i).allInnerTexts();
  return [...alarms, ...missing]
    .filter(text => text.trim())
    .map(text => `${path}: ${text}`);
}
