import { Readable } from 'node:stream'
import { SteadError } from '@stead/contracts'
import type { Act, Method, ProjectName } from '@stead/contracts'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { actorOf, type Principal } from '../domains/access/principal.ts'
import { actAs } from '../domains/audit/author.ts'
import type { Door } from '../http/door.ts'
import type { Admitted } from '../http/door.ts'
import { refuseUnfitText } from '../http/json-body.ts'
import { MlflowError } from './failures.ts'
import { parseBody } from './json.ts'
import { type Message, type Read, readMessage } from './message.ts'
import { projectAsked } from './project.ts'

/** An operation of MLflow's protocol, by the name it has there. Each is mounted under all the prefixes that clients of
 *  1.x, 2.x and 3.x use, with and without a project before them. */
export interface Operation<M extends Message = Message> {
  /** What the caller does, for access control. */
  readonly act: Act
  readonly method: Method | readonly Method[]
  /** Below `/api/2.0/mlflow/`, as `runs/create`; from the root where it begins with a slash. */
  readonly path: string
  /** The part of the path that names the project, where the operation is about one as a thing. */
  readonly project?: string
  /** Of the protocol, 2.0 where nothing is said. */
  readonly versions?: readonly ('2.0' | '3.0')[]
  /** The body, or the query of a GET. Parts of the path count as fields. */
  readonly takes?: M
  /** The body is not read: the handler takes it as a stream, of whatever type. */
  readonly octets?: true
}

export interface MlflowCaller {
  readonly project: ProjectName
  readonly actor: string
  readonly principal: Principal
  /** The projects they may see, for what is of no single one. */
  readonly sees: Admitted['sees']
  readonly signal: AbortSignal
  readonly request: FastifyRequest
  readonly reply: FastifyReply
  /** The body of an operation that takes octets. */
  readonly body: Readable | undefined
}

/** A plain object is sent as JSON, a text or buffer as the JSON that it is already; the reply itself is sent already. */
type Handler<M extends Message> = (input: Read<M>, caller: MlflowCaller) => Promise<object | string>

/** A route as it is served, for tests that go through all of them. */
export interface MlflowRoute {
  readonly act: Act
  readonly method: Method
  readonly url: string
}

export interface MlflowMount {
  <const M extends Message>(operation: Operation<M>, handler: Handler<M>): void
  readonly routes: readonly MlflowRoute[]
}

/** The prefixes under which one operation is found. */
function urlsOf({ path, versions = ['2.0'] }: Operation): string[] {
  const bare = path.startsWith('/')
    ? [path]
    : versions.flatMap((version) =>
        ['/api', '/ajax-api'].flatMap((api) => [
          `${api}/${version}/mlflow/${path}`,
          // Clients of 1.x.
          ...(version === '2.0' ? [`${api}/2.0/preview/mlflow/${path}`] : []),
        ]),
      )
  return bare.flatMap((url) => [url, `/p/:project${url}`])
}

export function createMlflowMount(app: FastifyInstance, door: Door, maxBody: number): MlflowMount {
  const admitted = new WeakMap<FastifyRequest, Admitted>()
  const routes: MlflowRoute[] = []
  const mounting: ((scope: FastifyInstance) => void)[] = []

  function mount<const M extends Message>(operation: Operation<M>, handler: Handler<M>): void {
    const methods = [operation.method].flat() as Method[]
    for (const url of urlsOf(operation)) {
      for (const method of methods) routes.push({ act: operation.act, method, url })
      mounting.push((scope) =>
        scope.route({
          method: methods,
          url,
          exposeHeadRoute: methods.length === 1 && methods[0] === 'GET',
          config: { octets: operation.octets === true },
          onRequest: async (request, reply) => {
            const params = request.params as Record<string, string>
            params.project = projectAsked(request, params[operation.project ?? 'project'])
            admitted.set(request, await door.admit(operation.act, request, reply))
            if (operation.octets !== true) refuseOtherTypes(request)
          },
          handler: (request, reply) => {
            const asking = admitted.get(request)!
            return actAs(asking.author, async () => {
              const input = readMessage(operation.takes ?? ({} as M), inputOf(request))
              const given = await handler(input, callerOf(request, reply, asking))
              if (given === reply || reply.sent) return reply
              return reply
                .type('application/json; charset=utf-8')
                .send(typeof given === 'string' ? given : JSON.stringify(given))
            })
          },
        }),
      )
    }
  }

  void app.register(async (scope) => {
    scope.removeAllContentTypeParsers()
    scope.addContentTypeParser('*', (request, payload, done) => {
      if ((request.routeOptions.config as { octets?: boolean }).octets) return done(null, payload)
      readText(payload, maxBody).then(
        (text) => {
          try {
            done(null, text === '' ? undefined : parseBody(text))
          } catch (error) {
            done(error as Error)
          }
        },
        (error: Error) => done(error),
      )
    })
    for (const add of mounting) add(scope)
  })
  return Object.assign(mount, { routes })
}

/** A form of another site can send no JSON: this is what keeps them out. */
function refuseOtherTypes({ method, headers }: FastifyRequest): void {
  if (method !== 'POST' && method !== 'PUT') return
  const type = headers['content-type']
  if (type === undefined) throw new MlflowError('BAD_REQUEST', 'Bad Request. Content-Type header is missing.')
  if (!/^application\/json\s*(;|$)/i.test(type))
    throw new MlflowError('BAD_REQUEST', "Bad Request. Content-Type must be one of ['application/json'].")
}

function inputOf({ method, query, params, body }: FastifyRequest): object {
  const { project: _, ...named } = params as Record<string, string>
  refuseUnfitText(named, 'path')
  refuseUnfitText(query, 'query')
  const given = method === 'GET' || body === undefined || body === null || isStream(body) ? query : body
  if (typeof given !== 'object' || given === null || Array.isArray(given))
    throw new MlflowError('INVALID_PARAMETER_VALUE', 'The body of the request is no JSON object.')
  return { ...given, ...named }
}

function callerOf(request: FastifyRequest, reply: FastifyReply, { principal, sees }: Admitted): MlflowCaller {
  const gone = new AbortController()
  reply.raw.once('close', () => gone.abort(new Error('the caller has gone')))
  const { body } = request
  return {
    project: (request.params as { project: ProjectName }).project,
    actor: actorOf(principal),
    principal,
    sees,
    signal: gone.signal,
    request,
    reply,
    body: isStream(body) ? body : undefined,
  }
}

const isStream = (body: unknown): body is Readable => body instanceof Readable

async function readText(payload: AsyncIterable<Buffer>, limit: number): Promise<string> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of payload) {
    size += chunk.length
    if (size > limit) throw new SteadError('payload_too_large')
    chunks.push(chunk)
  }
  const bytes = Buffer.concat(chunks)
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: false }).decode(bytes)
  } catch {
    throw new MlflowError('BAD_REQUEST', 'The body of the request is no UTF-8.')
  }
}
