import { readFile } from 'node:fs/promises'
import { startPlatform } from '../dev/laws/platform.ts'
import type { Platform, PlatformOptions } from '../dev/laws/platform.ts'
import type { Sample } from './load.ts'
import { fileOf } from './processes.ts'

/** The sample project's forecaster: FP32 [-1, 8] in, [-1, 1] out; version 2 is a random forest. */
export const INFER_PATH = '/v2/models/weather/infer'
export const FOREST = fileOf('../dev/sample/models/weather-v2.onnx')

export const readWeather = (version: 1 | 2 | 3) => readFile(fileOf(`../dev/sample/models/weather-v${version}.onnx`))

/** The recorded questions, one row each, with the answers of the random forest unless `unchecked`. */
export async function samples({ unchecked = false } = {}): Promise<Sample[]> {
  const recorded = JSON.parse(await readFile(fileOf('../dev/sample/models/expected.json'), 'utf8')) as {
    'weather-v2': { inputs: { features: { data: number[] } }; outputs: { temp_max: { data: number[] } } }
  }
  const { inputs, outputs } = recorded['weather-v2']
  const { data } = inputs.features
  return outputs.temp_max.data.map((answer, at) => {
    const row = data.slice(at * 8, at * 8 + 8)
    const input = { name: 'features', shape: [1, 8], datatype: 'FP32', data: row }
    return {
      body: Buffer.from(JSON.stringify({ inputs: [input] })),
      rows: [row],
      answers: unchecked ? undefined : [answer],
    }
  })
}

/** A server and a runner with the forecaster deployed: version 1 the forest, version 2 the gradient boosting. */
export async function startWeather(options: PlatformOptions = {}): Promise<Platform> {
  const platform = await startPlatform(options)
  try {
    await platform.push('weather', await readWeather(2))
    await platform.push('weather', await readWeather(3))
    await platform.deploy('weather', 'weather', 1)
    return platform
  } catch (error) {
    await platform.stop()
    throw error
  }
}

export const portOf = (address: string) => Number(address.slice(address.lastIndexOf(':') + 1))

/** All processes that serve: the server, the runner, and through it the engine hosts. */
export const pidsOf = ({ server, runners }: Platform) => [server.pid, ...runners.map(({ pid }) => pid)]
