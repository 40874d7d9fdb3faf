import { createRootRoute, createRoute, createRouter, lazyRouteComponent } from '@tanstack/react-router'
import { Door } from './frame/door.tsx'
import { Broken, NotFound } from './frame/fallbacks.tsx'
import { Home } from './frame/home.tsx'
import { plainSearch, texts } from './search-parameters.ts'

/** Every address of the console. A page's own file says what its search parameters mean. */
const root = createRootRoute({ component: Door, notFoundComponent: () => <NotFound /> })

const home = createRoute({ getParentRoute: () => root, path: '/', component: Home })

const project = createRoute({ getParentRoute: () => root, path: '/p/$project' })

const overview = createRoute({
  getParentRoute: () => project,
  path: '/',
  component: lazyRouteComponent(() => import('./areas/overview/overview.tsx'), 'Overview'),
})
const activity = createRoute({
  getParentRoute: () => project,
  path: '/activity',
  validateSearch: (given): { noun?: string; who?: string; subject?: string } => texts(given, 'noun', 'who', 'subject'),
  component: lazyRouteComponent(() => import('./areas/activity/activity.tsx'), 'ActivityPage'),
})

const deployments = createRoute({
  getParentRoute: () => project,
  path: '/deployments',
  validateSearch: (given): { q?: string; state?: string; sort?: string; do?: string; model?: string; to?: string } =>
    texts(given, 'q', 'state', 'sort', 'do', 'model', 'to'),
  component: lazyRouteComponent(() => import('./areas/deployments/deployments-page.tsx'), 'DeploymentsPage'),
})
/** `do` names the dialog that is open, with `to`, `model` as what it begins with; `range` and `at` are of the charts. */
const deployment = createRoute({
  getParentRoute: () => project,
  path: '/deployments/$deployment',
  validateSearch: (
    given,
  ): { do?: string; to?: string; model?: string; range?: string; at?: string; against?: string } =>
    texts(given, 'do', 'to', 'model', 'range', 'at', 'against'),
  component: lazyRouteComponent(() => import('./areas/deployments/deployment-page.tsx'), 'DeploymentPage'),
})
const deploymentTab = <const P extends string>(path: P, load: () => Promise<Record<string, unknown>>, name: string) =>
  createRoute({
    getParentRoute: () => deployment,
    path,
    component: lazyRouteComponent(load as () => Promise<Record<string, never>>, name),
  })
const deploymentTabs = [
  deploymentTab('/', () => import('./areas/deployments/live-tab.tsx'), 'LiveTab'),
  deploymentTab('/generations', () => import('./areas/deployments/generations-tab.tsx'), 'GenerationsTab'),
  deploymentTab('/generations/$generation', () => import('./areas/deployments/generations-tab.tsx'), 'GenerationsTab'),
  deploymentTab('/engines', () => import('./areas/deployments/engines-tab.tsx'), 'EnginesTab'),
  deploymentTab('/checks', () => import('./areas/deployments/checks-tab.tsx'), 'ChecksTab'),
  deploymentTab('/callers', () => import('./areas/deployments/callers-tab.tsx'), 'CallersTab'),
  deploymentTab('/contract', () => import('./areas/deployments/contract-tab.tsx'), 'ContractTab'),
  deploymentTab('/settings', () => import('./areas/deployments/settings-tab.tsx'), 'SettingsTab'),
  // A change over the page it belongs to, while it runs and for ever after.
  deploymentTab('/changes/$change', () => import('./areas/deployments/live-tab.tsx'), 'LiveTab'),
] as const

const models = createRoute({
  getParentRoute: () => project,
  path: '/models',
  validateSearch: (given): { q?: string; show?: string; do?: string; model?: string } =>
    texts(given, 'q', 'show', 'do', 'model'),
  component: lazyRouteComponent(() => import('./areas/models/models-page.tsx'), 'ModelsPage'),
})
const model = createRoute({
  getParentRoute: () => project,
  path: '/models/$model',
  validateSearch: (given): { do?: string } => texts(given, 'do'),
  component: lazyRouteComponent(() => import('./areas/models/model-page.tsx'), 'ModelPage'),
})
const version = createRoute({
  getParentRoute: () => project,
  path: '/models/$model/$version',
  validateSearch: (given): { against?: string; do?: string; node?: string; view?: string; file?: string } =>
    texts(given, 'against', 'do', 'node', 'view', 'file'),
  component: lazyRouteComponent(() => import('./areas/models/version-page.tsx'), 'VersionPage'),
})
const versionGraph = createRoute({
  getParentRoute: () => version,
  path: '/graph',
  component: lazyRouteComponent(() => import('./areas/models/graph-tab.tsx'), 'GraphTab'),
})
const versionFiles = createRoute({
  getParentRoute: () => version,
  path: '/files',
  component: lazyRouteComponent(() => import('./areas/models/files-tab.tsx'), 'FilesTab'),
})
const versionSignature = createRoute({
  getParentRoute: () => version,
  path: '/',
  component: lazyRouteComponent(() => import('./areas/models/version-overview.tsx'), 'VersionOverview'),
})

/** `do` names the dialog that is open, and `experiment` what it is about. */
const experiments = createRoute({
  getParentRoute: () => project,
  path: '/experiments',
  validateSearch: (given): { q?: string; show?: string; do?: string; experiment?: string } =>
    texts(given, 'q', 'show', 'do', 'experiment'),
  component: lazyRouteComponent(() => import('./areas/experiments/experiments-page.tsx'), 'ExperimentsPage'),
})
const LOOK = ['filter', 'group', 'cols', 'sort', 'view', 'state', 'nest', 'bars', 'diff', 'do'] as const

/** The looks of the runs table; areas/experiments/look.ts says what they mean. */
const experiment = createRoute({
  getParentRoute: () => project,
  path: '/experiments/$experiment',
  validateSearch: (given): { [K in (typeof LOOK)[number]]?: string } => texts(given, ...LOOK),
  component: lazyRouteComponent(() => import('./areas/experiments/runs-page.tsx'), 'RunsPage'),
})

/** `do` names the dialog that is open; `file` and `dataset` what is looked at; the others say how charts are drawn. */
const run = createRoute({
  getParentRoute: () => project,
  path: '/runs/$run',
  validateSearch: (
    given,
  ): {
    do?: string
    file?: string
    dataset?: string
    q?: string
    along?: string
    scale?: string
    smooth?: string
    range?: string
  } => texts(given, 'do', 'file', 'dataset', 'q', 'along', 'scale', 'smooth', 'range'),
  component: lazyRouteComponent(() => import('./areas/runs/run-page.tsx'), 'RunPage'),
})
const runTabs = [
  createRoute({
    getParentRoute: () => run,
    path: '/',
    component: lazyRouteComponent(() => import('./areas/runs/run-overview.tsx'), 'RunOverview'),
  }),
  createRoute({
    getParentRoute: () => run,
    path: '/metrics',
    component: lazyRouteComponent(() => import('./areas/runs/run-metrics-tab.tsx'), 'RunMetricsTab'),
  }),
  createRoute({
    getParentRoute: () => run,
    path: '/system',
    component: lazyRouteComponent(() => import('./areas/runs/run-metrics-tab.tsx'), 'RunSystemTab'),
  }),
  createRoute({
    getParentRoute: () => run,
    path: '/files',
    component: lazyRouteComponent(() => import('./areas/runs/run-files-tab.tsx'), 'RunFilesTab'),
  }),
] as const
const COMPARISON_SEARCH = [
  'runs',
  'base',
  'rows',
  'find',
  'chart',
  'metrics',
  'axes',
  'x',
  'y',
  'z',
  'colour',
  'group',
  'lit',
  'along',
  'scale',
  'smooth',
  'range',
  'file',
] as const
type ComparisonSearch = { [P in (typeof COMPARISON_SEARCH)[number]]?: string }
/** What is compared and how: `runs` are ids with commas between, `rows` is `all` where equal ones are shown as well. */
const comparison = createRoute({
  getParentRoute: () => project,
  path: '/experiments/$experiment/compare',
  validateSearch: (given): ComparisonSearch => texts(given, ...COMPARISON_SEARCH),
  component: lazyRouteComponent(() => import('./areas/comparison/comparison-page.tsx'), 'ComparisonPage'),
})
const loggedModels = createRoute({
  getParentRoute: () => project,
  path: '/experiments/$experiment/models',
  validateSearch: (given): { filter?: string } => texts(given, 'filter'),
  component: lazyRouteComponent(() => import('./areas/logged-models/logged-models-page.tsx'), 'LoggedModelsPage'),
})
const loggedModel = createRoute({
  getParentRoute: () => project,
  path: '/logged-models/$loggedModel',
  validateSearch: (given): { do?: string; file?: string } => texts(given, 'do', 'file'),
  component: lazyRouteComponent(() => import('./areas/logged-models/logged-model-page.tsx'), 'LoggedModelPage'),
})
const loggedModelTabs = [
  createRoute({
    getParentRoute: () => loggedModel,
    path: '/',
    component: lazyRouteComponent(
      () => import('./areas/logged-models/logged-model-overview.tsx'),
      'LoggedModelOverview',
    ),
  }),
  createRoute({
    getParentRoute: () => loggedModel,
    path: '/files',
    component: lazyRouteComponent(() => import('./areas/logged-models/logged-model-files.tsx'), 'LoggedModelFiles'),
  }),
] as const
const traces = createRoute({
  getParentRoute: () => project,
  path: '/experiments/$experiment/traces',
  validateSearch: (given): { filter?: string } => texts(given, 'filter'),
  component: lazyRouteComponent(() => import('./areas/traces/traces-page.tsx'), 'TracesPage'),
})
/** `span` is the one that is looked at. */
const trace = createRoute({
  getParentRoute: () => project,
  path: '/traces/$trace',
  validateSearch: (given): { do?: string; span?: string } => texts(given, 'do', 'span'),
  component: lazyRouteComponent(() => import('./areas/traces/trace-page.tsx'), 'TracePage'),
})
const evaluationSets = createRoute({
  getParentRoute: () => project,
  path: '/experiments/$experiment/evaluation-sets',
  component: lazyRouteComponent(() => import('./areas/evaluation-sets/evaluation-sets-page.tsx'), 'EvaluationSetsPage'),
})
const evaluationSet = createRoute({
  getParentRoute: () => project,
  path: '/evaluation-sets/$set',
  validateSearch: (given): { do?: string } => texts(given, 'do'),
  component: lazyRouteComponent(() => import('./areas/evaluation-sets/evaluation-set-page.tsx'), 'EvaluationSetPage'),
})

const consumers = createRoute({
  getParentRoute: () => project,
  path: '/consumers',
  validateSearch: (given): { do?: string } => texts(given, 'do'),
  component: lazyRouteComponent(() => import('./areas/consumers/consumers-page.tsx'), 'ConsumersPage'),
})
const consumer = createRoute({
  getParentRoute: () => project,
  path: '/consumers/$consumer',
  validateSearch: (given): { do?: string; days?: string } => texts(given, 'do', 'days'),
  component: lazyRouteComponent(() => import('./areas/consumers/consumer-page.tsx'), 'ConsumerPage'),
})
const webhooks = createRoute({
  getParentRoute: () => project,
  path: '/webhooks',
  validateSearch: (given): { do?: string } => texts(given, 'do'),
  component: lazyRouteComponent(() => import('./areas/webhooks/webhooks-page.tsx'), 'WebhooksPage'),
})
const webhook = createRoute({
  getParentRoute: () => project,
  path: '/webhooks/$webhook',
  validateSearch: (given): { do?: string } => texts(given, 'do'),
  component: lazyRouteComponent(() => import('./areas/webhooks/webhook-page.tsx'), 'WebhookPage'),
})
const members = createRoute({
  getParentRoute: () => project,
  path: '/members',
  component: lazyRouteComponent(() => import('./areas/members/members-page.tsx'), 'MembersPage'),
})
const people = createRoute({
  getParentRoute: () => members,
  path: '/',
  component: lazyRouteComponent(() => import('./areas/members/members-tab.tsx'), 'MembersTab'),
})
const accounts = createRoute({
  getParentRoute: () => members,
  path: '/accounts',
  component: lazyRouteComponent(() => import('./areas/members/accounts-tab.tsx'), 'AccountsTab'),
})
/** The filters of an audit log, and the entry that is open. */
type AuditSearch = {
  actor?: string
  act?: string
  subject?: string
  outcome?: string
  from?: string
  until?: string
  entry?: string
}
const auditSearch = (given: Record<string, unknown>): AuditSearch =>
  texts(given, 'actor', 'act', 'subject', 'outcome', 'from', 'until', 'entry')
const audit = createRoute({
  getParentRoute: () => project,
  path: '/audit',
  validateSearch: auditSearch,
  component: lazyRouteComponent(() => import('./areas/audit/audit-page.tsx'), 'AuditPage'),
})

const platform = createRoute({
  getParentRoute: () => root,
  path: '/platform',
  component: lazyRouteComponent(() => import('./areas/platform/platform.tsx'), 'PlatformPage'),
})
const settings = createRoute({
  getParentRoute: () => root,
  path: '/settings',
  component: lazyRouteComponent(() => import('./areas/settings/settings.tsx'), 'SettingsPage'),
})
const browserSettings = createRoute({
  getParentRoute: () => settings,
  path: '/',
  component: lazyRouteComponent(() => import('./areas/settings/browser-tab.tsx'), 'BrowserTab'),
})
const profile = createRoute({
  getParentRoute: () => settings,
  path: '/profile',
  component: lazyRouteComponent(() => import('./areas/settings/profile-tab.tsx'), 'ProfileTab'),
})
const installationPeople = createRoute({
  getParentRoute: () => settings,
  path: '/people',
  component: lazyRouteComponent(() => import('./areas/installation/people-tab.tsx'), 'PeopleTab'),
})
const joinTokens = createRoute({
  getParentRoute: () => settings,
  path: '/join-tokens',
  component: lazyRouteComponent(() => import('./areas/installation/join-tokens-tab.tsx'), 'JoinTokensTab'),
})
const installationAudit = createRoute({
  getParentRoute: () => settings,
  path: '/audit',
  validateSearch: auditSearch,
  component: lazyRouteComponent(() => import('./areas/audit/installation-audit-tab.tsx'), 'InstallationAuditTab'),
})
/** `refused` is why single sign-on did not let somebody in. */
const signIn = createRoute({
  getParentRoute: () => root,
  path: '/sign-in',
  validateSearch: (given): { to?: string; refused?: string } => texts(given, 'to', 'refused'),
  component: lazyRouteComponent(() => import('./areas/sign-in/sign-in-page.tsx'), 'SignInPage'),
})
const welcome = createRoute({
  getParentRoute: () => root,
  path: '/welcome',
  validateSearch: (given): { step?: string; model?: string; version?: string; deployment?: string } =>
    texts(given, 'step', 'model', 'version', 'deployment'),
  component: lazyRouteComponent(() => import('./areas/welcome/welcome.tsx'), 'WelcomePage'),
})

export const router = createRouter({
  ...plainSearch,
  routeTree: root.addChildren([
    home,
    project.addChildren([
      overview,
      activity,
      deployments,
      deployment.addChildren(deploymentTabs),
      models,
      model,
      version.addChildren([versionSignature, versionGraph, versionFiles]),
      experiments,
      experiment,
      run.addChildren(runTabs),
      comparison,
      loggedModels,
      loggedModel.addChildren(loggedModelTabs),
      traces,
      trace,
      evaluationSets,
      evaluationSet,
      consumers,
      consumer,
      members.addChildren([people, accounts]),
      webhooks,
      webhook,
      audit,
    ]),
    platform,
    settings.addChildren([browserSettings, profile, installationPeople, joinTokens, installationAudit]),
    signIn,
    welcome,
  ]),
  scrollRestoration: true,
  defaultErrorComponent: Broken,
  defaultNotFoundComponent: () => <NotFound />,
})

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router
  }
}
