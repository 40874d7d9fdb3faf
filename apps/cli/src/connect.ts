import * as contracts from '@stead/contracts'
import type { AnswerOf, CallOf, Endpoint, Stage } from '@stead/contracts'
import { createClient, uploadFile } from '@stead/sdk'
import type { Call, FileUpload, Upload } from '@stead/sdk'
import { UsageError } from './failures.ts'

type ParamsOf<E> = CallOf<E>['params']
/** A call without what every call has: the project and the way to end it. */
export type Asked<E extends Endpoint> = Omit<Call<E>, 'signal' | 'params'> &
  (Exclude<keyof ParamsOf<E>, 'project'> extends never
    ? { params?: undefined }
    : { params: Omit<ParamsOf<E>, 'project'> })

/** The platform as commands see it: what is sent is checked by the contract first, so that a bad name is a mistake in
 *  the command line and never another address. */
export interface Platform {
  readonly contracts: typeof contracts
  call<E extends Endpoint>(endpoint: E, call: Asked<E>): Promise<AnswerOf<E>>
  follow<E extends Endpoint>(endpoint: E, call: Asked<E>, onStage: (stage: Stage) => void): Promise<AnswerOf<E>>
  send<E extends Endpoint>(endpoint: E, call: Asked<E>, upload: Upload): Promise<AnswerOf<E>>
  /** Resumable: goes on after a break, and from where an earlier run was ended. */
  upload(file: Omit<FileUpload, 'project' | 'digest' | 'signal'> & { readonly digest: string }): Promise<void>
  open<E extends Endpoint>(endpoint: E, call: Asked<E> & { headers?: Record<string, string> }): Promise<Response>
  watch<E extends Endpoint>(
    endpoint: E,
    call: Asked<E>,
    onEvent: (data: unknown, id: string | undefined) => void,
  ): Promise<void>
}

export interface Connection {
  readonly url: string
  readonly project: string
  readonly token: string | undefined
  readonly signal: AbortSignal
}

export function connect({ url, project, token, signal }: Connection): Platform {
  const client = createClient({ url, token })
  const checked = <E extends Endpoint>(endpoint: E, call: Asked<E>): Call<E> => {
    const { params, query, body } = call as unknown as { params?: object; query?: object; body?: unknown }
    const named = endpoint.path.includes(':project') ? { project, ...params } : params
    checkPart(endpoint.params, named, '')
    checkPart(endpoint.query, query ?? {}, '')
    checkPart(endpoint.body, body, '')
    return { ...call, params: named, signal } as unknown as Call<E>
  }
  return {
    contracts,
    call: async (endpoint, call) => client.call(endpoint, checked(endpoint, call)),
    follow: async (endpoint, call, onStage) => client.follow(endpoint, checked(endpoint, call), onStage),
    send: async (endpoint, call, upload) => client.send(endpoint, checked(endpoint, call), upload),
    async upload(file) {
      const named = { project, digest: file.digest }
      checkPart(contracts.beginUpload.params, named, '')
      await uploadFile(client, { ...file, ...(named as Pick<FileUpload, keyof typeof named>), signal })
    },
    open: async (endpoint, call) => client.open(endpoint, checked(endpoint, call)),
    watch: async (endpoint, call, onEvent) => client.watch(endpoint, checked(endpoint, call), onEvent),
  }
}

/** Throws a UsageError that says what does not fit and where. */
export function checkPart(schema: Endpoint['body'], value: unknown, prefix: string): void {
  const issue = schema?.safeParse(value).error?.issues[0]
  if (!issue) return
  const where = [prefix, ...issue.path].filter((part) => part !== '').join('.')
  throw new UsageError(where === '' ? issue.message : `${where}: ${issue.message}`)
}
