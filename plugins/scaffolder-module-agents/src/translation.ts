import {
  coreApis,
  createTranslationRef,
  type ApiHolder,
  type TranslationFunction,
} from '@backstage/frontend-plugin-api';

/**
 * Cards, fields and results of the golden paths, in English and Chinese.
 *
 * @public
 */
export const scaffolderAgentsTranslationRef = createTranslationRef({
  id: 'scaffolder.agents',
  messages: {
    card: {
      makes: 'What it makes',
      pages_one: '1 page to fill in',
      pages_other: '{{count}} pages, the last to look over what you filled in',
      notAllowed: 'You may not create with it',
      star: 'Add {{title}} to favourites',
      unstar: 'Remove {{title}} from favourites',
    },
    created: {
      label: 'What was created',
      title: '{{title}} is there',
    },
    name: {
      label: 'Id',
      required: 'Required',
      description:
        'Its address in the portal: agent:default/{{name}}. It cannot be changed later.',
      taken:
        'There is already an agent "{{name}}", owned by {{owner}}. Choose another id.',
      nobody: 'nobody',
    },
    model: {
      missing: 'Choose the model or route that it thinks with.',
    },
    members: {
      label: 'Members',
      search: 'Search agents',
      placeholder: 'Find an agent that …',
      none: 'None chosen yet.',
      chosen: 'Chosen, in this order: {{names}}.',
      first: 'The first {{shown}} of {{total}} are shown; search for others.',
      failure: 'The agents could not be loaded',
      kept: 'What you have typed is kept.',
      noMatch: 'No agent matches "{{search}}".',
      empty: 'There are no agents yet. Create one, and it can be a member.',
      agents: 'Agents',
    },
    preview: {
      title: 'Your agent',
      repository: {
        local:
          'A Git repository in the portal with its instructions, first tests, budget and a README.',
        github:
          'A Git repository at GitHub with its instructions, first tests, budget and a README.',
        gitlab:
          'A Git repository at GitLab with its instructions, first tests, budget and a README.',
      },
      entry: 'An entry agent:default/{{name}} in the catalog.',
      entryOf:
        'An entry agent:default/{{name}} in the catalog, owned by {{owner}}.',
      model: 'It thinks with {{model}}.',
      tools_zero: 'It has no tools.',
      tools_one: 'It has one tool.',
      tools_other: 'It has {{count}} tools.',
      costRun: 'It may cost at most {{run}} in a run.',
      costMonth: 'It may cost {{month}} in a month.',
      costBoth:
        'It may cost at most {{run}} in a run and {{month}} in a month.',
      costFree: 'It has no limit of cost.',
    },
  },
  translations: {
    zh: async () => ({
      default: {
        'card.makes': '将创建',
        'card.pages_one': '需填写 1 页',
        'card.pages_other': '共 {{count}} 页，最后一页用于核对',
        'card.notAllowed': '您无权用它创建',
        'card.star': '收藏 {{title}}',
        'card.unstar': '取消收藏 {{title}}',
        'created.label': '创建结果',
        'created.title': '{{title}} 已创建',
        'name.label': '标识',
        'name.required': '必填',
        'name.description':
          '它在门户中的地址：agent:default/{{name}}。之后无法更改。',
        'name.taken':
          '已有智能体“{{name}}”，所有者为 {{owner}}。请选择其他标识。',
        'name.nobody': '无人',
        'model.missing': '请选择它使用的模型或路由。',
        'members.label': '成员',
        'members.search': '搜索智能体',
        'members.placeholder': '查找能……的智能体',
        'members.none': '尚未选择。',
        'members.chosen': '已按此顺序选择：{{names}}。',
        'members.first':
          '显示 {{total}} 个中的前 {{shown}} 个，可搜索其他智能体。',
        'members.failure': '无法加载智能体',
        'members.kept': '您输入的内容已保留。',
        'members.noMatch': '没有与“{{search}}”匹配的智能体。',
        'members.empty': '还没有智能体。创建一个后即可作为成员。',
        'members.agents': '智能体',
        'preview.title': '您的智能体',
        'preview.repository.local':
          '门户中的一个 Git 仓库，含指令、首批测试、预算和 README。',
        'preview.repository.github':
          'GitHub 上的一个 Git 仓库，含指令、首批测试、预算和 README。',
        'preview.repository.gitlab':
          'GitLab 上的一个 Git 仓库，含指令、首批测试、预算和 README。',
        'preview.entry': '目录中的条目 agent:default/{{name}}。',
        'preview.entryOf':
          '目录中的条目 agent:default/{{name}}，所有者为 {{owner}}。',
        'preview.model': '它使用 {{model}}。',
        'preview.tools_zero': '它没有工具。',
        'preview.tools_one': '它有一个工具。',
        'preview.tools_other': '它有 {{count}} 个工具。',
        'preview.costRun': '单次运行最多花费 {{run}}。',
        'preview.costMonth': '每月预算为 {{month}}。',
        'preview.costBoth': '单次运行最多花费 {{run}}，每月预算为 {{month}}。',
        'preview.costFree': '费用没有限额。',
      },
    }),
  },
});

/** What says a word of the golden paths in the language of who reads. */
export type GoldenPathWords = TranslationFunction<
  typeof scaffolderAgentsTranslationRef.T
>;

/** The words where there is no component: what is wrong with a field is said by functions. */
export function wordsOf(apiHolder: ApiHolder): GoldenPathWords {
  return apiHolder
    .get(coreApis.translation)!
    .getTranslation(scaffolderAgentsTranslationRef).t;
}
