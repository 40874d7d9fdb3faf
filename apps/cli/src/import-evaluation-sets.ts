import { leave } from './import-parts.ts'
import type { ImportParts } from './import-parts.ts'
import { MlflowRefusal, pagesOf } from './mlflow-client.ts'
import type { MlflowEvaluationSet } from './mlflow-documents.ts'

const SETS = '/api/3.0/mlflow/datasets'
const ORIGIN = 'stead.importedFrom'

/** Evaluation sets with their records, which are known again by what they ask. Their ids are each server's own. */
export async function importEvaluationSets(parts: ImportParts): Promise<void> {
  const { source, journal, summary, signal, onStep } = parts
  const sets = pagesOf<MlflowEvaluationSet>(
    (page) => source.call('POST', `${SETS}/search`, { max_results: 100, ...page }),
    'datasets',
  )
  try {
    for await (const set of sets) {
      signal.throwIfAborted()
      if (journal.has('evaluation-set-whole', set.dataset_id)) summary.known['evaluation set'] += 1
      else await importOne(set, parts).catch((error: unknown) => leave(parts, 'evaluation set', set.name, error))
      onStep()
    }
  } catch (error) {
    if (!(error instanceof MlflowRefusal && error.code === 'ENDPOINT_NOT_FOUND')) throw error
  }
}

async function importOne(set: MlflowEvaluationSet, parts: ImportParts): Promise<void> {
  const { source, target, journal, summary } = parts
  const { dataset_id: there, name } = set
  const { experiment_ids: ids = [] } = await source.call('GET', `${SETS}/${there}/experiment-ids`)
  const experiments = (ids as readonly string[]).flatMap((id) => journal.noted('experiment', id) ?? [])
  const origin = `${source.url}#${there}`
  const known = journal.noted('evaluation-set', there) ?? (await setHere(name, origin, parts))
  const here = known ?? (await make(set, { experiments, origin }, parts))
  if (!journal.has('evaluation-set', there)) await journal.done('evaluation-set', there, here)
  let token: unknown
  do {
    const page = await source.call('GET', `${SETS}/${there}/records`, { max_results: 500, page_token: token })
    if (typeof page.records === 'string' && page.records !== '[]')
      await target.call('POST', `${SETS}/${here}/records`, { records: page.records })
    token = page.next_page_token || undefined
  } while (token !== undefined)
  await journal.done('evaluation-set-whole', there)
  summary.taken['evaluation set'] += 1
}

async function make(
  { name, tags }: MlflowEvaluationSet,
  { experiments, origin }: { experiments: readonly string[]; origin: string },
  { target }: ImportParts,
): Promise<string> {
  const told = tags ? (JSON.parse(tags) as object) : {}
  const { dataset } = await target.call('POST', `${SETS}/create`, {
    name,
    experiment_ids: experiments,
    tags: JSON.stringify({ ...told, [ORIGIN]: origin }),
  })
  return (dataset as MlflowEvaluationSet).dataset_id
}

/** One that was made, and what should have noted it was cut off. */
async function setHere(name: string, origin: string, { target }: ImportParts): Promise<string | undefined> {
  const mark = name.includes("'") ? '"' : "'"
  const sets = pagesOf<MlflowEvaluationSet>(
    (page) => target.call('POST', `${SETS}/search`, { filter_string: `name = ${mark}${name}${mark}`, ...page }),
    'datasets',
  )
  for await (const { dataset_id: id, tags = '{}' } of sets)
    if ((JSON.parse(tags) as Record<string, unknown>)[ORIGIN] === origin) return id
  return undefined
}
