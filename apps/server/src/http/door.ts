import { ACTS, ProjectName, SteadError } from '@stead/contracts'
import type { Act } from '@stead/contracts'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Credentials, Gate } from '../domains/access/gate.ts'
import { actorOf, type Principal } from '../domains/access/principal.ts'
import { actAs, type Author } from '../domains/audit/author.ts'
import { callerAddressOf } from './caller-address.ts'

/** One who was let in, for one request. */
export interface Admitted {
  readonly principal: Principal
  readonly author: Author
  readonly sees: (project: ProjectName) => boolean
}

/** An attempt that was not allowed. */
export interface Denied {
  readonly projectId: string | null
  readonly act: Act
  readonly subject: string
  readonly reason: string
}

/** Where requests meet the gate. */
export interface Door {
  /** Throws for those who may not; cuts the connection of those who no longer may while they are answered. */
  admit(act: Act, request: FastifyRequest, reply: FastifyReply): Promise<Admitted>
  /** An act has been done: where it changed who may do what, that counts before its answer is sent. Its own answer is
   *  sent even to those who ended their access by it. */
  done(act: Act, reply: FastifyReply): Promise<void>
  close(): void
}

export interface DoorParts {
  readonly gate: Gate
  readonly projectId: (name: ProjectName) => Promise<string>
  readonly onDenied: (denied: Denied) => void
}

/** How often it is asked again whether those who are being answered still may. */
const ASK_AGAIN_MS = 1_000
export const SESSION_COOKIE = 'stead_session'

interface OpenCall {
  readonly reply: FastifyReply
  readonly credentials: Credentials
  readonly act: Act
  readonly project: ProjectName | undefined
  readonly was: string
}

export function createDoor({ gate, projectId, onDenied }: DoorParts): Door {
  const openCalls = new Set<OpenCall>()
  const asking = setInterval(() => {
    for (const call of openCalls) void cutUnlessAllowed(call)
  }, ASK_AGAIN_MS)
  asking.unref()

  async function cutUnlessAllowed(call: OpenCall): Promise<void> {
    try {
      const principal = await gate.identify(call.credentials)
      if (rightsOf(principal) !== call.was) return cut(call)
      await gate.judge(principal, call.act, call.project)
    } catch (error) {
      // Whether they may cannot be told while the database does not answer.
      if (error instanceof SteadError) cut(call)
    }
  }

  function cut(call: OpenCall): void {
    if (openCalls.delete(call)) call.reply.raw.destroy()
  }

  function keepAsking(call: OpenCall): void {
    openCalls.add(call)
    call.reply.raw.once('close', () => openCalls.delete(call))
  }

  async function identify(request: FastifyRequest, act: Act, subject: string): Promise<[Principal, Credentials]> {
    const credentials = credentialsOf(request)
    try {
      return [await gate.identify(credentials), credentials]
    } catch (error) {
      // Signing in anew is how one gets out of a session that has ended.
      if (act.startsWith('session.'))
        return [{ kind: gate.isOpen() ? 'local' : 'stranger' }, { token: undefined, session: undefined }]
      const author = authorOf({ kind: 'stranger' }, request)
      if (error instanceof SteadError)
        actAs(author, () => onDenied({ projectId: null, act, subject, reason: error.message }))
      throw error
    }
  }

  return {
    async admit(act, request, reply) {
      const { project, subject } = placeOf(request)
      const [principal, credentials] = await identify(request, act, subject)
      const author = authorOf(principal, request)
      const isOfProject = 'roles' in ACTS[act]
      try {
        // A name that is none is refused with the rest of the request, for whoever may know that much.
        if (!isOfProject || project !== undefined) await gate.judge(principal, act, project)
        else if (principal.kind === 'stranger') throw new SteadError('unauthenticated')
      } catch (error) {
        if (error instanceof SteadError && isDenial(error, principal)) {
          const reason = error.message
          // Nobody waits for it: it would tell by its time whether the project is there.
          void ownChain(principal.kind === 'stranger' ? undefined : project, projectId).then((id) =>
            actAs(author, () => onDenied({ projectId: id, act, subject, reason })),
          )
        }
        throw error
      }
      if (principal.kind !== 'stranger') keepAsking({ credentials, act, project, reply, was: rightsOf(principal) })
      return { principal, author, sees: gate.visible(principal) }
    },
    async done(act, reply) {
      if (!CHANGES_ACCESS.test(act)) return
      for (const call of openCalls) if (call.reply === reply) openCalls.delete(call)
      await gate.forget()
      await Promise.all([...openCalls].map(cutUnlessAllowed))
    },
    close: () => clearInterval(asking),
  }
}

/** A project that is not there has no chain: the attempt is the installation's. */
const ownChain = async (project: ProjectName | undefined, projectId: DoorParts['projectId']): Promise<string | null> =>
  project === undefined ? null : projectId(project).catch(() => null)

/** What is not there for anybody is no attempt at what one may not. */
function isDenial(error: SteadError, principal: Principal): boolean {
  if (error.code === 'forbidden' || error.code === 'unauthenticated') return true
  return error.code === 'project_not_found' && (principal.kind === 'person' || principal.kind === 'account')
}

/** By their nouns, of those that are not read. */
const CHANGES_ACCESS = /^(?:(?:member|account|token|person|session|profile|installation)\.|runner\.admit$)/

/** Equal as long as nothing of what they may do has changed. */
function rightsOf(principal: Principal): string {
  if (principal.kind === 'account') return JSON.stringify([principal.credential, principal.grants, principal.scope])
  if (principal.kind !== 'person') return principal.kind
  const { credential, isInstallationOwner, grants, scope } = principal
  return JSON.stringify([
    credential,
    isInstallationOwner,
    [...grants].toSorted(([one], [other]) => (one < other ? -1 : 1)),
    scope,
  ])
}

function authorOf(principal: Principal, request: FastifyRequest): Author {
  return {
    actor: actorOf(principal),
    credential: 'credential' in principal ? principal.credential : null,
    from: callerAddressOf(request),
    request: request.id,
  }
}

/** The project in the address, and what it names there for the record. */
function placeOf(request: FastifyRequest): { project: ProjectName | undefined; subject: string } {
  const { project, ...names } = (request.params ?? {}) as Record<string, string>
  const parsed = ProjectName.safeParse(project)
  const subject = Object.values(names).join('/').slice(0, 300) || (project ?? '')
  return { project: parsed.success ? parsed.data : undefined, subject: recordable(subject.slice(0, 300)) }
}

/** What was asked for has not been parsed here: the record must take it, and read it again as it was written. */
const recordable = (text: string) => text.toWellFormed().replaceAll(/\p{Cc}/gu, '\uFFFD')

/** A token as `Bearer`, or as the password of Basic under any name; else the session of the cookie. */
function credentialsOf({ headers }: FastifyRequest): Credentials {
  const [scheme = '', value = ''] = (headers.authorization ?? '').split(' ', 2)
  const session = cookieOf(headers.cookie, SESSION_COOKIE)
  if (/^bearer$/i.test(scheme)) return { token: value, session }
  if (/^basic$/i.test(scheme)) {
    const text = Buffer.from(value, 'base64').toString('utf8')
    return { token: text.slice(text.indexOf(':') + 1), session }
  }
  return { token: undefined, session }
}

export function cookieOf(header: string | undefined, name: string): string | undefined {
  for (const pair of header?.split(';') ?? []) {
    const [key, value] = pair.trim().split('=', 2)
    if (key === name && value) return value
  }
  return undefined
}
