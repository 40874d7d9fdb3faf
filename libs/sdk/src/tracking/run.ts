import { changeRun, FilePath, logDatasets, logToRun, putRunFile } from '@stead/contracts'
import type { ExperimentId, ProjectName, Run, RunId } from '@stead/contracts'
import type { Client } from '../client.ts'
import { datasetOf } from './dataset.ts'
import type { DatasetUse } from './dataset.ts'
import { createLogBuffer } from './log-buffer.ts'
import { metricItems, textItems } from './log-items.ts'
import type { At, Loggable } from './log-items.ts'
import { createLostList } from './lost.ts'
import { retrying } from './retrying.ts'
import type { Patience } from './retrying.ts'
import type { Surroundings } from './surroundings.ts'
import type { RunStart } from './tracking.ts'

/** A run under way. What is logged is sent beside the work, in order, and never makes it wait; what could not be kept is
 *  told by `flush` and `end`, which reject with a LostError. */
export interface TrackedRun {
  readonly id: RunId
  readonly name: string
  readonly experiment: ExperimentId
  /** Metrics of one step. Not a number and the infinities are kept as such. */
  log(metrics: Readonly<Record<string, number>>, at?: At): void
  /** What the work was given. A param keeps its first value. */
  param(key: string, value: Loggable): void
  params(values: Readonly<Record<string, Loggable>>): void
  tag(key: string, value: Loggable): void
  tags(values: Readonly<Record<string, Loggable>>): void
  /** Keeps bytes under a path of the run; on Node also a file or a folder of this machine, by its own name if none is
   *  given. */
  file(content: string | Uint8Array | Blob, path?: string): Promise<void>
  text(content: string, path: string): Promise<void>
  /** Notes which data was used. */
  dataset(use: DatasetUse): Promise<void>
  /** Begins a run that is a part of this one. */
  child(start?: RunStart): Promise<TrackedRun>
  /** Resolves when all that was logged so far has been taken. */
  flush(): Promise<void>
  /** Ends the run after all that was logged. A second time does nothing. */
  end(status?: 'FINISHED' | 'FAILED' | 'KILLED'): Promise<void>
}

export interface OpenRunParts {
  readonly client: Client
  readonly project: ProjectName
  readonly surroundings: Surroundings | undefined
  readonly everyMs: number
  readonly measureEveryMs: number
  readonly patience: Patience
  readonly run: Run
  readonly remembers: boolean
  readonly measures: boolean
  readonly startChild: (start?: RunStart) => Promise<TrackedRun>
}

export function openRun(parts: OpenRunParts): TrackedRun {
  const { client, surroundings, patience, run } = parts
  const params = { project: parts.project, run: run.id }
  const lost = createLostList()
  const send = (body: Parameters<typeof client.call<typeof logToRun>>[1]['body']) =>
    client.call(logToRun, { params, body })
  const buffer = createLogBuffer({ send, lost, patience, everyMs: parts.everyMs })
  const underWay = new Set<Promise<unknown>>()
  const stopMeasuring = parts.measures
    ? surroundings?.watch(parts.measureEveryMs, (metrics, step) => log(metrics, { step }))
    : undefined
  let ending: Promise<void> | undefined
  const endOnce = (status: 'FINISHED' | 'FAILED' | 'KILLED') => (ending ??= end(status))
  const forget = surroundings?.whenEnding(endOnce)

  const log: TrackedRun['log'] = (metrics, at = {}) => buffer.add(metricItems(metrics, at, Date.now()))

  /** Whoever does not wait for it hears of its failure at the end. */
  const beside = (what: 'file' | 'memory', key: string, act: () => Promise<void>): Promise<void> => {
    const acted = act().catch((error: unknown) => {
      lost.add(what, key, error)
      throw error
    })
    const settled = acted.catch(() => {}).finally(() => underWay.delete(settled))
    underWay.add(settled)
    return acted
  }
  const put = (path: string, body: Uint8Array | Blob) =>
    retrying(patience, async () => {
      const size = body instanceof Blob ? body.size : body.byteLength
      await client.send(putRunFile, { params, query: { path: FilePath.parse(path) } }, { body, size })
    })
  const putFrom = async (source: string, path: string | undefined) => {
    if (!surroundings) throw new TypeError('a file of this machine can be read on Node only; give its bytes')
    const found = await surroundings.readFiles(source)
    const only = found.length === 1 ? found[0] : undefined
    const isFile = only !== undefined && !only.name.includes('/')
    const named = (name: string) => (path === undefined ? name : isFile ? path : `${path}/${inside(name)}`)
    for (const { name, content } of found) await put(named(name), content)
  }
  const text: TrackedRun['text'] = (content, path) =>
    beside('file', path, () => put(path, new TextEncoder().encode(content)))
  const remember = async () => {
    const memory = await surroundings?.remember()
    if (!memory) return
    buffer.add(textItems('tag', memory.tags))
    for (const [path, content] of Object.entries(memory.files)) await put(path, new TextEncoder().encode(content))
  }
  if (parts.remembers && surroundings) void beside('memory', 'the code and the environment', remember).catch(() => {})

  const settle = async () => {
    await Promise.all(underWay)
    await buffer.flush()
  }
  const end = async (status: 'FINISHED' | 'FAILED' | 'KILLED') => {
    stopMeasuring?.()
    const endedAt = Date.now()
    await settle()
    await retrying(patience, () => client.call(changeRun, { params, body: { status, endedAt } })).finally(forget)
    lost.tell()
  }

  return {
    id: run.id,
    name: run.name,
    experiment: run.experiment,
    log,
    param: (key, value) => buffer.add(textItems('param', { [key]: value })),
    params: (values) => buffer.add(textItems('param', values)),
    tag: (key, value) => buffer.add(textItems('tag', { [key]: value })),
    tags: (values) => buffer.add(textItems('tag', values)),
    file: (content, path) =>
      typeof content === 'string'
        ? beside('file', content, () => putFrom(content, path))
        : beside('file', path ?? '', () => put(path ?? '', content)),
    text,
    dataset: async (use) => {
      const datasets = [await datasetOf(use, surroundings)]
      await retrying(patience, () => client.call(logDatasets, { params, body: { datasets } }))
    },
    child: (start) => parts.startChild(start),
    async flush() {
      await settle()
      lost.tell()
    },
    end: (status = 'FINISHED') => endOnce(status),
  }
}

/** Without the name of the folder that was read. */
const inside = (name: string) => name.slice(name.indexOf('/') + 1)
