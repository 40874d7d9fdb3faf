import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import {
  addGolden,
  AliasName,
  BundlePath,
  createDeployment,
  createVersion,
  DeploymentName,
  Digest,
  getDeployment,
  ModelName,
  ProjectName,
  putArtifact,
  setAlias,
  setTraffic,
  SteadError,
  swapDeployment,
  VersionNumber,
} from '@stead/contracts'
import type { Client } from '@stead/sdk'

const PROJECT = ProjectName.parse('default')
const file = (name: string) => new URL(`./${name}`, import.meta.url)

interface Sample {
  readonly model: string
  readonly files: readonly string[]
  readonly description: string
  readonly dataset: string
}

const SAMPLES: readonly Sample[] = [
  {
    model: 'seattle-weather',
    files: ['weather-v1', 'weather-v2', 'weather-v3'],
    description: "Tomorrow's highest temperature in Seattle, in °C",
    dataset: 'vega-datasets seattle-weather.csv, 2012–2014',
  },
  {
    model: 'seattle-weather-kind',
    files: ['weather-kind-v1'],
    description: "Tomorrow's kind of weather in Seattle",
    dataset: 'vega-datasets seattle-weather.csv, 2012–2014',
  },
  {
    model: 'flight-delay',
    files: ['delay-v1', 'delay-v2'],
    description: 'How late a flight will arrive, in minutes',
    dataset: 'vega-datasets flights-3m.parquet, January–May 2001',
  },
]

/** The rows that the sample project replays: what was measured in the months after the training. */
export interface Replay {
  readonly features: readonly string[]
  readonly rows: readonly (readonly number[])[]
}
export type ReplayName = 'weather' | 'weather-kind' | 'delay'

export async function readReplay(): Promise<Record<ReplayName, Replay>> {
  return JSON.parse(await readFile(file('replay.json'), 'utf8')) as Record<ReplayName, Replay>
}

/** One row as an Open Inference Protocol request. */
export function requestOf(row: readonly number[]) {
  return { inputs: [{ name: 'features', datatype: 'FP32', shape: [1, row.length], data: [...row] }] }
}

/** Registers the sample models and puts them to work, so that a first look finds something alive: a canary with a
 *  shadow beside it, and a deployment that has been swapped. What is there already is left as it is. */
export async function seedSample(client: Client): Promise<void> {
  await pushSample(client)
  const replay = await readReplay()
  await once(client, 'seattle-forecast', async (deployment) => {
    const params = { project: PROJECT, deployment }
    await client.call(createDeployment, {
      params,
      body: {
        name: deployment,
        model: ModelName.parse('seattle-weather'),
        version: version(1),
        reason: 'the linear model, the only one that clearly beats persistence',
      },
    })
    for (const [index, row] of [0, 60, 120].map((day) => replay.weather.rows[day]!).entries()) {
      await client.call(addGolden, {
        params,
        body: { name: `day-${index + 1}`, request: requestOf(row), assertion: { kind: 'range', min: -20, max: 50 } },
      })
    }
    await client.call(setTraffic, {
      params,
      body: {
        routes: [
          { version: version(1), weight: 90 },
          { version: version(2), weight: 10 },
        ],
        shadows: [{ version: version(3), fraction: 1 }],
        reason: 'the forest on a tenth of the traffic, the boosted trees in its shadow',
      },
    })
  })
  await once(client, 'arrival-delay', async (deployment) => {
    const params = { project: PROJECT, deployment }
    await client.call(createDeployment, {
      params,
      body: {
        name: deployment,
        model: ModelName.parse('flight-delay'),
        version: version(1),
        reason: 'a first, linear model',
      },
    })
    await client.call(swapDeployment, {
      params,
      body: { version: version(2), reason: 'boosted trees, 1.6 minutes better on June' },
    })
  })
}

/** Registers the sample models. */
export async function pushSample(client: Client): Promise<void> {
  for (const sample of SAMPLES) await pushAll(client, sample)
}

const version = (number: number) => VersionNumber.parse(number)

async function pushAll(client: Client, { model, files, description, dataset }: Sample): Promise<void> {
  const name = ModelName.parse(model)
  for (const [index, stem] of files.entries()) {
    const body = await readFile(file(`models/${stem}.onnx`))
    const digest = Digest.parse(`sha256:${createHash('sha256').update(body).digest('hex')}`)
    await client.send(putArtifact, { params: { project: PROJECT, digest } }, { body, size: body.length })
    const made = await client.call(createVersion, {
      params: { project: PROJECT, model: name },
      body: {
        files: [{ path: BundlePath.parse(`${stem}.onnx`), digest }],
        ifNew: true,
        description,
        provenance: { dataset },
      },
    })
    if (made.created && index === 0)
      await client.call(setAlias, {
        params: { project: PROJECT, model: name, alias: AliasName.parse('champion') },
        body: { version: made.version },
      })
  }
}

async function once(client: Client, name: string, make: (deployment: DeploymentName) => Promise<void>): Promise<void> {
  const deployment = DeploymentName.parse(name)
  try {
    await client.call(getDeployment, { params: { project: PROJECT, deployment } })
  } catch (error) {
    if (!(error instanceof SteadError && error.code === 'deployment_not_found')) throw error
    await make(deployment)
  }
}
