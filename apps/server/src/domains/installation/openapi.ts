import { ACTS, ENDPOINTS, ERRORS } from '@stead/contracts'
import type { Act, ActRule, Endpoint, ErrorCode } from '@stead/contracts'
import { z } from 'zod'
import { VERSION } from './installation.ts'

type Json = Record<string, unknown>

const ERROR_BODY = z.object({
  error: z.object({
    code: z.string(),
    message: z.string(),
    where: z.string().optional(),
    fix: z.string(),
    details: z.json().optional(),
  }),
})
const ANY_JSON: Json = { description: 'Any JSON: the protocol leaves it free.' }
/** What any endpoint may answer, whatever it does. */
const ALWAYS: readonly ErrorCode[] = ['invalid_request', 'host_refused', 'token_in_url', 'internal']
/** What an act that is not for everybody may be answered. */
const ASKED_WHO: readonly ErrorCode[] = ['unauthenticated', 'forbidden']

/** This API in OpenAPI 3.1, all of it from the contracts. */
export function describeApi(endpoints: Readonly<Record<string, Endpoint>> = ENDPOINTS): Json {
  const paths: Record<string, Json> = {}
  for (const [name, endpoint] of Object.entries(endpoints)) {
    const path = endpoint.path.replaceAll(/:([a-z]+)/gi, '{$1}')
    paths[path] = { ...paths[path], [endpoint.method.toLowerCase()]: describeOperation(name, endpoint) }
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Stead',
      version: VERSION,
      description: 'A standing deployment outlives the models that answer in it.',
    },
    servers: [{ url: '/' }],
    paths,
    components: {
      schemas: { Error: schemaOf(ERROR_BODY, 'output'), Json: ANY_JSON },
      securitySchemes: {
        token: { type: 'http', scheme: 'bearer', description: 'An API token, or a join token of a runner.' },
        tokenAsPassword: {
          type: 'http',
          scheme: 'basic',
          description: 'An API token as the password, under any name.',
        },
        session: { type: 'apiKey', in: 'cookie', name: 'stead_session', description: 'The session of a browser.' },
      },
    },
  }
}

function describeOperation(name: string, endpoint: Endpoint): Json {
  const { act, says, status = 200 } = endpoint
  const content = answerContent(endpoint)
  return {
    operationId: name,
    'x-act': act,
    ...securityOf(act),
    tags: [act.split('.')[0]],
    summary: says,
    parameters: [
      ...parametersOf(endpoint.params, 'path'),
      ...parametersOf(endpoint.query, 'query'),
      ...headersOf(endpoint),
    ],
    ...requestBodyOf(endpoint),
    responses: {
      [status]: { description: says, ...(content === undefined ? {} : { content }) },
      ...failuresOf(endpoint),
    },
  }
}

const isForAnyone = (act: Act) => {
  const rule: ActRule = ACTS[act]
  return 'circle' in rule && rule.circle === 'anyone'
}

/** The roles are told with the act; while nobody is configured, no credentials are asked for. */
function securityOf(act: Act): Json {
  const rule: ActRule = ACTS[act]
  if (isForAnyone(act)) return { security: [] }
  return {
    ...('roles' in rule ? { 'x-roles': rule.roles } : { 'x-circle': rule.circle }),
    security: [{ token: [] }, { tokenAsPassword: [] }, { session: [] }],
  }
}

function parametersOf(schema: z.ZodType | undefined, place: 'path' | 'query'): Json[] {
  if (!schema) return []
  const { properties = {}, required = [] } = schemaOf(schema, 'input') as {
    properties?: Record<string, Json>
    required?: string[]
  }
  return Object.entries(properties).map(([name, described]) => ({
    name,
    in: place,
    required: place === 'path' || required.includes(name),
    schema: described,
  }))
}

function headersOf({ idempotent, path, streams }: Endpoint): Json[] {
  const header = (name: string, description: string): Json => ({
    name,
    in: 'header',
    required: false,
    description,
    schema: { type: 'string' },
  })
  return [
    ...(idempotent ? [header('Idempotency-Key', 'A repeated key gets the first answer.')] : []),
    ...(streams?.out === 'octets' && path.includes('/artifacts/') ? [header('Range', 'One range of bytes.')] : []),
    ...(path.endsWith('/events') && streams?.out === 'events'
      ? [header('Last-Event-ID', 'Resumes after this event.')]
      : []),
  ]
}

function requestBodyOf({ body, streams }: Endpoint): Json {
  if (streams?.in === 'octets') return { requestBody: { required: true, content: octets() } }
  if (!body) return {}
  return {
    requestBody: {
      required: !body.safeParse(undefined).success,
      content: { 'application/json': { schema: schemaOf(body, 'input') } },
    },
  }
}

function answerContent({ returns, streams, transcript }: Endpoint): Json | undefined {
  if (streams?.out === 'octets') return octets()
  if (streams?.out === 'events')
    return { 'text/event-stream': { schema: { type: 'string', description: 'Server-sent events.' } } }
  if (!returns) return undefined
  const followed = {
    'text/event-stream': {
      schema: {
        type: 'string',
        description: '`stage` for each step, then `done` with the answer or `error` with its body.',
      },
    },
  }
  return { 'application/json': { schema: schemaOf(returns, 'output') }, ...(transcript ? followed : {}) }
}

const octets = (): Json => ({ 'application/octet-stream': { schema: { type: 'string', format: 'binary' } } })

/** One response per status, naming the codes that come with it. */
function failuresOf({ act, fails }: Endpoint): Json {
  const byAccess = isForAnyone(act) ? [] : ASKED_WHO
  const byStatus = Map.groupBy(new Set<ErrorCode>([...fails, ...byAccess, ...ALWAYS]), (code) => ERRORS[code].status)
  return Object.fromEntries(
    [...byStatus]
      .toSorted(([a], [b]) => a - b)
      .map(([status, codes]) => [
        status,
        {
          description: codes.map((code) => `\`${code}\`: ${ERRORS[code].says}`).join(' '),
          content: {
            'application/json': {
              schema: {
                allOf: [
                  { $ref: '#/components/schemas/Error' },
                  { type: 'object', properties: { error: { type: 'object', properties: { code: { enum: codes } } } } },
                ],
              },
            },
          },
        },
      ]),
  )
}

/** `z.json()` is a recursive definition; one named schema stands for it instead of a copy in every place. */
function schemaOf(schema: z.ZodType, io: 'input' | 'output'): Json {
  const {
    $schema: _,
    $defs: __,
    ...described
  } = z.toJSONSchema(schema, {
    io,
    target: 'draft-2020-12',
    unrepresentable: 'throw',
  }) as Json
  return freeJson(described) as Json
}

function freeJson(node: unknown): unknown {
  if (Array.isArray(node)) return node.map(freeJson)
  if (typeof node !== 'object' || node === null) return node
  if ('$ref' in node) return { $ref: '#/components/schemas/Json' }
  return Object.fromEntries(Object.entries(node).map(([key, value]) => [key, freeJson(value)]))
}
