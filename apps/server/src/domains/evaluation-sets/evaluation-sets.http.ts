import {
  changeEvaluationSet,
  createEvaluationSet,
  deleteEvaluationSet,
  EvaluationRecord,
  EvaluationSet,
  getEvaluationSet,
  listEvaluationRecords,
  listEvaluationSets,
  putEvaluationRecords,
} from '@stead/contracts'
import type { Mount } from '../../http/mount.ts'
import type { EvaluationSet as KeptSet, KeptRecord } from './evaluation-sets.store.ts'
import type { EvaluationSets } from './evaluation-sets.ts'

export function serveEvaluationSets(mount: Mount, sets: EvaluationSets): void {
  mount(listEvaluationSets, async ({ params, query: { experiment, ...search } }) => {
    const experiments = experiment === undefined ? [] : [experiment]
    const { sets: found, next } = await sets.search(params.project, { experiments, ...search })
    return { evaluationSets: found.map(setTold), next: next ?? null }
  })
  mount(getEvaluationSet, async ({ params }) => setTold(await sets.get(params.project, params.set)))
  mount(createEvaluationSet, async ({ params, body }, { actor }) =>
    setTold(await sets.create(params.project, { ...body, by: actor })),
  )
  mount(changeEvaluationSet, async ({ params, body }) => {
    const entries = Object.entries(body.tags)
    const given = Object.fromEntries(entries.filter(([, value]) => value !== null))
    const gone = entries.flatMap(([key, value]) => (value === null ? [key] : []))
    return setTold(await sets.setTags(params.project, params.set, given, gone))
  })
  mount(deleteEvaluationSet, async ({ params }) => {
    await sets.get(params.project, params.set)
    await sets.remove(params.project, params.set)
  })
  mount(listEvaluationRecords, async ({ params, query }) => {
    const { records, next } = await sets.records(params.project, params.set, query)
    return { records: records.map(recordTold), next: next ?? null }
  })
  mount(putEvaluationRecords, ({ params, body }, { actor }) => {
    const records = body.records.map(({ source, ...record }) => ({
      ...record,
      source: source && { source_type: source.type, source_data: source.data },
    }))
    return sets.putRecords(params.project, params.set, records, actor)
  })
}

// What is kept was JSON when it came: parsing tells the compiler so.
const setTold = (set: KeptSet): EvaluationSet => EvaluationSet.parse(set)

const recordTold = ({ outputs, expectations, tags, source, ...record }: KeptRecord): EvaluationRecord =>
  EvaluationRecord.parse({
    ...record,
    outputs: outputs ?? null,
    expectations: expectations ?? {},
    tags: tags ?? {},
    source: source ? { type: source.source_type, data: source.source_data ?? {} } : null,
  })
