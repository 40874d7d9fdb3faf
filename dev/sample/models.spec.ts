import { readdirSync, readFileSync, statSync } from 'node:fs'
import fc from 'fast-check'
import { InferenceSession, Tensor } from 'onnxruntime-node'
import { describe, expect, test } from 'vitest'

type RecordedTensor = { datatype: 'FP32' | 'INT64'; shape: number[]; data: number[] }
type Recorded = { file: string; inputs: { features: RecordedTensor }; outputs: Record<string, RecordedTensor> }
type Figures = Record<string, number>
type Judged = { metrics: Figures; baselines: Record<string, Figures>; train: { to: string }; test: { from: string } }
type Gain = { mae: number; low: number; high: number }
type Trained = Judged & { gain_over_persistence?: Gain } & {
  features: string[]
  classes?: string[]
  bytes: number
  backtest?: Judged
}
type Replay = { features: string[]; at: string[]; rows: number[][]; actual: number[] }

const HERE = import.meta.dirname
const expected = read<Record<string, Recorded>>('models/expected.json')
const { models } = read<{ models: Record<string, Trained> }>('models/metrics.json')
const replay = read<Record<string, Replay>>('replay.json')
const readme = readFileSync(`${HERE}/README.md`, 'utf8')

function read<T>(file: string): T {
  return JSON.parse(readFileSync(`${HERE}/${file}`, 'utf8')) as T
}

function open(version: string): Promise<InferenceSession> {
  return InferenceSession.create(`${HERE}/models/${version}.onnx`, { intraOpNumThreads: 1, interOpNumThreads: 1 })
}

function batchOf(rows: number[][]): Tensor {
  return new Tensor('float32', Float32Array.from(rows.flat()), [rows.length, rows[0]?.length ?? 0])
}

async function column(session: InferenceSession, rows: number[][]): Promise<number[]> {
  const answer = await session.run({ features: batchOf(rows) })
  return Object.values(answer).flatMap((tensor) => Array.from(tensor.data as Float32Array))
}

function contract(session: InferenceSession) {
  const told = [...session.inputMetadata, ...session.outputMetadata]
  return told.map((tensor) =>
    tensor.isTensor ? { name: tensor.name, type: tensor.type, shape: tensor.shape } : { name: tensor.name },
  )
}

function trained(version: string): Trained {
  const found = models[version]
  if (!found) throw new Error(`metrics.json does not name ${version}`)
  return found
}

test('every model file has its metrics and its recorded answers, and is small', () => {
  const files = readdirSync(`${HERE}/models`).filter((file) => file.endsWith('.onnx'))
  const versions = files.map((file) => file.replace('.onnx', '')).sort()
  expect(versions).toHaveLength(6)
  expect(Object.keys(expected).sort()).toEqual(versions)
  expect(Object.keys(models).sort()).toEqual(versions)
  for (const version of versions) {
    const { size } = statSync(`${HERE}/models/${version}.onnx`)
    expect(size).toBe(trained(version).bytes)
    expect(size).toBeLessThan(200_000)
  }
})

describe.each(Object.entries(expected))('%s', (version, recorded) => {
  test('answers in Node what it answered when it was trained', async () => {
    const session = await open(version)
    const { shape, data } = recorded.inputs.features
    const answer = await session.run({ features: new Tensor('float32', Float32Array.from(data), shape) })
    expect(Object.keys(answer)).toEqual(Object.keys(recorded.outputs))
    for (const [name, truth] of Object.entries(recorded.outputs)) {
      const tensor = answer[name] as Tensor
      expect(tensor.dims).toEqual(truth.shape)
      expect(tensor.type).toBe(truth.datatype === 'FP32' ? 'float32' : 'int64')
      const values = Array.from(tensor.data as Float32Array | BigInt64Array, Number)
      const furthest = Math.max(...values.map((value, at) => Math.abs(value - (truth.data[at] ?? Number.NaN))))
      expect(furthest).toBeLessThan(1e-4)
    }
  })

  test('takes one float32 tensor and has the batch first in every input and output', async () => {
    const told = contract(await open(version))
    expect(told[0]).toEqual({ name: 'features', type: 'float32', shape: ['batch', trained(version).features.length] })
    for (const tensor of told) expect(tensor.shape?.[0]).toBe('batch')
  })

  test('was judged only on days after the last one it learned from', () => {
    for (const judged of [trained(version), trained(version).backtest]) {
      if (judged) expect(Date.parse(judged.train.to)).toBeLessThan(Date.parse(judged.test.from))
    }
  })
})

test('the three weather versions keep one contract, and weather-kind has another', async () => {
  const [first, second, third, kind] = await Promise.all(
    ['weather-v1', 'weather-v2', 'weather-v3', 'weather-kind-v1'].map(async (version) => contract(await open(version))),
  )
  expect(second).toEqual(first)
  expect(third).toEqual(first)
  expect(kind).not.toEqual(first)
  expect(first?.[1]).toEqual({ name: 'temp_max', type: 'float32', shape: ['batch', 1] })
  expect(kind?.slice(1)).toEqual([
    { name: 'label', type: 'int64', shape: ['batch'] },
    { name: 'probabilities', type: 'float32', shape: ['batch', 5] },
  ])
})

test.each(['weather-v2', 'delay-v2'])('%s answers a batch as it answers each row alone', async (version) => {
  const session = await open(version)
  const width = trained(version).features.length
  const value = fc.float({ min: -100, max: 4000, noNaN: true })
  const rows = fc.array(fc.array(value, { minLength: width, maxLength: width }), { minLength: 1, maxLength: 40 })
  await fc.assert(
    fc.asyncProperty(rows, async (batch) => {
      const together = await column(session, batch)
      const alone = await Promise.all(batch.map((row) => column(session, [row])))
      expect(together).toHaveLength(batch.length)
      // Trees may be added up in another order in a batch, so the last bits may differ.
      together.forEach((answer, at) => expect(answer).toBeCloseTo(alone[at]?.[0] ?? Number.NaN, 2))
    }),
    { numRuns: 20 },
  )
})

test.each(Object.entries(replay))('the replay for %s holds 200 real rows in order', (model, traffic) => {
  expect(traffic.features).toEqual(trained(`${model}-v1`).features)
  expect([traffic.rows.length, traffic.at.length, traffic.actual.length]).toEqual([200, 200, 200])
  expect(traffic.at.toSorted()).toEqual(traffic.at)
  expect(Date.parse(traffic.at[0] ?? '')).toBeGreaterThanOrEqual(Date.parse(trained(`${model}-v1`).test.from))
  for (const row of traffic.rows) {
    expect(row).toHaveLength(traffic.features.length)
    expect(row.every(Number.isFinite)).toBe(true)
  }
})

test('what came true on a replayed day is what the next row calls today', () => {
  const { rows, actual, features } = replay.weather as Replay
  const today = rows.map((row) => row[features.indexOf('temp_max')])
  expect(actual.slice(0, -1)).toEqual(today.slice(1))
  const kinds = replay['weather-kind'] as Replay
  const first = kinds.features.indexOf('is_drizzle')
  expect(kinds.actual.slice(0, -1)).toEqual(kinds.rows.slice(1).map((row) => row.slice(first).indexOf(1)))
})

test.each([
  ['weather-v1', true],
  ['weather-v2', false],
  ['weather-v3', false],
])('%s over the 200 replayed days compares with persistence as the README says', async (version, better) => {
  const { rows, actual, features } = replay.weather as Replay
  const meanError = (guesses: number[]) =>
    guesses.reduce((sum, guess, at) => sum + Math.abs(guess - (actual[at] ?? Number.NaN)), 0) / actual.length
  const today = rows.map((row) => row[features.indexOf('temp_max')] ?? Number.NaN)
  expect(meanError(await column(await open(version), rows)) < meanError(today)).toBe(better)
})

test('only the linear model is sure to beat persistence, as the README says', () => {
  const sure = Object.keys(models).filter((version) => (trained(version).gain_over_persistence?.low ?? -1) > 0)
  expect(sure).toEqual(['weather-v1'])
})

/** The README's table: the version, the measure, the model's figure, the baseline's name and its figure. */
function claims() {
  const line = /^\| `([\w-]+)` \| [^|]+ \| (\w+) \| ([\d.-]+) \| (\w+) \| ([\d.-]+) \| (better|worse) \|$/gm
  return [...readme.matchAll(line)].map(([, version = '', measure = '', own, baseline = '', theirs, verdict]) => ({
    version,
    measure,
    baseline,
    own: Number(own),
    theirs: Number(theirs),
    verdict,
  }))
}

test('the README speaks of every version', () => {
  expect(new Set(claims().map((claim) => claim.version))).toEqual(new Set(Object.keys(models)))
})

test.each(claims())('the README is right that $version is $verdict in $measure than $baseline', (claim) => {
  const { metrics, baselines } = trained(claim.version)
  const [own, theirs] = [metrics[claim.measure] ?? Number.NaN, baselines[claim.baseline]?.[claim.measure] ?? Number.NaN]
  // The page keeps three decimals.
  expect(Math.abs(claim.own - own)).toBeLessThan(0.0006)
  expect(Math.abs(claim.theirs - theirs)).toBeLessThan(0.0006)
  const errorLike = ['mae', 'rmse'].includes(claim.measure)
  expect(errorLike ? own < theirs : own > theirs).toBe(claim.verdict === 'better')
})

test.each([
  ['weather-v1', 'mae', true],
  ['weather-v2', 'mae', true],
  ['weather-v3', 'mae', true],
  ['weather-kind-v1', 'accuracy', false],
])('in 2014 %s compares with persistence, in %s, as the README says', (version, measure, better) => {
  const { metrics, baselines } = trained(version).backtest as Judged
  const gain = (metrics[measure] ?? Number.NaN) - (baselines.persistence?.[measure] ?? Number.NaN)
  expect(measure === 'mae' ? gain < 0 : gain > 0).toBe(better)
})
