import net from 'node:net'
import dgram from 'node:dgram'
import moduleApi, { registerHooks, syncBuiltinESMExports } from 'node:module'

/* What a JavaScript model may not do beyond what Node's permission model denies already (files outside its directory,
 * children, threads, addons). Node 24 has no permission for the network, so it is taken away here: modules that reach
 * it cannot be imported, and the few functions by which loaded code could still get there throw. This keeps a model
 * from phoning home by accident or by design of its author; against an attacker with a flaw of V8 in hand, run the
 * runner in a container without a network. */

const DENIED = new Set([
  'net',
  'http',
  'https',
  'http2',
  'dgram',
  'dns',
  'dns/promises',
  'tls',
  'quic',
  'inspector',
  'inspector/promises',
  'worker_threads',
  'cluster',
  'child_process',
  'repl',
  'wasi',
  'sqlite',
  'trace_events',
  'diagnostics_channel',
  'async_hooks',
  'test',
  'test/reporters',
  '_http_agent',
  '_http_client',
  '_http_common',
  '_http_incoming',
  '_http_outgoing',
  '_http_server',
  '_tls_common',
  '_tls_wrap',
])
const DENIED_GLOBALS = ['fetch', 'WebSocket', 'EventSource', 'BroadcastChannel'] as const
const DENIED_PROCESS = [
  'binding',
  '_linkedBinding',
  'dlopen',
  'kill',
  '_kill',
  '_debugProcess',
  '_debugEnd',
  '_startProfilerIdleNotifier',
  '_getActiveHandles',
  '_getActiveRequests',
  'getBuiltinModule',
  'setuid',
  'setgid',
  'seteuid',
  'setegid',
  'setgroups',
  'initgroups',
  'execve',
  'chdir',
] as const

export class DeniedError extends Error {
  override readonly name = 'DeniedError'
  readonly code = 'STEAD_DENIED'
}

let denied = false

/** Cannot be undone: the process is for models from then on. */
export function denyNetwork(): void {
  if (denied) return
  denied = true
  denyModules()
  for (const name of DENIED_GLOBALS) Reflect.deleteProperty(globalThis, name)
  for (const name of DENIED_PROCESS) forbid(process, name)
  Reflect.deleteProperty(process, 'report')
  // A pipe such as process.stdout is a socket, whose constructor leads to new ones.
  forbid(net.Socket.prototype, 'connect')
  for (const name of ['connect', 'createConnection', 'createServer'] as const) forbid(net, name)
  forbid(net.Server.prototype, 'listen')
  for (const name of ['bind', 'connect', 'send'] as const) forbid(dgram.Socket.prototype, name)
  for (const name of ['registerHooks', 'register', 'runMain', '_load', '_initPaths'] as const) guardLoader(name)
  syncBuiltinESMExports()
}

function denyModules(): void {
  registerHooks({
    resolve(specifier, context, next) {
      if (DENIED.has(bare(specifier))) throw new DeniedError(`A model may not use ${specifier}`)
      const resolved = next(specifier, context)
      if (resolved.url.startsWith('node:') && DENIED.has(bare(resolved.url)))
        throw new DeniedError(`A model may not use ${specifier}`)
      return resolved
    },
  })
}

/** Hooks of a model's own would run before the one that denies. Loading by name stays, but not of what is denied. */
function guardLoader(name: string): void {
  const loader = moduleApi as unknown as Record<string, unknown>
  if (name !== '_load') return forbid(loader, name)
  const load = loader._load as (request: string, ...rest: unknown[]) => unknown
  loader._load = function guarded(this: unknown, request: string, ...rest: unknown[]) {
    if (DENIED.has(bare(request))) throw new DeniedError(`A model may not use ${request}`)
    return load.call(this, request, ...rest)
  }
}

function bare(specifier: string): string {
  return specifier.replace(/^node:/, '')
}

function forbid(owner: object, name: string): void {
  const value = (): never => {
    throw new DeniedError(`A model may not call ${name}`)
  }
  Object.defineProperty(owner, name, { value, writable: false, configurable: false, enumerable: true })
}
