import type { Event } from '@stead/contracts'

/** Every reading in the cache begins with its project and its noun. */
export const readings = {
  session: () => ['session'] as const,
  projects: () => ['projects'] as const,
  platform: () => ['platform'] as const,
  summary: (project: string) => [project, 'summary'] as const,
  events: (project: string) => [project, 'events'] as const,
  search: (project: string) => [project, 'search'] as const,
  deployments: (project: string) => [project, 'deployments'] as const,
  deployment: (project: string, name: string) => [project, 'deployment', name] as const,
  lanes: (project: string) => [project, 'lanes'] as const,
  glance: (project: string) => [project, 'glance'] as const,
  history: (project: string, name: string) => [project, 'history', name] as const,
  golden: (project: string, name: string) => [project, 'golden', name] as const,
  figures: (project: string, name: string) => [project, 'figures', name] as const,
  changes: (project: string, name: string) => [project, 'changes', name] as const,
  models: (project: string) => [project, 'models'] as const,
  model: (project: string, model: string) => [project, 'model', model] as const,
  experiments: (project: string) => [project, 'experiments'] as const,
  experiment: (project: string, experiment: number) => [project, 'experiment', String(experiment)] as const,
  /** Runs of an experiment as tables show them. */
  runs: (project: string, experiment: number) => [project, 'runs', String(experiment)] as const,
  run: (project: string, run: string) => [project, 'run', run] as const,
  members: (project: string) => [project, 'members'] as const,
  accounts: (project: string) => [project, 'accounts'] as const,
  consumers: (project: string) => [project, 'consumers'] as const,
  webhooks: (project: string) => [project, 'webhooks'] as const,
  usage: (project: string, consumer: string) => [project, 'usage', consumer] as const,
  audit: (project: string) => [project, 'audit'] as const,
  mySessions: () => ['me', 'sessions'] as const,
  myTokens: () => ['me', 'tokens'] as const,
  people: () => ['installation', 'people'] as const,
  joinTokens: () => ['installation', 'join-tokens'] as const,
  installationAudit: () => ['installation', 'audit'] as const,
}

/** What an event makes old. */
export function staleAfter({ kind, subject, project }: Event): readonly (readonly string[])[] {
  const noun = kind.split('.')[0]
  const always = [readings.events(project), readings.summary(project), readings.audit(project)]
  if (noun === 'installation') return [[]]
  if (noun === 'project') return [...always, readings.projects()]
  if (noun === 'member') return [...always, readings.members(project), readings.session(), readings.projects()]
  if (noun === 'account') return [...always, readings.accounts(project)]
  if (noun === 'consumer') return [...always, readings.consumers(project)]
  if (noun === 'webhook') return [...always, readings.webhooks(project)]
  if (noun === 'deployment') {
    return [
      ...always,
      ...(kind === 'deployment.handed-over' ? [readings.members(project), readings.accounts(project)] : []),
      readings.deployments(project),
      readings.lanes(project),
      readings.deployment(project, subject),
      readings.history(project, subject),
      readings.models(project),
      [project, 'model'],
      readings.search(project),
    ]
  }
  if (noun === 'experiment' || noun === 'run')
    return [...always, readings.experiments(project), [project, 'experiment'], [project, 'runs'], [project, 'run']]
  if (noun === 'golden') return [...always, readings.golden(project, subject.split('/')[0] ?? subject)]
  // A model's own name may hold an @, but no slash.
  const model = noun === 'alias' ? subject.slice(0, subject.lastIndexOf('@')) : (subject.split('/')[0] ?? subject)
  return [...always, readings.models(project), readings.model(project, model), readings.search(project)]
}
