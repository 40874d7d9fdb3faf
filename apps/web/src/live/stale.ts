import type { Event } from '@stead/contracts'

/** Every reading in the cache begins with its project and its noun. */
export const readings = {
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
}

/** What an event makes old. */
export function staleAfter({ kind, subject, project }: Event): readonly (readonly string[])[] {
  const noun = kind.split('.')[0]
  const always = [readings.events(project), readings.summary(project)]
  if (noun === 'installation') return [[]]
  if (noun === 'project') return [...always, readings.projects()]
  if (noun === 'deployment') {
    return [
      ...always,
      readings.deployments(project),
      readings.lanes(project),
      readings.deployment(project, subject),
      readings.history(project, subject),
      readings.models(project),
      [project, 'model'],
      readings.search(project),
    ]
  }
  if (noun === 'golden') return [...always, readings.golden(project, subject.split('/')[0] ?? subject)]
  // A model's own name may hold an @, but no slash.
  const model = noun === 'alias' ? subject.slice(0, subject.lastIndexOf('@')) : (subject.split('/')[0] ?? subject)
  return [...always, readings.models(project), readings.model(project, model), readings.search(project)]
}
