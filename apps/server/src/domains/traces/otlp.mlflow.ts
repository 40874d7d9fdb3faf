import { buffer } from 'node:stream/consumers'
import { promisify } from 'node:util'
import { gunzip, inflate } from 'node:zlib'
import { type RunId, SteadError } from '@stead/contracts'
import type { FastifyRequest } from 'fastify'
import { MlflowError } from '../../mlflow/failures.ts'
import { parseBody } from '../../mlflow/json.ts'
import type { MlflowMount } from '../../mlflow/mount.ts'
import { readOtlp, readOtlpJson } from './otlp.ts'
import type { Traces } from './traces.ts'
import { experimentNumber } from './traces.wire.ts'

const unpackers = { gzip: promisify(gunzip), deflate: promisify(inflate) }
const RUN = /^[a-zA-Z0-9][\w-]{0,255}$/

/** Where exporters of OpenTelemetry send spans, MLflow's client among them. A header names the experiment. */
export function serveOtlp(mount: MlflowMount, traces: Traces, maxBody: number): void {
  mount(
    { act: 'trace.log', method: 'POST', path: '/v1/traces', octets: true },
    async (_input, { project, request, reply, body }) => {
      const type = encodingOf(request)
      const bytes = await unpacked(request, await bounded(body!, maxBody), maxBody)
      const spans = type === 'json' ? readOtlpJson(parseBody(bytes.toString('utf8'))) : readOtlp(bytes)
      if (spans.length > 0) await traces.logSpans(project, experimentIn(request), spans, runIn(request))
      // An answer without any field, which is how the protocol says that all was taken.
      return type === 'json' ? {} : reply.type('application/x-protobuf').send(Buffer.alloc(0))
    },
  )
}

/** Types that no form of another site can send. */
function encodingOf({ headers }: FastifyRequest): 'protobuf' | 'json' {
  const type = (headers['content-type'] ?? '').split(';', 1)[0]!.trim().toLowerCase()
  if (type === 'application/x-protobuf') return 'protobuf'
  if (type === 'application/json') return 'json'
  throw new MlflowError('BAD_REQUEST', `Invalid Content-Type: ${type.slice(0, 100)}. Expected: application/x-protobuf`)
}

async function bounded(body: AsyncIterable<Buffer>, most: number): Promise<Buffer> {
  let size = 0
  return buffer(
    (async function* counted() {
      for await (const chunk of body) {
        size += chunk.length
        if (size > most) throw new SteadError('payload_too_large')
        yield chunk
      }
    })(),
  )
}

async function unpacked({ headers }: FastifyRequest, bytes: Buffer, most: number): Promise<Buffer> {
  const encoding = (headers['content-encoding'] ?? 'identity').trim().toLowerCase()
  if (encoding === 'identity' || encoding === '') return bytes
  if (encoding !== 'gzip' && encoding !== 'deflate')
    throw new MlflowError('BAD_REQUEST', `Unsupported Content-Encoding: ${encoding.slice(0, 100)}`)
  try {
    return await unpackers[encoding](bytes, { maxOutputLength: most })
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE') throw new SteadError('payload_too_large')
    throw new MlflowError('BAD_REQUEST', `The body is not whole ${encoding}.`)
  }
}

function experimentIn({ headers }: FastifyRequest): number {
  const experiment = headers['x-mlflow-experiment-id']
  if (typeof experiment === 'string') return experimentNumber(experiment)
  throw new MlflowError('INVALID_PARAMETER_VALUE', 'The header x-mlflow-experiment-id names no experiment.')
}

function runIn({ headers }: FastifyRequest): RunId | undefined {
  const run = headers['x-mlflow-run-id']
  return typeof run === 'string' && RUN.test(run) ? (run as RunId) : undefined
}
