import { RunRow } from '@stead/contracts'
import { z } from 'zod'
import type { RunDocument } from './run-search.store.ts'

const Pair = z.object({ key: z.string(), value: z.string() })
const Metric = z.object({ key: z.string(), value: z.unknown(), step: z.number(), timestamp: z.number() })

const WireRun = z.object({
  info: z.object({
    run_id: z.string(),
    experiment_id: z.string(),
    run_name: z.string(),
    user_id: z.string(),
    status: z.string(),
    start_time: z.number(),
    end_time: z.number().optional(),
    artifact_uri: z.string(),
    lifecycle_stage: z.string(),
  }),
  data: z.object({
    metrics: z.array(Metric).default([]),
    params: z.array(Pair).default([]),
    tags: z.array(Pair).default([]),
  }),
})

/** The row of the runs table that a run's document tells of. */
export function readRow({ text, parent }: RunDocument): RunRow {
  const { info, data } = WireRun.parse(JSON.parse(text))
  const texts = (pairs: ReadonlyArray<z.infer<typeof Pair>>) =>
    Object.fromEntries(pairs.map(({ key, value }) => [key, value]))
  return RunRow.parse({
    id: info.run_id,
    experiment: info.experiment_id,
    name: info.run_name,
    user: info.user_id,
    status: info.status,
    startedAt: info.start_time,
    endedAt: info.end_time ?? null,
    lifecycle: info.lifecycle_stage,
    artifactUri: info.artifact_uri,
    parent,
    metrics: Object.fromEntries(data.metrics.map(({ key, ...latest }) => [key, latest])),
    params: texts(data.params),
    tags: texts(data.tags),
  })
}
