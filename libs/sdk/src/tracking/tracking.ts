import {
  changeRun,
  createExperiment,
  createRun,
  ExperimentId,
  listExperiments,
  ProjectName,
  RunId,
  SteadError,
} from '@stead/contracts'
import type { Client } from '../client.ts'
import { textsOf } from './log-items.ts'
import type { Loggable } from './log-items.ts'
import { pause } from './retrying.ts'
import type { Patience } from './retrying.ts'
import { openRun } from './run.ts'
import type { TrackedRun } from './run.ts'
import type { Surroundings } from './surroundings.ts'

/** Runs of one experiment, from the program that makes them. */
export interface Tracking {
  /** Begins a run. It lasts until `end`. */
  startRun(start?: RunStart): Promise<TrackedRun>
  /** Begins a run and ends it with the work: as FINISHED, or as FAILED where the work throws, which is thrown on. Rejects
   *  with a LostError where the work was done, but something that it logged could not be kept. */
  run<T>(work: (run: TrackedRun) => T | Promise<T>, start?: RunStart): Promise<T>
  /** Goes on with a run that was begun before. */
  resume(run: RunId | string): Promise<TrackedRun>
}

export interface RunStart {
  /** One is made up where there is none. */
  readonly name?: string
  readonly tags?: Readonly<Record<string, Loggable>>
  /** The run that this one is a part of. */
  readonly parent?: Pick<TrackedRun, 'id'> | RunId | string
  /** Whether to keep the commit, the uncommitted difference and the environment, where they can be had; a part of another
   *  run leaves that to the whole. */
  readonly remembers?: boolean
  /** Whether to measure the machine meanwhile, where it can be measured; a part of another run leaves that to the whole. */
  readonly measures?: boolean
}

export interface TrackingOptions {
  /** `default` where it is not said. */
  readonly project?: string
  /** By name, and made where it is not there; `Default` where it is not said. */
  readonly experiment?: string
  /** How long what is logged gathers before it is sent, in milliseconds: 200 where it is not said. */
  readonly everyMs?: number
  /** How long the machine is left alone between two measurements, in milliseconds: 10 000 where it is not said. */
  readonly measureEveryMs?: number
  /** How long sending is repeated while the server cannot be reached, in milliseconds: ten minutes if it is not said. */
  readonly patienceMs?: number
  readonly wait?: Patience['wait']
}

/** Tracks runs, in browsers too. `@stead/sdk/tracking` has the same for Node, where runs also read files, remember the
 *  code and measure the machine. */
export function createTracking(client: Client, options: TrackingOptions = {}, surroundings?: Surroundings): Tracking {
  const project = ProjectName.parse(options.project ?? 'default')
  const experimentName = options.experiment ?? 'Default'
  const parts = {
    client,
    project,
    surroundings,
    everyMs: options.everyMs ?? 200,
    measureEveryMs: options.measureEveryMs ?? 10_000,
    patience: { forMs: options.patienceMs ?? 600_000, wait: options.wait ?? pause },
  }
  let experiment: Promise<ExperimentId> | undefined
  const findExperiment = () => {
    experiment ??= experimentNamed(client, project, experimentName)
    // A failure is not kept: the next run asks again.
    experiment.catch(() => (experiment = undefined))
    return experiment
  }

  const startRun: Tracking['startRun'] = async (start = {}) => {
    const { parent, name } = start
    const parentId = typeof parent === 'object' ? parent.id : parent
    const user = surroundings?.user
    const run = await client.call(createRun, {
      params: { project },
      body: {
        experiment: await findExperiment(),
        ...(name === undefined ? {} : { name }),
        ...(user === undefined ? {} : { user }),
        startedAt: Date.now(),
        tags: { ...textsOf(start.tags ?? {}), ...(parentId === undefined ? {} : { 'mlflow.parentRunId': parentId }) },
      },
    })
    const isPart = parentId !== undefined
    return openRun({
      ...parts,
      run,
      remembers: start.remembers ?? !isPart,
      measures: start.measures ?? !isPart,
      startChild: (child) => startRun({ ...child, parent: run.id }),
    })
  }

  return {
    startRun,
    async run(work, start) {
      const run = await startRun(start)
      let result
      try {
        result = await work(run)
      } catch (error) {
        // Why the work failed matters more than what was lost of its log.
        await run.end('FAILED').catch(() => {})
        throw error
      }
      await run.end('FINISHED')
      return result
    },
    async resume(id) {
      const run = await client.call(changeRun, {
        params: { project, run: RunId.parse(id) },
        body: { status: 'RUNNING', endedAt: null },
      })
      const startChild = (child?: RunStart) => startRun({ ...child, parent: run.id })
      return openRun({ ...parts, run, remembers: false, measures: false, startChild })
    },
  }
}

/** Others may make it at the same time: then theirs is taken. */
async function experimentNamed(client: Client, project: ProjectName, name: string): Promise<ExperimentId> {
  // Every project has it, under this number.
  if (name === 'Default') return ExperimentId.parse(0)
  const found = await findNamed(client, project, name)
  if (found !== undefined) return found
  try {
    return (await client.call(createExperiment, { params: { project }, body: { name } })).id
  } catch (error) {
    if (!(error instanceof SteadError && error.code === 'name_taken')) throw error
    const other = await findNamed(client, project, name)
    if (other === undefined) throw error
    return other
  }
}

async function findNamed(client: Client, project: ProjectName, name: string): Promise<ExperimentId | undefined> {
  for (let after: string | undefined; ;) {
    const query = { search: name, limit: 1000, ...(after === undefined ? {} : { after }) }
    const { experiments, next } = await client.call(listExperiments, { params: { project }, query })
    const found = experiments.find((experiment) => experiment.name === name)
    if (found || next === null) return found?.id
    after = next
  }
}
