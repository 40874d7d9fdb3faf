import { SteadError } from '@stead/contracts'
import type { ProjectName, Run, RunStatus } from '@stead/contracts'
import { checkTag, parentIn } from './limits.ts'
import type { RunImportStore } from './run-import.store.ts'
import type { Runs } from './runs.ts'
import type { RunStore } from './runs.store.ts'

/** A run as another server tells of it. */
export interface ImportedRun {
  readonly experiment: number
  readonly name: string
  readonly user: string
  readonly status: RunStatus
  readonly startedAt: number
  readonly endedAt: number | null
  readonly tags: Readonly<Record<string, string>>
  readonly params: Readonly<Record<string, string>>
}

/** Takes a run over under its own id. Begun again after it was broken off, it goes on: every step of it may be done twice.
 *  Fails with `name_taken` where another project has that id, and with the failures of creating and logging. */
export type ImportRun = (project: ProjectName, runId: string, run: ImportedRun, actor: string) => Promise<Run>

export interface RunImportParts {
  readonly store: Pick<RunStore, 'create' | 'info'>
  readonly owners: RunImportStore
  readonly runs: Pick<Runs, 'change' | 'get' | 'log' | 'restore'>
  readonly projectId: (project: ProjectName) => Promise<string>
}

export function createRunImport({ store, owners, runs, projectId }: RunImportParts): ImportRun {
  async function begin(project: ProjectName, runId: string, run: ImportedRun, actor: string): Promise<void> {
    const ownId = await projectId(project)
    const owner = await owners.projectOf(runId)
    if (owner !== undefined && owner !== ownId)
      throw new SteadError('name_taken', `Another project has a run with id "${runId}".`, { where: 'run' })
    if (owner !== undefined) {
      const there = await store.info(ownId, runId)
      if (there?.lifecycle === 'deleted') await runs.restore(project, [runId], actor)
      return
    }
    const { experiment, name, user, startedAt, tags } = run
    const parent = parentIn(tags['mlflow.parentRunId'])
    const own = { ...tags, 'mlflow.runName': name }
    const named = Object.entries(own).map(([key, value]) => checkTag({ key, value }))
    const [made] = await store.create([
      { projectId: ownId, experiment, runId, name, user, startedAt, tags: named, parent, isImported: true },
    ])
    if (made && 'error' in made) throw made.error
  }

  return async (project, runId, run, actor) => {
    await begin(project, runId, run, actor)
    const params = Object.entries(run.params).map(([key, value]) => ({ key, value }))
    await runs.log(project, runId, { params })
    const { name, status, endedAt, tags } = run
    await runs.change(project, [runId], { name, status, endedAt, tags: { ...tags, 'mlflow.runName': name } })
    return runs.get(project, runId)
  }
}
