import { mockApis } from '@backstage/frontend-test-utils';
import {
  type OrchestrationTranslation,
  orchestrationTranslationRef,
} from '../translation';
import chinese from '../translation.zh';
import { cronInWords } from './cronWords';

const { t } = mockApis
  .translation()
  .getTranslation(orchestrationTranslationRef) as {
  t: OrchestrationTranslation;
};

it.each([
  ['0 7 * * 1-5', 'Every weekday at 07:00'],
  ['30 6 * * *', 'Every day at 06:30'],
  ['0 8,12 * * mon,FRI', 'Every Monday and Friday at 08:00 and 12:00'],
  ['5 9 * * 7', 'Every Sunday at 09:05'],
  ['*/15 * * * *', 'Every 15 minutes'],
  ['* * * * *', 'Every minute'],
  ['0 * * * *', 'Every hour at :00'],
  ['10 */2 * * 1-5', 'Every 2 hours at :10, every weekday'],
  ['0 3 1 * *', 'On the 1st of every month at 03:00'],
  ['0 3 11,22 jan *', 'On the 11th and 22nd of January at 03:00'],
  ['0 3 * 6-7 *', 'Every day of June and July at 03:00'],
])('says of %s: %s', (cron, words) => {
  expect(cronInWords(cron, t)).toBe(words);
});

it.each([
  '0 7 1 * 1',
  '0 7 L * *',
  '0 7 * * 1#2',
  '0 7 ? * *',
  '@daily',
  '0 7-1 * * *',
  '0 7 1 13 *',
])('has no words for %s, rather than wrong ones', cron => {
  expect(cronInWords(cron, t)).toBeUndefined();
});

it.each([
  ['0 8,12 * * mon,FRI', '每星期一和星期五 08:00和12:00'],
  ['*/15 * * * *', '每 15 分钟'],
  ['10 */2 * * 1-5', '每个工作日，每 2 小时的第 10 分'],
  ['0 3 11,22 jan *', '一月的11日和22日 03:00'],
])('says of %s in Chinese: %s', (cron, words) => {
  const inChinese = (key: keyof typeof chinese, values: object = {}) =>
    Object.entries(values).reduce(
      (text, [name, value]) => text.replace(`{{${name}}}`, value),
      chinese[key] as string,
    );
  expect(cronInWords(cron, inChinese as OrchestrationTranslation)).toBe(words);
});
