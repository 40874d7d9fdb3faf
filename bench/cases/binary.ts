import { image } from '../../dev/fixtures/onnx/models.ts'
import { startPlatform } from '../../dev/laws/platform.ts'
import type { Sample } from '../load.ts'
import { pidsOf, portOf } from '../weather.ts'
import type { BenchCase } from './bench-case.ts'
import { COLUMNS, interleaved, medianOf, rowOf } from './rounds.ts'

const SHAPE = [1, 3, 224, 224] as const

/** A picture as JSON and as raw bytes, to a model that does next to nothing with it. */
export const binary: BenchCase = async (generator, { rounds, warmMs, countMs }) => {
  const platform = await startPlatform()
  try {
    await platform.push('picture', image())
    await platform.deploy('picture', 'picture', 1)
    const order = (sample: Sample) => ({
      protocol: 'rest' as const,
      port: portOf(platform.runners[0]!.rest),
      path: '/v2/models/picture/infer',
      pids: pidsOf(platform),
      connections: 4,
      warmMs: 2 * warmMs,
      countMs,
      requests: [sample],
    })
    const { asJson, asBytes } = picture()
    const measured = await interleaved(rounds, [
      ['JSON', () => generator.run(order(asJson))],
      ['binary', () => generator.run(order(asBytes))],
    ])
    const [json, bytes] = [measured.get('JSON')!, measured.get('binary')!]
    return {
      title: 'A picture of 3 × 224 × 224',
      about: `As JSON ${megabytes(asJson)}, with the binary tensor extension ${megabytes(asBytes)}. 4 connections.`,
      targets: [
        {
          says: 'CPU of a picture, JSON to binary',
          figure: medianOf(json, 'cpuMicros') / medianOf(bytes, 'cpuMicros'),
          bound: 5,
          better: 'more',
          unit: '×',
        },
        {
          says: 'pictures for each second, binary to JSON',
          figure: medianOf(bytes, 'perSecond') / medianOf(json, 'perSecond'),
          bound: 5,
          better: 'more',
          unit: '×',
        },
      ],
      tables: [{ columns: COLUMNS, rows: [rowOf('JSON', json), rowOf('binary', bytes)] }],
    }
  } finally {
    await platform.stop()
  }
}

const megabytes = ({ body }: Sample) => `${(body.length / 1e6).toFixed(2)} MB`

/** Channel c is c + 1 on average, over values that take as many digits as those of real pictures do. */
function picture(): { asJson: Sample; asBytes: Sample } {
  const plane = SHAPE[2] * SHAPE[3]
  const values = Float32Array.from({ length: 3 * plane }, (_, at) => {
    const wave = Math.sin((2 * Math.PI * (at % plane)) / plane)
    return Math.floor(at / plane) + 1 + wave / 2
  })
  const input = { name: 'image', datatype: 'FP32', shape: SHAPE }
  const raw = { ...input, parameters: { binary_data_size: values.byteLength } }
  const head = Buffer.from(JSON.stringify({ inputs: [raw] }))
  const answers = [1, 2, 3]
  return {
    asJson: { body: Buffer.from(JSON.stringify({ inputs: [{ ...input, data: Array.from(values) }] })), answers },
    asBytes: {
      body: Buffer.concat([head, Buffer.from(values.buffer)]),
      headers: {
        'content-type': 'application/octet-stream',
        'inference-header-content-length': `${head.length}`,
      },
      answers,
    },
  }
}
