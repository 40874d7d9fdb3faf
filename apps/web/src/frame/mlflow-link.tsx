import { ExperimentId, getExperiment, getRun, getTrace, RunId, TraceId } from '@stead/contracts'
import type { ProjectName } from '@stead/contracts'
import { useQuery } from '@tanstack/react-query'
import { Navigate, useParams } from '@tanstack/react-router'
import type { NavigateOptions } from '@tanstack/react-router'
import { client } from '../live/client.ts'
import { projectsIn, useSession } from '../live/session.ts'
import { NotFound } from './fallbacks.tsx'
import { readMlflowHash } from './mlflow-hash.ts'
import type { MlflowPlace } from './mlflow-hash.ts'
import { lastProject, projectsQuery } from './project.ts'

/** Leads from an address as MLflow's clients print it to the page here. */
export function MlflowLink({ hash }: { hash: string }) {
  const place = readMlflowHash(hash)
  const { project: named } = useParams({ strict: false })
  const session = useSession()
  const all = useQuery(projectsQuery).data?.projects.map(({ name }) => name)
  const found = useQuery({
    queryKey: ['mlflow-link', named ?? '', hash],
    queryFn: () => projectOf(place!, candidates(projectsIn(session) ?? all ?? [])),
    enabled: named === undefined && place !== undefined && all !== undefined,
    staleTime: Infinity,
  })
  if (place === undefined) return <NotFound />
  const project = named ?? found.data
  if (project === undefined) return found.isError ? <NotFound /> : null
  return <Navigate {...addressOf(place, project)} replace />
}

/** Clients that name no project log to `default`. */
function candidates(all: readonly string[]): string[] {
  const known = new Set(all)
  return [...new Set(['default', lastProject(), ...all])].filter((name) => known.has(name))
}

/** The first project that has what is meant. */
async function projectOf(place: MlflowPlace, projects: readonly string[]): Promise<string> {
  const first = projects[0] ?? lastProject()
  const asked = questionOf(place)
  if (asked === undefined) return first
  for (const project of projects) {
    const isThere = await asked(project as ProjectName).then(
      () => true,
      () => false,
    )
    if (isThere) return project
  }
  return first
}

function questionOf(place: MlflowPlace): ((project: ProjectName) => Promise<unknown>) | undefined {
  const run = RunId.safeParse(
    place.is === 'run' ? place.run : place.is === 'comparison' ? place.runs[0] : undefined,
  ).data
  if (run !== undefined) return (project) => client.call(getRun, { params: { project, run } })
  const trace = TraceId.safeParse(place.is === 'trace' ? place.trace : undefined).data
  if (trace !== undefined) return (project) => client.call(getTrace, { params: { project, trace } })
  const experiment = ExperimentId.safeParse(place.is === 'experiment' ? place.experiment : undefined).data
  if (experiment === undefined) return undefined
  return (project) => client.call(getExperiment, { params: { project, experiment } })
}

const RUN_PARTS = {
  overview: '/p/$project/runs/$run',
  metrics: '/p/$project/runs/$run/metrics',
  system: '/p/$project/runs/$run/system',
  files: '/p/$project/runs/$run/files',
} as const

const EXPERIMENT_PARTS = {
  runs: '/p/$project/experiments/$experiment',
  models: '/p/$project/experiments/$experiment/models',
  traces: '/p/$project/experiments/$experiment/traces',
  'evaluation sets': '/p/$project/experiments/$experiment/evaluation-sets',
} as const

function addressOf(place: MlflowPlace, project: string): NavigateOptions {
  const inProject = { project }
  if (place.is === 'experiments') return { to: '/p/$project/experiments', params: inProject }
  if (place.is === 'webhooks') return { to: '/p/$project/webhooks', params: inProject }
  if (place.is === 'models') return { to: '/p/$project/models', params: inProject }
  if (place.is === 'run') return { to: RUN_PARTS[place.part], params: { project, run: place.run } }
  if (place.is === 'model') return { to: '/p/$project/models/$model', params: { project, model: place.model } }
  if (place.is === 'version')
    return {
      to: '/p/$project/models/$model/$version',
      params: { project, model: place.model, version: place.version },
    }
  if (place.is === 'logged model')
    return { to: '/p/$project/logged-models/$loggedModel', params: { project, loggedModel: place.model } }
  if (place.is === 'trace') return { to: '/p/$project/traces/$trace', params: { project, trace: place.trace } }
  if (place.is === 'comparison')
    return {
      to: '/p/$project/experiments/$experiment/compare',
      params: { project, experiment: place.experiment ?? '0' },
      search: { runs: place.runs.join(',') },
    }
  return {
    to: EXPERIMENT_PARTS[place.part],
    params: { project, experiment: place.experiment },
  }
}
