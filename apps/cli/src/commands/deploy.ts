import { change, CHANGE_OPTIONS, changeDocument } from '../change.ts'
import { defineCommand } from '../command.ts'
import type { Options, OptionSpecs } from '../command.ts'
import { versionOf } from '../input.ts'
import { restBase } from '../runner-address.ts'

const CONFIG_OPTIONS = {
  'max-rows': { takes: 'N', number: { whole: true, min: 1 }, says: 'The most rows of one batch.' },
  'max-delay': { takes: 'MS', number: { min: 0 }, says: 'Wait this long for a fuller batch.' },
  'max-queue': {
    takes: 'N',
    number: { whole: true, min: 1 },
    says: 'The most requests that may wait; the next is refused.',
  },
  threads: { takes: 'N', number: { whole: true, min: 1 }, says: 'Threads one run of the model may use.' },
  timeout: { takes: 'MS', number: { whole: true, min: 1 }, says: 'The deadline of a request that gives none.' },
  isolation: {
    takes: 'shared|dedicated',
    oneOf: ['shared', 'dedicated'],
    says: 'Whether other engines may live in the same process.',
  },
} as const satisfies OptionSpecs

export const command = defineCommand({
  arguments: ['name'],
  options: {
    model: { takes: 'MODEL', required: true, says: 'The model to serve.' },
    version: { takes: 'N|ALIAS', says: 'Which version of it; the newest otherwise.' },
    ...CONFIG_OPTIONS,
    reason: CHANGE_OPTIONS.reason,
    'idempotency-key': CHANGE_OPTIONS['idempotency-key'],
  },
  examples: [
    'stead deploy forecast --model weather --version champion',
    'stead deploy forecast --model weather --max-rows 128 --max-delay 2',
  ],
  async run({ arguments: { name }, options }, context) {
    const platform = await context.connect()
    const { contracts } = platform
    const transcript = await change(
      contracts.createDeployment,
      {
        body: {
          name,
          model: options.model,
          ...(options.version === undefined ? {} : { version: versionOf(options.version) }),
          ...(options.reason === undefined ? {} : { reason: options.reason }),
          config: configOf(options),
        },
      },
      options['idempotency-key'],
      platform,
      context,
    )
    const { urls } = await platform.call(contracts.getDeployment, { params: { deployment: name } })
    if (context.json) return context.document({ ...changeDocument(transcript), urls })
    context.print(`${name} serves ${options.model} version ${transcript.to} (generation ${transcript.generation})`)
    for (const { rest, grpc } of urls)
      context.print(`  REST  ${restBase(rest)}/v2/models/${name}/infer`, `  gRPC  ${grpc}`)
    if (transcript.detached.length > 0) context.note(`not followed yet: ${transcript.detached.join(', ')}`)
  },
})

/** Only what was given: the platform fills in the rest. */
function configOf(options: Options<typeof CONFIG_OPTIONS>) {
  const {
    'max-rows': maxRows,
    'max-delay': maxDelayMs,
    'max-queue': maxQueue,
    threads,
    timeout: timeoutMs,
    isolation,
  } = options
  const batching = given({ maxRows, maxDelayMs, maxQueue })
  return { ...given({ threads, timeoutMs, isolation }), ...(Object.keys(batching).length > 0 ? { batching } : {}) }
}

type WithoutUndefined<T> = { [K in keyof T]?: Exclude<T[K], undefined> }
const given = <T extends object>(values: T) =>
  Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as WithoutUndefined<T>
