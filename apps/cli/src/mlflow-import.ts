import type { Context } from './command.ts'
import { Failure } from './failures.ts'
import { openJournal } from './import-journal.ts'
import { importEvaluationSets } from './import-evaluation-sets.ts'
import { importModels } from './import-models.ts'
import { importExperiments } from './import-runs.ts'
import { importWebhooks } from './import-webhooks.ts'
import { emptySummary } from './import-summary.ts'
import type { ImportSummary } from './import-summary.ts'
import { createMlflowServer, credentialsIn, MlflowRefusal } from './mlflow-client.ts'

export interface MlflowImport {
  readonly address: string
  /** The path of the journal. */
  readonly journal: string
  readonly workspace: string | undefined
  readonly jobs: number
  readonly withFiles: boolean
  readonly onStep: (summary: ImportSummary) => void
}

/** Takes over what an MLflow server has, over its own REST protocol. What cannot be taken is in the summary; the import
 *  itself fails only where one of the two servers does. */
export async function importMlflow(wanted: MlflowImport, context: Context): Promise<ImportSummary> {
  const { signal, env } = context.terminal
  const platform = await context.connect()
  const source = createMlflowServer({
    url: wanted.address,
    headers: {
      ...credentialsIn(env),
      ...(wanted.workspace === undefined ? {} : { 'x-mlflow-workspace': wanted.workspace }),
    },
    signal,
  })
  const token = env.STEAD_TOKEN?.trim()
  const target = createMlflowServer({
    url: `${context.url}/p/${encodeURIComponent(context.project)}`,
    headers: token ? { authorization: `Bearer ${token}` } : {},
    signal,
  })
  await refuseUnlessMlflow(source)
  const journal = await openJournal(wanted.journal, source.url, `${context.url} ${context.project}`)
  const summary = emptySummary()
  const { jobs, withFiles } = wanted
  const onStep = () => wanted.onStep(summary)
  try {
    const parts = { source, target, platform, journal, summary, jobs, withFiles, signal, onStep }
    await importExperiments(parts)
    await importEvaluationSets(parts)
    await importModels(parts)
    await importWebhooks(parts)
    return summary
  } finally {
    await journal.close()
  }
}

async function refuseUnlessMlflow(source: ReturnType<typeof createMlflowServer>): Promise<void> {
  try {
    await source.call('POST', 'experiments/search', { max_results: 1 })
  } catch (error) {
    if (!(error instanceof MlflowRefusal)) throw error
    const hint = /answers 40[13]/.test(error.message)
      ? 'Set MLFLOW_TRACKING_TOKEN, or MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD.'
      : 'Give the address that MLFLOW_TRACKING_URI has there.'
    throw new Failure(`${source.url} gives nothing to import: ${error.message}`, hint, error)
  }
}
