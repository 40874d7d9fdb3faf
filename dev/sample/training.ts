import { randomUUID } from 'node:crypto'
import { fileURLToPath } from 'node:url'
import {
  FilePath,
  importLoggedModel,
  listExperiments,
  LoggedModelId,
  ModelName,
  ProjectName,
  putLoggedModelFile,
  registerVersion,
} from '@stead/contracts'
import type { Client } from '@stead/sdk'
import { createTracking } from '@stead/sdk/tracking'
import { floats, onnxModel, tensor } from '../fixtures/onnx/writer.ts'
import { descend, foretell, judge } from './descent.ts'
import type { Judgement, Line, Settings } from './descent.ts'
import { WEATHER_FEATURES, WEATHER_FILE, weatherExamples } from './weather.ts'
import type { Example } from './weather.ts'

const EXPERIMENT = 'seattle-weather'
const MODEL = ModelName.parse('seattle-weather')
const PROJECT = ProjectName.parse('default')
const RATES = [0.0003, 0.003, 0.03]
const DECAYS = [0, 0.01]
const BASE = { batch: 32, epochs: 40, seed: 20150101 }

type Tracking = ReturnType<typeof createTracking>
type TrackedRun = Awaited<ReturnType<Tracking['startRun']>>
interface Tables {
  readonly past: readonly Example[]
  readonly later: readonly Example[]
}

/** Trains a model for the sample project as one would, and tracks it: the baseline, a sweep of nested runs, and a longer
 *  run with the best settings, whose model is registered. It is trained really, in a moment; done before, it is left as it is. */
export async function trainSample(client: Client): Promise<void> {
  const { experiments } = await client.call(listExperiments, {
    params: { project: PROJECT },
    query: { search: EXPERIMENT },
  })
  if (experiments.some(({ name }) => name === EXPERIMENT)) return
  const tracking = createTracking(client, { experiment: EXPERIMENT })
  const examples = await weatherExamples()
  const tables = {
    past: examples.filter(({ date }) => date < '2014-12-31'),
    later: examples.filter(({ date }) => date >= '2015-01-01'),
  }
  await tracking.run((run) => baseline(run, tables), { name: 'persistence', tags: { algorithm: 'none' } })
  const best = await tracking.run((run) => sweep(run, tables), { name: 'sweep', tags: TAGS })
  const settings = { ...best, epochs: 120 }
  await tracking.run(
    async (run) => {
      await note(run, tables)
      const line = trainOne(run, tables, settings)
      await keep(run, tables, line)
      await logModel(
        client,
        run,
        line,
        settings,
        judge(tables.later, (features) => foretell(line, features)),
      )
    },
    { name: 'longer', tags: TAGS },
  )
}

const TAGS = { algorithm: 'linear regression, stochastic gradient descent' }

/** Tomorrow will be like today. */
async function baseline(run: TrackedRun, tables: Tables): Promise<void> {
  await note(run, tables)
  run.log(
    named(
      'test',
      judge(tables.later, ([today = NaN]) => today),
    ),
  )
}

async function sweep(run: TrackedRun, tables: Tables): Promise<Settings> {
  await note(run, tables)
  const tried: { settings: Settings; mae: number }[] = []
  for (const learningRate of RATES) {
    for (const decay of DECAYS) {
      const settings = { ...BASE, learningRate, decay }
      const part = await run.child({ name: `rate ${learningRate}, decay ${decay}`, tags: TAGS })
      const line = trainOne(part, tables, settings)
      await part.end()
      // Chosen by the past alone: what came later is for judging.
      tried.push({ settings, mae: judge(tables.past, (features) => foretell(line, features)).mae })
    }
  }
  const best = tried.reduce((least, one) => (one.mae < least.mae ? one : least))
  run.params({ learning_rates: RATES.join(', '), decays: DECAYS.join(', ') })
  run.log({ best_train_mae: best.mae })
  return best.settings
}

function trainOne(run: TrackedRun, { past, later }: Tables, settings: Settings): Line {
  run.params({
    learning_rate: settings.learningRate,
    decay: settings.decay,
    batch: settings.batch,
    epochs: settings.epochs,
    seed: settings.seed,
    features: WEATHER_FEATURES.join(', '),
  })
  return descend(past, settings, (line, step) => {
    const predict = (features: readonly number[]) => foretell(line, features)
    run.log({ ...named('train', judge(past, predict)), ...named('test', judge(later, predict)) }, { step })
  })
}

const named = (part: string, { mae, rmse }: Judgement) => ({ [`${part}_mae`]: mae, [`${part}_rmse`]: rmse })

async function note(run: TrackedRun, { past, later }: Tables): Promise<void> {
  const file = { path: fileURLToPath(WEATHER_FILE), name: 'seattle-weather' }
  await run.dataset({ ...file, context: 'training', profile: { rows: past.length } })
  await run.dataset({ ...file, context: 'test', profile: { rows: later.length } })
}

/** What a person would look at: the weights, and the days on which it was most wrong. */
async function keep(run: TrackedRun, { later }: Tables, line: Line): Promise<void> {
  const weights = Object.fromEntries(WEATHER_FEATURES.map((name, at) => [name, line.weights[at]]))
  await run.text(`${JSON.stringify({ bias: line.bias, weights }, null, 2)}\n`, 'weights.json')
  const worst = later
    .map(({ date, features, target }) => ({ date, target, foretold: foretell(line, features) }))
    .toSorted((a, b) => Math.abs(b.foretold - b.target) - Math.abs(a.foretold - a.target))
    .slice(0, 20)
    .map(({ date, target, foretold }) => `${date},${target.toFixed(1)},${foretold.toFixed(1)}`)
  await run.text(['day,highest of the next,foretold', ...worst, ''].join('\n'), 'worst-days.csv')
}

async function logModel(
  client: Client,
  run: TrackedRun,
  line: Line,
  settings: Settings,
  judged: Judgement,
): Promise<void> {
  const model = LoggedModelId.parse(`m-${randomUUID().replaceAll('-', '')}`)
  const now = Date.now()
  const at = { step: settings.epochs - 1, timestamp: now, run: run.id, dataset: null }
  await client.call(importLoggedModel, {
    params: { project: PROJECT, model },
    body: {
      experiment: run.experiment,
      run: run.id,
      name: 'linear',
      type: 'onnx',
      status: 'READY',
      createdAt: now,
      updatedAt: now,
      params: { learning_rate: `${settings.learningRate}`, decay: `${settings.decay}`, epochs: `${settings.epochs}` },
      metrics: Object.entries(named('test', judged)).map(([key, value]) => ({ ...at, key, value })),
    },
  })
  const files = { MLmodel: new TextEncoder().encode(describeModel(model, run)), 'model.onnx': graphOf(line) }
  for (const [path, body] of Object.entries(files)) {
    const where = { params: { project: PROJECT, loggedModel: model }, query: { path: FilePath.parse(path) } }
    await client.send(putLoggedModelFile, where, { body, size: body.byteLength })
  }
  await client.call(registerVersion, {
    params: { project: PROJECT, model: MODEL },
    body: { source: `models:/${model}`, run: run.id, description: 'Trained here, by gradient descent in TypeScript' },
  })
}

/** The contract of the other versions of the model, so that it swaps. */
const graphOf = ({ bias, weights }: Line): Uint8Array =>
  onnxModel({
    inputs: [tensor('features', 'FP32', ['batch', weights.length])],
    outputs: [tensor('temp_max', 'FP32', ['batch', 1])],
    nodes: [
      { op: 'MatMul', inputs: ['features', 'weights'], outputs: ['weighted'] },
      { op: 'Add', inputs: ['weighted', 'bias'], outputs: ['temp_max'] },
    ],
    initializers: [floats('weights', [weights.length, 1], weights), floats('bias', [1], [bias])],
    producer: { name: 'stead-sample', version: '1' },
  })

const describeModel = (model: LoggedModelId, run: TrackedRun) => `artifact_path: ${model}
flavors:
  onnx:
    data: model.onnx
    onnx_version: 1.0.0
model_id: ${model}
run_id: ${run.id}
signature:
  inputs: '[{"type": "tensor", "name": "features", "tensor-spec": {"dtype": "float32", "shape": [-1, ${WEATHER_FEATURES.length}]}}]'
  outputs: '[{"type": "tensor", "name": "temp_max", "tensor-spec": {"dtype": "float32", "shape": [-1, 1]}}]'
`
