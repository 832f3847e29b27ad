import { createTranslationRef } from '@backstage/frontend-plugin-api';

/**
 * Titles of the pages and tabs, and the words of newer parts, in English and Chinese.
 *
 * @public
 */
export const evalsTranslationRef = createTranslationRef({
  id: 'plugin.evals',
  messages: {
    page: { title: 'Quality' },
    scorecards: { title: 'Scorecards' },
    evaluations: { title: 'Evaluations' },
    reviews: { title: 'Reviews' },
    experiments: { title: 'Experiments' },
    delivery: { title: 'Delivery' },
    scorecardTab: { title: 'Scorecard' },
    evaluationsTab: { title: 'Evaluations' },
    autonomy: {
      title: 'Earned autonomy',
      means:
        'Where people approve an agent’s calls as they are, again and again, they can be asked about fewer of them.',
      since: 'Decisions count since',
      hasMore: 'There are more than were looked at.',
      error: 'What it has earned could not be loaded',
      noTools: 'It has no tools, so there is nothing to approve.',
      noDecisions: 'Nobody has decided about a call of it yet.',
      agreed_one: '{{agreed}} of {{count}} call approved as it was',
      agreed_other: '{{agreed}} of {{count}} calls approved as they were',
      bound: 'Approved as they were',
      atLeast: 'at least {{bound}}; {{target}} are asked for',
      parts:
        '{{changed}} changed, {{rejected}} rejected; {{deciders}} people decided.',
      ignored:
        '{{ignored}} do not count: the same call again, or approved by somebody who approves nearly all within seconds.',
      recent: 'Newest decisions',
      request: 'The request',
      lost: 'Lost',
      propose: 'Propose',
      end: 'Ask again',
      reason: 'Why',
      required: 'Required',
      columns: {
        tool: 'Tool',
        standing: 'Now',
        decisions: 'What people decided',
        missing: 'Missing for less asking',
      },
      standings: {
        covered: 'Without asking, by its autonomy',
        earned: 'Without asking, as it has earned',
        ready: 'Asks; has shown enough',
        waiting: 'Asks; a proposal waits',
        asks: 'Asks before each call',
        never: 'Always asks',
      },
      outcomes: {
        unchanged: 'Approved as it was',
        changed: 'Approved with changes',
        rejected: 'Rejected',
      },
      proposeDialog: {
        title: 'Propose that {{tool}} is called without asking',
        says: 'Others than you decide about it. If they agree, people are asked about {{share}} of these calls still. It is lost at once when people disagree, when an alarm is real, or when the agent is changed.',
        failure: 'It could not be proposed',
      },
      endDialog: {
        title: 'Ask again before each call of {{tool}}',
        says: 'From now on people are asked about each of these calls. It has to be earned anew, with decisions that are made from now on.',
        failure: 'It could not be taken back',
      },
    },
  },
  translations: {
    zh: async () => ({
      default: {
        'page.title': '质量',
        'scorecards.title': '记分卡',
        'evaluations.title': '评估',
        'reviews.title': '人工评审',
        'experiments.title': '实验',
        'delivery.title': '交付',
        'scorecardTab.title': '记分卡',
        'evaluationsTab.title': '评估',
        'autonomy.title': '赢得的自主权',
        'autonomy.means':
          '如果人们一再原样批准智能体的调用，以后就可以少问一些。',
        'autonomy.since': '决定的计算起点：',
        'autonomy.hasMore': '还有更多决定未被查看。',
        'autonomy.error': '无法加载已赢得的自主权',
        'autonomy.noTools': '它没有工具，因此没有需要批准的内容。',
        'autonomy.noDecisions': '还没有人对它的调用作出决定。',
        'autonomy.agreed_one': '{{count}} 次调用中有 {{agreed}} 次原样批准',
        'autonomy.agreed_other': '{{count}} 次调用中有 {{agreed}} 次原样批准',
        'autonomy.bound': '原样批准',
        'autonomy.atLeast': '至少 {{bound}}；要求 {{target}}',
        'autonomy.parts':
          '{{changed}} 次经修改，{{rejected}} 次被拒绝；{{deciders}} 人作出决定。',
        'autonomy.ignored':
          '{{ignored}} 次不计入：重复的调用，或由几秒内几乎全部批准的人批准。',
        'autonomy.recent': '最新决定',
        'autonomy.request': '请求',
        'autonomy.lost': '已失去',
        'autonomy.propose': '提议',
        'autonomy.end': '重新询问',
        'autonomy.reason': '原因',
        'autonomy.required': '必填',
        'autonomy.columns.tool': '工具',
        'autonomy.columns.standing': '当前',
        'autonomy.columns.decisions': '人们的决定',
        'autonomy.columns.missing': '减少询问还缺什么',
        'autonomy.standings.covered': '无需询问（自主级别涵盖）',
        'autonomy.standings.earned': '无需询问（已赢得）',
        'autonomy.standings.ready': '需询问；已有足够证据',
        'autonomy.standings.waiting': '需询问；提议待定',
        'autonomy.standings.asks': '每次调用前询问',
        'autonomy.standings.never': '始终询问',
        'autonomy.outcomes.unchanged': '原样批准',
        'autonomy.outcomes.changed': '修改后批准',
        'autonomy.outcomes.rejected': '拒绝',
        'autonomy.proposeDialog.title': '提议无需询问即可调用 {{tool}}',
        'autonomy.proposeDialog.says':
          '由您以外的人决定。如果他们同意，仍有 {{share}} 的调用需要询问。一旦人们不同意、警报属实或智能体被更改，立即失去。',
        'autonomy.proposeDialog.failure': '无法提议',
        'autonomy.endDialog.title': '每次调用 {{tool}} 前重新询问',
        'autonomy.endDialog.says':
          '从现在起，每次此类调用都会询问。必须以今后的决定重新赢得。',
        'autonomy.endDialog.failure': '无法收回',
      },
    }),
  },
});
