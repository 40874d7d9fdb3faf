import type { addGolden, CallOf } from '@stead/contracts'
import { defineCommand } from '../command.ts'
import type { Context, Options, OptionSpecs } from '../command.ts'
import { checkPart } from '../connect.ts'
import { UsageError } from '../failures.ts'
import { readJson, readJsonOrFile } from '../input.ts'

type NewGolden = CallOf<typeof addGolden>['body']
type NewAssertion = NonNullable<NewGolden['assertion']>

const ASSERTION_OPTIONS = {
  assert: {
    takes: 'KIND',
    oneOf: ['valid', 'range', 'close', 'exact'],
    says: 'What must hold of the answer; valid otherwise.',
  },
  min: { takes: 'NUMBER', number: {}, says: 'With range: the least value.' },
  max: { takes: 'NUMBER', number: {}, says: 'With range: the greatest value.' },
  output: { takes: 'OUTPUT', says: 'With range: only this output.' },
  tolerance: { takes: 'NUMBER', number: { min: 0 }, says: 'With close: how far off is close.' },
  expect: { takes: '@FILE', says: 'With close and exact: the answer, or its outputs.' },
} as const satisfies OptionSpecs
/** Which of the options say something with which kind. */
const BELONGS: Readonly<Record<string, readonly string[]>> = {
  valid: [],
  range: ['min', 'max', 'output'],
  close: ['tolerance', 'expect'],
  exact: ['expect'],
}

export const command = defineCommand({
  arguments: ['deployment'],
  options: {
    data: { takes: 'JSON|@FILE|-', required: true, says: 'The request, in the form of the Open Inference Protocol.' },
    name: { takes: 'NAME', says: 'What to call it; numbered otherwise.' },
    ...ASSERTION_OPTIONS,
  },
  examples: [
    'stead golden forecast add --data @request.json',
    'stead golden forecast add --data @request.json --assert range --output variable --min -60 --max 60',
    'stead golden forecast add --data @request.json --assert close --tolerance 0.01 --expect @answer.json',
  ],
  async run({ arguments: { deployment }, options }, context) {
    const request = (await readJson('data', options.data, context)).value
    const assertion = await assertionOf(options, context)
    const platform = await context.connect()
    checkPart(platform.contracts.InferenceRequest, request, 'data')
    const body: NewGolden = {
      request: request as NewGolden['request'],
      assertion,
      ...(options.name === undefined ? {} : { name: options.name }),
    }
    const golden = await platform.call(platform.contracts.addGolden, { params: { deployment }, body })
    if (context.json) return context.document(golden)
    context.print(`${deployment}: golden request ${golden.name} is kept (${golden.assertion.kind})`)
  },
})

async function assertionOf(options: Options<typeof ASSERTION_OPTIONS>, context: Context): Promise<NewAssertion> {
  const kind = options.assert ?? 'valid'
  const stray = Object.values(BELONGS)
    .flat()
    .find((name) => options[name as keyof typeof options] !== undefined && !BELONGS[kind]?.includes(name))
  if (stray !== undefined)
    throw new UsageError(
      `--${stray} says nothing with --assert ${kind}`,
      `--${stray} goes with ${Object.keys(BELONGS)
        .filter((one) => BELONGS[one]?.includes(stray))
        .join(' and ')}.`,
    )
  const { min, max, output, tolerance } = options
  switch (kind) {
    case 'valid':
      return { kind }
    case 'range':
      if (min === undefined && max === undefined) throw new UsageError('a range wants --min, --max or both')
      return {
        kind,
        ...(output === undefined ? {} : { output }),
        ...(min === undefined ? {} : { min }),
        ...(max === undefined ? {} : { max }),
      }
    case 'close':
      return {
        kind,
        outputs: await expected(options.expect, context),
        ...(tolerance === undefined ? {} : { tolerance }),
      }
    case 'exact':
      return { kind, outputs: await expected(options.expect, context) }
  }
}

type Outputs = Extract<NewAssertion, { kind: 'exact' }>['outputs']

/** A whole answer, as `stead predict` prints it, or just its outputs; the contract checks them on the way. */
async function expected(given: string | undefined, context: Context): Promise<Outputs> {
  if (given === undefined)
    throw new UsageError(
      '--expect is missing: the answer to compare with',
      'Get one with: stead predict DEPLOYMENT --data … > answer.json',
    )
  const value = await readJsonOrFile('expect', given, context)
  const outputs = Array.isArray(value) ? value : (value as { outputs?: unknown } | null)?.outputs
  if (!Array.isArray(outputs)) throw new UsageError('--expect is an answer with "outputs", or a list of outputs')
  return outputs as Outputs
}
