import { createTranslationRef } from '@backstage/frontend-plugin-api';

/** Words of the shell: the sidebar and the sign-in page. */
export const portalTranslationRef = createTranslationRef({
  id: 'app.portal',
  messages: {
    nav: {
      home: 'Agent Portal, home',
      search: 'Search',
      menu: 'Menu',
      create: 'Create',
      catalog: 'Catalog',
      notifications: 'Notifications',
      settings: 'Settings',
      person: 'Signed in as {{name}}',
      switchTo: 'Look at the portal as',
      signOut: 'Sign out',
      waiting: '{{number}} wait for you to decide',
    },
    palette: {
      label: 'Find anything',
      placeholder: 'People, agents, tools, models, runs, pages …',
      results: 'Results',
      create: 'Create an agent',
      chat: 'Chat with {{title}}',
      failure: 'Not everything could be searched. Pages still work.',
      nothing: 'Nothing is called "{{words}}". Try fewer letters.',
      count: '{{number}} results',
      group: {
        actions: 'Actions',
        pages: 'Pages',
        agents: 'Agents',
        people: 'People and teams',
        tools: 'Tools',
        models: 'Models',
        runs: 'Latest runs',
      },
    },
    notFound: {
      title: 'Page not found',
      text: 'The address may be mistyped, or the page is gone.',
      home: 'To the agents',
    },
    signIn: {
      title: 'Who would you like to be?',
      intro:
        'This is {{company}}, an example company. What you see and may do follows from the person you choose; you can change your mind at any time.',
      guest: 'Just looking',
      guestTeam: 'Guest',
      guestDoes:
        'Looks around and asks agents. Sees no budgets, no keys and nothing of other people.',
      failed: 'That did not work: {{reason}}',
      nobodyTitle: 'Nobody can sign in here yet',
      nobodyIntro:
        'The guest and the people of the example company are for trying the portal out on one machine. Before people use it, whoever runs it configures a sign-in:',
    },
  },
  translations: {
    zh: async () => ({
      default: {
        'nav.home': '智能体门户首页',
        'nav.search': '搜索',
        'nav.menu': '菜单',
        'nav.create': '创建',
        'nav.catalog': '目录',
        'nav.notifications': '通知',
        'nav.settings': '设置',
        'nav.person': '当前身份：{{name}}',
        'nav.switchTo': '切换身份',
        'nav.signOut': '退出登录',
        'nav.waiting': '{{number}} 项等待您审批',
        'palette.label': '查找',
        'palette.placeholder': '人员、智能体、工具、模型、运行、页面 …',
        'palette.results': '结果',
        'palette.create': '创建智能体',
        'palette.chat': '与 {{title}} 对话',
        'palette.failure': '未能搜索全部内容，页面仍可使用。',
        'palette.nothing': '没有名为“{{words}}”的内容。请尝试更少的文字。',
        'palette.count': '{{number}} 个结果',
        'palette.group.actions': '操作',
        'palette.group.pages': '页面',
        'palette.group.agents': '智能体',
        'palette.group.people': '人员与团队',
        'palette.group.tools': '工具',
        'palette.group.models': '模型',
        'palette.group.runs': '最近的运行',
        'notFound.title': '页面不存在',
        'notFound.text': '地址可能有误，或者该页面已被移除。',
        'notFound.home': '前往智能体列表',
        'signIn.title': '您想以谁的身份进入？',
        'signIn.intro':
          '这里是示例公司 {{company}}。您看到的内容和可以做的事情取决于所选的身份，之后可以随时更换。',
        'signIn.guest': '随便看看',
        'signIn.guestTeam': '访客',
        'signIn.guestDoes':
          '四处看看，向智能体提问。看不到预算、密钥以及其他人的内容。',
        'signIn.failed': '未能登录：{{reason}}',
        'signIn.nobodyTitle': '目前还没有人可以登录',
        'signIn.nobodyIntro':
          '访客和示例公司的人员只用于在一台机器上试用门户。正式使用之前，请由门户的运维人员配置登录方式：',
      },
    }),
  },
});
