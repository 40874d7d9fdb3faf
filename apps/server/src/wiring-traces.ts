import { text } from 'node:stream/consumers'
import type { Clock } from '@stead/chassis'
import { FilePath, type ProjectName, SteadError } from '@stead/contracts'
import type { Kysely } from 'kysely'
import type { Tables } from './database/tables.ts'
import { serveEvaluationSets } from './domains/evaluation-sets/evaluation-sets.http.ts'
import { serveEvaluationSetsToMlflow } from './domains/evaluation-sets/evaluation-sets.mlflow.ts'
import { sqlEvaluationSetStore } from './domains/evaluation-sets/evaluation-sets.sql.ts'
import { createEvaluationSets } from './domains/evaluation-sets/evaluation-sets.ts'
import type { Experiments } from './domains/experiments/experiments.ts'
import type { Files } from './domains/files/files.ts'
import { folderAt } from './domains/files/roots.ts'
import type { Projects } from './domains/projects/projects.ts'
import { serveAssessmentsToMlflow } from './domains/traces/assessments.mlflow.ts'
import { sqlAssessmentStore } from './domains/traces/assessments.sql.ts'
import { createAssessments } from './domains/traces/assessments.ts'
import { serveOtlp } from './domains/traces/otlp.mlflow.ts'
import { serveTraceStatisticsToMlflow } from './domains/traces/trace-statistics.mlflow.ts'
import { sqlTraceStatisticsStore } from './domains/traces/trace-statistics.sql.ts'
import { createTraceStatistics } from './domains/traces/trace-statistics.ts'
import { serveTraces as serveTracesNatively } from './domains/traces/traces.http.ts'
import { serveTracesToMlflow } from './domains/traces/traces.mlflow.ts'
import { sqlTraceStore } from './domains/traces/traces.sql.ts'
import { createTraces, LOCATION, type Traces } from './domains/traces/traces.ts'
import type { Mount } from './http/mount.ts'
import type { MlflowMount } from './mlflow/mount.ts'

export interface TraceWiring {
  readonly kysely: Kysely<Tables>
  readonly mount: Mount
  readonly mlflow: MlflowMount
  readonly projects: Projects
  readonly experiments: Pick<Experiments, 'get'>
  readonly files: Pick<Files, 'open' | 'remove'>
  readonly maxBody: number
  readonly clock: Clock
}

/** Traces, what is judged of them, and the sets that evaluations read. */
export function serveTraces({
  kysely,
  mount,
  mlflow,
  projects,
  experiments,
  files,
  maxBody,
  clock,
}: TraceWiring): Pick<Traces, 'remove'> {
  const store = sqlTraceStore(kysely)
  const { removeFiles, readSpans } = foldersOf(files)
  const traces = createTraces({ store, projects, experiments, removeFiles })
  const assessments = createAssessments({ store: sqlAssessmentStore(kysely), projects, traces: store, clock })
  const sets = createEvaluationSets({ store: sqlEvaluationSetStore(kysely), projects, experiments, clock })
  serveTracesNatively(mount, traces, assessments)
  serveEvaluationSets(mount, sets)
  serveTracesToMlflow({
    mlflow,
    traces,
    clock,
    fileOf: ({ tags }, { project }) => readSpans(project, tags[LOCATION] ?? '', maxBody),
  })
  const statistics = createTraceStatistics({ store: sqlTraceStatisticsStore(kysely), projects })
  serveTraceStatisticsToMlflow(mlflow, statistics)
  serveOtlp(mlflow, traces, maxBody)
  serveAssessmentsToMlflow(mlflow, assessments)
  serveEvaluationSetsToMlflow(mlflow, sets)
  return traces
}

/** What clients keep beside traces. Folders outside of this server are not its to read or touch. */
function foldersOf(files: TraceWiring['files']) {
  const isOurs = (uri: string) => uri.startsWith('mlflow-artifacts:')
  return {
    async removeFiles(project: ProjectName, uri: string): Promise<void> {
      if (isOurs(uri)) await files.remove(project, FilePath.parse(folderAt(uri)))
    },
    /** Undefined where there are none, or more than are read at once. */
    async readSpans(project: ProjectName, uri: string, most: number): Promise<string | undefined> {
      if (!isOurs(uri)) return undefined
      try {
        const { file, stream } = await files.open(project, FilePath.parse(`${folderAt(uri)}/traces.json`))
        if (file.size <= most) return await text(stream)
        stream.destroy()
        return undefined
      } catch (error) {
        if (error instanceof SteadError && error.code === 'file_not_found') return undefined
        throw error
      }
    },
  }
}
