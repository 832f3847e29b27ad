// Every page is for everyone: nothing is red, axe finds nothing serious in either theme, and nothing is wider than the
// screen of a tablet or a phone.
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { after, before, test } from 'node:test';
import { Portal } from '../../scripts/demo/Portal.mjs';
import { launch, pageOf, portalUrl } from './support/browser.mjs';
import {
  AGENT,
  EVERYONES,
  MEMBERS,
  OPERATORS,
  alarmsOf,
  follow,
  idleOf,
} from './support/pages.mjs';

const AXE = createRequire(import.meta.url).resolve('axe-core/axe.min.js');

/** What counts: WCAG 2.1 AA, and a landmark to move to. */
const TAGS = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa'];
const STRUCTURE = ['landmark-one-main', 'landmark-no-duplicate-main'];

/** Faults of libraries, which are theirs to mend: the rule, and the elements in which it is not looked at. */
const EXCUSED = [
  // Tabs of BUI's page header are links to pages, and name panels that do not exist.
  ['aria-valid-attr-value', '.bui-PluginHeaderTabsWrapper *'],
  // Colours of the words of Backstage's CodeSnippet in the dark theme.
  ['color-contrast', 'pre code *'],
  // Heads of Backstage's tables, buttons with a button in them, and its list of search results.
  ['nested-interactive', '.MuiTableSortLabel-root'],
  ['listitem', 'li.MuiListItem-root'],
  // What turns while Backstage's notifications are read.
  ['aria-progressbar-name', '.MuiCircularProgress-root'],
  // Heads of columns that can be dragged, in the table of Backstage's notifications.
  ['aria-command-name', '[data-rbd-draggable-id]'],
];

/** Backstage's own pages, not all of which have a landmark. */
const STOCK = /^\/(create|catalog$|api-docs|search|notifications|settings)/;

let browser;
let portal;

before(async () => {
  portal = new Portal(portalUrl);
  browser = await launch();
});

after(async () => {
  await browser?.close();
});

/** Serious faults of the page as it is, one line each. */
async function faultsOf(page, where, rules) {
  const found = await page.evaluate(
    async ([options, structure, excused]) => {
      const { violations } = await window.axe.run(document, options);
      return violations
        .filter(
          ({ id, impact }) =>
            ['serious', 'critical'].includes(impact) || structure.includes(id),
        )
        .flatMap(({ id, nodes }) =>
          nodes
            .filter(({ target: [selector] }) => {
              const element = document.querySelector(selector);
              return !excused.some(
                ([rule, within]) => rule === id && element?.matches(within),
              );
            })
            .map(({ target, any, all }) => {
              const [why] = [...any, ...all];
              return `${id}: ${target.join(' ')} ${why?.message ?? ''}`;
            }),
        );
    },
    [
      // There are no frames, and looking for them takes time.
      { ...rules, resultTypes: ['violations'], iframes: false },
      STRUCTURE,
      EXCUSED,
    ],
  );
  return found.map(fault => `${where}: ${fault}`);
}

/** Colours are looked at, which are those of neither theme while one becomes the other. */
const STILL = `
addEventListener('DOMContentLoaded', () => {
  const style = document.createElement('style');
  style.textContent = '*, ::before, ::after { transition: none !important; animation: none !important; }';
  document.head.append(style);
});`;

/** As another tab in which somebody chose a theme would. */
async function setTheme(page, theme) {
  await page.evaluate(name => {
    localStorage.setItem('theme', name);
    window.dispatchEvent(new StorageEvent('storage', { key: 'theme' }));
  }, theme);
  await page.waitForFunction(
    name => document.body.dataset.themeMode === name,
    theme,
  );
}

/** What makes the page wider than the screen, or nothing. */
async function tooWide(page, width) {
  await page.setViewportSize({ width, height: 900 });
  // Charts follow the size of their place a moment later.
  await page
    .waitForFunction(
      () => document.scrollingElement.scrollWidth <= window.innerWidth,
      undefined,
      { timeout: 5_000 },
    )
    .catch(() => {});
  return page.evaluate(() => {
    const { scrollWidth } = document.scrollingElement;
    if (scrollWidth <= window.innerWidth) return [];
    const widest = [...document.body.querySelectorAll('*')].filter(
      element => element.getBoundingClientRect().right >= scrollWidth - 1,
    );
    const { className, tagName } = widest.at(-1) ?? document.body;
    return [
      `${scrollWidth} px on ${window.innerWidth}: ${tagName} ${className}`,
    ];
  });
}

test('every page is readable and usable for everyone', async () => {
  const run = await portal.run(
    'user:default/priya.raman',
    'agent:default/order-desk',
    'Where is order NH-10244?',
  );
  const pages = [
    ...EVERYONES,
    ...MEMBERS,
    ...OPERATORS,
    `/runs/${run.id}`,
    `${AGENT}/chat?thread=${run.threadId}`,
  ];
  const { page, problems } = await pageOf(browser, 'Priya Raman');
  await page.addInitScript({ path: AXE });
  await page.addInitScript(STILL);
  const idle = await idleOf(page, 300);
  await page.goto(`${portalUrl}/agents`);
  // Nothing is pointed at: buttons of BUI have another colour then.
  await page.mouse.move(1399, 899);
  const faults = [];
  for (const path of pages) {
    await follow(page, path);
    if (!STOCK.test(path)) await page.locator('main').first().waitFor();
    await idle();
    faults.push(...(await alarmsOf(page, path)));
    faults.push(
      ...(await faultsOf(page, path, {
        runOnly: { type: 'tag', values: TAGS },
        rules: Object.fromEntries(
          STRUCTURE.map(rule => [rule, { enabled: !STOCK.test(path) }]),
        ),
      })),
    );
    await setTheme(page, 'dark');
    faults.push(
      ...(await faultsOf(page, `${path}, dark`, {
        runOnly: { type: 'rule', values: ['color-contrast'] },
      })),
    );
    await setTheme(page, 'light');
    for (const width of [800, 390]) {
      for (const fault of await tooWide(page, width)) {
        faults.push(`${path}: ${fault}`);
      }
    }
    await page.setViewportSize({ width: 1400, height: 900 });
  }
  assert.deepEqual([...faults, ...problems], []);
});
