import { ERRORS, SteadError } from '@stead/contracts'
import type { AnswerOf, Endpoint, ProjectName, RequestOf, Stage } from '@stead/contracts'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { z } from 'zod'
import { actorOf, type Principal } from '../domains/access/principal.ts'
import { actAs } from '../domains/audit/author.ts'
import { MlflowError, toldAsMlflow } from '../mlflow/failures.ts'
import { isMlflowPath } from '../mlflow/project.ts'
import type { Admitted, Door } from './door.ts'
import { openEventStream } from './event-stream.ts'
import { refuseUnfitText } from './json-body.ts'
import { methodsAt } from './routes.ts'
import type { Idempotency } from './idempotency.ts'

/** What a handler knows of its caller beside the parsed request. */
export interface Caller {
  /** The name that events and the audit log have for them. */
  readonly actor: string
  readonly principal: Principal
  /** The projects they may see, for what is of no single one. */
  readonly sees: (project: ProjectName) => boolean
  /** On this machine, and therefore able to read local paths. */
  readonly local: boolean
  readonly signal: AbortSignal
  readonly idempotencyKey: string | undefined
  /** Told to callers who follow a change as it happens; a no-op for the others. */
  readonly onStage: (stage: Stage) => void
  readonly request: FastifyRequest
  readonly reply: FastifyReply
}

export type Handler<E extends Endpoint> = (request: RequestOf<E>, caller: Caller) => Promise<AnswerOf<E> | FastifyReply>
export type Mount = <E extends Endpoint>(endpoint: E, handler: Handler<E>) => void

/** Ties contracts to use cases: parses what comes in, answers what goes out, follows and repeats where the contract says so. */
export function createMount(app: FastifyInstance, idempotency: Idempotency, door: Door): Mount {
  const admitted = new WeakMap<FastifyRequest, Admitted>()
  return (endpoint, handler) => {
    async function answer(request: FastifyRequest, reply: FastifyReply, asking: Admitted): Promise<unknown> {
      const parsed = parseRequest(endpoint, request)
      const key = endpoint.idempotent ? headerOf(request, 'idempotency-key') : undefined
      const who = asking.principal.kind === 'local' ? '' : `${asking.author.actor} `
      // A key counts per act: the same one given to a swap and then to a rollback means two changes.
      const caller = callerOf(request, reply, asking, key && `${who}${endpoint.act} ${key}`)
      const act = (onStage: Caller['onStage']) => handler(parsed as RequestOf<typeof endpoint>, { ...caller, onStage })
      const run = (onStage: Caller['onStage']): Promise<unknown> =>
        key
          ? idempotency.once({ key, scope: `${who}${endpoint.method} ${request.url}`, request: request.body }, () =>
              act(onStage),
            )
          : act(onStage)
      if (endpoint.transcript && request.headers.accept?.includes('text/event-stream')) return follow(reply, run)
      const given = await run(() => {})
      if (endpoint.method !== 'GET') await door.done(endpoint.act, reply)
      if (reply.sent || given === reply) return reply
      if (endpoint.status === 204) return reply.code(204).send()
      return reply.code(endpoint.status ?? 200).send(given)
    }
    app.route({
      method: endpoint.method,
      url: endpoint.path,
      // Before the body is read: whoever may not ask costs little.
      onRequest: async (request, reply) => {
        admitted.set(request, await door.admit(endpoint.act, request, reply))
      },
      handler: (request, reply) => {
        const asking = admitted.get(request)!
        return actAs(asking.author, () => answer(request, reply, asking))
      },
    })
  }
}

function parseRequest(endpoint: Endpoint, request: FastifyRequest) {
  const part = (schema: z.ZodType | undefined, value: unknown, where: string) => {
    if (!schema) return undefined
    if (where !== 'body') refuseUnfitText(value, where)
    const parsed = schema.safeParse(value)
    if (parsed.success) return parsed.data
    const issue = parsed.error.issues[0]
    const path = short([where, ...(issue?.path ?? [])].join('.'))
    throw new SteadError('invalid_request', `${path}: ${short(issue?.message ?? 'not as described')}`, {
      where: path,
      details: parsed.error.issues
        .slice(0, MOST_DETAILS)
        .map(({ path: at, message }) => ({ where: short(at.join('.')), message: short(message) })),
    })
  }
  return {
    params: part(endpoint.params, request.params, 'path'),
    query: part(endpoint.query, request.query, 'query'),
    body: part(endpoint.body, request.body ?? undefined, 'body'),
  }
}

/** A body can have more faults than anybody reads, and names in it that are as long as it is. */
const MOST_DETAILS = 20
const short = (text: string) => (text.length > 500 ? `${text.slice(0, 500)}…` : text)

function callerOf(
  request: FastifyRequest,
  reply: FastifyReply,
  { principal, sees }: Admitted,
  idempotencyKey: string | undefined,
): Omit<Caller, 'onStage'> {
  const gone = new AbortController()
  reply.raw.once('close', () => gone.abort(new Error('the caller has gone')))
  return {
    actor: actorOf(principal),
    principal,
    sees,
    local: TRUSTED_WITH_PATHS.has(principal.kind) && isLoopback(request.ip) && !isForwarded(request),
    signal: gone.signal,
    idempotencyKey,
    request,
    reply,
  }
}

/** A path on this machine says more than its bytes. */
const TRUSTED_WITH_PATHS: ReadonlySet<Principal['kind']> = new Set(['local', 'runner'])

function headerOf(request: FastifyRequest, name: string): string | undefined {
  const value = request.headers[name]
  return typeof value === 'string' && value.length > 0 && value.length <= 255 ? value : undefined
}

const isLoopback = (address: string) =>
  address === '::1' || address.startsWith('127.') || address.startsWith('::ffff:127.')

/** A proxy on this machine speaks for callers elsewhere. */
export const isForwarded = ({ headers }: FastifyRequest) =>
  ['forwarded', 'x-forwarded-for', 'x-real-ip', 'via'].some((name) => headers[name] !== undefined)

const BEAT_MS = 15_000

/** Answers 200 at once and tells the outcome as the last event: a refusal is an `error` event with its body. */
async function follow(
  reply: FastifyReply,
  run: (onStage: Caller['onStage']) => Promise<unknown>,
): Promise<FastifyReply> {
  const stream = openEventStream(reply)
  // A long load says nothing for minutes, which clients and proxies take for a dead connection.
  const beat = setInterval(() => stream.beat(), BEAT_MS)
  try {
    stream.send('done', await run((stage) => stream.send('stage', stage)))
  } catch (error) {
    stream.send('error', (error instanceof SteadError ? error : unexpected(error, reply)).toBody())
  }
  clearInterval(beat)
  stream.end()
  return reply
}

/** The one place where a failure becomes an answer. */
export function answerFailures(app: FastifyInstance): void {
  app.setErrorHandler((error, request, reply) => {
    const told =
      error instanceof SteadError || error instanceof MlflowError
        ? error
        : (refusedByFramework(error) ?? unexpected(error, reply))
    // The rest of a refused body is read on for a while instead: see `readOn`.
    void reply.removeHeader('connection')
    const { status, body } = tellAs(request.url, told)
    if (status === 401) void reply.header('www-authenticate', 'Bearer realm="stead"')
    return reply.code(status).type('application/json; charset=utf-8').send(body)
  })
  app.setNotFoundHandler((request, reply) => {
    const methods = methodsAt(request.url)
    // An address that takes this method did not come here for it, but for a name too long to be one.
    if (methods.length > 0 && !methods.some((method) => method === request.method)) {
      const refused = new SteadError(
        'method_not_allowed',
        `this address takes ${methods.join(', ')}, not ${request.method}`,
      )
      return reply.code(refused.status).header('allow', methods.join(', ')).send(refused.toBody())
    }
    const error = new SteadError(
      'route_not_found',
      `there is nothing at ${request.method} ${request.url.split('?')[0]}`,
    )
    const { status, body } = tellAs(request.url, error)
    return reply.code(status).send(body)
  })
}

/** In the words of the protocol that was spoken. */
function tellAs(url: string, told: SteadError | MlflowError): { status: number; body: object } {
  if (told instanceof MlflowError || isMlflowPath(url)) return toldAsMlflow(told)
  return { status: told.status, body: told.toBody() }
}

function unexpected(error: unknown, reply: FastifyReply): SteadError {
  reply.request.log.error({ err: error, request: reply.request.id }, 'a request failed unexpectedly')
  return new SteadError('internal', `${ERRORS.internal.says} (request ${reply.request.id})`)
}

function refusedByFramework(error: unknown): SteadError | undefined {
  if (
    !(error instanceof Error) ||
    !('statusCode' in error) ||
    typeof error.statusCode !== 'number' ||
    error.statusCode >= 500
  )
    return undefined
  if (error.statusCode === 413) return new SteadError('payload_too_large')
  if (error.statusCode === 415) return new SteadError('content_type_refused')
  return new SteadError('invalid_request', error.message)
}
