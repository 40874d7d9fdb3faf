import { defineCommand } from '../command.ts'
import type { Context } from '../command.ts'
import { RunnerRefusal, UsageError } from '../failures.ts'
import { readJson } from '../input.ts'
import { restBase } from '../runner-address.ts'

export const command = defineCommand({
  arguments: ['deployment'],
  options: {
    data: { takes: 'JSON|@FILE|-', required: true, says: 'The request: {"inputs":[…]}, or {"instances":[…]}.' },
    version: {
      takes: 'N',
      number: { whole: true, min: 1 },
      says: 'Ask this version; the route table decides otherwise.',
    },
    key: { takes: 'KEY', says: 'Requests of one key are answered by one version.' },
  },
  about:
    "Goes straight to a runner, by the Open Inference Protocol or, with instances, by KServe's first protocol. " +
    'Where runners ask for keys, it shows the consumer’s key that STEAD_KEY holds.',
  examples: [
    `stead predict forecast --data '{"inputs":[{"name":"x","datatype":"FP32","shape":[1,2],"data":[1,2]}]}'`,
    `stead predict forecast --data @request.json --version 2`,
    `echo '{"instances":[[1,2]]}' | stead predict forecast --data -`,
  ],
  async run({ arguments: { deployment }, options }, context) {
    const { text, value } = await readJson('data', options.data, context)
    const path = pathFor(value, deployment, options.version)
    const platform = await context.connect()
    const { urls } = await platform.call(platform.contracts.getDeployment, { params: { deployment } })
    if (urls.length === 0)
      throw new RunnerRefusal('no_runner', 503, 'no runner is connected', 'Start one with: stead runner')
    const begun = context.terminal.now()
    const response = await askOne(
      urls.map(({ rest }) => restBase(rest)),
      path,
      { body: text, key: options.key },
      context,
    )
    const answer = await response.text()
    if (!response.ok) throw refusal(response, answer, deployment)
    // As it came: a long integer would lose digits on its way through JavaScript.
    context.terminal.stdout.write(answer.endsWith('\n') ? answer : `${answer}\n`)
    if (context.stderr.isTTY && !context.json) {
      const ms = Math.round(context.terminal.now() - begun)
      context.note(
        `version ${response.headers.get('stead-version') ?? '?'}, generation ${response.headers.get('stead-generation') ?? '?'}, ${ms} ms`,
      )
    }
  },
})

function pathFor(value: unknown, deployment: string, version: number | undefined): string {
  const isObject = typeof value === 'object' && value !== null && !Array.isArray(value)
  if (!isObject || !('inputs' in value || 'instances' in value)) {
    throw new UsageError(
      'the request is an object with "inputs" (Open Inference Protocol) or "instances"',
      'See: stead predict --help',
    )
  }
  const place = `models/${encodeURIComponent(deployment)}${version === undefined ? '' : `/versions/${version}`}`
  return 'inputs' in value ? `/v2/${place}/infer` : `/v1/${place}:predict`
}

/** Asks the first runner that can be reached. A request that may have arrived is not sent to another. */
async function askOne(
  bases: readonly string[],
  path: string,
  { body, key }: { body: string; key: string | undefined },
  { terminal }: Context,
): Promise<Response> {
  const shown = terminal.env.STEAD_KEY?.trim()
  const headers = {
    'content-type': 'application/json',
    ...(shown ? { authorization: `Bearer ${shown}` } : {}),
    ...(key === undefined ? {} : { 'stead-key': key }),
  }
  let failure: { base: string; cause: unknown } | undefined
  for (const base of bases) {
    try {
      return await fetch(`${base}${path}`, { method: 'POST', headers, body, signal: terminal.signal })
    } catch (cause) {
      if (terminal.signal.aborted) throw terminal.signal.reason
      failure = { base, cause }
      const reason = (cause as Error).cause as NodeJS.ErrnoException | undefined
      if (reason?.code !== 'ECONNREFUSED') break
    }
  }
  const { UnreachableError } = await import('@stead/sdk')
  throw new UnreachableError(failure?.base ?? '', failure?.cause)
}

function refusal(response: Response, answer: string, deployment: string): RunnerRefusal {
  const kind = response.headers.get('stead-failure') ?? `http_${response.status}`
  return new RunnerRefusal(kind, response.status, messageOf(answer), fixFor(kind, deployment))
}

function messageOf(answer: string): string {
  try {
    const { error } = JSON.parse(answer) as { error?: unknown }
    if (typeof error === 'string') return error
  } catch {
    // Not a runner's refusal; what there is must do.
  }
  return answer.slice(0, 300)
}

function fixFor(kind: string, deployment: string): string | undefined {
  if (kind === 'parked') return `Load it again with: stead wake ${deployment}`
  if (kind === 'not_found' || kind === 'not_ready') return `See what serves with: stead status ${deployment}`
  if (kind === 'unauthenticated')
    return 'Put the key of a consumer into STEAD_KEY: stead consumers keys create CONSUMER NAME'
  if (kind === 'rate_exceeded' || kind === 'quota_exhausted')
    return 'Wait, or have the limits raised: stead consumers change CONSUMER'
  return kind === 'queue_full' ? 'Ask again later, or deploy with a longer --max-queue.' : undefined
}
